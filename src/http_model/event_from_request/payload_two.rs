//! Payload format 2.0, which function URLs and HTTP APIs share (semantics 5.2, 6.2).

use serde_json::{Map, Value, json};

use super::super::door::{CallerIdentity, DoorContext};
use super::super::field_note::{Change, Trace, pointer, query_words};
use super::super::message::HttpRequest;
use super::body::{encoded, for_url_or_http_api};
use super::built::{BuiltEvent, EventTooLarge, finish, text_object};
use super::headers::{Added, NameCase, event_headers, joined};
use super::query::{decoded_pairs, grouped};

/// What differs between a function URL and a route of an HTTP API.
pub(super) struct PayloadTwo<'a> {
    pub(super) route_key: &'a str,
    pub(super) raw_path: String,
    pub(super) path_parameters: &'a [(String, String)],
    /// `anonymous` for unsigned requests to a function URL.
    pub(super) account_id: &'a str,
    pub(super) added: Added,
    pub(super) authorizer: Option<Value>,
}

pub(super) fn event(request: &HttpRequest, context: &DoorContext, parts: PayloadTwo<'_>) -> Result<BuiltEvent, EventTooLarge> {
    let mut trace = Trace::default();
    let mut event = Map::new();
    event.insert("version".into(), "2.0".into());
    event.insert("routeKey".into(), parts.route_key.into());
    path_and_query(request, &parts, &mut event, &mut trace);
    cookies_and_headers(request, context, parts.added, &mut event, &mut trace);
    query_parameters(request, &mut event, &mut trace);
    event.insert("requestContext".into(), request_context(request, context, &parts, &mut trace));
    parameters(context, &parts, &mut event, &mut trace);
    let encoding = for_url_or_http_api(request);
    let body = encoded(request, &encoding, &mut trace);
    let base64 = body.is_some() && encoding.base64;
    if let Some(body) = body {
        event.insert("body".into(), body);
    }
    event.insert("isBase64Encoded".into(), base64.into());
    finish(event, trace)
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

fn path_and_query(request: &HttpRequest, parts: &PayloadTwo<'_>, event: &mut Map<String, Value>, trace: &mut Trace) {
    let note = if parts.raw_path == request.path { "as sent, not decoded" } else { "with the stage in front" };
    trace.add(Change::Kept, format!("path {}", request.path), "/rawPath", note);
    event.insert("rawPath".into(), parts.raw_path.clone().into());
    if !request.query.is_empty() {
        trace.add(Change::Kept, format!("query {}", request.query), "/rawQueryString", "as sent, not decoded");
    }
    event.insert("rawQueryString".into(), request.query.clone().into());
}

/// The lines of `Cookie` become the array `cookies`; they do not stand among the headers any more.
fn cookies_and_headers(
    request: &HttpRequest,
    context: &DoorContext,
    added: Added,
    event: &mut Map<String, Value>,
    trace: &mut Trace,
) {
    let cookies: Vec<&str> = request.headers.get_all("cookie").flat_map(|line| line.split(';')).map(str::trim).collect();
    let cookies: Vec<Value> = cookies.into_iter().filter(|cookie| !cookie.is_empty()).map(Value::from).collect();
    if !cookies.is_empty() {
        let lines = request.headers.get_all("cookie").count();
        let from = super::super::field_note::header_words("Cookie", lines);
        trace.add(Change::Renamed, from, "/cookies", format!("{} of them, one entry each", cookies.len()));
        event.insert("cookies".into(), cookies.into());
    }
    let mut headers = event_headers(request, context, NameCase::Lower, added, trace);
    headers.retain(|header| header.name != "cookie");
    event.insert("headers".into(), joined(&headers, trace));
}

/// `queryStringParameters`: decoded, repeats joined by a comma, absent if there are none.
fn query_parameters(request: &HttpRequest, event: &mut Map<String, Value>, trace: &mut Trace) {
    let mut members = Map::new();
    for (name, values) in grouped(decoded_pairs(&request.query)) {
        let (change, note) = match values.len() {
            1 => (Change::Decoded, ""),
            _ => (Change::Joined, "decoded and joined by a comma"),
        };
        trace.add(change, query_words(&name, values.len()), pointer("/queryStringParameters", &name), note);
        members.insert(name, values.join(",").into());
    }
    if !members.is_empty() {
        event.insert("queryStringParameters".into(), members.into());
    }
}

fn request_context(request: &HttpRequest, context: &DoorContext, parts: &PayloadTwo<'_>, trace: &mut Trace) -> Value {
    let mut http = Map::new();
    http.insert("method".into(), request.method.clone().into());
    http.insert("path".into(), parts.raw_path.clone().into());
    http.insert("protocol".into(), request.protocol.clone().into());
    http.insert("sourceIp".into(), request.source_ip.clone().into());
    if let Some(agent) = request.headers.get("user-agent") {
        http.insert("userAgent".into(), agent.into());
        trace.add(Change::Kept, "header User-Agent", "/requestContext/http/userAgent", "also among the headers");
    }
    trace.add(Change::Kept, format!("method {}", request.method), "/requestContext/http/method", "");
    let mut members = Map::new();
    members.insert("accountId".into(), parts.account_id.into());
    members.insert("apiId".into(), context.api_id.clone().into());
    if let Some(authorizer) = &parts.authorizer {
        trace.add(Change::Added, "", "/requestContext/authorizer", "who was let in");
        members.insert("authorizer".into(), authorizer.clone());
    }
    members.insert("domainName".into(), context.domain_name.clone().into());
    members.insert("domainPrefix".into(), context.domain_prefix().into());
    members.insert("http".into(), http.into());
    members.insert("requestId".into(), context.request_id.clone().into());
    members.insert("routeKey".into(), parts.route_key.into());
    members.insert("stage".into(), context.stage.clone().into());
    members.insert("time".into(), context.request_time().into());
    members.insert("timeEpoch".into(), context.request_time_epoch().into());
    trace.add(Change::Added, "", "/requestContext", "ids, stage and time of the request");
    members.into()
}

/// `pathParameters` and `stageVariables`; left out when empty.
fn parameters(context: &DoorContext, parts: &PayloadTwo<'_>, event: &mut Map<String, Value>, trace: &mut Trace) {
    for (name, pairs) in [("pathParameters", parts.path_parameters), ("stageVariables", &context.stage_variables)] {
        if !pairs.is_empty() {
            let (change, from) = if name == "pathParameters" { (Change::Decoded, "path") } else { (Change::Added, "") };
            trace.add(change, from, format!("/{name}"), "");
            event.insert(name.into(), text_object(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))));
        }
    }
}
