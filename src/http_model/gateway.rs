//! What API Gateway and load balancers ask a function's resource-based policy before they invoke it: they are services like
//! every other one, and name the route that they act for (semantics 6.4).

use jiff::Timestamp;

use super::configuration::{ApiConfiguration, ApiKind};
use super::policy::{self, AccessRequest, IdentityPolicy, Principal};
use super::routes::ApiRoute;

/// Region and account of everything in a workspace.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub region: &'a str,
    pub account_id: &'a str,
}

impl Place<'_> {
    #[must_use]
    pub fn function_arn(&self, function: &str) -> String {
        format!("arn:aws:lambda:{}:{}:function:{function}", self.region, self.account_id)
    }
}

/// The question that a request of this method on a route puts to the policy of the function behind it; also for a request that
/// a person only imagines.
#[must_use]
pub fn access_request(api: &ApiConfiguration, route: &ApiRoute, method: &str, place: Place<'_>, now: Timestamp) -> AccessRequest {
    let Place { region, account_id } = place;
    let function = &route.configuration.function;
    let (service, source_arn) = match api.kind {
        ApiKind::LoadBalancer => ("elasticloadbalancing", target_group_arn(api, function, place)),
        ApiKind::Rest | ApiKind::Http => {
            let called = called(api.kind, &route.key, method);
            ("apigateway", format!("arn:aws:execute-api:{region}:{account_id}:{}/{}/{called}", api.api_id, api.stage))
        }
    };
    AccessRequest {
        principal: Principal::Service {
            name: format!("{service}.amazonaws.com"),
            source_arn: Some(source_arn),
            source_account: Some(account_id.to_owned()),
        },
        identity_policy: IdentityPolicy::Silent,
        actions: vec![policy::INVOKE_FUNCTION.to_owned()],
        resource: place.function_arn(function),
        account_id: account_id.to_owned(),
        function_url_auth_type: None,
        invoked_via_function_url: false,
        source_ip: None,
        secure_transport: true,
        user_agent: None,
        now,
    }
}

/// The target group that a load balancer has for a function.
#[must_use]
pub fn target_group_arn(api: &ApiConfiguration, function: &str, place: Place<'_>) -> String {
    let Place { region, account_id } = place;
    format!("arn:aws:elasticloadbalancing:{region}:{account_id}:targetgroup/{function}/{}", api.api_id)
}

/// What of an API is called, as the last part of its ARN has it: `GET/items/{id}`, or `$default`. The key of a REST API is its
/// resource alone.
fn called(kind: ApiKind, key: &str, method: &str) -> String {
    match (kind, key.split_once(' ')) {
        (ApiKind::Rest, _) => format!("{method}{key}"),
        (_, Some((method, path))) => format!("{method}{path}"),
        (_, None) => key.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::routes::ApiRoutes;
    use super::super::samples::{api, moment};
    use super::*;

    #[test]
    fn a_gateway_names_itself_and_the_route_that_it_acts_for() {
        let place = Place { region: "us-east-1", account_id: "123456789012" };
        let gateway = "arn:aws:execute-api:us-east-1:123456789012:abcdefghij";
        let group = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/confirm/abcdefghij";
        for (kind, route, method, path, service, arn) in [
            (ApiKind::Rest, "GET /items/{id}", "GET", "/prod/items/1", "apigateway", format!("{gateway}/prod/GET/items/{{id}}")),
            (ApiKind::Rest, "ANY /items", "PUT", "/prod/items", "apigateway", format!("{gateway}/prod/PUT/items")),
            (ApiKind::Http, "GET /items", "GET", "/items", "apigateway", format!("{gateway}/$default/GET/items")),
            (ApiKind::Http, "ANY /items", "GET", "/items", "apigateway", format!("{gateway}/$default/ANY/items")),
            (ApiKind::Http, "$default", "GET", "/", "apigateway", format!("{gateway}/$default/$default")),
            (ApiKind::LoadBalancer, "$default", "GET", "/", "elasticloadbalancing", group.to_owned()),
        ] {
            let api = api(kind, &[route]);
            let found = ApiRoutes::of(&api).find(&api, method, path).expect(route);
            let question = access_request(&api, &found, method, place, moment());
            let expected = Principal::Service {
                name: format!("{service}.amazonaws.com"),
                source_arn: Some(arn),
                source_account: Some("123456789012".into()),
            };
            assert_eq!((question.principal, question.actions), (expected, vec!["lambda:InvokeFunction".to_owned()]), "{route}");
        }
    }
}
