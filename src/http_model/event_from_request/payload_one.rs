//! Payload format 1.0, which REST APIs and (on request) HTTP APIs use (semantics 6.2).

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use super::super::door::DoorContext;
use super::super::field_note::{Change, Trace, pointer, query_words};
use super::super::message::HttpRequest;
use super::body::{BodyEncoding, event_body};
use super::built::{EventTooLarge, Members, WithoutBody, written};
use super::headers::{Added, NameCase, ServiceHeaders, event_headers, last_wins, multi_value};
use super::query::{decoded_pairs, grouped};

/// What differs between a REST API and an HTTP API.
pub(super) struct PayloadOne<'a> {
    /// Only HTTP APIs say `1.0`.
    pub(super) version: Option<&'static str>,
    /// `/items/{id}`.
    pub(super) resource: &'a str,
    pub(super) resource_id: &'a str,
    pub(super) path: Cow<'a, str>,
    /// With the stage in front.
    pub(super) context_path: Cow<'a, str>,
    pub(super) path_parameters: &'a [(String, String)],
    pub(super) case: NameCase,
    pub(super) encoding: BodyEncoding,
    pub(super) authorizer: Option<&'a Value>,
}

/// Members without content are null.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'static str>,
    resource: &'a str,
    path: &'a str,
    http_method: &'a str,
    headers: Option<Members<&'a str, &'a str>>,
    multi_value_headers: Option<Members<&'a str, &'a [&'a str]>>,
    query_string_parameters: Option<Members<&'a str, &'a str>>,
    multi_value_query_string_parameters: Option<Members<&'a str, &'a [String]>>,
    path_parameters: Option<Members<&'a str, &'a str>>,
    stage_variables: Option<Members<&'a str, &'a str>>,
    request_context: RequestContext<'a>,
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
    extended_request_id: String,
    http_method: &'a str,
    identity: Identity<'a>,
    path: &'a str,
    protocol: &'a str,
    request_id: &'a str,
    request_time: String,
    request_time_epoch: i64,
    resource_id: &'a str,
    resource_path: &'a str,
    stage: &'a str,
}

/// Every member is there; those without content are null.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    access_key: Option<&'a str>,
    account_id: Option<&'a str>,
    caller: Option<&'a str>,
    cognito_authentication_provider: (),
    cognito_authentication_type: (),
    cognito_identity_id: (),
    cognito_identity_pool_id: (),
    principal_org_id: Option<&'a str>,
    source_ip: &'a str,
    user: Option<&'a str>,
    user_agent: Option<&'a str>,
    user_arn: Option<&'a str>,
}

pub(super) fn event(
    request: &HttpRequest,
    context: &DoorContext,
    parts: &PayloadOne<'_>,
    trace: &mut Trace,
) -> Result<Bytes, EventTooLarge> {
    let note = if parts.path == request.path { "as sent, not decoded" } else { "with the stage in front" };
    trace.add(Change::Kept, format_args!("path {}", request.path), "/path", note);
    trace.add(Change::Kept, format_args!("method {}", request.method), "/httpMethod", "");
    let service = ServiceHeaders::of(request, context, Added::GatewayHeaders);
    let headers = event_headers(request, &service, parts.case, trace);
    let (single, multi) = (last_wins(&headers, trace), multi_value(&headers, trace));
    let query = grouped(decoded_pairs(&request.query));
    trace_query(&query, trace);
    if !parts.path_parameters.is_empty() {
        trace.add(Change::Decoded, "path", "/pathParameters", "");
    }
    trace.add(Change::Added, "", "/requestContext", "ids, stage, time and identity of the request");
    let body = event_body(request, &parts.encoding, trace);
    let last = query.iter().map(|(name, values)| (name.as_str(), values.last().map_or("", String::as_str)));
    let all = query.iter().map(|(name, values)| (name.as_str(), values.as_slice()));
    let event = Event {
        version: parts.version,
        resource: parts.resource,
        path: &parts.path,
        http_method: &request.method,
        headers: single.if_any(),
        multi_value_headers: multi.if_any(),
        query_string_parameters: Members(last.collect()).if_any(),
        multi_value_query_string_parameters: Members(all.collect()).if_any(),
        path_parameters: Members::of(parts.path_parameters).if_any(),
        stage_variables: Members::of(&context.stage_variables).if_any(),
        request_context: request_context(request, context, parts),
    };
    written(&event, &body, WithoutBody::Null)
}

fn trace_query(query: &[(String, Vec<String>)], trace: &mut Trace) {
    for (name, values) in query {
        let note = if values.len() > 1 { "the last value wins" } else { "" };
        for (parent, note) in [("/queryStringParameters", note), ("/multiValueQueryStringParameters", "")] {
            trace.add(Change::Decoded, query_words(name, values.len()), pointer(parent, name), note);
        }
    }
}

fn request_context<'a>(request: &'a HttpRequest, context: &'a DoorContext, parts: &'a PayloadOne<'_>) -> RequestContext<'a> {
    RequestContext {
        account_id: &context.account_id,
        api_id: &context.api_id,
        authorizer: parts.authorizer,
        domain_name: &context.domain_name,
        domain_prefix: context.domain_prefix(),
        extended_request_id: extended_request_id(&context.request_id),
        http_method: &request.method,
        identity: identity(request, context),
        path: &parts.context_path,
        protocol: &request.protocol,
        request_id: &context.request_id,
        request_time: context.request_time(),
        request_time_epoch: context.request_time_epoch(),
        resource_id: parts.resource_id,
        resource_path: parts.resource,
        stage: &context.stage,
    }
}

fn identity<'a>(request: &'a HttpRequest, context: &'a DoorContext) -> Identity<'a> {
    let caller = context.caller.as_ref();
    Identity {
        access_key: caller.map(|caller| caller.access_key.as_str()),
        account_id: caller.map(|caller| caller.account_id.as_str()),
        caller: caller.map(|caller| caller.caller_id.as_str()),
        cognito_authentication_provider: (),
        cognito_authentication_type: (),
        cognito_identity_id: (),
        cognito_identity_pool_id: (),
        principal_org_id: caller.and_then(|caller| caller.principal_org_id.as_deref()),
        source_ip: &request.source_ip,
        user: caller.map(|caller| caller.user_id.as_str()),
        user_agent: request.headers.get("user-agent"),
        user_arn: caller.map(|caller| caller.user_arn.as_str()),
    }
}

/// The gateway's own id has 16 characters of base64; here it follows from the request id.
fn extended_request_id(request_id: &str) -> String {
    let bytes: Vec<u8> = request_id.bytes().filter(u8::is_ascii_hexdigit).take(11).collect();
    STANDARD.encode(bytes)
}
