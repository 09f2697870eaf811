//! Why a signature is refused, in AWS's words, and the answer of each door.

use super::super::answers::{Failure, answer, response};
use super::super::door::{AnswerContext, Door};
use super::super::message::HttpResponse;

/// Why a signature is refused. The text is what AWS says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("Missing Authentication Token")]
    Missing,
    /// `Authorization` or the query lacks parts; the text lists all of them.
    #[error("{message}")]
    Incomplete { message: String },
    #[error("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{credential}'")]
    Credential { credential: String },
    #[error("Credential should be scoped with a valid terminator: 'aws4_request', not '{terminator}'.")]
    Terminator { terminator: String },
    #[error("Credential should be scoped to correct service: '{service}'.")]
    Service { service: String },
    #[error("Credential should be scoped to a valid region, not '{region}'.")]
    Region { region: String },
    #[error(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{scope}' != '{date}', from '{date_time}'."
    )]
    ScopeDate { scope: String, date: String, date_time: String },
    #[error("Date must be in ISO-8601 'basic format'. Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601")]
    DateFormat { date: String },
    #[error("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")]
    HostNotSigned,
    /// Nobody here has this access key, or it belongs to another session token.
    #[error("The security token included in the request is invalid.")]
    UnknownKey,
    #[error("Signature expired: {signed_at} is now earlier than {earliest} ({now} - {minutes} min.)")]
    Expired { signed_at: String, earliest: String, now: String, minutes: i64 },
    #[error("Signature not yet current: {signed_at} is still later than {latest} ({now} + {minutes} min.)")]
    NotYetCurrent { signed_at: String, latest: String, now: String, minutes: i64 },
    #[error(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
    )]
    Mismatch {
        /// What is likely wrong; AWS does not say, so this is for the window only.
        hints: Vec<String>,
    },
}

impl SignatureError {
    /// What AWS says, and what is likely wrong where AWS does not say it.
    #[must_use]
    pub fn with_hints(&self) -> String {
        match self {
            Self::Mismatch { hints } if !hints.is_empty() => {
                format!("The request signature we calculated does not match the signature you provided: {}", hints.join(", "))
            }
            other => other.to_string(),
        }
    }

    /// The value of `x-amzn-ErrorType`.
    #[must_use]
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::Missing => "MissingAuthenticationTokenException",
            Self::Incomplete { .. } | Self::Credential { .. } | Self::DateFormat { .. } => "IncompleteSignatureException",
            Self::UnknownKey => "UnrecognizedClientException",
            Self::Terminator { .. }
            | Self::Service { .. }
            | Self::Region { .. }
            | Self::ScopeDate { .. }
            | Self::HostNotSigned
            | Self::Expired { .. }
            | Self::NotYetCurrent { .. }
            | Self::Mismatch { .. } => "InvalidSignatureException",
        }
    }
}

/// The 403 of a door. An unsigned request to a URL is refused like one without permission (semantics 5.4); HTTP APIs tell
/// nobody what is wrong.
#[must_use]
pub fn refusal(door: Door, error: &SignatureError, context: &AnswerContext) -> HttpResponse {
    match (door, error) {
        (Door::FunctionUrl, SignatureError::Missing) => answer(door, &Failure::Forbidden, context),
        (Door::HttpApi, _) => response(door, 403, "", r#"{"message":"Forbidden"}"#.to_owned(), context),
        _ => {
            let body = serde_json::json!({ "message": error.to_string() }).to_string();
            response(door, 403, error.error_type(), body, context)
        }
    }
}
