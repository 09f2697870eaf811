//! `X-Amzn-Trace-Id` of a function URL's response (semantics 5.3): `root=..;parent=..;sampled=0;lineage=..`.

use std::borrow::Cow;
use std::fmt::Write;

use super::door::{AnswerContext, DoorContext};
use super::message::HttpRequest;

/// The trace of a request: the client's own header if it names a root, else the door's. Event, environment and response all
/// carry this one.
#[must_use]
pub(super) fn of_request<'a>(request: &'a HttpRequest, context: &'a DoorContext) -> &'a str {
    let own = request.headers.get("x-amzn-trace-id").filter(|header| member(header, "root").is_some());
    own.unwrap_or(&context.trace_id)
}

/// A member of a trace header, whose names are written in any case.
fn member<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let members = header.split(';').filter_map(|member| member.trim().split_once('='));
    members.into_iter().find(|(other, value)| other.eq_ignore_ascii_case(name) && !value.is_empty()).map(|(_, value)| value)
}

/// The trace of the invocation in the form in which a function URL answers: names in lower case, each of the four there.
#[must_use]
pub(super) fn of_function_url(context: &AnswerContext) -> String {
    let member = |name| member(&context.trace_id, name);
    // Whatever has no root is not taken from a client. Its header may leave the parent out; the id of the request, which is as
    // random, gives one.
    let root = member("root").unwrap_or_default();
    let digits = || context.request_id.bytes().filter(u8::is_ascii_hexdigit).map(char::from);
    let parent = member("parent").map_or_else(|| Cow::Owned(digits().take(16).collect()), Cow::Borrowed);
    let mut header = String::with_capacity(96);
    // A string takes whatever is written to it.
    let _ = write!(
        header,
        "root={root};parent={parent};sampled={};lineage=1:{:08x}:0",
        member("sampled").unwrap_or("0"),
        context.lineage
    );
    header
}

/// What stands for a URL's function in `lineage`: the same eight digits with each of its responses (OBSERVED), so a hash
/// (FNV-1a) of the URL's id.
#[must_use]
pub(super) fn lineage_of(url_id: &str) -> u32 {
    url_id.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::super::event_from_request::function_url_event;
    use super::super::field_note::Trace;
    use super::super::samples::{answer_context, door_context, request};
    use super::*;

    fn header(trace_id: &str) -> String {
        of_function_url(&AnswerContext { trace_id: trace_id.to_owned(), lineage: 0x00a9_64c7, ..answer_context() })
    }

    #[test]
    fn the_four_members_are_there_in_lower_case() {
        let whole = "root=1-66b50c01-207a612c605445d738495a39;parent=5ff8d4e2feb9297b;sampled=1;lineage=1:00a964c7:0";
        assert_eq!(header("Root=1-66b50c01-207a612c605445d738495a39;Parent=5ff8d4e2feb9297b;Sampled=1"), whole);
        let other_order = "Sampled=1; Self=1-2; Parent=5ff8d4e2feb9297b; Root=1-66b50c01-207a612c605445d738495a39;Lineage=9:9:9";
        assert_eq!(header(other_order), whole);
    }

    #[test]
    fn what_the_clients_header_leaves_out_is_made() {
        assert_eq!(header("Root=1-a"), "root=1-a;parent=7f3c0a521d0e4b3f;sampled=0;lineage=1:00a964c7:0");
        assert_eq!(header("Root=1-a;Parent="), header("Root=1-a"));
    }

    #[test]
    fn a_header_without_a_root_is_not_the_clients_to_choose() {
        let context = door_context();
        for (sent, ours) in
            [("Root=1-a;Sampled=1", false), ("root=1-a", false), ("nonsense", true), ("Parent=1", true), ("Root=", true)]
        {
            let request = request("GET", "/", &[("x-amzn-trace-id", sent)], b"");
            let expected = if ours { &*context.trace_id } else { sent };
            assert_eq!(of_request(&request, &context), expected, "{sent}");
            assert_eq!(AnswerContext::of(&request, &context, answer_context().answered_at).trace_id, expected, "{sent}");
            let event = function_url_event(&request, &context, &mut Trace::ignored()).unwrap();
            let event: serde_json::Value = serde_json::from_slice(&event).unwrap();
            assert_eq!(event["headers"]["x-amzn-trace-id"], expected, "{sent}");
        }
    }

    #[test]
    fn a_url_has_one_lineage_and_another_url_another() {
        let of = |id: &str| {
            let context = super::super::door::DoorContext { api_id: id.to_owned(), ..door_context() };
            AnswerContext::of(&request("GET", "/", &[], b""), &context, answer_context().answered_at).lineage
        };
        assert_eq!(of("a"), of("a"));
        assert_ne!(of("a"), of("b"));
    }
}
