//! The event of an Application Load Balancer (semantics 6.6).

use bytes::Bytes;
use serde::Serialize;

use super::super::door::DoorContext;
use super::super::field_note::{Change, Trace, pointer, query_words};
use super::super::message::HttpRequest;
use super::body::{event_body, for_load_balancer};
use super::built::{EventTooLarge, Members, WithoutBody, written};
use super::headers::{Added, NameCase, ServiceHeaders, event_headers, last_wins, multi_value};
use super::query::{grouped, raw_pairs};

/// The target group that a listener rule chose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadBalancerTarget {
    pub target_group_arn: String,
    /// `lambda.multi_value_headers.enabled`.
    pub multi_value_headers: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    request_context: RequestContext<'a>,
    http_method: &'a str,
    path: &'a str,
    #[serde(flatten)]
    query: Query<'a>,
    #[serde(flatten)]
    headers: Headers<'a>,
}

#[derive(Serialize)]
struct RequestContext<'a> {
    elb: Elb<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Elb<'a> {
    target_group_arn: &'a str,
}

#[derive(Serialize)]
enum Query<'a> {
    #[serde(rename = "queryStringParameters")]
    Single(Members<&'a str, &'a str>),
    #[serde(rename = "multiValueQueryStringParameters")]
    Multi(Members<&'a str, Vec<&'a str>>),
}

#[derive(Serialize)]
enum Headers<'a> {
    #[serde(rename = "headers")]
    Single(Members<&'a str, &'a str>),
    #[serde(rename = "multiValueHeaders")]
    Multi(Members<&'a str, &'a [&'a str]>),
}

/// What the function gets for a request to a load balancer. Query values are not decoded.
///
/// # Errors
/// [`EventTooLarge`] if the event passes 6 MB. (The body's own limit of 1 MB is the door's to check first.)
pub fn load_balancer_event(
    request: &HttpRequest,
    context: &DoorContext,
    target: &LoadBalancerTarget,
    trace: &mut Trace,
) -> Result<Bytes, EventTooLarge> {
    trace.add(Change::Added, "", "/requestContext/elb/targetGroupArn", "");
    trace.add(Change::Kept, format_args!("method {}", request.method), "/httpMethod", "");
    trace.add(Change::Kept, format_args!("path {}", request.path), "/path", "as sent, not decoded");
    let query = query_parameters(request, target, trace);
    let service = ServiceHeaders::of(request, context, Added::GatewayHeaders);
    let headers = event_headers(request, &service, NameCase::Lower, trace);
    let headers = match target.multi_value_headers {
        true => Headers::Multi(multi_value(&headers, trace)),
        false => Headers::Single(last_wins(&headers, trace)),
    };
    let encoding = for_load_balancer(request);
    let body = event_body(request, &encoding, trace);
    let event = Event {
        request_context: RequestContext { elb: Elb { target_group_arn: &target.target_group_arn } },
        http_method: &request.method,
        path: &request.path,
        query,
        headers,
    };
    written(&event, &body, WithoutBody::EmptyText)
}

fn query_parameters<'a>(request: &'a HttpRequest, target: &LoadBalancerTarget, trace: &mut Trace) -> Query<'a> {
    let multi = target.multi_value_headers;
    let parent = if multi { "/multiValueQueryStringParameters" } else { "/queryStringParameters" };
    let groups = grouped(raw_pairs(&request.query));
    for (name, values) in &groups {
        let note = if values.len() > 1 && !multi { "not decoded; the last value wins" } else { "not decoded" };
        trace.add(Change::Kept, query_words(name, values.len()), pointer(parent, name), note);
    }
    if multi {
        return Query::Multi(Members(groups));
    }
    let last = |(name, values): (&'a str, Vec<&'a str>)| (name, values.last().copied().unwrap_or_default());
    Query::Single(Members(groups.into_iter().map(last).collect()))
}
