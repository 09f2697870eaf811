//! A request and the contexts that tests start from.

use jiff::Timestamp;

use super::configuration::{ApiConfiguration, ApiKind, RouteConfiguration};
use super::door::{AnswerContext, CallerIdentity, DoorContext};
use super::event_from_request::PayloadFormat;
use super::message::HttpRequest;

pub(super) const REQUEST_ID: &str = "7f3c0a52-1d0e-4b3f-9a61-4f2c8e90d1aa";
pub(super) const TRACE_ID: &str = "Root=1-69b30d9e-3f0a2b4c5d6e7f8091a2b3c4";

/// 12 March 2026, 19:03:58.250 UTC.
pub(super) fn moment() -> Timestamp {
    Timestamp::from_millisecond(1_773_342_238_250).expect("a moment in 2026")
}

pub(super) fn door_context() -> DoorContext {
    let domain = "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6.lambda-url.localhost";
    let mut context = DoorContext::new("123456789012", "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6", domain, REQUEST_ID, moment());
    context.trace_id = TRACE_ID.to_owned();
    context
}

pub(super) fn answer_context() -> AnswerContext {
    AnswerContext::new(REQUEST_ID, TRACE_ID, moment())
}

pub(super) fn caller() -> CallerIdentity {
    CallerIdentity {
        access_key: "AKIAIOSFODNN7EXAMPLE".into(),
        account_id: "123456789012".into(),
        caller_id: "AIDACKCEVSQ6C2EXAMPLE".into(),
        user_arn: "arn:aws:iam::123456789012:user/ada".into(),
        user_id: "AIDACKCEVSQ6C2EXAMPLE".into(),
        principal_org_id: None,
    }
}

/// A request over plain HTTP/1.1 from this machine.
pub(super) fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &'static [u8]) -> HttpRequest {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    HttpRequest {
        method: method.into(),
        scheme: "http".into(),
        authority: door_context().domain_name,
        path: path.into(),
        query: query.into(),
        headers: headers.iter().copied().collect(),
        not_utf8: Vec::new(),
        body: body.into(),
        source_ip: "127.0.0.1".into(),
        protocol: "HTTP/1.1".into(),
    }
}

/// An API `shop` whose routes all lead to the function `confirm`.
pub(super) fn api(kind: ApiKind, routes: &[&str]) -> ApiConfiguration {
    let route = |route: &&str| RouteConfiguration {
        route: (*route).to_owned(),
        function: "confirm".into(),
        payload_format: PayloadFormat::Two,
        timeout: None,
    };
    let stage = match kind {
        ApiKind::Rest => "prod",
        ApiKind::Http => "$default",
        ApiKind::LoadBalancer => "",
    };
    ApiConfiguration {
        name: "shop".into(),
        kind,
        api_id: "abcdefghij".into(),
        stage: stage.into(),
        cors: None,
        routes: routes.iter().map(route).collect(),
        binary_media_types: Vec::new(),
        stage_variables: Vec::new(),
        multi_value_headers: false,
    }
}
