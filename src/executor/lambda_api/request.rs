//! From an HTTP request to an invocation that may go to the service, or to the error that AWS would give (semantics 1.2).

use std::sync::Arc;

use base64::Engine;
use bytes::Bytes;
use hyper::HeaderMap;

use super::elsewhere::Place;
use super::operation::percent_decoded;
use crate::service::error::ServiceError;
use crate::service::input::{InvocationSource, InvocationType, InvokeRequest};

/// Longest `X-Amz-Client-Context`, base64, in bytes (semantics 1.2).
const CLIENT_CONTEXT_LIMIT: usize = 3_583;
/// Longest bare function name, and longest name of any form (semantics 1.2).
const NAME_LIMIT: usize = 64;
const LONG_NAME_LIMIT: usize = 256;
const QUALIFIER_LIMIT: usize = 128;

const INVOCATION_TYPE: &str = "x-amz-invocation-type";
/// Types of an invoke whose response is streamed (semantics 1.1).
const STREAMING_TYPES: &str = "[RequestResponse, DryRun]";

/// Functions on a page of ListFunctions (Lambda's own limit, whatever MaxItems says).
const PAGE: usize = 50;

/// A function as a caller names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub function: Arc<str>,
    pub qualifier: Option<Arc<str>>,
    /// Of an ARN, a partial one too; `None` for a name alone.
    pub place: Option<Place>,
}

/// What the door found wrong before the service was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestError {
    /// A constraint of the request model: `ValidationException` 400.
    Validation(String),
    Service(ServiceError),
}

impl From<ServiceError> for RequestError {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

/// Reads a name, `name:alias`, `123456789012:function:name` or a full ARN, each with an optional qualifier; `query` is
/// the value of `Qualifier`.
///
/// # Errors
/// A name of no such form, or two qualifiers that differ.
pub fn named(raw: &str, query: Option<&str>) -> Result<Named, RequestError> {
    let name = percent_decoded(raw).ok_or_else(|| invalid_name(raw))?;
    if name.len() > LONG_NAME_LIMIT {
        return Err(invalid_name(&name));
    }
    let parts: Vec<&str> = name.split(':').collect();
    let (place, rest) = match parts.as_slice() {
        ["arn", partition @ ("aws-cn" | "aws-us-gov"), "lambda", .., function] => {
            return Err(other_partition(partition, function));
        }
        ["arn", "aws", "lambda", region, account_id, "function", rest @ ..] => (Place::of(Some(region), account_id), rest),
        [account_id, "function", rest @ ..] if !rest.is_empty() => (Place::of(None, account_id), rest),
        rest => (None, rest),
    };
    let (function, inline) = match rest {
        [function] => (*function, None),
        [function, qualifier] => (*function, Some(*qualifier)),
        _ => return Err(invalid_name(&name)),
    };
    if place.is_none() && rest.len() < parts.len() {
        return Err(invalid_name(&name));
    }
    if function.is_empty()
        || function.len() > NAME_LIMIT
        || !function.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    {
        return Err(invalid_name(&name));
    }
    if [inline, query].contains(&Some("")) {
        let message = "1 validation error detected: Value '' at 'qualifier' failed to satisfy constraint: Member must have length greater than or equal to 1";
        return Err(RequestError::Validation(message.to_owned()));
    }
    let is_qualifier = |text: &str| {
        text.len() <= QUALIFIER_LIMIT
            && (text == "$LATEST.PUBLISHED" || text.chars().all(|c| c.is_ascii_alphanumeric() || "-_$".contains(c)))
    };
    if let Some(wrong) = [inline, query].into_iter().flatten().find(|qualifier| !is_qualifier(qualifier)) {
        let message = format!(
            "1 validation error detected: Value '{wrong}' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: \\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+ and have 1 to {QUALIFIER_LIMIT} characters"
        );
        return Err(RequestError::Validation(message));
    }
    if let (Some(inline), Some(query)) = (inline, query)
        && inline != query
    {
        let message = "The derived qualifier from the function name does not match the specified qualifier.";
        return Err(ServiceError::InvalidParameterValue { message: message.into() }.into());
    }
    Ok(Named { function: function.into(), qualifier: inline.or(query).map(Into::into), place })
}

/// Functions here are in AWS's own partition, whatever the region; those of China or GovCloud are others.
fn other_partition(partition: &str, function: &str) -> RequestError {
    let message = format!(
        "Functions from the partition '{partition}' are not reachable in this one ('aws'). Write arn:aws, or ask for {function} alone."
    );
    ServiceError::InvalidParameterValue { message: message.into() }.into()
}

fn invalid_name(name: &str) -> RequestError {
    RequestError::Validation(format!(
        "1 validation error detected: Value '{name}' at 'functionName' failed to satisfy constraint: a function name, a partial ARN or a full ARN"
    ))
}

/// The value of a query parameter, decoded.
#[must_use]
pub fn query_value(query: Option<&str>, name: &str) -> Option<String> {
    query?.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (key == name).then(|| percent_decoded(&value.replace('+', " "))).flatten()
    })
}

/// Is it JSON? Run once at the door; nobody parses the payload after that.
///
/// # Errors
/// AWS's words with the parser's reason, line and column.
pub fn check_json(payload: &[u8]) -> Result<(), ServiceError> {
    check_response(payload).map_err(|reason| ServiceError::InvalidRequestContent { reason: reason.into() })
}

/// The same for what a function answered.
///
/// # Errors
/// The parser's reason, with line and column.
pub fn check_response(payload: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(payload).map_err(|error| error.to_string())?;
    serde_json::from_str::<serde::de::IgnoredAny>(text).map(drop).map_err(|error| error.to_string())
}

/// How many functions a page of ListFunctions has: what was asked for, and never more than Lambda gives.
///
/// # Errors
/// AWS's words for a number that is none, or out of bounds.
pub fn max_items(query: Option<&str>) -> Result<usize, RequestError> {
    let Some(text) = query_value(query, "MaxItems") else { return Ok(PAGE) };
    let refused = |rule: &str| {
        Err(RequestError::Validation(format!(
            "1 validation error detected: Value '{text}' at 'maxItems' failed to satisfy constraint: Member must {rule}"
        )))
    };
    match text.parse::<i64>() {
        Ok(..1) => refused("have value greater than or equal to 1"),
        Ok(10_001..) => refused("have value less than or equal to 10000"),
        Ok(wanted) => Ok(usize::try_from(wanted).map_or(PAGE, |wanted| wanted.min(PAGE))),
        Err(_) => refused("be a number"),
    }
}

/// An Invoke as the service takes it, and whether the caller wants the log's tail.
///
/// # Errors
/// What AWS answers for each header and for a body that is not JSON.
pub fn invoke(named: Named, headers: &HeaderMap, body: Bytes) -> Result<(InvokeRequest, bool), RequestError> {
    let invocation_type = invocation_type(headers)?;
    let log_tail = log_tail(headers)?;
    Ok((invocation(named, invocation_type, headers, body)?, log_tail))
}

/// An InvokeWithResponseStream, which has no `Event`.
///
/// # Errors
/// As [`invoke`].
pub fn invoke_streaming(named: Named, headers: &HeaderMap, body: Bytes) -> Result<(InvokeRequest, bool), RequestError> {
    let invocation_type = match invocation_type(headers) {
        Ok(InvocationType::Event) => return Err(not_in_enum("Event", "invocationType", STREAMING_TYPES)),
        Ok(others) => others,
        Err(_) => {
            let other = text(headers, INVOCATION_TYPE).unwrap_or_default();
            return Err(not_in_enum(other, "invocationType", STREAMING_TYPES));
        }
    };
    let log_tail = log_tail(headers)?;
    Ok((invocation(named, invocation_type, headers, body)?, log_tail))
}

fn invocation(
    named: Named,
    invocation_type: InvocationType,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<InvokeRequest, RequestError> {
    let source = InvocationSource::LambdaApi { client: client(headers) };
    Ok(InvokeRequest {
        client_context: client_context(headers)?,
        qualifier: named.qualifier,
        trace_header: text(headers, "x-amzn-trace-id").map(Into::into),
        ..InvokeRequest::new(named.function, invocation_type, payload(body)?, source)
    })
}

/// Whether the caller wants the log's tail.
fn log_tail(headers: &HeaderMap) -> Result<bool, RequestError> {
    match text(headers, "x-amz-log-type") {
        None | Some("None") => Ok(false),
        Some("Tail") => Ok(true),
        Some(other) => Err(not_in_enum(other, "logType", "[None, Tail]")),
    }
}

/// What `X-Amz-Invocation-Type` says.
///
/// # Errors
/// AWS's words for a type that there is not.
pub fn invocation_type(headers: &HeaderMap) -> Result<InvocationType, RequestError> {
    match text(headers, INVOCATION_TYPE) {
        None | Some("RequestResponse") => Ok(InvocationType::RequestResponse),
        Some("Event") => Ok(InvocationType::Event),
        Some("DryRun") => Ok(InvocationType::DryRun),
        Some(other) => Err(not_in_enum(other, "invocationType", "[Event, DryRun, RequestResponse]")),
    }
}

/// The deprecated InvokeAsync: the body is the event, the answer 202.
///
/// # Errors
/// A body that is not JSON.
pub fn invoke_async(named: Named, headers: &HeaderMap, body: Bytes) -> Result<InvokeRequest, RequestError> {
    let source = InvocationSource::LambdaApi { client: client(headers) };
    Ok(InvokeRequest {
        qualifier: named.qualifier,
        trace_header: text(headers, "x-amzn-trace-id").map(Into::into),
        legacy_invoke_async: true,
        ..InvokeRequest::new(named.function, InvocationType::Event, payload(body)?, source)
    })
}

/// An empty body counts as `{}` (semantics 1.2).
fn payload(body: Bytes) -> Result<Bytes, ServiceError> {
    if body.is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    check_json(&body)?;
    Ok(body)
}

fn client_context(headers: &HeaderMap) -> Result<Option<Bytes>, RequestError> {
    let Some(context) = text(headers, "x-amz-client-context") else { return Ok(None) };
    let invalid =
        || ServiceError::InvalidRequestContent { reason: "Client context must be a valid Base64-encoded JSON object.".into() };
    if context.len() > CLIENT_CONTEXT_LIMIT {
        return Err(RequestError::Validation(format!(
            "1 validation error detected: Value at 'clientContext' failed to satisfy constraint: Member must have length less than or equal to {CLIENT_CONTEXT_LIMIT}"
        )));
    }
    let decoded = base64::engine::general_purpose::STANDARD.decode(context).map_err(|_| invalid())?;
    check_json(&decoded).map_err(|_| invalid())?;
    let is_object = decoded.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    if is_object { Ok(Some(decoded.into())) } else { Err(invalid().into()) }
}

/// `aws-cli`, `Boto3`, `curl`: the first product of the User-Agent.
fn client(headers: &HeaderMap) -> Arc<str> {
    let agent = text(headers, "user-agent").unwrap_or("unknown client");
    agent.split(['/', ' ']).next().unwrap_or(agent).into()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn not_in_enum(value: &str, member: &str, allowed: &str) -> RequestError {
    RequestError::Validation(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must satisfy enum value set: {allowed}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_name_is_read() {
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:confirm";
        for (raw, qualifier) in [
            ("confirm", None),
            ("confirm:prod", Some("prod")),
            ("000000000000:function:confirm", None),
            (arn, None),
            ("arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Aconfirm%3A7", Some("7")),
        ] {
            let found = named(raw, None).unwrap();
            assert_eq!((&*found.function, found.qualifier.as_deref()), ("confirm", qualifier), "{raw}");
            let place = found.place.map(|place| (place.region, &*place.account_id == "000000000000"));
            let expected = raw.contains("function").then(|| (raw.contains("arn").then(|| "us-east-1".into()), true));
            assert_eq!(place, expected, "{raw}");
        }
        let Err(RequestError::Service(error)) = named("arn:aws-cn:lambda:us-east-1:000000000000:function:a", None) else {
            panic!("functions of another partition are not here")
        };
        assert!(error.to_string().contains("'aws-cn'"), "{error}");
        let misplaced = [
            "arn:azure:lambda:us-east-1:000000000000:function:a",
            "arn:aws:lambda:us-east-1:12:function:a",
            "arn:aws:lambda::000000000000:function:a",
            "me:function:a",
        ];
        for raw in ["", "a b", "a:b:c", "x".repeat(65).as_str(), "arn:aws:s3:::bucket", "%zz"].into_iter().chain(misplaced) {
            assert!(matches!(named(raw, None), Err(RequestError::Validation(_))), "{raw}");
        }
        assert!(matches!(named("a:1", Some("2")), Err(RequestError::Service(ServiceError::InvalidParameterValue { .. }))));
        assert_eq!(named("a", Some("2")).unwrap().qualifier.as_deref(), Some("2"));
        for (raw, query) in [("a", Some("")), ("a:", None), ("a", Some("bad!")), ("a:b!", None), ("a", Some("$LATEST.X"))] {
            assert!(matches!(named(raw, query), Err(RequestError::Validation(_))), "{raw} {query:?}");
        }
    }

    #[test]
    fn a_client_context_is_a_short_object_in_base64() {
        let engine = base64::engine::general_purpose::STANDARD;
        let given = |context: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-amz-client-context", context.parse().unwrap());
            client_context(&headers)
        };
        let object = "{\"custom\": {}}";
        assert_eq!(given(&engine.encode(object)).unwrap().as_deref(), Some(object.as_bytes()));
        for context in ["[1]", "3", "{", ""] {
            assert!(matches!(given(&engine.encode(context)), Err(RequestError::Service(_))), "{context}");
        }
        assert!(matches!(given("no base64"), Err(RequestError::Service(_))));
        assert!(matches!(given(&"x".repeat(CLIENT_CONTEXT_LIMIT + 1)), Err(RequestError::Validation(_))));
    }

    #[test]
    fn a_body_must_be_json_and_an_empty_one_is_an_object() {
        let named = || Named { function: "f".into(), qualifier: None, place: None };
        let headers = HeaderMap::new();
        assert_eq!(&invoke(named(), &headers, Bytes::new()).unwrap().0.payload[..], b"{}");
        assert!(invoke(named(), &headers, Bytes::from_static(b"{\"a\":}")).is_err());
        assert!(invoke(named(), &headers, Bytes::from_static(b"\"\xff\"")).is_err());
        let odd = check_json(b"{\"a\":}").unwrap_err().to_string();
        assert!(
            odd.starts_with(
                "Could not parse request body into json: Could not parse payload into json: expected value at line 1"
            ),
            "{odd}"
        );
    }

    #[test]
    fn headers_outside_their_enumeration_are_named() {
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-invocation-type", "Later".parse().unwrap());
        let error = invoke(Named { function: "f".into(), qualifier: None, place: None }, &headers, Bytes::new()).unwrap_err();
        assert!(matches!(error, RequestError::Validation(text) if text.contains("'Later' at 'invocationType'")));
        for wrong in ["Later", "Event"] {
            headers.insert("x-amz-invocation-type", wrong.parse().unwrap());
            let named = Named { function: "f".into(), qualifier: None, place: None };
            let error = invoke_streaming(named, &headers, Bytes::new()).unwrap_err();
            let expected = format!("'{wrong}' at 'invocationType'");
            assert!(
                matches!(error, RequestError::Validation(text) if text.contains(&expected) && text.ends_with(STREAMING_TYPES))
            );
        }
    }

    #[test]
    fn query_values_are_decoded() {
        assert_eq!(query_value(Some("a=1&Qualifier=%24LATEST"), "Qualifier").as_deref(), Some("$LATEST"));
        assert_eq!(query_value(None, "Qualifier"), None);
    }
}
