//! Who may come in through a function URL: the signature first, then the resource-based policy.

use std::sync::Arc;

use jiff::Timestamp;

use super::answers::{Failure, answer};
use super::configuration::FunctionAccess;
use super::door::{AnswerContext, CallerIdentity, Door};
use super::gateway::Place;
use super::message::{HttpRequest, HttpResponse};
use super::policy::{AccessRequest, Asked, IdentityPolicy, Policy, Principal, Verdict, actions_of_function_url};
use super::signature::{ExpectedScope, SignatureError, Signers, refusal, verify};

/// `auth_type` of a URL (semantics 5.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AuthType {
    #[default]
    None,
    AwsIam,
}

impl AuthType {
    /// As in settings and condition keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::AwsIam => "AWS_IAM",
        }
    }
}

/// What decides about a URL.
#[derive(Clone, Debug)]
pub struct UrlAccess {
    pub auth_type: AuthType,
    pub region: String,
    /// The account that owns the function.
    pub account_id: String,
    /// With the alias if the URL belongs to one.
    pub function_arn: String,
    pub policy: Arc<Policy>,
    /// Both `lambda:InvokeFunctionUrl` and `lambda:InvokeFunction`, as for URLs made since late 2025.
    pub require_both: bool,
    pub identity_policy: IdentityPolicy,
    pub signers: Signers,
}

impl UrlAccess {
    /// What decides about the URL of a function; `None` for one that has no URL.
    #[must_use]
    pub fn of(function: &str, access: &FunctionAccess, place: Place<'_>, signers: Signers) -> Option<Self> {
        Some(Self {
            auth_type: access.url.as_ref()?.auth_type,
            region: place.region.to_owned(),
            account_id: place.account_id.to_owned(),
            function_arn: place.function_arn(function),
            policy: Policy { statements: access.statements.clone() }.into(),
            require_both: true,
            identity_policy: IdentityPolicy::Allows,
            signers,
        })
    }
}

/// The request may come in.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// `None` for AuthType NONE, which looks at no signature.
    pub caller: Option<CallerIdentity>,
    pub asked: Asked,
}

/// The request is refused.
#[derive(Clone, Debug)]
pub enum RefusedBy {
    Signature(SignatureError),
    Policy(Asked),
}

impl RefusedBy {
    /// The 403.
    #[must_use]
    pub fn response(&self, context: &AnswerContext) -> HttpResponse {
        match self {
            Self::Signature(error) => refusal(Door::FunctionUrl, error, context),
            Self::Policy(_) => answer(Door::FunctionUrl, &Failure::Forbidden, context),
        }
    }
}

/// Lets a request in or not. Path and query must be as the client sent them. Preflights do not come here: browsers send
/// them unsigned (semantics 5.6). A signature is held against `wall`, the clock of its signer, everything else goes by `now`.
///
/// # Errors
/// Who refused it.
pub fn admit(request: &HttpRequest, access: &UrlAccess, now: Timestamp, wall: Timestamp) -> Result<Admitted, RefusedBy> {
    let caller = match access.auth_type {
        AuthType::None => None,
        AuthType::AwsIam => {
            let scope = ExpectedScope::of(Door::FunctionUrl, &access.region);
            Some(verify(request, &scope, &access.signers, wall).map_err(RefusedBy::Signature)?.identity)
        }
    };
    let asked = Asked::new(Arc::clone(&access.policy), access_request(request, access, caller.as_ref(), now));
    if asked.verdict() == Verdict::Allow { Ok(Admitted { caller, asked }) } else { Err(RefusedBy::Policy(asked)) }
}

/// The question that a request to the URL puts to the policy; also for a caller that a person only imagines.
#[must_use]
pub fn access_request(
    request: &HttpRequest,
    access: &UrlAccess,
    caller: Option<&CallerIdentity>,
    now: Timestamp,
) -> AccessRequest {
    AccessRequest {
        principal: Principal::of(caller),
        identity_policy: access.identity_policy,
        actions: actions_of_function_url(access.require_both),
        resource: access.function_arn.clone(),
        account_id: access.account_id.clone(),
        function_url_auth_type: Some(access.auth_type.name().to_owned()),
        invoked_via_function_url: true,
        source_ip: Some(request.source_ip.clone()),
        // Function URLs are reached by https only on AWS.
        secure_transport: true,
        user_agent: request.headers.get("user-agent").map(str::to_owned),
        now,
    }
}

#[cfg(test)]
mod tests {
    use super::super::policy::public_url_statements;
    use super::super::samples::{answer_context, moment, request};
    use super::*;

    fn access(auth_type: AuthType, public: bool) -> UrlAccess {
        let function_arn = "arn:aws:lambda:us-east-1:123456789012:function:confirm".to_owned();
        UrlAccess {
            auth_type,
            region: "us-east-1".into(),
            account_id: "123456789012".into(),
            policy: Policy { statements: if public { public_url_statements(&function_arn) } else { Vec::new() } }.into(),
            function_arn,
            require_both: true,
            identity_policy: IdentityPolicy::Allows,
            signers: Signers::default(),
        }
    }

    #[test]
    fn signature_and_policy_both_have_a_say() {
        let request = request("GET", "/", &[], b"");
        let admit = |access| admit(&request, &access, moment(), moment());
        let admitted = admit(access(AuthType::None, true)).expect("a statement allows it");
        assert_eq!((admitted.caller, admitted.asked.decision().verdict), (None, Verdict::Allow));
        let refused = admit(access(AuthType::None, false)).expect_err("no statement");
        assert!(matches!(refused, RefusedBy::Policy(_)) && refused.response(&answer_context()).status == 403);
        let refused = admit(access(AuthType::AwsIam, true)).expect_err("not signed");
        assert!(matches!(refused, RefusedBy::Signature(SignatureError::Missing)));
        assert!(refused.response(&answer_context()).body.starts_with(b"{\"Message\":\"Forbidden."));
    }
}
