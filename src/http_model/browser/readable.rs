//! Which response headers a script can see (Fetch, "filtered response"; `cors.md`, 1.9).

use super::header_list::{HeaderList, list_items};
use super::step::Trace;

/// Always readable.
const SAFELISTED: &[&str] =
    &["cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma"];

/// The names that the script can enumerate, in lower case, sorted. `cross_origin`: the response went through CORS.
#[must_use]
pub fn readable_names(headers: &HeaderList, cross_origin: bool, credentialed: bool, trace: &mut Trace) -> Vec<String> {
    let mut names: Vec<String> = headers.0.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    names.sort();
    names.dedup();
    names.retain(|name| name != "set-cookie" && name != "set-cookie2");
    if cross_origin {
        let exposed = exposed(headers, trace);
        let all = !credentialed && exposed.iter().any(|name| name == "*");
        names.retain(|name| all || SAFELISTED.contains(&name.as_str()) || exposed.contains(name));
        trace.compare("1.9", true, "the page sees these headers", names.join(", "), exposed.join(", "));
    }
    names
}

fn exposed(headers: &HeaderList, trace: &mut Trace) -> Vec<String> {
    let value = headers.joined("access-control-expose-headers").unwrap_or_default();
    match list_items(&value) {
        Ok(items) => items.into_iter().map(str::to_ascii_lowercase).collect(),
        Err(item) => {
            let sentence = "Access-Control-Expose-Headers is malformed and exposes nothing";
            trace.compare("1.9", false, sentence, item, value);
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exposing() {
        for (expose, credentialed, expected) in [
            (&[][..], false, "content-type"),
            (&["X-A"], false, "content-type,x-a"),
            (&["X-B", "x-a"], false, "content-type,x-a"),
            (&["*"], false, "access-control-expose-headers,content-type,x-a"),
            (&["*"], true, "content-type"),
            (&["x-a:"], false, "content-type"),
        ] {
            let mut headers = HeaderList::from([("X-A", "1"), ("Content-Type", "a/b"), ("Set-Cookie", "a=b")]);
            for value in expose {
                headers.append("Access-Control-Expose-Headers", *value);
            }
            let names = readable_names(&headers, true, credentialed, &mut Trace::default());
            assert_eq!(names.join(","), expected, "{expose:?} {credentialed}");
        }
        let headers = HeaderList::from([("X-A", "1"), ("set-cookie", "a=b")]);
        assert_eq!(readable_names(&headers, false, true, &mut Trace::default()), ["x-a"]);
    }
}
