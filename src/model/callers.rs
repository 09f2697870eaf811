//! Who may come to a function: callers that a person can imagine, and what the function's policy says to each.

use crate::event::FunctionView;
use crate::http_model::admission::{AuthType, UrlAccess, access_request};
use crate::http_model::configuration::{ApiConfiguration, ApiKind, RouteConfiguration};
use crate::http_model::door::{CallerIdentity, moment};
use crate::http_model::gateway;
use crate::http_model::message::HttpRequest;
use crate::http_model::policy::{self, AccessRequest, AddPermission, Decision, Policy, Principal, Statement, decide};
use crate::http_model::routes::{ApiRoute, sample_of};
use crate::service::time::Timestamp;

use super::Model;

/// Somebody who asks for the function.
#[derive(Clone, Copy, Debug)]
pub enum ImaginedCaller<'a> {
    /// At the function's URL, unsigned.
    Anonymous,
    /// At the function's URL, with a key of the workspace.
    Signer(&'a CallerIdentity),
    /// API Gateway, or a load balancer, for a request that this route took.
    Gateway(&'a ApiConfiguration, &'a RouteConfiguration),
}

/// What becomes of a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Welcome {
    /// AuthType AWS_IAM refuses whoever did not sign, before any statement is read.
    NotSigned,
    /// The file has no policy, so the function counts as having this statement, which the console adds with a route.
    ByConsole(Statement),
    Decided(Decision),
}

impl ImaginedCaller<'_> {
    /// As a list of callers names it.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Anonymous => "anonymous".to_owned(),
            Self::Signer(identity) => format!("{} ({})", identity.user_arn, identity.access_key),
            // A target group is one for all the rules that lead to a function.
            Self::Gateway(api, _) if api.kind == ApiKind::LoadBalancer => format!("load balancer {}", api.name),
            Self::Gateway(api, route) => format!("API Gateway for {} of {}", route.route, api.name),
        }
    }
}

/// The door that a person looks at: `None` for the function's URL, else an API and a route of it, if one took the request.
pub type LookedAt<'a> = Option<(&'a str, Option<&'a str>)>;

/// Who comes through a door, by the place among the callers.
#[must_use]
pub fn caller_through(callers: &[ImaginedCaller<'_>], door: LookedAt<'_>) -> usize {
    let is_it = |caller: &ImaginedCaller<'_>| match (caller, door) {
        (ImaginedCaller::Gateway(api, route), Some((name, of))) => {
            *api.name == *name && (api.kind == ApiKind::LoadBalancer || of.is_none_or(|of| of == route.route))
        }
        (ImaginedCaller::Anonymous, None) => true,
        _ => false,
    };
    callers.iter().position(is_it).unwrap_or(0)
}

/// The statement by which the console lets a gateway in when it adds a route.
fn added_with_route(question: &AccessRequest) -> Statement {
    let Principal::Service { name, source_arn, .. } = &question.principal else { return AddPermission::default().statement("") };
    let permission = AddPermission {
        statement_id: "added with the route".to_owned(),
        action: policy::INVOKE_FUNCTION.to_owned(),
        principal: name.clone(),
        source_arn: source_arn.clone(),
        ..AddPermission::default()
    };
    permission.statement(&question.resource)
}

impl Model {
    /// Everybody who can come to this function over HTTP: at its URL, then through each route that leads to it.
    #[must_use]
    pub fn imaginable_callers(&self, view: &FunctionView) -> Vec<ImaginedCaller<'_>> {
        let mut callers = Vec::new();
        if view.access.url.is_some() {
            callers.push(ImaginedCaller::Anonymous);
            callers.extend(self.workspace.signers.identities().into_iter().map(ImaginedCaller::Signer));
        }
        for api in &self.workspace.apis {
            let leading = api.routes.iter().filter(|route| route.function == view.configuration.name);
            let most = if api.kind == ApiKind::LoadBalancer { 1 } else { usize::MAX };
            callers.extend(leading.take(most).map(|route| ImaginedCaller::Gateway(api, route)));
        }
        callers
    }

    /// What the policy of a function says to a request that nobody has made.
    #[must_use]
    pub fn welcome(&self, view: &FunctionView, caller: ImaginedCaller<'_>, now: Timestamp) -> Welcome {
        let now = moment(now);
        let question = match caller {
            ImaginedCaller::Gateway(api, route) => {
                let (method, _) = sample_of(&route.route);
                let question = gateway::access_request(api, &ApiRoute::unasked(api.kind, route), &method, self.place(), now);
                if view.access.statements_are_default {
                    return Welcome::ByConsole(added_with_route(&question));
                }
                question
            }
            ImaginedCaller::Anonymous | ImaginedCaller::Signer(_) => {
                let name = &view.configuration.name;
                let Some(access) = UrlAccess::of(name, &view.access, self.place(), self.workspace.signers.clone()) else {
                    return Welcome::NotSigned;
                };
                let signer = match caller {
                    // AuthType NONE looks at no signature, so everybody is nobody.
                    ImaginedCaller::Signer(identity) if access.auth_type == AuthType::AwsIam => Some(identity),
                    _ if access.auth_type == AuthType::AwsIam => return Welcome::NotSigned,
                    _ => None,
                };
                let request = HttpRequest { source_ip: "127.0.0.1".to_owned(), ..HttpRequest::default() };
                access_request(&request, &access, signer, now)
            }
        };
        Welcome::Decided(decide(&Policy { statements: view.access.statements.clone() }, &question))
    }
}
