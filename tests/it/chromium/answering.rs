//! Makes answers of servers: right ones mostly, and wrong ones of every kind.

use serde_json::{Value, json};

use super::cases::Maker;

impl Maker<'_> {
    /// `Access-Control-Allow-Origin` lines, mostly right.
    pub fn allow_origin(&mut self, origin: &str, good: usize) -> Vec<Value> {
        let one = |value: &str| vec![json!(["Access-Control-Allow-Origin", value])];
        if self.choices.chance(good) {
            return one(origin);
        }
        match self.choices.below(20) {
            0..=3 => one("*"),
            4 | 5 => vec![],
            6 => one(&origin.to_uppercase()),
            7 => one(&format!("{origin}/")),
            8 => one(&format!("{origin}:80")),
            9 => one("null"),
            10 => one("http://other.test"),
            11 => [one(origin), one(origin)].concat(),
            12 => [one("*"), one(origin)].concat(),
            13 => one(&format!("\"{origin}\"")),
            14 => one("app.test"),
            15 => one("http://*.test"),
            16 => one(&format!("{origin}, http://b.test")),
            17 => one(&format!("  {origin}  ")),
            18 => one(self.choices.pick(&[
                "",
                "true",
                "app.test:3000",
                "http://",
                "http:/app.test",
                "* ,",
                "file://",
                "http://a b",
                "about:blank",
            ])),
            _ => one(&origin.replace("http:", "https:")),
        }
    }

    pub fn allow_credentials(&mut self, good: usize) -> Vec<Value> {
        let line = |value: &str| json!(["Access-Control-Allow-Credentials", value]);
        if self.choices.chance(good) {
            return vec![line("true")];
        }
        match self.choices.below(5) {
            0 => vec![line("True")],
            1 => vec![line("1")],
            2 => vec![line("true"), line("true")],
            3 => vec![line("false")],
            _ => vec![],
        }
    }

    /// A preflight answer, mostly right.
    pub fn preflight(&mut self, origin: &str, request: &Value) -> Value {
        let mut headers = self.allow_origin(origin, 80);
        headers.extend(self.allow_credentials(75));
        let method = request["method"].as_str().unwrap_or("GET").to_owned();
        let methods = match self.choices.below(12) {
            0 => "*".to_owned(),
            1 => String::new(),
            2 => method.to_lowercase(),
            3 => method.to_uppercase(),
            4 => format!("{method};"),
            5 => format!("\"{method}\""),
            6 => format!("GET, {} , {method},", method.to_uppercase()),
            7 => "GET, POST".to_owned(),
            _ => format!("GET,{},{method}", method.to_uppercase()),
        };
        headers.push(json!(["Access-Control-Allow-Methods", methods]));
        let names: Vec<_> = request["headers"].as_array().into_iter().flatten().filter_map(|line| line[0].as_str()).collect();
        let names = names.join(",");
        let allowed = match self.choices.below(14) {
            0 | 1 => "*".to_owned(),
            2 => String::new(),
            3 => "x-*".to_owned(),
            4 => format!("{names} x-y z"),
            5 => format!("{names}:"),
            6 => "authorization, content-type".to_owned(),
            _ => format!("content-type, {names},accept , {}", names.to_uppercase()),
        };
        headers.push(json!(["Access-Control-Allow-Headers", allowed]));
        let status = self.choices.pick(&[200, 200, 200, 204, 204, 204, 204, 299, 201, 304, 301, 403, 404, 405, 500]);
        if status == 301 && self.choices.chance(70) {
            headers.push(json!(["Location", "/elsewhere"]));
        }
        json!({ "status": status, "headers": headers, "body": "" })
    }

    /// An actual response, mostly right.
    pub fn response(&mut self, origin: &str) -> Value {
        let mut headers = self.allow_origin(origin, 75);
        headers.extend(self.allow_credentials(75));
        for line in [("Content-Type", "text/plain"), ("X-A", "1"), ("ETag", "\"e\""), ("Set-Cookie", "s=1"), ("Pragma", "x")] {
            if self.choices.chance(40) {
                headers.push(json!([line.0, line.1]));
            }
        }
        for line in
            [("Content-Language", "en"), ("Last-Modified", "Mon, 01 Jan 2024 00:00:00 GMT"), ("Cache-Control", "no-store")]
        {
            if self.choices.chance(20) {
                headers.push(json!([line.0, line.1]));
            }
        }
        let exposes = [
            "x-a",
            "X-A, ETag",
            "*",
            "x-a,,etag",
            ",x-a",
            "x-a etag",
            "x-a;",
            "\"x-a\"",
            "set-cookie",
            "x-a\t,\tetag",
            "*, x-a",
            "",
        ];
        for _ in 0..self.choices.pick(&[0, 1, 1, 2]) {
            headers.push(json!(["Access-Control-Expose-Headers", self.choices.pick(&exposes)]));
        }
        let status = self.choices.pick(&[200, 200, 200, 200, 201, 204, 304, 400, 401, 403, 404, 500, 502, 300, 302]);
        let body = if matches!(status, 204 | 304) { "" } else { self.choices.pick(&["", "hello"]) };
        if self.choices.chance(5) && !body.is_empty() {
            headers.push(json!(["Transfer-Encoding", "chunked"]));
        }
        json!({ "status": status, "headers": headers, "body": body })
    }

    /// A redirect, mostly right.
    pub fn redirecting(&mut self, origin: &str, to: &str) -> Value {
        let mut headers = self.allow_origin(origin, 85);
        headers.extend(self.allow_credentials(90));
        headers.push(json!(["Location", to]));
        let status = self.choices.pick(&[301, 302, 302, 303, 307, 308]);
        json!({ "status": status, "headers": headers, "body": "" })
    }
}
