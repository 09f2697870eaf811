//! Payload format 2.0, which function URLs and HTTP APIs share (semantics 5.2, 6.2).

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};

use super::super::door::{CallerIdentity, DoorContext};
use super::super::field_note::{Change, Trace, header_words, pointer, query_words};
use super::super::message::HttpRequest;
use super::body::{event_body, for_url_or_http_api};
use super::built::{EventTooLarge, Members, WithoutBody, written};
use super::headers::{Added, NameCase, ServiceHeaders, event_headers, joined, with_replaced};
use super::query::{decoded_pairs, grouped};

/// What differs between a function URL and a route of an HTTP API.
pub(super) struct PayloadTwo<'a> {
    pub(super) route_key: &'a str,
    pub(super) raw_path: Cow<'a, str>,
    pub(super) path_parameters: &'a [(String, String)],
    /// `anonymous` for unsigned requests to a function URL.
    pub(super) account_id: &'a str,
    pub(super) added: Added,
    pub(super) authorizer: Option<Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    version: &'static str,
    route_key: &'a str,
    raw_path: &'a str,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<&'a str>,
    headers: Members<&'a str, Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query_string_parameters: Option<Members<String, String>>,
    request_context: RequestContext<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_parameters: Option<Members<&'a str, &'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage_variables: Option<Members<&'a str, &'a str>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    account_id: &'a str,
    api_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer: Option<&'a Value>,
    domain_name: &'a str,
    domain_prefix: &'a str,
    http: Http<'a>,
    request_id: &'a str,
    route_key: &'a str,
    stage: &'a str,
    time: String,
    time_epoch: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    method: &'a str,
    path: &'a str,
    protocol: &'a str,
    source_ip: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
}

pub(super) fn event(
    request: &HttpRequest,
    context: &DoorContext,
    parts: &PayloadTwo<'_>,
    trace: &mut Trace,
) -> Result<Bytes, EventTooLarge> {
    trace_path_and_query(request, parts, trace);
    let cookies = cookies(request, trace);
    let service = ServiceHeaders::of(request, context, parts.added);
    let mut headers = event_headers(request, &service, NameCase::Lower, trace);
    headers.retain(|header| header.name != "cookie");
    let headers = joined(&headers, trace);
    let query_string_parameters = query_parameters(request, trace).if_any();
    let request_context = request_context(request, context, parts, trace);
    trace_parameters(context, parts, trace);
    let encoding = for_url_or_http_api(request);
    let body = event_body(request, &encoding, trace);
    let event = Event {
        version: "2.0",
        route_key: parts.route_key,
        raw_path: &parts.raw_path,
        raw_query_string: &request.query,
        cookies,
        headers,
        query_string_parameters,
        request_context,
        path_parameters: Members::of(parts.path_parameters).if_any(),
        stage_variables: Members::of(&context.stage_variables).if_any(),
    };
    written(&event, &body, WithoutBody::LeftOut)
}

/// `authorizer.iam` of a signed request.
pub(super) fn iam_authorizer(caller: &CallerIdentity) -> Value {
    json!({
        "accessKey": caller.access_key,
        "accountId": caller.account_id,
        "callerId": caller.caller_id,
        "cognitoIdentity": null,
        "principalOrgId": caller.principal_org_id,
        "userArn": caller.user_arn,
        "userId": caller.user_id,
    })
}

fn trace_path_and_query(request: &HttpRequest, parts: &PayloadTwo<'_>, trace: &mut Trace) {
    let note = if parts.raw_path == request.path { "as sent, not decoded" } else { "with the stage in front" };
    trace.add(Change::Kept, format_args!("path {}", request.path), "/rawPath", note);
    if !request.query.is_empty() {
        trace.add(Change::Kept, format_args!("query {}", request.query), "/rawQueryString", "as sent, not decoded");
    }
}

/// The lines of `Cookie` become the array `cookies`; they do not stand among the headers any more.
fn cookies<'a>(request: &'a HttpRequest, trace: &mut Trace) -> Vec<&'a str> {
    let cookies = request.headers.get_all("cookie").flat_map(|line| line.split(';')).map(str::trim);
    let cookies: Vec<&str> = cookies.filter(|cookie| !cookie.is_empty()).collect();
    if !cookies.is_empty() {
        let lines = request.headers.get_all("cookie").count();
        let not_utf8 = request.was_not_utf8("cookie");
        let count = cookies.len();
        let note = fmt::from_fn(move |f| write!(f, "{count} of them, one entry each"));
        trace.add(Change::Renamed, header_words("Cookie", lines), "/cookies", with_replaced(note, not_utf8));
    }
    cookies
}

/// `queryStringParameters`: decoded, repeats joined by a comma.
fn query_parameters(request: &HttpRequest, trace: &mut Trace) -> Members<String, String> {
    let member = |(name, values): (String, Vec<String>)| {
        let (change, note) = match values.len() {
            1 => (Change::Decoded, ""),
            _ => (Change::Joined, "decoded and joined by a comma"),
        };
        trace.add(change, query_words(&name, values.len()), pointer("/queryStringParameters", &name), note);
        (name, values.join(","))
    };
    Members(grouped(decoded_pairs(&request.query)).into_iter().map(member).collect())
}

fn request_context<'a>(
    request: &'a HttpRequest,
    context: &'a DoorContext,
    parts: &'a PayloadTwo<'_>,
    trace: &mut Trace,
) -> RequestContext<'a> {
    let user_agent = request.headers.get("user-agent");
    if user_agent.is_some() {
        trace.add(Change::Kept, "header User-Agent", "/requestContext/http/userAgent", "also among the headers");
    }
    trace.add(Change::Kept, format_args!("method {}", request.method), "/requestContext/http/method", "");
    if parts.authorizer.is_some() {
        trace.add(Change::Added, "", "/requestContext/authorizer", "who was let in");
    }
    trace.add(Change::Added, "", "/requestContext", "ids, stage and time of the request");
    RequestContext {
        account_id: parts.account_id,
        api_id: &context.api_id,
        authorizer: parts.authorizer.as_ref(),
        domain_name: &context.domain_name,
        domain_prefix: context.domain_prefix(),
        http: Http {
            method: &request.method,
            path: &parts.raw_path,
            protocol: &request.protocol,
            source_ip: &request.source_ip,
            user_agent,
        },
        request_id: &context.request_id,
        route_key: parts.route_key,
        stage: &context.stage,
        time: context.request_time(),
        time_epoch: context.request_time_epoch(),
    }
}

fn trace_parameters(context: &DoorContext, parts: &PayloadTwo<'_>, trace: &mut Trace) {
    if !parts.path_parameters.is_empty() {
        trace.add(Change::Decoded, "path", "/pathParameters", "");
    }
    if !context.stage_variables.is_empty() {
        trace.add(Change::Added, "", "/stageVariables", "");
    }
}
