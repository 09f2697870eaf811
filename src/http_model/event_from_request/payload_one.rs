//! Payload format 1.0, which REST APIs and (on request) HTTP APIs use (semantics 6.2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::super::door::DoorContext;
use super::super::field_note::{Change, Trace, pointer, query_words};
use super::super::message::HttpRequest;
use super::body::{BodyEncoding, encoded};
use super::built::{BuiltEvent, EventTooLarge, finish, object_or_null};
use super::headers::{Added, NameCase, event_headers, last_wins, multi_value};
use super::query::{decoded_pairs, grouped};

/// What differs between a REST API and an HTTP API.
pub(super) struct PayloadOne<'a> {
    /// Only HTTP APIs say `1.0`.
    pub(super) version: Option<&'static str>,
    /// `/items/{id}`.
    pub(super) resource: &'a str,
    pub(super) resource_id: &'a str,
    pub(super) path: String,
    /// With the stage in front.
    pub(super) context_path: String,
    pub(super) path_parameters: &'a [(String, String)],
    pub(super) case: NameCase,
    pub(super) encoding: BodyEncoding,
    pub(super) authorizer: Option<Value>,
}

pub(super) fn event(request: &HttpRequest, context: &DoorContext, parts: PayloadOne<'_>) -> Result<BuiltEvent, EventTooLarge> {
    let mut trace = Trace::default();
    let mut event = Map::new();
    if let Some(version) = parts.version {
        event.insert("version".into(), version.into());
    }
    event.insert("resource".into(), parts.resource.into());
    trace.add(Change::Kept, format!("path {}", request.path), "/path", "as sent, not decoded");
    event.insert("path".into(), parts.path.clone().into());
    trace.add(Change::Kept, format!("method {}", request.method), "/httpMethod", "");
    event.insert("httpMethod".into(), request.method.clone().into());
    let headers = event_headers(request, context, parts.case, Added::GatewayHeaders, &mut trace);
    event.insert("headers".into(), object_or_null(last_wins(&headers, &mut trace)));
    event.insert("multiValueHeaders".into(), object_or_null(multi_value(&headers, &mut trace)));
    query_parameters(request, &mut event, &mut trace);
    if !parts.path_parameters.is_empty() {
        trace.add(Change::Decoded, "path", "/pathParameters", "");
    }
    event.insert("pathParameters".into(), texts_or_null(parts.path_parameters));
    event.insert("stageVariables".into(), texts_or_null(&context.stage_variables));
    trace.add(Change::Added, "", "/requestContext", "ids, stage, time and identity of the request");
    event.insert("requestContext".into(), request_context(request, context, &parts));
    let body = encoded(request, &parts.encoding, &mut trace);
    let base64 = body.is_some() && parts.encoding.base64;
    event.insert("body".into(), body.unwrap_or(Value::Null));
    event.insert("isBase64Encoded".into(), base64.into());
    finish(event, trace)
}

fn query_parameters(request: &HttpRequest, event: &mut Map<String, Value>, trace: &mut Trace) {
    let (mut single, mut multi) = (Map::new(), Map::new());
    for (name, values) in grouped(decoded_pairs(&request.query)) {
        let words = query_words(&name, values.len());
        let note = if values.len() > 1 { "the last value wins" } else { "" };
        trace.add(Change::Decoded, words.clone(), pointer("/queryStringParameters", &name), note);
        trace.add(Change::Decoded, words, pointer("/multiValueQueryStringParameters", &name), "");
        single.insert(name.clone(), values.last().cloned().unwrap_or_default().into());
        multi.insert(name, values.into());
    }
    event.insert("queryStringParameters".into(), object_or_null(single));
    event.insert("multiValueQueryStringParameters".into(), object_or_null(multi));
}

fn request_context(request: &HttpRequest, context: &DoorContext, parts: &PayloadOne<'_>) -> Value {
    let mut members = Map::new();
    members.insert("accountId".into(), context.account_id.clone().into());
    members.insert("apiId".into(), context.api_id.clone().into());
    if let Some(authorizer) = &parts.authorizer {
        members.insert("authorizer".into(), authorizer.clone());
    }
    let texts = [
        ("domainName", context.domain_name.clone()),
        ("domainPrefix", context.domain_prefix().to_owned()),
        ("extendedRequestId", extended_request_id(&context.request_id)),
        ("httpMethod", request.method.clone()),
    ];
    members.extend(texts.map(|(name, text)| (name.to_owned(), text.into())));
    members.insert("identity".into(), identity(request, context));
    members.insert("path".into(), parts.context_path.clone().into());
    members.insert("protocol".into(), request.protocol.clone().into());
    members.insert("requestId".into(), context.request_id.clone().into());
    members.insert("requestTime".into(), context.request_time().into());
    members.insert("requestTimeEpoch".into(), context.request_time_epoch().into());
    members.insert("resourceId".into(), parts.resource_id.into());
    members.insert("resourcePath".into(), parts.resource.into());
    members.insert("stage".into(), context.stage.clone().into());
    members.into()
}

/// Every member is there; those without content are null.
fn identity(request: &HttpRequest, context: &DoorContext) -> Value {
    let caller = context.caller.as_ref();
    json!({
        "accessKey": caller.map(|caller| &caller.access_key),
        "accountId": caller.map(|caller| &caller.account_id),
        "caller": caller.map(|caller| &caller.caller_id),
        "cognitoAuthenticationProvider": null,
        "cognitoAuthenticationType": null,
        "cognitoIdentityId": null,
        "cognitoIdentityPoolId": null,
        "principalOrgId": caller.and_then(|caller| caller.principal_org_id.as_ref()),
        "sourceIp": request.source_ip,
        "user": caller.map(|caller| &caller.user_id),
        "userAgent": request.headers.get("user-agent"),
        "userArn": caller.map(|caller| &caller.user_arn),
    })
}

/// The gateway's own id has 16 characters of base64; here it follows from the request id.
fn extended_request_id(request_id: &str) -> String {
    let bytes: Vec<u8> = request_id.bytes().filter(u8::is_ascii_hexdigit).take(11).collect();
    STANDARD.encode(bytes)
}

fn texts_or_null(pairs: &[(String, String)]) -> Value {
    object_or_null(pairs.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect())
}
