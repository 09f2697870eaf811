//! A request for an API or a load balancer: its route, and whether the gateway may invoke the function behind it.

use std::sync::Arc;

use super::entrance::{Arrival, Call, Cors, limits_kept, moment, plain_headers, policy_words};
use super::table::{ApiDoor, Route};
use crate::event::ExchangeDoor;
use crate::executor::event_loop::EventLoop;
use crate::http_model::answers::Failure;
use crate::http_model::configuration::{ApiConfiguration, ApiKind};
use crate::http_model::cors;
use crate::http_model::door::Door;
use crate::http_model::event_from_request::{HttpApiMatch, LoadBalancerTarget, RestMatch};
use crate::http_model::policy::{self, AccessRequest, Asked, IdentityPolicy, Policy, Principal, Verdict};
use crate::http_model::translation::Dialect;
use crate::service::limits;
use crate::service::time::Micros;

impl EventLoop {
    pub(super) fn api_request(&mut self, mut arrival: Arrival, api: &ApiDoor, path: &str, too_large: bool) {
        let configuration = Arc::clone(&api.configuration);
        let door = door_of(configuration.kind);
        arrival.context.api_id.clone_from(&configuration.api_id);
        arrival.context.domain_name = crate::http_model::url_id::api_domain(&configuration.api_id);
        arrival.context.stage.clone_from(&configuration.stage);
        arrival.context.stage_variables.clone_from(&configuration.stage_variables);
        arrival.context.binary_media_types.clone_from(&configuration.binary_media_types);
        let headers = plain_headers(&arrival.exchange.request.headers);
        let preflight = configuration
            .cors
            .as_ref()
            .and_then(|settings| cors::http_api_preflight_answer(settings, &arrival.exchange.request.method, &headers));
        if let Some(preflight) = preflight {
            return self.preflight(arrival, door, preflight);
        }
        let cors = || configuration.cors.clone().map_or(Cors::None, Cors::HttpApi);
        if let Err((failure, why)) = limits_kept(&arrival, door, too_large) {
            return self.fail(arrival, door, &failure, why, cors());
        }
        let method = arrival.exchange.request.method.clone();
        let Some(route) = api.route(&method, path) else {
            arrival.exchange.request.path = path.to_owned();
            let why = format!("no route of {} takes {method} {path}", configuration.name);
            return self.fail(arrival, door, &Failure::UnknownRoute, &why, cors());
        };
        arrival.exchange.request.path.clone_from(&route.path);
        arrival.exchange.function = Some(route.configuration.function.clone());
        let (name, kind) = (configuration.name.clone(), configuration.kind);
        arrival.exchange.door = ExchangeDoor::Api { name, kind, route: Some(route.key.clone()) };
        if let Err(why) = self.gateway_may_invoke(&mut arrival, &configuration, &route) {
            return self.fail(arrival, door, &Failure::Forbidden, &why, cors());
        }
        let dialect = dialect(&arrival, &configuration, &route, &self.files.workspace.region);
        let call = Call {
            function: route.configuration.function.clone(),
            dialect,
            cors: cors(),
            streams: false,
            integration_timeout: integration_timeout(configuration.kind, &route),
            multi_value_headers: configuration.multi_value_headers,
        };
        self.call_function(arrival, call);
    }

    /// API Gateway and load balancers need a statement like every other service. A function whose file has no policy counts as
    /// having what the console adds with a route.
    fn gateway_may_invoke(&self, arrival: &mut Arrival, api: &ApiConfiguration, route: &Route) -> Result<(), String> {
        let function = &route.configuration.function;
        let Some(definition) = self.files.definition(function) else { return Ok(()) };
        if definition.access.statements_are_default {
            return Ok(());
        }
        let settings = self.files.settings();
        let (region, account_id) = (&settings.region, settings.account_id.to_string());
        let (service, source_arn) = match api.kind {
            ApiKind::LoadBalancer => ("elasticloadbalancing", target_group_arn(region, &account_id, function, api)),
            ApiKind::Rest | ApiKind::Http => {
                let called = called(api.kind, &route.key, &arrival.exchange.request.method);
                ("apigateway", format!("arn:aws:execute-api:{region}:{account_id}:{}/{}/{called}", api.api_id, api.stage))
            }
        };
        let question = AccessRequest {
            principal: Principal::Service {
                name: format!("{service}.amazonaws.com"),
                source_arn: Some(source_arn),
                source_account: Some(account_id.clone()),
            },
            identity_policy: IdentityPolicy::Silent,
            actions: vec![policy::INVOKE_FUNCTION.to_owned()],
            resource: format!("arn:aws:lambda:{region}:{account_id}:function:{function}"),
            account_id,
            function_url_auth_type: None,
            invoked_via_function_url: false,
            source_ip: None,
            secure_transport: true,
            user_agent: None,
            now: moment(self.clock.now()),
        };
        let policy = Policy { statements: definition.access.statements.clone() };
        let asked = Asked::new(policy.into(), question);
        let verdict = if asked.verdict() == Verdict::Allow { Ok(()) } else { Err(policy_words(asked.decision())) };
        arrival.exchange.access = Some(asked);
        verdict
    }
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

fn door_of(kind: ApiKind) -> Door {
    match kind {
        ApiKind::Rest => Door::RestApi,
        ApiKind::Http => Door::HttpApi,
        ApiKind::LoadBalancer => Door::LoadBalancer,
    }
}

fn integration_timeout(kind: ApiKind, route: &Route) -> Option<Micros> {
    match kind {
        ApiKind::Rest => Some(route.configuration.timeout.unwrap_or(limits::REST_INTEGRATION)),
        ApiKind::Http => Some(route.configuration.timeout.unwrap_or(limits::HTTP_INTEGRATION)),
        ApiKind::LoadBalancer => None,
    }
}

fn dialect(arrival: &Arrival, api: &ApiConfiguration, route: &Route, region: &str) -> Dialect {
    let path_parameters = route.path_parameters.clone();
    match api.kind {
        ApiKind::Rest => {
            Dialect::RestApi(RestMatch { resource: route.key.clone(), resource_id: route.resource_id.clone(), path_parameters })
        }
        ApiKind::Http => {
            let matched = HttpApiMatch { route_key: route.key.clone(), path_parameters };
            Dialect::HttpApi(matched, route.configuration.payload_format)
        }
        ApiKind::LoadBalancer => {
            let target_group_arn = target_group_arn(region, &arrival.context.account_id, &route.configuration.function, api);
            Dialect::LoadBalancer(LoadBalancerTarget { target_group_arn, multi_value_headers: api.multi_value_headers })
        }
    }
}

/// The target group that a load balancer has for a function.
fn target_group_arn(region: &str, account_id: &str, function: &str, api: &ApiConfiguration) -> String {
    format!("arn:aws:elasticloadbalancing:{region}:{account_id}:targetgroup/{function}/{}", api.api_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_called_by_method_and_path() {
        for (kind, key, expected) in [
            (ApiKind::Rest, "/items/{id}", "GET/items/{id}"),
            (ApiKind::Http, "GET /items", "GET/items"),
            (ApiKind::Http, "ANY /items", "ANY/items"),
            (ApiKind::Http, "$default", "$default"),
        ] {
            assert_eq!(called(kind, key, "GET"), expected);
        }
    }
}
