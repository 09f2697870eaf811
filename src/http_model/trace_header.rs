//! `X-Amzn-Trace-Id` of a function URL's response (semantics 5.3): `root=..;parent=..;sampled=0;lineage=..`.

use std::borrow::Cow;
use std::fmt::Write;

use super::door::AnswerContext;

/// The trace of the invocation in the form in which a function URL answers: names in lower case, each of the four there.
#[must_use]
pub(super) fn of_function_url(context: &AnswerContext) -> String {
    let member = |name: &str| {
        let members = context.trace_id.split(';').filter_map(|member| member.trim().split_once('='));
        members.into_iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    // A client's header may say less than ours; the rest is made from the id of the request, which is as random.
    let digits = || context.request_id.bytes().filter(u8::is_ascii_hexdigit).map(char::from);
    let root = member("root").map_or_else(
        || Cow::Owned(format!("1-{:08x}-{}", context.answered_at.as_second(), digits().take(24).collect::<String>())),
        Cow::Borrowed,
    );
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
        let made = "root=1-69b30e1e-7f3c0a521d0e4b3f9a614f2c;parent=7f3c0a521d0e4b3f;sampled=0;lineage=1:00a964c7:0";
        assert_eq!(header("nonsense"), made);
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
