//! The event of a function URL (semantics 5.2).

use bytes::Bytes;
use serde_json::json;

use super::super::door::DoorContext;
use super::super::field_note::Trace;
use super::super::message::HttpRequest;
use super::built::EventTooLarge;
use super::headers::Added;
use super::payload_two::{self, PayloadTwo, iam_authorizer};

/// What the function gets for a request to its URL: payload format 2.0.
///
/// `request.path` is the path below the host of the URL, whichever form the client used (`url_id::resolve`).
///
/// # Errors
/// [`EventTooLarge`] if the event passes 6 MB.
pub fn function_url_event(request: &HttpRequest, context: &DoorContext, trace: &mut Trace) -> Result<Bytes, EventTooLarge> {
    let parts = PayloadTwo {
        route_key: "$default",
        raw_path: request.path.as_str().into(),
        path_parameters: &[],
        // Recorded for AuthType NONE, although the guide speaks of the owner's account.
        account_id: if context.caller.is_some() { &context.account_id } else { "anonymous" },
        added: Added::UrlHeaders,
        authorizer: context.caller.as_ref().map(|caller| json!({ "iam": iam_authorizer(caller) })),
    };
    payload_two::event(request, context, &parts, trace)
}
