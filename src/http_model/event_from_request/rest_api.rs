//! The event of a REST API (semantics 6.2, payload format 1.0 without `version`).

use bytes::Bytes;

use super::super::door::DoorContext;
use super::super::field_note::Trace;
use super::super::message::HttpRequest;
use super::body::for_rest_api;
use super::built::EventTooLarge;
use super::headers::NameCase;
use super::payload_one::{self, PayloadOne};

/// The method of a resource that took a request (`routes::RestResources::find`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestMatch {
    /// `/items/{id}`.
    pub resource: String,
    pub resource_id: String,
    /// Decoded.
    pub path_parameters: Vec<(String, String)>,
}

/// What the function gets for a request to a method of a resource. `request.path` is the path without the stage.
///
/// # Errors
/// [`EventTooLarge`] if the event passes 6 MB.
pub fn rest_api_event(
    request: &HttpRequest,
    context: &DoorContext,
    matched: &RestMatch,
    trace: &mut Trace,
) -> Result<Bytes, EventTooLarge> {
    let parts = PayloadOne {
        version: None,
        resource: &matched.resource,
        resource_id: &matched.resource_id,
        path: request.path.as_str().into(),
        context_path: format!("/{}{}", context.stage, request.path).into(),
        path_parameters: &matched.path_parameters,
        case: NameCase::AsSent,
        encoding: for_rest_api(request, &context.binary_media_types),
        authorizer: context.authorizer.as_ref(),
    };
    payload_one::event(request, context, &parts, trace)
}
