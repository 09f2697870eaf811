//! The routes of an API of any kind, its stage included.

use super::super::configuration::{ApiConfiguration, ApiKind, RouteConfiguration};
use super::http_routes::HttpRoutes;
use super::rest_resources::RestResources;
use super::stage::split_stage;

/// The routes of an API ready to be searched; each leads to an index of `ApiConfiguration::routes`.
#[derive(Clone, Debug)]
pub struct ApiRoutes {
    /// `None`: load balancers have no stages.
    stage: Option<String>,
    table: Table,
}

#[derive(Clone, Debug)]
enum Table {
    Rest(RestResources<usize>),
    Http(HttpRoutes<usize>),
}

/// A route of an API took the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiRoute {
    pub configuration: RouteConfiguration,
    /// `GET /items/{id}`; the resource of a REST API.
    pub key: String,
    pub path_parameters: Vec<(String, String)>,
    /// Without the stage.
    pub path: String,
    /// REST APIs only.
    pub resource_id: String,
}

impl ApiRoute {
    /// A route that no request was matched with, so that it has no parameters.
    #[must_use]
    pub fn unasked(kind: ApiKind, route: &RouteConfiguration) -> Self {
        let path = route.route.split_once(' ').map_or(route.route.as_str(), |(_, path)| path);
        Self {
            configuration: route.clone(),
            key: if kind == ApiKind::Rest { path.to_owned() } else { route.route.clone() },
            path_parameters: Vec::new(),
            path: path.to_owned(),
            resource_id: String::new(),
        }
    }
}

impl ApiRoutes {
    /// Routes that cannot be read are reported when the workspace is loaded; here they lead nowhere.
    #[must_use]
    pub fn of(api: &ApiConfiguration) -> Self {
        let routes = api.routes.iter().enumerate();
        let table = match api.kind {
            ApiKind::Rest => {
                let mut resources = RestResources::default();
                routes.for_each(|(index, route)| drop(resources.insert(&api.api_id, &route.route, index)));
                Table::Rest(resources)
            }
            ApiKind::Http | ApiKind::LoadBalancer => {
                let mut table = HttpRoutes::default();
                routes.for_each(|(index, route)| drop(table.insert(&route.route, index)));
                Table::Http(table)
            }
        };
        Self { stage: (api.kind != ApiKind::LoadBalancer).then(|| api.stage.clone()), table }
    }

    /// The route of `api`, whose routes these are, that takes a request; the path begins with the stage, unless that is
    /// `$default` or there is none.
    #[must_use]
    pub fn find(&self, api: &ApiConfiguration, method: &str, path: &str) -> Option<ApiRoute> {
        let path = match &self.stage {
            Some(stage) => split_stage(path, &[stage])?.1,
            None => path,
        };
        let (key, path_parameters, resource_id, index) = match &self.table {
            Table::Rest(resources) => {
                let found = resources.find(method, path)?;
                (found.matched.resource, found.matched.path_parameters, found.matched.resource_id, *found.target)
            }
            Table::Http(routes) => {
                let found = routes.find(method, path)?;
                (found.matched.route_key, found.matched.path_parameters, String::new(), *found.target)
            }
        };
        let configuration = api.routes.get(index)?.clone();
        Some(ApiRoute { configuration, key, path_parameters, path: path.to_owned(), resource_id })
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::samples::api;
    use super::*;

    #[test]
    fn every_kind_of_api_is_searched_by_its_own_rules() {
        let routes = ["GET /items/{id}", "ANY /{proxy+}", "not a route", "GET /items/{other}"];
        let found = |kind, stage: &str, method: &str, path: &str| {
            let api = ApiConfiguration { stage: stage.into(), ..api(kind, &routes) };
            ApiRoutes::of(&api).find(&api, method, path).map(|route| format!("{} {}", route.configuration.route, route.path))
        };
        for (kind, stage, method, path, expected) in [
            (ApiKind::Http, "$default", "GET", "/items/1", Some("GET /items/{id} /items/1")),
            (ApiKind::Http, "$default", "POST", "/items/1", Some("ANY /{proxy+} /items/1")),
            (ApiKind::Http, "beta", "GET", "/beta/items/1", Some("GET /items/{id} /items/1")),
            (ApiKind::Http, "beta", "GET", "/items/1", None),
            (ApiKind::Rest, "prod", "GET", "/prod/items/1", Some("GET /items/{id} /items/1")),
            (ApiKind::Rest, "prod", "POST", "/prod/items/1", None),
            (ApiKind::Rest, "prod", "GET", "/items/1", None),
            (ApiKind::LoadBalancer, "", "POST", "/items/1", Some("ANY /{proxy+} /items/1")),
        ] {
            assert_eq!(found(kind, stage, method, path).as_deref(), expected, "{kind:?} {stage} {method} {path}");
        }
    }
}
