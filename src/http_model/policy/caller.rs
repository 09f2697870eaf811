//! Who asks, for what, and what a condition can know about it.

use std::borrow::Cow;

use jiff::Timestamp;

use super::super::door::CallerIdentity;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// Nobody signed the request.
    Anonymous,
    /// A user or a role session.
    Identity { account_id: String, arn: String, org_id: Option<String> },
    /// Another service on behalf of a resource: `s3.amazonaws.com`.
    Service { name: String, source_arn: Option<String>, source_account: Option<String> },
}

impl Principal {
    /// The signer of a request, or nobody.
    #[must_use]
    pub fn of(caller: Option<&CallerIdentity>) -> Self {
        caller.map_or(Self::Anonymous, |caller| Self::Identity {
            account_id: caller.account_id.clone(),
            arn: caller.user_arn.clone(),
            org_id: caller.principal_org_id.clone(),
        })
    }
}

/// What the identity's own policies say; they live in IAM and are not modelled, so it is a switch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdentityPolicy {
    /// As an administrator's: enough within the account, half of what another account needs.
    #[default]
    Allows,
    Silent,
}

/// A question to a policy.
#[derive(Clone, Debug)]
pub struct AccessRequest {
    pub principal: Principal,
    pub identity_policy: IdentityPolicy,
    /// Every one of them must be allowed.
    pub actions: Vec<String>,
    /// ARN of the function, with the alias if it is called by one.
    pub resource: String,
    /// The account that owns the function.
    pub account_id: String,
    /// `NONE` or `AWS_IAM`, for requests to a URL.
    pub function_url_auth_type: Option<String>,
    pub invoked_via_function_url: bool,
    pub source_ip: Option<String>,
    /// The request came over TLS, or the function is told so.
    pub secure_transport: bool,
    pub user_agent: Option<String>,
    pub now: Timestamp,
}

/// Condition keys that a request can have here, in lower case.
pub(super) const KEYS: [&str; 13] = [
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceip",
    "aws:securetransport",
    "aws:useragent",
    "aws:currenttime",
    "aws:epochtime",
    "aws:principalorgid",
    "aws:principalarn",
    "aws:principalaccount",
    "lambda:functionurlauthtype",
    "lambda:invokedviafunctionurl",
    "lambda:functionarn",
];

/// Whether [`AccessRequest::value_of`] knows a condition key; of any other, a request has no value.
#[must_use]
pub fn is_known_key(key: &str) -> bool {
    KEYS.iter().any(|known| known.eq_ignore_ascii_case(key))
}

impl AccessRequest {
    /// The value of a condition key, whose name is compared without case; `None` if the request has none.
    #[must_use]
    pub fn value_of(&self, key: &str) -> Option<Cow<'_, str>> {
        let (source_arn, source_account) = match &self.principal {
            Principal::Service { source_arn, source_account, .. } => (source_arn.as_deref(), source_account.as_deref()),
            Principal::Anonymous | Principal::Identity { .. } => (None, None),
        };
        let value = match key.to_ascii_lowercase().as_str() {
            "aws:sourcearn" => source_arn,
            "aws:sourceaccount" => source_account,
            "aws:sourceip" => self.source_ip.as_deref(),
            "aws:securetransport" => Some(if self.secure_transport { "true" } else { "false" }),
            "aws:useragent" => self.user_agent.as_deref(),
            "aws:currenttime" => return Some(self.now.to_string().into()),
            "aws:epochtime" => return Some(self.now.as_second().to_string().into()),
            "aws:principalorgid" => self.identity().and_then(|(_, _, org_id)| org_id),
            "aws:principalarn" => self.identity().map(|(_, arn, _)| arn),
            "aws:principalaccount" => self.identity().map(|(account_id, ..)| account_id),
            "lambda:functionurlauthtype" => self.function_url_auth_type.as_deref(),
            // Only requests that came through a URL have the key.
            "lambda:invokedviafunctionurl" => self.invoked_via_function_url.then_some("true"),
            "lambda:functionarn" => Some(self.resource.as_str()),
            _ => None,
        };
        value.map(Cow::Borrowed)
    }

    pub(super) fn identity(&self) -> Option<(&str, &str, Option<&str>)> {
        match &self.principal {
            Principal::Identity { account_id, arn, org_id } => Some((account_id, arn, org_id.as_deref())),
            Principal::Anonymous | Principal::Service { .. } => None,
        }
    }
}
