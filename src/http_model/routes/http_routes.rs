//! The routes of an HTTP API: the most exact path wins, then the method over `ANY`, then `$default`.

use super::super::event_from_request::HttpApiMatch;
use super::path_template::{PathTemplate, RouteError, parse_route};

/// The routes of an API, each with what it leads to.
#[derive(Clone, Debug)]
pub struct HttpRoutes<T> {
    routes: Vec<Route<T>>,
    default: Option<T>,
}

#[derive(Clone, Debug)]
struct Route<T> {
    method: String,
    path: PathTemplate,
    target: T,
}

/// The route that takes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRoute<'a, T> {
    pub matched: HttpApiMatch,
    pub target: &'a T,
}

impl<T> Default for HttpRoutes<T> {
    fn default() -> Self {
        Self { routes: Vec::new(), default: None }
    }
}

impl<T> HttpRoutes<T> {
    /// Reads route keys: `GET /items/{id}`, `ANY /x/{proxy+}`, `$default`.
    ///
    /// # Errors
    /// The first route that cannot be read, or that takes the same requests as one before it.
    pub fn parse<'a>(routes: impl IntoIterator<Item = (&'a str, T)>) -> Result<Self, RouteError> {
        let mut table = Self::default();
        routes.into_iter().try_for_each(|(key, target)| table.insert(key, target))?;
        Ok(table)
    }

    /// Adds a route; what was there stays when it is refused.
    pub(super) fn insert(&mut self, key: &str, target: T) -> Result<(), RouteError> {
        let duplicate = |other: &str| RouteError {
            route: key.to_owned(),
            column: 1,
            message: format!("takes the same requests as \"{other}\"; remove one of them"),
        };
        if key == "$default" {
            if self.default.is_some() {
                return Err(duplicate(key));
            }
            self.default = Some(target);
            return Ok(());
        }
        let (method, path) = parse_route(key)?;
        if let Some(other) = self.routes.iter().find(|other| other.method == method && other.path.same_shape(&path)) {
            return Err(duplicate(&other.key()));
        }
        self.routes.push(Route { method, path, target });
        Ok(())
    }

    /// The route for a method and a path without stage; `None` answers `answers::Failure::UnknownRoute`.
    #[must_use]
    pub fn find(&self, method: &str, path: &str) -> Option<FoundRoute<'_, T>> {
        if let Some(index) = self.most_exact(method, path) {
            let route = &self.routes[index];
            let path_parameters = route.path.variables(path).unwrap_or_default();
            return Some(FoundRoute { matched: HttpApiMatch { route_key: route.key(), path_parameters }, target: &route.target });
        }
        let matched = HttpApiMatch { route_key: "$default".to_owned(), path_parameters: Vec::new() };
        self.default.as_ref().map(|target| FoundRoute { matched, target })
    }

    fn most_exact(&self, method: &str, path: &str) -> Option<usize> {
        let fits = |route: &Route<T>| route.takes(method) && route.path.variables(path).is_some();
        let fitting = self.routes.iter().enumerate().filter(|(_, route)| fits(route));
        fitting.min_by_key(|(_, route)| (route.path.precedence(), route.method == "ANY")).map(|(index, _)| index)
    }
}

impl<T> Route<T> {
    fn key(&self) -> String {
        format!("{} {}", self.method, self.path.text)
    }

    fn takes(&self, method: &str) -> bool {
        self.method == "ANY" || self.method == method
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 9] = [
        "$default",
        "ANY /{proxy+}",
        "GET /pets/{proxy+}",
        "GET /pets/dog/{id}",
        "GET /pets/dog/1",
        "ANY /pets/dog/{id}",
        "POST /pets/{kind}/{id}",
        "GET /a/{proxy+}",
        "GET /{x}/b",
    ];

    #[test]
    fn the_most_exact_route_wins() {
        let routes = HttpRoutes::parse(KEYS.map(|key| (key, key))).expect("routes");
        for (method, path, key) in [
            ("GET", "/pets/dog/1", "GET /pets/dog/1"),
            ("GET", "/pets/dog/2", "GET /pets/dog/{id}"),
            ("PUT", "/pets/dog/1", "ANY /pets/dog/{id}"),
            ("POST", "/pets/dog/1", "ANY /pets/dog/{id}"),
            ("POST", "/pets/cat/1", "POST /pets/{kind}/{id}"),
            ("GET", "/pets/cat/1", "GET /pets/{proxy+}"),
            ("POST", "/pets/cat/1/2", "ANY /{proxy+}"),
            ("GET", "/pets", "ANY /{proxy+}"),
            ("GET", "/a/b", "GET /{x}/b"),
            ("GET", "/a/c", "GET /a/{proxy+}"),
            ("GET", "/", "$default"),
        ] {
            let found = routes.find(method, path).expect("there is a default");
            assert_eq!((found.matched.route_key.as_str(), *found.target), (key, key), "{method} {path}");
        }
        let found = routes.find("GET", "/pets/dog/a%20b").expect("there is a default");
        assert_eq!(found.matched.path_parameters, [("id".to_owned(), "a b".to_owned())]);
    }

    #[test]
    fn without_default_a_request_may_find_nothing() {
        let routes = HttpRoutes::parse([("GET /a", ())]).expect("routes");
        assert_eq!(routes.find("POST", "/a"), None);
    }

    #[test]
    fn two_routes_must_not_take_the_same_requests() {
        for (first, second) in [("GET /a/{b}", "GET /a/{c}"), ("$default", "$default"), ("ANY /{a+}", "ANY /{b+}")] {
            let error = HttpRoutes::parse([(first, ()), (second, ())]).expect_err("a duplicate");
            assert_eq!(
                error.to_string(),
                format!("route \"{second}\", column 1: takes the same requests as \"{first}\"; remove one of them")
            );
        }
        assert!(HttpRoutes::parse([("GET /a", ()), ("ANY /a", ()), ("GET /{a}", ()), ("GET /{a+}", ())]).is_ok());
    }
}
