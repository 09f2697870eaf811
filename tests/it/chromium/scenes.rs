//! Makes cases of one request, each kind around one part of the rules.

use serde_json::{Map, Value, json};

use super::cases::Maker;

impl Maker<'_> {
    pub fn plain(&mut self) -> Value {
        let url = self.url("plain");
        let request = self.request(&url);
        let origin = self.origin();
        let (preflight, response) = (self.preflight(&origin, &request), self.response(&origin));
        self.case(request, json!({ "preflight": preflight, "response": response }))
    }

    pub fn with_configuration(&mut self) -> Value {
        let url = self.url("configured");
        let request = self.request(&url);
        let origin = self.origin();
        let mut configuration = Map::new();
        let origins = match self.choices.below(6) {
            0 => json!(["*"]),
            1 => json!(["http://other.test"]),
            2 => json!(["http://*.test", format!("{origin}/")]),
            _ => json!(["http://other.test", origin]),
        };
        configuration.insert("AllowOrigins".into(), origins);
        if self.choices.chance(80) {
            let methods =
                [json!(["*"]), json!(["GET", "PUT", "DELETE", "PATCH", "POST"]), json!(["put", "patch"]), json!(["GET"])];
            configuration.insert("AllowMethods".into(), self.choices.pick(&methods));
        }
        if self.choices.chance(80) {
            let lists = [
                json!(["*"]),
                json!(["content-type", "x-a", "authorization", "range", "x-trace-id"]),
                json!(["content-type,x-a"]),
                json!(["x a"]),
            ];
            configuration.insert("AllowHeaders".into(), self.choices.pick(&lists));
        }
        if self.choices.chance(50) {
            configuration.insert("ExposeHeaders".into(), self.choices.pick(&[json!(["*"]), json!(["x-a", "ETag"]), json!([])]));
        }
        if self.choices.chance(50) {
            configuration.insert("MaxAge".into(), json!(300));
        }
        configuration.insert("AllowCredentials".into(), self.choices.chance(50).into());
        let mut returned = self.response("http://own.test");
        if self.choices.chance(70) {
            let own = |line: &Value| line[0].as_str().is_some_and(|name| name.starts_with("Access-Control-"));
            returned["headers"].as_array_mut().unwrap().retain(|line| !own(line));
        }
        let mut rest = json!({ "config": configuration, "function_response": returned });
        if self.choices.chance(10) {
            rest["config"] = Value::Null;
        }
        self.case(request, rest)
    }

    pub fn redirect(&mut self) -> Value {
        let mut request = self.request_that_is_sent();
        if self.choices.chance(25) {
            request["redirect"] = self.choices.pick(&["error", "manual", "follow"]).into();
        }
        let origin = self.origin();
        let mut answers = Vec::new();
        for hop in 0..self.choices.pick(&[1, 1, 2, 2, 3]) {
            let url = self.url(&format!("hop{hop}"));
            let null = hop > 0 && self.choices.chance(60);
            let expected = if null { "null" } else { origin.as_str() };
            answers.push((url, self.preflight(expected, &request), self.response(expected)));
        }
        let mut first = self.redirecting(&origin, &answers[0].0.clone());
        let mut hops = Map::new();
        for index in 0..answers.len() {
            let (url, preflight, response) = answers[index].clone();
            let response = match answers.get(index + 1) {
                Some((next, ..)) => self.redirecting(if index == 0 { &origin } else { "null" }, &next.clone()),
                None => response,
            };
            hops.insert(url, json!({ "preflight": preflight, "response": response }));
        }
        if self.choices.chance(10) {
            let bad = ["http://user:pw@api.test/x", "data:text/plain,x", "http://[", "", "ftp://a.test/"];
            first["headers"].as_array_mut().unwrap().retain(|line| line[0] != "Location");
            first["headers"].as_array_mut().unwrap().push(json!(["Location", self.choices.pick(&bad)]));
        }
        let preflight = self.preflight(&origin, &request);
        self.case(request, json!({ "preflight": preflight, "response": first, "hops": hops }))
    }

    fn request_that_is_sent(&mut self) -> Value {
        let url = self.url("start");
        let mut request = self.request(&url);
        if self.choices.chance(60) {
            request["method"] = self.choices.pick(&["GET", "POST", "HEAD"]).into();
            for name in ["headers", "body"] {
                request.as_object_mut().unwrap().remove(name);
            }
        }
        request
    }

    pub fn unbuildable(&mut self) -> Value {
        let url = self.url("never");
        let mut request = self.request(&url);
        if self.choices.chance(20) {
            request["redirect"] = self.choices.pick(&["manual", "error"]).into();
        }
        let (member, value) = match self.choices.below(16) {
            0 => ("method", json!("TRACE")),
            1 => ("method", json!("connect")),
            2 => ("method", json!("Track")),
            3 => ("method", json!("A B")),
            4 => ("method", json!("")),
            5 => ("url", json!(url.replace("http://", "http://user:pw@"))),
            6 => ("url", json!("http://[")),
            7 => ("headers", json!([["a b", "1"]])),
            8 => ("headers", json!([["a", "1\n2"]])),
            9 => ("headers", json!([["a", "\u{100}"]])),
            10 => ("mode", json!("navigate")),
            11 => ("mode", json!("same-origin")),
            12 => ("cache", json!("only-if-cached")),
            13 | 14 => ("cache", json!("default")),
            _ => ("headers", json!([["a", "\t 1 \r\n"], ["", "x"]])),
        };
        request[member] = value;
        if self.choices.chance(20) {
            request["method"] = "GET".into();
            request["body"] = self.body();
        }
        let origin = self.origin();
        let (preflight, response) = (self.preflight(&origin, &request), self.response(&origin));
        self.case(request, json!({ "preflight": preflight, "response": response }))
    }

    pub fn modes(&mut self) -> Value {
        let url = self.url("mode");
        let mut request = self.request(&url);
        request.as_object_mut().unwrap().remove("api");
        if ["GET", "HEAD", "get"].contains(&request["method"].as_str().unwrap_or_default()) {
            request.as_object_mut().unwrap().remove("body");
        }
        request["mode"] = self.choices.pick(&["no-cors", "no-cors", "no-cors", "same-origin", "cors"]).into();
        if self.choices.chance(20) {
            request["redirect"] = self.choices.pick(&["manual", "error"]).into();
        }
        if request["mode"] == "no-cors" && self.choices.chance(60) {
            request["method"] = self.choices.pick(&["GET", "HEAD", "POST"]).into();
            request.as_object_mut().unwrap().remove("body");
        }
        let origin = self.origin();
        let (preflight, mut response) = (self.preflight(&origin, &request), self.response(&origin));
        let mut hops = Map::new();
        if self.choices.chance(40) {
            let next = self.url("next");
            response = self.redirecting(&origin, &next);
            let (after, last) = (self.preflight(&origin, &request), self.response(&origin));
            hops.insert(next, json!({ "preflight": after, "response": last }));
        }
        self.case(request, json!({ "preflight": preflight, "response": response, "hops": hops }))
    }

    /// Values around the limits of 128 and 1024 bytes.
    pub fn long_values(&mut self) -> Value {
        let url = self.url("long");
        let mut headers = Vec::new();
        if self.choices.chance(50) {
            for name in ["Accept", "Accept-Language", "Content-Language", "DPR", "Width", "ECT", "RTT", "Downlink"] {
                let length = self.choices.pick(&[128, 128, 128, 127, 125, 120]);
                headers.push(json!([name, "1".repeat(length)]));
            }
            if self.choices.chance(50) {
                headers.push(json!(["Device-Memory", "1".repeat(self.choices.pick(&[1, 3, 10, 128]))]));
            }
            if self.choices.chance(40) {
                headers.remove(0);
            }
        } else {
            let name = self.choices.pick(&["Accept", "Accept-Language", "Content-Language", "Content-Type", "DPR", "Range"]);
            let start = match name {
                "Content-Type" => "text/plain;a=",
                "Range" => "bytes=0-1",
                _ => "",
            };
            let length = self.choices.pick(&[127, 128, 129]);
            headers.push(json!([name, format!("{start}{}", "1".repeat(length - start.len()))]));
            if self.choices.chance(40) {
                headers.push(json!([name, "1"]));
            }
        }
        let mut request = json!({ "url": url, "headers": headers, "method": self.choices.pick(&["GET", "POST", "PUT"]) });
        if request["method"] != "GET" && self.choices.chance(50) {
            request["body"] = self.body();
        }
        let origin = self.origin();
        let (preflight, response) = (self.preflight(&origin, &request), self.response(&origin));
        self.case(request, json!({ "preflight": preflight, "response": response }))
    }

    /// What is rare: loops, credentials in a URL, fragments, odd redirects in other modes.
    pub fn special(&mut self) -> Value {
        let url = self.url("special");
        let origin = self.origin();
        let mut request = json!({ "url": url });
        let mut response = self.response(&origin);
        let mut hops = Map::new();
        match self.choices.below(6) {
            0 => {
                response = self.redirecting(&origin, &url);
                hops.insert(url.clone(), json!({ "preflight": self.preflight(&origin, &request), "response": response }));
            }
            1 => {
                request["url"] = url.replace("http://", "http://user:pw@").into();
                request["api"] = "xhr".into();
            }
            2 => request["url"] = format!("{url}?q=1#fragment").into(),
            3 => {
                response = self.redirecting(&origin, "next?x=1#fragment");
                let last = self.response(&origin);
                hops.insert(url.replace("special", "next?x=1"), json!({ "response": last }));
            }
            4 => {
                request = self.request(&url);
                request["mode"] = self.choices.pick(&["no-cors", "same-origin"]).into();
                request["method"] = "POST".into();
                let next = self.url("next");
                response = self.redirecting(&origin, &next);
                let last = self.response(&origin);
                hops.insert(next, json!({ "response": last }));
            }
            _ => {
                request = self.request(&url);
                let page = if origin == "null" { "http://app.test" } else { origin.as_str() };
                request["url"] = format!("{page}/c{}/special", self.index).into();
                request["mode"] = "same-origin".into();
                request["redirect"] = self.choices.pick(&["follow", "manual", "error"]).into();
                let next = self.url("next");
                response = self.redirecting(&origin, &next);
                let last = self.response(&origin);
                hops.insert(next, json!({ "response": last }));
            }
        }
        let preflight = self.preflight(&origin, &request);
        self.case(request, json!({ "preflight": preflight, "response": response, "hops": hops }))
    }

    pub fn mixed_content(&mut self) -> Value {
        self.set_page(("https://secure.test/", ""));
        let url = format!("http://api.test/c{}/mixed", self.index);
        let mut request = self.request(&url);
        if self.choices.chance(20) {
            request["mode"] = "no-cors".into();
        }
        let origin = self.origin();
        let (preflight, response) = (self.preflight(&origin, &request), self.response(&origin));
        self.case(request, json!({ "preflight": preflight, "response": response }))
    }

    pub fn cookies(&mut self) -> Value {
        let url = self.own_host_url("cookies/x");
        let mut request = self.request(&url);
        if self.choices.chance(70) {
            request["credentials"] = "include".into();
            request["method"] = "GET".into();
            request.as_object_mut().unwrap().remove("body");
        }
        let mut cookie = json!({ "url": url, "name": "k", "value": "v" });
        let same_site = self.choices.pick(&["", "Lax", "Strict", "None", "None"]);
        if !same_site.is_empty() {
            cookie["sameSite"] = same_site.into();
        }
        if self.choices.chance(60) || same_site == "None" {
            cookie["secure"] = true.into();
        }
        let origin = self.origin();
        let (preflight, mut response) = (self.preflight(&origin, &request), self.response(&origin));
        let mut hops = Map::new();
        if self.choices.chance(30) {
            response["headers"].as_array_mut().unwrap().push(json!(["Location", "y"]));
            response["headers"]
                .as_array_mut()
                .unwrap()
                .push(json!(["Set-Cookie", self.choices.pick(&["z=1", "z=1; Secure; SameSite=None", "k=; Max-Age=0"])]));
            response["status"] = 307.into();
            let last = self.response(&origin);
            hops.insert(url.replace("/x", "/y"), json!({ "preflight": preflight, "response": last }));
        }
        self.case(request, json!({ "cookies": [cookie], "preflight": preflight, "response": response, "hops": hops }))
    }
}
