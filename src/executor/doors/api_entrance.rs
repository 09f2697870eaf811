//! A request for an API or a load balancer: its route, and whether the gateway may invoke the function behind it.

use std::sync::Arc;

use super::entrance::{Arrival, Call, Cors, TOO_LARGE, plain_headers};
use super::table::ApiDoor;
use crate::event::ExchangeDoor;
use crate::executor::event_loop::EventLoop;
use crate::http_model::answers::Failure;
use crate::http_model::configuration::{ApiConfiguration, ApiKind};
use crate::http_model::cors;
use crate::http_model::door::moment;
use crate::http_model::entry::{self, Refusal, Routed};
use crate::http_model::event_from_request::{HttpApiMatch, LoadBalancerTarget, RestMatch};
use crate::http_model::gateway::{Place, target_group_arn};
use crate::http_model::message::HttpRequest;
use crate::http_model::routes::ApiRoute;
use crate::http_model::translation::Dialect;
use crate::service::limits;
use crate::service::time::Micros;

impl EventLoop {
    pub(super) fn api_request(&mut self, mut arrival: Arrival, api: &ApiDoor, path: &str, too_large: bool) {
        let configuration = Arc::clone(&api.configuration);
        let door = configuration.kind.door();
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
        if too_large {
            return self.fail(arrival, door, &Failure::RequestTooLarge, TOO_LARGE, cors());
        }
        path.clone_into(&mut arrival.exchange.request.path);
        let Routed { route, asked } = match self.routed(&arrival.exchange.request, api) {
            Ok(routed) => routed,
            Err(refusal) => {
                if let Refusal::Gateway { route, asked } = &refusal {
                    arrival.leads_to(&configuration, route);
                    arrival.exchange.access = Some(asked.clone());
                }
                return self.refused(arrival, door, &refusal, cors());
            }
        };
        arrival.leads_to(&configuration, &route);
        arrival.exchange.access = asked;
        let dialect = dialect(&configuration, &route, self.files.place());
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

    fn routed(&self, request: &HttpRequest, api: &ApiDoor) -> Result<Routed, Refusal> {
        let access_of = |function: &str| self.files.definition(function).map(|definition| &definition.access);
        entry::at_api(request, (&api.configuration, &api.routes), access_of, self.files.place(), moment(self.clock.now()))
    }
}

impl Arrival {
    fn leads_to(&mut self, api: &ApiConfiguration, route: &ApiRoute) {
        let exchange = &mut self.exchange;
        exchange.request.path.clone_from(&route.path);
        exchange.function = Some(route.configuration.function.clone());
        exchange.door = ExchangeDoor::Api { name: api.name.clone(), kind: api.kind, route: Some(route.key.clone()) };
    }
}

fn integration_timeout(kind: ApiKind, route: &ApiRoute) -> Option<Micros> {
    match kind {
        ApiKind::Rest => Some(route.configuration.timeout.unwrap_or(limits::REST_INTEGRATION)),
        ApiKind::Http => Some(route.configuration.timeout.unwrap_or(limits::HTTP_INTEGRATION)),
        ApiKind::LoadBalancer => None,
    }
}

fn dialect(api: &ApiConfiguration, route: &ApiRoute, place: Place<'_>) -> Dialect {
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
            let target_group_arn = target_group_arn(api, &route.configuration.function, place);
            Dialect::LoadBalancer(LoadBalancerTarget { target_group_arn, multi_value_headers: api.multi_value_headers })
        }
    }
}
