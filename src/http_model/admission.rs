//! Who may come in through a function URL: the signature first, then the resource-based policy.

use jiff::Timestamp;

use super::answers::{Failure, answer};
use super::door::{AnswerContext, CallerIdentity, Door};
use super::message::{HttpRequest, HttpResponse};
use super::policy::{AccessRequest, Decision, IdentityPolicy, Policy, Principal, Verdict, actions_of_function_url, decide};
use super::signature::{ExpectedScope, KnownCredential, SignatureError, refusal, verify};

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
    pub policy: Policy,
    /// Both `lambda:InvokeFunctionUrl` and `lambda:InvokeFunction`, as for URLs made since late 2025.
    pub require_both: bool,
    pub identity_policy: IdentityPolicy,
    pub credentials: Vec<KnownCredential>,
}

/// The request may come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// `None` for AuthType NONE, which looks at no signature.
    pub caller: Option<CallerIdentity>,
    pub decision: Decision,
}

/// The request is refused, with what the client gets and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub response: HttpResponse,
    pub reason: RefusedBy,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefusedBy {
    Signature(SignatureError),
    Policy(Decision),
}

/// Lets a request in or not. Path and query must be as the client sent them. Preflights do not come here: browsers send
/// them unsigned (semantics 5.6).
///
/// # Errors
/// The 403 and its reason.
pub fn admit(
    request: &HttpRequest,
    access: &UrlAccess,
    now: Timestamp,
    context: &AnswerContext,
) -> Result<Admitted, Box<Refused>> {
    let caller = match access.auth_type {
        AuthType::None => None,
        AuthType::AwsIam => {
            let scope = ExpectedScope::of(Door::FunctionUrl, &access.region);
            let verified = verify(request, &scope, &access.credentials, now).map_err(|error| {
                let response = refusal(Door::FunctionUrl, &error, context);
                Box::new(Refused { response, reason: RefusedBy::Signature(error) })
            })?;
            Some(verified.identity)
        }
    };
    let decision = decide(&access.policy, &access_request(request, access, caller.as_ref(), now));
    if decision.verdict == Verdict::Allow {
        return Ok(Admitted { caller, decision });
    }
    let response = answer(Door::FunctionUrl, &Failure::Forbidden, context);
    Err(Box::new(Refused { response, reason: RefusedBy::Policy(decision) }))
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
            policy: Policy { statements: if public { public_url_statements(&function_arn) } else { Vec::new() } },
            function_arn,
            require_both: true,
            identity_policy: IdentityPolicy::Allows,
            credentials: Vec::new(),
        }
    }

    #[test]
    fn signature_and_policy_both_have_a_say() {
        let request = request("GET", "/", &[], b"");
        let admit = |access| admit(&request, &access, moment(), &answer_context());
        assert_eq!(admit(access(AuthType::None, true)).map(|admitted| admitted.caller), Ok(None));
        let refused = admit(access(AuthType::None, false)).expect_err("no statement");
        assert!(matches!(refused.reason, RefusedBy::Policy(_)) && refused.response.status == 403);
        let refused = admit(access(AuthType::AwsIam, true)).expect_err("not signed");
        assert_eq!(refused.reason, RefusedBy::Signature(SignatureError::Missing));
        assert!(refused.response.body.starts_with(b"{\"Message\":\"Forbidden."));
    }
}
