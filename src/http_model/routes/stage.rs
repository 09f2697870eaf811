//! The stage at the front of a path.

/// Splits `/prod/items` into `prod` and `/items`.
///
/// The first segment is a stage if it is one of `stages`; else the whole path belongs to `$default` if that is one of
/// them (HTTP APIs only). `None` means that no stage takes the request: REST APIs answer 403, HTTP APIs 404.
#[must_use]
pub fn split_stage<'a>(path: &'a str, stages: &[&'a str]) -> Option<(&'a str, &'a str)> {
    let below_root = path.strip_prefix('/')?;
    let end = below_root.find('/').unwrap_or(below_root.len());
    let (first, rest) = below_root.split_at(end);
    if first != "$default" && stages.contains(&first) {
        return Some((first, if rest.is_empty() { "/" } else { rest }));
    }
    stages.contains(&"$default").then_some(("$default", path))
}

#[cfg(test)]
mod tests {
    use super::split_stage;

    #[test]
    fn stages_are_taken_off() {
        for (path, stages, expected) in [
            ("/prod/items", &["prod"][..], Some(("prod", "/items"))),
            ("/prod/", &["prod"], Some(("prod", "/"))),
            ("/prod", &["prod"], Some(("prod", "/"))),
            ("/production/x", &["prod"], None),
            ("/items", &["prod", "$default"], Some(("$default", "/items"))),
            ("/prod/x", &["prod", "$default"], Some(("prod", "/x"))),
            ("/$default/x", &["$default"], Some(("$default", "/$default/x"))),
            ("", &["$default"], None),
        ] {
            assert_eq!(split_stage(path, stages), expected, "{path}");
        }
    }
}
