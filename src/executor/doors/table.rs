//! Which door a request means: made from the workspace whenever it changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::command::RequestDoor;
use crate::executor::lambda_api;
use crate::http_model::admission::UrlAccess;
use crate::http_model::configuration::{ApiConfiguration, ApiKind, FunctionUrlConfiguration};
use crate::http_model::gateway::Place;
use crate::http_model::message::HttpRequest;
use crate::http_model::routes::ApiRoutes;
use crate::http_model::url_id::{self, Addressee};
use crate::service::ids::FunctionName;
use crate::workspace::definition::Workspace;

/// A function URL.
#[derive(Clone, Debug)]
pub struct UrlDoor {
    pub function: FunctionName,
    pub url: Arc<FunctionUrlConfiguration>,
    pub access: Arc<UrlAccess>,
}

/// An API with its routes ready to be searched.
#[derive(Clone, Debug)]
pub struct ApiDoor {
    pub configuration: Arc<ApiConfiguration>,
    pub routes: Arc<ApiRoutes>,
}

/// Which door it is, and the path that the function is to see.
pub enum Found {
    Url(UrlDoor, String),
    Api(ApiDoor, String),
    Nowhere,
}

/// Every door of a workspace.
#[derive(Clone, Debug, Default)]
pub struct DoorTable {
    urls: BTreeMap<String, UrlDoor>,
    apis: BTreeMap<String, ApiDoor>,
}

impl DoorTable {
    #[must_use]
    pub fn of(workspace: &Workspace) -> Self {
        let place = Place { region: &workspace.region, account_id: &workspace.account_id };
        let urls = workspace.functions.iter().filter_map(|definition| {
            let url = definition.access.url.clone()?;
            let function = definition.configuration.name.clone();
            let access = UrlAccess::of(&function, &definition.access, place, workspace.signers.clone())?;
            Some((url.url_id.clone(), UrlDoor { function, url: Arc::new(url), access: Arc::new(access) }))
        });
        let apis = workspace.apis.iter().map(|api| {
            (api.api_id.clone(), ApiDoor { configuration: Arc::new(api.clone()), routes: Arc::new(ApiRoutes::of(api)) })
        });
        Self { urls: urls.collect(), apis: apis.collect() }
    }

    /// The door that host and path name.
    #[must_use]
    pub fn find(&self, request: &HttpRequest) -> Found {
        // A foreign name that resolves to this machine would make its pages the same origin as a function (DNS rebinding).
        if !lambda_api::is_loopback(&request.authority) {
            return Found::Nowhere;
        }
        match url_id::resolve(&request.authority, &request.path) {
            Addressee::FunctionUrl { url_id, path } => match self.urls.get(&url_id) {
                Some(door) => Found::Url(door.clone(), path),
                None => Found::Nowhere,
            },
            Addressee::Api { api_id, path } => match self.apis.get(&api_id) {
                Some(door) => Found::Api(door.clone(), path),
                None => Found::Nowhere,
            },
            Addressee::Unknown => Found::Nowhere,
        }
    }

    /// Authority of a door, and the stage in front of its paths.
    #[must_use]
    pub fn place_of(&self, door: &RequestDoor) -> Option<(String, String)> {
        match door {
            RequestDoor::Url(function) => {
                let (id, _) = self.urls.iter().find(|(_, url)| url.function == *function)?;
                Some((url_id::url_domain(id), String::new()))
            }
            RequestDoor::Api(name) => {
                let (id, api) = self.apis.iter().find(|(_, api)| api.configuration.name == *name)?;
                Some((url_id::api_domain(id), api.stage_in_path()))
            }
        }
    }

    /// `url confirm` and its address, `api shop` and its address, for each door.
    #[must_use]
    pub fn addresses(&self, scheme: &str, port: u16) -> Vec<(Arc<str>, Arc<str>)> {
        let urls = self.urls.iter().map(|(id, door)| {
            (format!("url {}", door.function).into(), format!("{scheme}://{}:{port}/", url_id::url_domain(id)).into())
        });
        let apis = self.apis.iter().map(|(id, door)| {
            let stage = door.stage_in_path();
            let kind = if door.configuration.kind == ApiKind::LoadBalancer { "load balancer" } else { "api" };
            let address = format!("{scheme}://{}:{port}{stage}/", url_id::api_domain(id));
            (format!("{kind} {}", door.configuration.name).into(), address.into())
        });
        urls.chain(apis).collect()
    }
}

impl ApiDoor {
    /// `/prod`; empty where paths begin with no stage.
    fn stage_in_path(&self) -> String {
        match self.configuration.stage.as_str() {
            "$default" | "" => String::new(),
            stage => format!("/{stage}"),
        }
    }
}
