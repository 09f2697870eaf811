//! The event of an Application Load Balancer (semantics 6.6).

use serde_json::{Map, Value, json};

use super::super::door::DoorContext;
use super::super::field_note::{Change, Trace, pointer, query_words};
use super::super::message::HttpRequest;
use super::body::{encoded, for_load_balancer};
use super::built::{BuiltEvent, EventTooLarge, finish};
use super::headers::{Added, NameCase, event_headers, last_wins, multi_value};
use super::query::{grouped, raw_pairs};

/// The target group that a listener rule chose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadBalancerTarget {
    pub target_group_arn: String,
    /// `lambda.multi_value_headers.enabled`.
    pub multi_value_headers: bool,
}

/// What the function gets for a request to a load balancer. Query values are not decoded.
///
/// # Errors
/// [`EventTooLarge`] if the event passes 6 MB. (The body's own limit of 1 MB is the door's to check first.)
pub fn load_balancer_event(
    request: &HttpRequest,
    context: &DoorContext,
    target: &LoadBalancerTarget,
) -> Result<BuiltEvent, EventTooLarge> {
    let mut trace = Trace::default();
    let mut event = Map::new();
    event.insert("requestContext".into(), json!({ "elb": { "targetGroupArn": target.target_group_arn } }));
    trace.add(Change::Added, "", "/requestContext/elb/targetGroupArn", "");
    event.insert("httpMethod".into(), request.method.clone().into());
    trace.add(Change::Kept, format!("method {}", request.method), "/httpMethod", "");
    event.insert("path".into(), request.path.clone().into());
    trace.add(Change::Kept, format!("path {}", request.path), "/path", "as sent, not decoded");
    query_parameters(request, target, &mut event, &mut trace);
    let headers = event_headers(request, context, NameCase::Lower, Added::GatewayHeaders, &mut trace);
    if target.multi_value_headers {
        event.insert("multiValueHeaders".into(), multi_value(&headers, &mut trace).into());
    } else {
        event.insert("headers".into(), last_wins(&headers, &mut trace).into());
    }
    let encoding = for_load_balancer(request);
    let body = encoded(request, &encoding, &mut trace);
    let base64 = body.is_some() && encoding.base64;
    event.insert("body".into(), body.unwrap_or_else(|| "".into()));
    event.insert("isBase64Encoded".into(), base64.into());
    finish(event, trace)
}

fn query_parameters(request: &HttpRequest, target: &LoadBalancerTarget, event: &mut Map<String, Value>, trace: &mut Trace) {
    let member = if target.multi_value_headers { "multiValueQueryStringParameters" } else { "queryStringParameters" };
    let mut members = Map::new();
    for (name, values) in grouped(raw_pairs(&request.query)) {
        let last = values.last().copied().unwrap_or_default();
        let note =
            if values.len() > 1 && !target.multi_value_headers { "not decoded; the last value wins" } else { "not decoded" };
        trace.add(Change::Kept, query_words(name, values.len()), pointer(&format!("/{member}"), name), note);
        let value = if target.multi_value_headers { Value::from(values) } else { Value::from(last) };
        members.insert(name.to_owned(), value);
    }
    event.insert(member.into(), members.into());
}
