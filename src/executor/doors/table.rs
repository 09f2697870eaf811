//! Which door a request means: made from the workspace whenever it changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::command::RequestDoor;
use crate::executor::lambda_api;
use crate::http_model::admission::UrlAccess;
use crate::http_model::configuration::{ApiConfiguration, ApiKind, FunctionUrlConfiguration, RouteConfiguration};
use crate::http_model::message::HttpRequest;
use crate::http_model::policy::{IdentityPolicy, Policy};
use crate::http_model::routes::{HttpRoutes, RestResources, split_stage};
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

/// An API with its routes ready to be searched; each leads to an index of `configuration.routes`.
#[derive(Clone, Debug)]
pub struct ApiDoor {
    pub configuration: Arc<ApiConfiguration>,
    routes: Routes,
}

#[derive(Clone, Debug)]
enum Routes {
    Rest(RestResources<usize>),
    Http(HttpRoutes<usize>),
}

/// Which door it is, and the path that the function is to see.
pub enum Found {
    Url(UrlDoor, String),
    Api(ApiDoor, String),
    Nowhere,
}

/// A route of an API took the request.
pub struct Route {
    pub configuration: RouteConfiguration,
    /// `GET /items/{id}`; the resource of a REST API.
    pub key: String,
    pub path_parameters: Vec<(String, String)>,
    /// Without the stage.
    pub path: String,
    /// REST APIs only.
    pub resource_id: String,
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
        let urls = workspace.functions.iter().filter_map(|definition| {
            let url = definition.access.url.clone()?;
            let function = definition.configuration.name.clone();
            let access = UrlAccess {
                auth_type: url.auth_type,
                region: workspace.region.clone(),
                account_id: workspace.account_id.clone(),
                function_arn: format!("arn:aws:lambda:{}:{}:function:{function}", workspace.region, workspace.account_id),
                policy: Policy { statements: definition.access.statements.clone() }.into(),
                require_both: true,
                identity_policy: IdentityPolicy::Allows,
                credentials: workspace.credentials.clone(),
            };
            Some((url.url_id.clone(), UrlDoor { function, url: Arc::new(url), access: Arc::new(access) }))
        });
        let apis = workspace.apis.iter().map(|api| (api.api_id.clone(), ApiDoor::of(api)));
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
    /// Routes that cannot be read are reported when the workspace is loaded; here they lead nowhere.
    fn of(configuration: &ApiConfiguration) -> Self {
        let all = configuration.routes.iter().enumerate().map(|(index, route)| (route.route.as_str(), index));
        let mut kept: Vec<(&str, usize)> = Vec::new();
        for route in all {
            kept.push(route);
            let readable = match configuration.kind {
                ApiKind::Rest => RestResources::parse(&configuration.api_id, kept.iter().copied()).is_ok(),
                ApiKind::Http | ApiKind::LoadBalancer => HttpRoutes::parse(kept.iter().copied()).is_ok(),
            };
            if !readable {
                kept.pop();
            }
        }
        let routes = match configuration.kind {
            ApiKind::Rest => RestResources::parse(&configuration.api_id, kept).map(Routes::Rest),
            ApiKind::Http | ApiKind::LoadBalancer => HttpRoutes::parse(kept).map(Routes::Http),
        };
        let none = || Routes::Http(HttpRoutes::parse([]).unwrap_or_else(|_| unreachable!("no route has no fault")));
        Self { configuration: Arc::new(configuration.clone()), routes: routes.unwrap_or_else(|_| none()) }
    }

    /// `/prod`; empty where paths begin with no stage.
    fn stage_in_path(&self) -> String {
        match self.configuration.stage.as_str() {
            "$default" | "" => String::new(),
            stage => format!("/{stage}"),
        }
    }

    /// The route that takes a request; the path begins with the stage, unless that is `$default` or there is none.
    #[must_use]
    pub fn route(&self, method: &str, path: &str) -> Option<Route> {
        let path = match self.configuration.kind {
            ApiKind::LoadBalancer => path,
            ApiKind::Rest | ApiKind::Http => split_stage(path, &[self.configuration.stage.as_str()])?.1,
        };
        let (key, path_parameters, resource_id, index) = match &self.routes {
            Routes::Rest(resources) => {
                let found = resources.find(method, path)?;
                (found.matched.resource, found.matched.path_parameters, found.matched.resource_id, *found.target)
            }
            Routes::Http(routes) => {
                let found = routes.find(method, path)?;
                (found.matched.route_key, found.matched.path_parameters, String::new(), *found.target)
            }
        };
        let configuration = self.configuration.routes.get(index)?.clone();
        Some(Route { configuration, key, path_parameters, path: path.to_owned(), resource_id })
    }
}
