//! What a door does with a request before any function runs: its limits come first, then signature or route, then the policy.
//! The same rules let a request in and say beforehand that it will be refused.

use std::sync::Arc;

use jiff::Timestamp;

use super::admission::{Admitted, RefusedBy, UrlAccess, admit};
use super::answers::{Failure, answer};
use super::configuration::{ApiConfiguration, FunctionAccess};
use super::door::{AnswerContext, Door};
use super::door_limits;
use super::gateway::{self, Place};
use super::message::{HttpRequest, HttpResponse};
use super::policy::{Asked, Policy, Verdict};
use super::routes::{ApiRoute, ApiRoutes};
use super::signature::SignatureError;

/// Why a door answers by itself.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// The request is larger than the door takes; the sentence says what of it.
    Limit(Failure, &'static str),
    Url(RefusedBy),
    NoRoute {
        api: Arc<str>,
        method: String,
        /// As the gateway has it: with the stage, where there is one.
        path: String,
    },
    /// The policy of the function behind the route lets no gateway in.
    Gateway {
        route: Box<ApiRoute>,
        asked: Asked,
    },
    /// No invocation of the function may run.
    Throttled,
}

/// What in a workspace decides a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decider {
    /// `auth_type` of the URL.
    AuthType,
    /// `credentials_file` of the workspace.
    Credentials,
    /// `policy` of the function.
    Policy,
    /// `routes` of the API.
    Routes,
    /// `reserved_concurrent_executions` of the function.
    ReservedConcurrency,
}

/// A request may come in through a route; the policy was asked unless it is the one that the console makes.
#[derive(Clone, Debug)]
pub struct Routed {
    pub route: ApiRoute,
    pub asked: Option<Asked>,
}

/// Lets a request in at a function URL, or not. Preflights that a configuration answers do not come here. Path and query must be
/// as the client sent them; a signature is held against `wall`, the clock of its signer, everything else goes by `now`.
///
/// # Errors
/// Why it is refused.
pub fn at_url(request: &HttpRequest, access: &UrlAccess, now: Timestamp, wall: Timestamp) -> Result<Admitted, Refusal> {
    within_limits(Door::FunctionUrl, request)?;
    admit(request, access, now, wall).map_err(Refusal::Url)
}

/// Lets a request in at an API or a load balancer, or not. Its path begins with the stage, where there is one. `access_of` knows
/// what decides about a function; of one that is not there nothing is asked.
///
/// # Errors
/// Why it is refused.
pub fn at_api<'a>(
    request: &HttpRequest,
    (api, routes): (&ApiConfiguration, &ApiRoutes),
    access_of: impl FnOnce(&str) -> Option<&'a FunctionAccess>,
    place: Place<'_>,
    now: Timestamp,
) -> Result<Routed, Refusal> {
    within_limits(api.kind.door(), request)?;
    let Some(route) = routes.find(api, &request.method, &request.path) else {
        let (method, path) = (request.method.clone(), request.path.clone());
        return Err(Refusal::NoRoute { api: Arc::clone(&api.name), method, path });
    };
    // A function whose file has no policy counts as having what the console adds with a route.
    let access = access_of(&route.configuration.function).filter(|access| !access.statements_are_default);
    let Some(access) = access else { return Ok(Routed { route, asked: None }) };
    let question = gateway::access_request(api, &route, &request.method, place, now);
    let asked = Asked::new(Policy { statements: access.statements.clone() }.into(), question);
    match asked.verdict() {
        Verdict::Allow => Ok(Routed { route, asked: Some(asked) }),
        Verdict::ExplicitDeny | Verdict::ImplicitDeny => Err(Refusal::Gateway { route: Box::new(route), asked }),
    }
}

/// What a function's reserved concurrency makes certain beforehand: with none of it every invocation is throttled.
///
/// # Errors
/// There is none.
pub fn reserved(concurrency: Option<u32>) -> Result<(), Refusal> {
    if concurrency == Some(0) { Err(Refusal::Throttled) } else { Ok(()) }
}

fn within_limits(door: Door, request: &HttpRequest) -> Result<(), Refusal> {
    door_limits::check(door, request).map_err(|failure| {
        let why = match failure {
            Failure::RequestTooLarge => "the body is larger than this door takes",
            _ => "request line and headers are larger than this door takes",
        };
        Refusal::Limit(failure, why)
    })
}

impl Refusal {
    /// The answer, without what a CORS configuration adds to it.
    #[must_use]
    pub fn response(&self, door: Door, context: &AnswerContext) -> HttpResponse {
        match self {
            Self::Limit(failure, _) => answer(door, failure, context),
            Self::Url(refused) => refused.response(context),
            Self::NoRoute { .. } => answer(door, &Failure::UnknownRoute, context),
            Self::Gateway { .. } => answer(door, &Failure::Forbidden, context),
            Self::Throttled => {
                let reason = "ReservedFunctionConcurrentInvocationLimitExceeded".to_owned();
                answer(door, &Failure::Throttled { reason }, context)
            }
        }
    }

    /// The reason, as a sentence without its full stop.
    #[must_use]
    pub fn why(&self) -> String {
        let words = match self {
            Self::Limit(_, why) => (*why).to_owned(),
            Self::Url(RefusedBy::Signature(SignatureError::Missing)) => {
                "auth_type is AWS_IAM and the request is not signed".to_owned()
            }
            Self::Url(RefusedBy::Signature(error)) => error.with_hints(),
            Self::Url(RefusedBy::Policy(asked)) | Self::Gateway { asked, .. } => asked.decision().to_string(),
            Self::NoRoute { api, method, path } => format!("no route of {api} takes {method} {path}"),
            Self::Throttled => "reserved_concurrent_executions is 0".to_owned(),
        };
        words.trim_end_matches('.').to_owned()
    }

    /// What has to change so that the request comes in; `None` when only the request itself can.
    #[must_use]
    pub fn decided_by(&self) -> Option<Decider> {
        match self {
            Self::Limit(..) => None,
            Self::Url(RefusedBy::Signature(SignatureError::Missing)) => Some(Decider::AuthType),
            Self::Url(RefusedBy::Signature(SignatureError::UnknownKey)) => Some(Decider::Credentials),
            Self::Url(RefusedBy::Signature(_)) => None,
            Self::Url(RefusedBy::Policy(_)) | Self::Gateway { .. } => Some(Decider::Policy),
            Self::NoRoute { .. } => Some(Decider::Routes),
            Self::Throttled => Some(Decider::ReservedConcurrency),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::configuration::{ApiKind, AuthType, FunctionUrlConfiguration};
    use super::super::policy::public_url_statements;
    use super::super::samples::{answer_context, api, moment, request};
    use super::super::signature::Signers;
    use super::*;

    const PLACE: Place<'_> = Place { region: "us-east-1", account_id: "123456789012" };

    fn api_refuses(kind: ApiKind, target: &str, access: &FunctionAccess) -> Option<(u16, String, Option<Decider>)> {
        let api = api(kind, &["GET /items/{id}"]);
        let found = at_api(&request("GET", target, &[], b""), (&api, &ApiRoutes::of(&api)), |_| Some(access), PLACE, moment());
        let refusal = found.err()?;
        Some((refusal.response(kind.door(), &answer_context()).status, refusal.why(), refusal.decided_by()))
    }

    #[test]
    fn an_api_asks_its_routes_and_then_the_policy() {
        let default = FunctionAccess { statements_are_default: true, ..FunctionAccess::default() };
        let closed = FunctionAccess::default();
        let no_route = |path: &str| format!("no route of shop takes GET {path}");
        let denied = || "no statement of the policy allows lambda:InvokeFunction".to_owned();
        for (kind, path, access, expected) in [
            (ApiKind::Http, "/items/1", &default, None),
            (ApiKind::Http, "/other", &default, Some((404, no_route("/other"), Some(Decider::Routes)))),
            (ApiKind::Http, "/items/1", &closed, Some((500, denied(), Some(Decider::Policy)))),
            (ApiKind::Rest, "/prod/items/1", &default, None),
            (ApiKind::Rest, "/items/1", &default, Some((403, no_route("/items/1"), Some(Decider::Routes)))),
            (ApiKind::LoadBalancer, "/other", &default, Some((404, no_route("/other"), Some(Decider::Routes)))),
            (ApiKind::LoadBalancer, "/items/1", &closed, Some((502, denied(), Some(Decider::Policy)))),
        ] {
            assert_eq!(api_refuses(kind, path, access), expected, "{kind:?} {path}");
        }
    }

    #[test]
    fn a_url_says_what_decides() {
        let arn = PLACE.function_arn("confirm");
        let signed = [
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIA/20260312/us-east-1/lambda/aws4_request, SignedHeaders=host;x-amz-date, Signature=00",
            ),
            ("x-amz-date", "20260312T190358Z"),
        ];
        let large = "a".repeat(1 << 20);
        let too_large = [("x", large.as_str())];
        for (auth_type, public, headers, expected) in [
            (AuthType::None, true, &[][..], None),
            (
                AuthType::None,
                false,
                &[],
                Some((403, "no statement of the policy allows lambda:InvokeFunctionUrl", Some(Decider::Policy))),
            ),
            (
                AuthType::AwsIam,
                true,
                &[],
                Some((403, "auth_type is AWS_IAM and the request is not signed", Some(Decider::AuthType))),
            ),
            (
                AuthType::AwsIam,
                true,
                &signed,
                Some((403, "The security token included in the request is invalid", Some(Decider::Credentials))),
            ),
            (AuthType::None, true, &too_large, Some((431, "request line and headers are larger than this door takes", None))),
        ] {
            let statements = if public { public_url_statements(&arn) } else { Vec::new() };
            let url = Some(FunctionUrlConfiguration { auth_type, ..FunctionUrlConfiguration::default() });
            let access = FunctionAccess { url, statements, statements_are_default: false };
            let access = UrlAccess::of("confirm", &access, PLACE, Signers::default()).expect("a URL");
            let refusal = at_url(&request("GET", "/", headers, b""), &access, moment(), moment()).err();
            let refused = refusal.map(|refusal| {
                (refusal.response(Door::FunctionUrl, &answer_context()).status, refusal.why(), refusal.decided_by())
            });
            assert_eq!(refused, expected.map(|(status, why, by)| (status, why.to_owned(), by)), "{auth_type:?} {public}");
        }
    }

    #[test]
    fn a_function_without_concurrency_is_throttled() {
        let refusal = reserved(Some(0)).expect_err("none is reserved");
        let status = |door| refusal.response(door, &answer_context()).status;
        assert_eq!([Door::FunctionUrl, Door::RestApi, Door::HttpApi, Door::LoadBalancer].map(status), [429, 500, 500, 502]);
        assert!(reserved(None).is_ok() && reserved(Some(1)).is_ok());
    }
}
