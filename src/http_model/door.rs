//! The four doors, and what a door knows beside the request.

use jiff::Timestamp;
use serde_json::Value;

use super::message::HttpRequest;
use super::trace_header;
use crate::service::time;

/// Service time as the doors' rules take it.
#[must_use]
pub fn moment(at: time::Timestamp) -> Timestamp {
    let micros = i64::try_from(at.0).unwrap_or(i64::MAX);
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX)
}

/// A door through which HTTP reaches a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Door {
    FunctionUrl,
    RestApi,
    HttpApi,
    LoadBalancer,
}

/// Who signed a request (semantics 5.2, `requestContext.authorizer.iam`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallerIdentity {
    pub access_key: String,
    pub account_id: String,
    /// `AIDA...` of a user, `AROA...:session` of a role.
    pub caller_id: String,
    pub user_arn: String,
    pub user_id: String,
    pub principal_org_id: Option<String>,
}

/// What goes into an event and does not stand in the request.
#[derive(Clone, Debug)]
pub struct DoorContext {
    /// The account that owns the function.
    pub account_id: String,
    /// The id of the URL or of the API.
    pub api_id: String,
    /// The host that clients use, without port.
    pub domain_name: String,
    /// `$default` for function URLs.
    pub stage: String,
    pub request_id: String,
    /// Value of `X-Amzn-Trace-Id` for requests that bring none.
    pub trace_id: String,
    pub received_at: Timestamp,
    /// Tell the function `https`, port 443 and a TLS version, as it would hear on AWS, although the client spoke plain HTTP.
    pub presented_as_tls: bool,
    /// Who signed; `None` for an unsigned request.
    pub caller: Option<CallerIdentity>,
    /// What an authorizer of an API gave (`jwt`, `lambda`); the signer's identity is added to it.
    pub authorizer: Option<Value>,
    pub stage_variables: Vec<(String, String)>,
    /// REST APIs only: `image/png`, `*/*`.
    pub binary_media_types: Vec<String>,
}

impl DoorContext {
    /// A context in which only ids and time are known; the rest are the defaults of a function URL.
    #[must_use]
    pub fn new(account_id: &str, api_id: &str, domain_name: &str, request_id: &str, received_at: Timestamp) -> Self {
        Self {
            account_id: account_id.to_owned(),
            api_id: api_id.to_owned(),
            domain_name: domain_name.to_owned(),
            stage: "$default".to_owned(),
            request_id: request_id.to_owned(),
            trace_id: String::new(),
            received_at,
            presented_as_tls: true,
            caller: None,
            authorizer: None,
            stage_variables: Vec::new(),
            binary_media_types: Vec::new(),
        }
    }

    /// The first label of the host.
    #[must_use]
    pub fn domain_prefix(&self) -> &str {
        self.domain_name.split('.').next().unwrap_or_default()
    }

    /// `12/Mar/2026:19:03:58 +0000`.
    #[must_use]
    pub fn request_time(&self) -> String {
        self.received_at.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string()
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn request_time_epoch(&self) -> i64 {
        self.received_at.as_millisecond()
    }

    pub(super) fn forwarded_proto<'a>(&self, request: &'a HttpRequest) -> &'a str {
        if self.presented_as_tls { "https" } else { &request.scheme }
    }

    pub(super) fn forwarded_port(&self, request: &HttpRequest) -> u16 {
        if self.presented_as_tls { 443 } else { request.port() }
    }
}

/// What a response needs beside the result of the function.
#[derive(Clone, Debug)]
pub struct AnswerContext {
    pub request_id: String,
    /// The trace of the invocation; without one there is no `X-Amzn-Trace-Id`.
    pub trace_id: String,
    /// Function URLs only: what stands for the function in `lineage` of its `X-Amzn-Trace-Id`.
    pub lineage: u32,
    /// The client's connection stays open, which the response says.
    pub keeps_connection: bool,
    pub answered_at: Timestamp,
    /// REST APIs only.
    pub binary_media_types: Vec<String>,
    /// `Accept` of the request; REST APIs look at its first media type.
    pub accept: Option<String>,
    /// Load balancers only: the response must use `multiValueHeaders`.
    pub multi_value_headers: bool,
}

impl AnswerContext {
    #[must_use]
    pub fn new(request_id: &str, trace_id: &str, answered_at: Timestamp) -> Self {
        Self {
            request_id: request_id.to_owned(),
            trace_id: trace_id.to_owned(),
            lineage: 0,
            keeps_connection: true,
            answered_at,
            binary_media_types: Vec::new(),
            accept: None,
            multi_value_headers: false,
        }
    }

    /// The context of the answer to a request that came with this context.
    #[must_use]
    pub fn of(request: &HttpRequest, context: &DoorContext, answered_at: Timestamp) -> Self {
        let trace_id = trace_header::of_request(request, context);
        Self {
            lineage: trace_header::lineage_of(&context.api_id),
            keeps_connection: request.keeps_connection(),
            binary_media_types: context.binary_media_types.clone(),
            accept: request.headers.get("accept").map(str::to_owned),
            ..Self::new(&context.request_id, trace_id, answered_at)
        }
    }

    /// `Thu, 12 Mar 2026 19:03:58 GMT`, for the `Date` header.
    #[must_use]
    pub fn http_date(&self) -> String {
        // Fails for years beyond 9999 only.
        jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&self.answered_at).unwrap_or_default()
    }
}
