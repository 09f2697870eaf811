//! The resources of a REST API: first the most exact resource, then its method or `ANY`.

use std::collections::BTreeMap;

use super::super::event_from_request::RestMatch;
use super::super::url_id::short_id;
use super::path_template::{PathTemplate, RouteError, Variables, parse_route};

/// The resources of an API with their methods, each with what it leads to.
#[derive(Clone, Debug)]
pub struct RestResources<T> {
    resources: Vec<Resource<T>>,
}

#[derive(Clone, Debug)]
struct Resource<T> {
    id: String,
    path: PathTemplate,
    methods: BTreeMap<String, T>,
}

/// The method that takes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundMethod<'a, T> {
    pub matched: RestMatch,
    /// The request's own, or `ANY`.
    pub method: &'a str,
    pub target: &'a T,
}

impl<T> Default for RestResources<T> {
    fn default() -> Self {
        Self { resources: Vec::new() }
    }
}

impl<T> RestResources<T> {
    /// Reads methods of resources: `GET /items/{id}`, `ANY /{proxy+}`. `api_id` goes into the ids of the resources.
    ///
    /// # Errors
    /// The first one that cannot be read, is there twice, or is a sibling variable with another name.
    pub fn parse<'a>(api_id: &str, routes: impl IntoIterator<Item = (&'a str, T)>) -> Result<Self, RouteError> {
        let mut tree = Self::default();
        routes.into_iter().try_for_each(|(route, target)| tree.insert(api_id, route, target))?;
        Ok(tree)
    }

    /// Adds a method of a resource; what was there stays when it is refused.
    pub(super) fn insert(&mut self, api_id: &str, route: &str, target: T) -> Result<(), RouteError> {
        let error = |message: String| RouteError { route: route.to_owned(), column: 1, message };
        if route == "$default" {
            return Err(error("a REST API has no default route; write \"ANY /{proxy+}\"".to_owned()));
        }
        let (method, path) = parse_route(route)?;
        let Some(resource) = self.resources.iter_mut().find(|resource| resource.path.same_shape(&path)) else {
            let id = short_id(&format!("{api_id} {}", path.text));
            self.resources.push(Resource { id, path, methods: BTreeMap::from([(method, target)]) });
            return Ok(());
        };
        if resource.path.text != path.text {
            let message = format!("is the same resource as \"{}\"; use the same names for its variables", resource.path.text);
            return Err(error(message));
        }
        if resource.methods.contains_key(&method) {
            return Err(error("stands here a second time; remove one of them".to_owned()));
        }
        resource.methods.insert(method, target);
        Ok(())
    }

    /// The method for a path without stage; `None` answers `answers::Failure::UnknownRoute`.
    ///
    /// The resource is chosen before the method: `POST /items/7` finds nothing if `/items/{id}` has only `GET`, even when
    /// `/{proxy+}` has `ANY`. A slash at the end does not count.
    #[must_use]
    pub fn find(&self, method: &str, path: &str) -> Option<FoundMethod<'_, T>> {
        let (resource, path_parameters) = self.most_exact(path).or_else(|| self.most_exact(path.strip_suffix('/')?))?;
        let (method, target) = resource.methods.get_key_value(method).or_else(|| resource.methods.get_key_value("ANY"))?;
        let matched = RestMatch { resource: resource.path.text.clone(), resource_id: resource.id.clone(), path_parameters };
        Some(FoundMethod { matched, method, target })
    }

    fn most_exact(&self, path: &str) -> Option<(&Resource<T>, Variables)> {
        let fitting = self.resources.iter().filter_map(|resource| Some((resource, resource.path.variables(path)?)));
        fitting.min_by_key(|(resource, _)| resource.path.precedence())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resource_comes_before_the_method() {
        let keys = ["ANY /{proxy+}", "GET /items/{id}", "GET /items", "ANY /items", "POST /"];
        let tree = RestResources::parse("abc", keys.map(|key| (key, key))).expect("resources");
        for (method, path, expected) in [
            ("GET", "/items", Some("GET /items")),
            ("PUT", "/items", Some("ANY /items")),
            ("GET", "/items/7", Some("GET /items/{id}")),
            ("POST", "/items/7", None),
            ("POST", "/items/7/8", Some("ANY /{proxy+}")),
            ("POST", "/", Some("POST /")),
            ("GET", "/", None),
            ("GET", "/items/", Some("ANY /{proxy+}")),
        ] {
            assert_eq!(tree.find(method, path).map(|found| *found.target), expected, "{method} {path}");
        }
        let found = tree.find("GET", "/items/a%2fb").expect("a resource");
        assert_eq!(found.matched.path_parameters, [("id".to_owned(), "a/b".to_owned())]);
        assert_eq!(found.matched.resource_id.len(), 10);
    }

    #[test]
    fn a_slash_at_the_end_does_not_count() {
        let tree = RestResources::parse("abc", [("GET /items", ())]).expect("resources");
        assert!(tree.find("GET", "/items/").is_some() && tree.find("GET", "/items//").is_none());
    }

    #[test]
    fn wrong_resources_are_refused() {
        for (keys, message) in [
            (["GET /a", "$default"], "a REST API has no default route; write \"ANY /{proxy+}\""),
            (["GET /a", "GET /a"], "stands here a second time; remove one of them"),
            (["GET /{a}", "POST /{b}"], "is the same resource as \"/{a}\"; use the same names for its variables"),
        ] {
            let error = RestResources::parse("abc", keys.map(|key| (key, ()))).expect_err(message);
            assert_eq!(error.message, message);
        }
    }
}
