//! Where a page's request goes: the function's URL, or a route of an API that leads to the function.

use std::sync::Arc;

use crate::command::{RequestDoor, SettingOwner};
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
    /// `/prod`; empty where paths begin with no stage.
    pub stage: String,
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

    /// The API as the workspace has it; `None` for a function URL.
    #[must_use]
    pub fn api_of<'m>(&self, model: &'m Model) -> Option<&'m ApiConfiguration> {
        match &self.target {
            Target::Url => None,
            Target::Route { api, .. } => model.api(api),
        }
    }

    /// The door by name.
    #[must_use]
    pub fn request_door(&self, function: &FunctionName) -> RequestDoor {
        match &self.target {
            Target::Url => RequestDoor::Url(function.clone()),
            Target::Route { api, .. } => RequestDoor::Api(api.clone()),
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
            stage: String::new(),
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
    let stage = if matches!(api.stage.as_str(), "$default" | "") { String::new() } else { format!("/{}", api.stage) };
    TargetDoor {
        target: Target::Route { api: api.name.clone(), route: route.to_owned() },
        api: Some(api.kind),
        open: address.is_some(),
        address: address.unwrap_or_else(|| format!("http://{}:{USUAL_PORT}{stage}/", url_id::api_domain(&api.api_id))),
        cors: api.cors.clone(),
        https: https(model, &kind),
        stage,
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
