//! A request that a route takes.

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
