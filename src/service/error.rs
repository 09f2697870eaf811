//! Errors with which the service refuses an invocation before any code runs (semantics 1.4, 1.5).

use std::sync::Arc;

/// Why an invocation was throttled (semantics 1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ThrottleReason {
    ConcurrentInvocationLimitExceeded,
    ReservedFunctionConcurrentInvocationLimitExceeded,
    /// More requests a second than a function URL takes (semantics 5.1).
    ReservedFunctionInvocationRateLimitExceeded,
}

impl ThrottleReason {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ConcurrentInvocationLimitExceeded => "ConcurrentInvocationLimitExceeded",
            Self::ReservedFunctionConcurrentInvocationLimitExceeded => "ReservedFunctionConcurrentInvocationLimitExceeded",
            Self::ReservedFunctionInvocationRateLimitExceeded => "ReservedFunctionInvocationRateLimitExceeded",
        }
    }
}

/// What a caller in a recursive loop gets (semantics 3.7).
pub const RECURSIVE_INVOCATION: &str = "RecursiveInvocationException";

/// A refusal, in AWS's words (semantics 1.4).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    #[error("Function not found: {arn}")]
    ResourceNotFound { arn: Arc<str> },
    /// `$LATEST.PUBLISHED` of a function that has no versions; AWS's words for it are not recorded.
    #[error("The function has no published version: {arn}")]
    NoPublishedVersion { arn: Arc<str> },
    #[error("{message}")]
    InvalidParameterValue { message: Arc<str> },
    #[error("Could not parse request body into json: Could not parse payload into json: {reason}")]
    InvalidRequestContent { reason: Arc<str> },
    #[error("Request must be smaller than {limit} bytes for the {operation} operation")]
    RequestTooLarge { limit: usize, operation: &'static str },
    #[error("Rate Exceeded.")]
    TooManyRequests { reason: ThrottleReason },
    /// AWS's words for it are not recorded.
    #[error("Lambda has detected {arn} being invoked in a recursive loop and stopped its invocation")]
    RecursiveInvocation { arn: Arc<str> },
    /// Internal: the event could not be written to disk.
    #[error("{message}")]
    Service { message: Arc<str> },
}

impl ServiceError {
    /// The HTTP status and the name of the exception.
    #[must_use]
    pub fn status_and_name(&self) -> (u16, &'static str) {
        match self {
            Self::ResourceNotFound { .. } => (404, "ResourceNotFoundException"),
            Self::NoPublishedVersion { .. } => (400, "NoPublishedVersionException"),
            Self::InvalidParameterValue { .. } => (400, "InvalidParameterValueException"),
            Self::InvalidRequestContent { .. } => (400, "InvalidRequestContentException"),
            Self::RequestTooLarge { .. } => (413, "RequestEntityTooLargeException"),
            Self::TooManyRequests { .. } => (429, "TooManyRequestsException"),
            Self::RecursiveInvocation { .. } => (400, RECURSIVE_INVOCATION),
            Self::Service { .. } => (500, "ServiceException"),
        }
    }
}
