//! Quotas and waits of the service, each with its unit and its place in `lambda-semantics.md`.

use super::error::ServiceError;
use super::input::InvocationType;
use super::time::Micros;

/// Bytes of a synchronous request, and of the event that a mapping sends (1.6, 4.2).
pub const SYNCHRONOUS_PAYLOAD: usize = 6_291_456;
/// Bytes of a synchronous response (1.6).
pub const RESPONSE_PAYLOAD: usize = 6_291_556;
/// Bytes of a streamed response (1.6).
pub const STREAMED_PAYLOAD: usize = 200 << 20;
/// Bytes of an asynchronous event since October 2025 (1.6).
pub const ASYNCHRONOUS_PAYLOAD: usize = 1_048_576;
/// Bytes of an event that came by the deprecated InvokeAsync (1.6).
pub const INVOKE_ASYNC_PAYLOAD: usize = 262_144;
/// Requests a second that a function URL takes for each reserved concurrent execution (5.1).
pub const URL_REQUESTS_A_SECOND: u32 = 10;
/// How long an integration of a REST API and of an HTTP API may take (6.1).
pub const REST_INTEGRATION: Micros = Micros::from_millis(29_000);
pub const HTTP_INTEGRATION: Micros = Micros::from_secs(30);
/// Bytes of a message of a queue, its attributes included (4.6).
pub const MESSAGE_BODY: usize = 1_048_576;

/// Messages that a person deleted, and bytes of their bodies, that are kept so that they can be put back. AWS has no such thing.
pub const DELETED_MESSAGES: usize = 50_000;
pub const DELETED_BYTES: usize = 256 << 20;

/// Limit of the first init (2.7).
pub const INIT: Micros = Micros::from_secs(10);
/// Waits before the second and third attempt after a function error (3.3).
pub const RETRY_DELAYS: [Micros; 2] = [Micros::from_secs(60), Micros::from_secs(120)];
/// The longest wait after a throttle; the first is 1 s and each doubles (3.3).
pub const THROTTLE_DELAY: Micros = Micros::from_secs(300);
/// How often a function is invoked in one chain of requests; the next time it is stopped (3.7).
pub const CHAIN: u32 = 16;
/// Bytes of the error message that a dead-letter queue gets (3.6).
pub const ERROR_MESSAGE: usize = 1_024;

/// Concurrent batches of a mapping at the start, how many are added a minute, and the most there can be (4.5).
pub const MAPPING_START: u32 = 5;
pub const MAPPING_GROWTH_A_MINUTE: u32 = 300;
pub const MAPPING_CEILING: u32 = 1_250;
/// Filters of a mapping; AWS allows 10 on request (4.9).
pub const FILTERS: usize = 5;
/// Characters of a filter's pattern (4.9).
pub const FILTER_PATTERN: usize = 4_096;
/// What is added to window and timeout when the visibility timeout is too small for both (4.6).
pub const VISIBILITY_MARGIN: Micros = Micros::from_secs(30);

/// Bytes of the end of an attempt's log that are kept for its answer, of which a caller gets 4 KB (1.3).
pub const LOG_KEPT: usize = 65_536;

/// Bytes of a request of this type, and the operation that its refusal names (1.6).
#[must_use]
pub fn request(invocation_type: InvocationType, legacy_invoke_async: bool) -> (usize, &'static str) {
    match invocation_type {
        InvocationType::Event if legacy_invoke_async => (INVOKE_ASYNC_PAYLOAD, "InvokeAsync"),
        InvocationType::Event => (ASYNCHRONOUS_PAYLOAD, "InvokeFunction"),
        InvocationType::RequestResponse | InvocationType::DryRun => (SYNCHRONOUS_PAYLOAD, "InvokeFunction"),
    }
}

/// Whether a request is small enough for its invocation type (1.6).
///
/// # Errors
/// It is not; the error names limit and operation.
pub fn check_request(bytes: usize, invocation_type: InvocationType, legacy_invoke_async: bool) -> Result<(), ServiceError> {
    let (limit, operation) = request(invocation_type, legacy_invoke_async);
    if bytes > limit { Err(ServiceError::RequestTooLarge { limit, operation }) } else { Ok(()) }
}

/// The wait after the `throttled`-th throttle of an event, from 1.
#[must_use]
pub fn throttle_delay(throttled: u32) -> Micros {
    let doubled = Micros::from_secs(1 << throttled.saturating_sub(1).min(10));
    doubled.min(THROTTLE_DELAY)
}
