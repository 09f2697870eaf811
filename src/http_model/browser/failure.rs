//! Every way a request can fail, and Chromium's name for it.

use serde::Serialize;

use super::cors_check::{CheckFailure, CheckFailureKind};

/// Why a request failed; the values are those a message needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The method is no token, or a forbidden one.
    Method(String),
    Url(String),
    UrlCredentials,
    UrlScheme(String),
    ModeNavigate,
    NoCorsMethod(String),
    BodyNotAllowed(String),
    HeaderInvalid(String),
    /// Chromium only: a header that the browser writes by itself.
    HeaderRefused(String),
    OnlyIfCachedMode,
    OnlyIfCachedMiss,
    SameOriginMode,
    NoCorsRedirectMode,
    MixedContent,
    PreflightRedirect(String),
    PreflightCheck(CheckFailure),
    PreflightStatus(u16),
    /// The first item of `Access-Control-Allow-Methods` that is no token.
    MethodsSyntax(String),
    /// The first item of `Access-Control-Allow-Headers` that is no token.
    HeadersSyntax(String),
    MethodNotAllowed {
        method: String,
        listed: Vec<String>,
        credentialed: bool,
    },
    HeaderNotAllowed {
        header: String,
        listed: Vec<String>,
        credentialed: bool,
    },
    Check(CheckFailure),
    RedirectModeError,
    RedirectCredentials,
    RedirectTooMany,
    RedirectLocation(String),
    RedirectScheme(String),
}

/// Chromium's codes, as its network log and DevTools protocol spell them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum CorsError {
    MissingAllowOriginHeader,
    AllowOriginMismatch,
    InvalidAllowOriginValue,
    MultipleAllowOriginValues,
    WildcardOriginNotAllowed,
    InvalidAllowCredentials,
    PreflightMissingAllowOriginHeader,
    PreflightAllowOriginMismatch,
    PreflightInvalidAllowOriginValue,
    PreflightMultipleAllowOriginValues,
    PreflightWildcardOriginNotAllowed,
    PreflightInvalidAllowCredentials,
    PreflightInvalidStatus,
    PreflightDisallowedRedirect,
    InvalidAllowMethodsPreflightResponse,
    InvalidAllowHeadersPreflightResponse,
    MethodDisallowedByPreflightResponse,
    HeaderDisallowedByPreflightResponse,
    RedirectContainsCredentials,
    CorsDisabledScheme,
}

impl Failure {
    /// Chromium's code, where it has one.
    #[must_use]
    pub fn cors_error(&self) -> Option<CorsError> {
        Some(match self {
            Self::PreflightRedirect(_) => CorsError::PreflightDisallowedRedirect,
            Self::PreflightCheck(check) => preflight_check_error(check.kind),
            Self::PreflightStatus(_) => CorsError::PreflightInvalidStatus,
            Self::MethodsSyntax(_) => CorsError::InvalidAllowMethodsPreflightResponse,
            Self::HeadersSyntax(_) => CorsError::InvalidAllowHeadersPreflightResponse,
            Self::MethodNotAllowed { .. } => CorsError::MethodDisallowedByPreflightResponse,
            Self::HeaderNotAllowed { .. } => CorsError::HeaderDisallowedByPreflightResponse,
            Self::Check(check) => check_error(check.kind),
            Self::RedirectCredentials => CorsError::RedirectContainsCredentials,
            Self::RedirectScheme(scheme) if scheme != "data" => CorsError::CorsDisabledScheme,
            _ => return None,
        })
    }

    /// Whether a preflight answer was refused.
    #[must_use]
    pub fn is_of_preflight(&self) -> bool {
        matches!(
            self,
            Self::PreflightRedirect(_)
                | Self::PreflightCheck(_)
                | Self::PreflightStatus(_)
                | Self::MethodsSyntax(_)
                | Self::HeadersSyntax(_)
                | Self::MethodNotAllowed { .. }
                | Self::HeaderNotAllowed { .. }
        )
    }
}

fn check_error(kind: CheckFailureKind) -> CorsError {
    match kind {
        CheckFailureKind::Missing => CorsError::MissingAllowOriginHeader,
        CheckFailureKind::Mismatch => CorsError::AllowOriginMismatch,
        CheckFailureKind::Invalid => CorsError::InvalidAllowOriginValue,
        CheckFailureKind::Multiple => CorsError::MultipleAllowOriginValues,
        CheckFailureKind::WildcardWithCredentials => CorsError::WildcardOriginNotAllowed,
        CheckFailureKind::Credentials => CorsError::InvalidAllowCredentials,
    }
}

fn preflight_check_error(kind: CheckFailureKind) -> CorsError {
    match kind {
        CheckFailureKind::Missing => CorsError::PreflightMissingAllowOriginHeader,
        CheckFailureKind::Mismatch => CorsError::PreflightAllowOriginMismatch,
        CheckFailureKind::Invalid => CorsError::PreflightInvalidAllowOriginValue,
        CheckFailureKind::Multiple => CorsError::PreflightMultipleAllowOriginValues,
        CheckFailureKind::WildcardWithCredentials => CorsError::PreflightWildcardOriginNotAllowed,
        CheckFailureKind::Credentials => CorsError::PreflightInvalidAllowCredentials,
    }
}
