//! Where a page's request goes: the function's URL, or a route of an API that leads to the function.

use std::sync::Arc;

use crate::command::SettingOwner;
use crate::event::{Door, Exchange, ExchangeDoor, FunctionView};
use crate::http_model::configuration::{ApiConfiguration, ApiKind};
use crate::http_model::cors::{CorsConfiguration, Setting};
use crate::http_model::url_id;
use crate::model::Model;
use crate::model::selection::InvocationModel;
use crate::service::ids::FunctionName;

/// Where doors are when nothing else is written; shown while none is open.
const USUAL_PORT: u16 = 9_002;

/// What a person chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Url,
    Route { api: Arc<str>, route: String },
}

/// The door behind a target, as the workspace describes it.
#[derive(Clone, Debug)]
pub struct TargetDoor {
    pub target: Target,
    /// `None` for a function URL.
    pub api: Option<ApiKind>,
    /// With a slash at its end.
    pub address: String,
    /// Whether a listener told that address.
    pub open: bool,
    /// The same door over HTTPS, where that is open too.
    pub https: Option<Door>,
    /// Only what answers CORS by itself has one.
    pub cors: Option<CorsConfiguration>,
    /// A stage that is named as one for the public.
    pub is_production: bool,
}

impl TargetDoor {
    /// `the URL`, `HTTP API shop`.
    #[must_use]
    pub fn words(&self) -> String {
        match (&self.target, self.api) {
            (Target::Route { api, .. }, Some(kind)) => format!("{} {api}", kind_words(kind)),
            (Target::Url | Target::Route { .. }, _) => "the function URL".into(),
        }
    }

    #[must_use]
    pub fn model(&self) -> InvocationModel {
        if self.api.is_some() { InvocationModel::Api } else { InvocationModel::Url }
    }

    /// What owns the door's CORS configuration in the file; `None` for a door that has none.
    #[must_use]
    pub fn cors_owner(&self, function: &FunctionName) -> Option<SettingOwner> {
        match (&self.target, self.api) {
            (Target::Url, _) => Some(SettingOwner::Function(function.clone())),
            (Target::Route { api, .. }, Some(ApiKind::Http)) => Some(SettingOwner::Api(api.clone())),
            (Target::Route { .. }, _) => None,
        }
    }

    /// Whether a request came to this door; requests that no route took count for their API.
    #[must_use]
    pub fn is_door_of(&self, exchange: &Exchange, function: &str) -> bool {
        match (&self.target, &exchange.door) {
            (Target::Url, ExchangeDoor::FunctionUrl(name)) => &**name == function,
            (Target::Route { api, .. }, ExchangeDoor::Api { name, .. }) => name == api,
            _ => false,
        }
    }
}

/// The key of a CORS setting in the table of its owner.
#[must_use]
pub fn cors_key(owner: &SettingOwner, setting: Setting) -> String {
    let section = if matches!(owner, SettingOwner::Api(_)) { "cors" } else { "url.cors" };
    format!("{section}.{}", setting.key())
}

/// `HTTP API`, as AWS calls it.
#[must_use]
pub fn kind_words(kind: ApiKind) -> &'static str {
    match kind {
        ApiKind::Http => "HTTP API",
        ApiKind::Rest => "REST API",
        ApiKind::LoadBalancer => "load balancer",
    }
}

/// Every way over HTTP to a function, its URL first.
#[must_use]
pub fn targets(model: &Model, view: &FunctionView) -> Vec<TargetDoor> {
    let name = &view.configuration.name;
    let url = view.access.url.as_ref().map(|url| {
        let kind = format!("url {name}");
        let address = address(model, &kind);
        TargetDoor {
            https: https(model, &kind),
            target: Target::Url,
            api: None,
            open: address.is_some(),
            address: address.unwrap_or_else(|| url_id::url_address(&url.url_id, USUAL_PORT)),
            cors: url.cors.clone(),
            is_production: false,
        }
    });
    let routes = model.workspace.apis.iter().flat_map(|api| {
        let led = api.routes.iter().filter(|route| route.function == *name);
        led.map(|route| route_door(model, api, &route.route))
    });
    url.into_iter().chain(routes).collect()
}

fn route_door(model: &Model, api: &ApiConfiguration, route: &str) -> TargetDoor {
    let kind = if api.kind == ApiKind::LoadBalancer { "load balancer" } else { "api" };
    let kind = format!("{kind} {}", api.name);
    let address = address(model, &kind);
    let stage = if matches!(api.stage.as_str(), "$default" | "") { String::new() } else { format!("{}/", api.stage) };
    TargetDoor {
        target: Target::Route { api: api.name.clone(), route: route.to_owned() },
        api: Some(api.kind),
        open: address.is_some(),
        address: address.unwrap_or_else(|| format!("http://{}:{USUAL_PORT}/{stage}", url_id::api_domain(&api.api_id))),
        cors: api.cors.clone(),
        https: https(model, &kind),
        is_production: ["prod", "production", "live"].contains(&api.stage.as_str()),
    }
}

/// Requests for real go over plain http, so such a door wins.
fn address(model: &Model, kind: &str) -> Option<String> {
    let mut doors: Vec<_> = model.doors.iter().filter(|door| &*door.kind == kind).collect();
    doors.sort_by_key(|door| door.is_https());
    doors.first().map(|door| door.address.to_string())
}

fn https(model: &Model, kind: &str) -> Option<Door> {
    model.doors.iter().find(|door| &*door.kind == kind && door.is_https()).cloned()
}

/// Method and path that a route takes; a parameter becomes `1`.
#[must_use]
pub fn sample_of(route: &str) -> (String, String) {
    let Some((method, path)) = route.split_once(' ') else { return ("GET".into(), "/".into()) };
    let part = |part: &str| if part.starts_with('{') { "1".to_owned() } else { part.to_owned() };
    let path: Vec<_> = path.split('/').map(part).collect();
    (if method == "ANY" { "GET".into() } else { method.to_owned() }, path.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_give_a_request_to_begin_with() {
        let sample = |route| {
            let (method, path) = sample_of(route);
            format!("{method} {path}")
        };
        assert_eq!(sample("GET /orders/{id}/track"), "GET /orders/1/track");
        assert_eq!(sample("ANY /{proxy+}"), "GET /1");
        assert_eq!(sample("$default"), "GET /");
    }
}
