//! The event of an HTTP API in payload format 2.0 or 1.0 (semantics 6.2).

use std::borrow::Cow;

use bytes::Bytes;
use serde_json::{Map, Value};

use super::super::door::DoorContext;
use super::super::field_note::Trace;
use super::super::message::HttpRequest;
use super::body::for_url_or_http_api;
use super::built::EventTooLarge;
use super::headers::{Added, NameCase};
use super::payload_one::{self, PayloadOne};
use super::payload_two::{self, PayloadTwo, iam_authorizer};

/// `payload_format_version` of a route.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PayloadFormat {
    One,
    #[default]
    Two,
}

/// The route that took a request (`routes::HttpRoutes::find`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpApiMatch {
    /// `GET /items/{id}` or `$default`.
    pub route_key: String,
    /// Decoded.
    pub path_parameters: Vec<(String, String)>,
}

/// What the function gets for a request to a route. `request.path` is the path without the stage.
///
/// # Errors
/// [`EventTooLarge`] if the event passes 6 MB.
pub fn http_api_event(
    request: &HttpRequest,
    context: &DoorContext,
    route: &HttpApiMatch,
    format: PayloadFormat,
    trace: &mut Trace,
) -> Result<Bytes, EventTooLarge> {
    match format {
        PayloadFormat::One => payload_one_event(request, context, route, trace),
        PayloadFormat::Two => payload_two_event(request, context, route, trace),
    }
}

fn payload_two_event(
    request: &HttpRequest,
    context: &DoorContext,
    route: &HttpApiMatch,
    trace: &mut Trace,
) -> Result<Bytes, EventTooLarge> {
    let parts = PayloadTwo {
        route_key: &route.route_key,
        raw_path: path_with_stage(request, context),
        path_parameters: &route.path_parameters,
        account_id: &context.account_id,
        added: Added::GatewayHeaders,
        authorizer: authorizer(context),
    };
    payload_two::event(request, context, &parts, trace)
}

fn payload_one_event(
    request: &HttpRequest,
    context: &DoorContext,
    route: &HttpApiMatch,
    trace: &mut Trace,
) -> Result<Bytes, EventTooLarge> {
    let resource = route.route_key.split_once(' ').map_or(route.route_key.as_str(), |(_, path)| path);
    let parts = PayloadOne {
        version: Some("1.0"),
        resource,
        resource_id: &route.route_key,
        // The path of an HTTP API carries its stage, as rawPath does.
        path: path_with_stage(request, context),
        context_path: path_with_stage(request, context),
        path_parameters: &route.path_parameters,
        case: NameCase::KnownCapitalized,
        encoding: for_url_or_http_api(request),
        authorizer: context.authorizer.as_ref(),
    };
    payload_one::event(request, context, &parts, trace)
}

/// UNVERIFIED in the reference: the path includes the stage unless the stage is `$default`.
fn path_with_stage<'a>(request: &'a HttpRequest, context: &DoorContext) -> Cow<'a, str> {
    match context.stage.as_str() {
        "$default" => request.path.as_str().into(),
        stage => format!("/{stage}{}", request.path).into(),
    }
}

/// What an authorizer gave, with the signer under `iam`.
fn authorizer(context: &DoorContext) -> Option<Value> {
    let given = match &context.authorizer {
        Some(Value::Object(given)) => Some(given.clone()),
        Some(_) | None => None,
    };
    let Some(caller) = &context.caller else { return given.map(Value::Object) };
    let mut members = given.unwrap_or_else(Map::new);
    members.insert("iam".into(), iam_authorizer(caller));
    Some(members.into())
}
