//! The request as something to paste: `fetch()` for a browser's console, curl for a terminal.

use serde_json::{Map, Value, json};

use crate::http_model::cors_case::CaseStep;

/// A call of `fetch()`.
#[must_use]
pub fn fetch(step: &CaseStep) -> String {
    let Some(request) = &step.req else { return String::new() };
    let mut options = Map::new();
    options.insert("method".into(), json!(request.method));
    if !request.headers.0.is_empty() {
        options.insert("headers".into(), json!(request.headers));
    }
    options.insert("mode".into(), json!(request.mode));
    options.insert("credentials".into(), json!(request.credentials));
    options.insert("redirect".into(), json!(request.redirect));
    if let Some(body) = &request.body {
        options.insert("body".into(), body.value.clone());
    }
    let options = serde_json::to_string_pretty(&Value::Object(options)).unwrap_or_default();
    format!(
        "const response = await fetch({}, {options});\nconsole.log(response.status, await response.text());\n",
        json!(request.url)
    )
}

/// A command that sends the request with the page's origin; curl itself applies none of a browser's rules.
#[must_use]
pub fn curl(step: &CaseStep) -> String {
    let Some(request) = &step.req else { return String::new() };
    let method = request.method.as_deref().unwrap_or("GET");
    // A URL with brackets or braces is meant as it stands.
    let options = if request.url.contains(['[', ']', '{', '}']) { "-gi" } else { "-i" };
    let mut parts = vec![format!("curl {options} -X {} {}", quoted(method), quoted(&request.url))];
    if let Some(origin) = &step.origin {
        parts.push(format!("-H {}", quoted(&format!("Origin: {origin}"))));
    }
    parts.extend(request.headers.0.iter().map(|(name, value)| format!("-H {}", quoted(&format!("{name}: {value}")))));
    let cookies: Vec<_> = step.cookies.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
    if !cookies.is_empty() {
        parts.push(format!("-b {}", quoted(&cookies.join("; "))));
    }
    if let Some(body) = request.body.as_ref().and_then(|body| body.value.as_str()) {
        parts.push(format!("--data-binary {}", quoted(body)));
    }
    parts.join(" \\\n  ") + "\n"
}

/// A word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http_model::browser::HeaderList;
    use crate::http_model::cors_case::CaseRequest;

    #[test]
    fn both_forms_say_the_whole_request() {
        let step = CaseStep {
            origin: Some("https://app.test".into()),
            req: Some(CaseRequest {
                url: "http://a.localhost:9002/it's".into(),
                method: Some("PUT".into()),
                headers: HeaderList::from([("x-a", "1")]),
                ..CaseRequest::default()
            }),
            ..CaseStep::default()
        };
        let curl = curl(&step);
        assert_eq!(
            curl,
            "curl -i -X 'PUT' 'http://a.localhost:9002/it'\\''s' \\\n  -H 'Origin: https://app.test' \\\n  -H 'x-a: 1'\n"
        );
        let with_list = CaseRequest { url: "http://a.test/?a=[1,2]".into(), ..CaseRequest::default() };
        let with_list = CaseStep { req: Some(with_list), ..CaseStep::default() };
        assert_eq!(super::curl(&with_list), "curl -gi -X 'GET' 'http://a.test/?a=[1,2]'\n");
        let fetch = fetch(&step);
        assert!(fetch.starts_with("const response = await fetch(\"http://a.localhost:9002/it's\", {"), "{fetch}");
        assert!(fetch.contains("\"method\": \"PUT\""), "{fetch}");
    }
}
