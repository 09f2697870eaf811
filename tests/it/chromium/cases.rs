//! Makes cases: a page, a request, and answers that fit or fail in every way we know.

use serde_json::{Map, Value, json};

use super::choices::Choices;
use super::material::{HEADERS, METHODS, PAGES, TYPES};
use super::sequences;

/// Makes `count` cases.
pub fn generate(seed: u64, count: usize) -> Vec<Value> {
    let case = |index: usize| {
        let mut choices = Choices::new(seed.wrapping_add(index as u64));
        let mut maker = Maker::new(index, &mut choices);
        match index % 20 {
            0 | 1 => maker.with_configuration(),
            2..=4 => maker.redirect(),
            5 => maker.unbuildable(),
            6 if maker.choices.chance(50) => sequences::cookies(&mut maker),
            6 => maker.cookies(),
            7 | 8 => sequences::preflight_cache(&mut maker),
            9 | 10 => sequences::http_cache(&mut maker),
            11 => maker.modes(),
            12 => maker.long_values(),
            13 => maker.mixed_content(),
            14 if maker.choices.chance(40) => maker.special(),
            _ => maker.plain(),
        }
    };
    (0..count).map(case).collect()
}

/// Makes one case.
pub struct Maker<'a> {
    pub index: usize,
    pub choices: &'a mut Choices,
    page: (&'static str, &'static str),
}

impl<'a> Maker<'a> {
    fn new(index: usize, choices: &'a mut Choices) -> Self {
        let page = choices.pick(&PAGES);
        Self { index, choices, page }
    }

    /// The origin that the page's requests carry.
    pub fn origin(&self) -> String {
        match self.page.1 {
            "" | "srcdoc-iframe" => self.page.0.trim_end_matches('/').to_owned(),
            _ => "null".to_owned(),
        }
    }

    pub fn set_page(&mut self, page: (&'static str, &'static str)) {
        self.page = page;
    }

    /// A URL that belongs to this case only, mostly on another origin.
    pub fn url(&mut self, name: &str) -> String {
        let page = if self.page.0.is_empty() { "http://app.test/" } else { self.page.0 };
        let hosts =
            ["api.test", "api.test:8443", "api.app.test", "x1.lambda-url.eu-west-1.on.aws", "localhost:9002", "127.0.0.1:9002"];
        let host = self.choices.pick(&hosts);
        let index = self.index;
        if self.choices.chance(8) { format!("{page}c{index}/{name}") } else { format!("http://{host}/c{index}/{name}") }
    }

    /// A URL on a host of its own, since cookies belong to hosts.
    pub fn own_host_url(&mut self, name: &str) -> String {
        let index = self.index;
        let (third, fourth) = (index / 200 + 1, index % 200 + 1);
        let hosts = [
            format!("k{index}.test"),
            format!("k{index}.app.test:81"),
            format!("127.0.{third}.{fourth}:99"),
            format!("k{index}.localhost"),
        ];
        format!("http://{}/c{index}/{name}", self.choices.pick(&hosts))
    }

    /// A case of one request.
    pub fn case(&self, request: Value, rest: Value) -> Value {
        let mut case = self.step(request, rest);
        case["id"] = format!("case-{}", self.index).into();
        case
    }

    /// A case of several requests.
    pub fn sequence(&self, steps: Vec<Value>) -> Value {
        json!({ "id": format!("case-{}", self.index), "steps": steps })
    }

    pub fn step(&self, request: Value, rest: Value) -> Value {
        let mut step = Map::new();
        if !self.page.0.is_empty() {
            step.insert("page".into(), self.page.0.into());
        }
        if !self.page.1.is_empty() {
            step.insert("page_kind".into(), self.page.1.into());
        }
        step.insert("req".into(), request);
        step.extend(rest.as_object().unwrap().clone());
        Value::Object(step)
    }

    /// A request with a method, headers and a body of any kind.
    pub fn request(&mut self, url: &str) -> Value {
        let mut request = json!({ "url": url });
        let method = self.choices.pick(&METHODS);
        request["method"] = method.into();
        let credentials = self.choices.pick(&["", "", "include", "include", "omit", "same-origin"]);
        if !credentials.is_empty() {
            request["credentials"] = credentials.into();
        }
        let api = self.choices.pick(&["", "", "", "", "xhr", "xhr-upload"]);
        if !api.is_empty() {
            request["api"] = api.into();
        }
        let mut headers = Vec::new();
        for _ in 0..self.choices.pick(&[0, 0, 1, 1, 2, 3]) {
            let (name, value) = self.choices.pick(&HEADERS);
            headers.push(json!([name, value]));
        }
        let bodyless = ["GET", "HEAD"].iter().any(|name| method.eq_ignore_ascii_case(name));
        if self.choices.chance(if bodyless { 15 } else { 30 }) {
            headers.push(json!(["Content-Type", self.choices.pick(&TYPES)]));
        }
        if self.choices.chance(8) && !headers.is_empty() {
            let again = headers[0].clone();
            headers.push(again);
        }
        if !headers.is_empty() {
            request["headers"] = headers.into();
        }
        if (!bodyless || !api.is_empty()) && self.choices.chance(60) {
            request["body"] = self.body();
        }
        request
    }

    /// A body of any kind.
    pub fn body(&mut self) -> Value {
        match self.choices.below(6) {
            0 => {
                json!({ "kind": "blob", "value": "{}", "type": self.choices.pick(&["application/json", "text/plain", "", "Text/PLAIN", "x"]) })
            }
            1 => json!({ "kind": "urlsearchparams", "value": "a=b" }),
            2 => json!({ "kind": "formdata", "value": "b" }),
            3 => json!({ "kind": "arraybuffer", "value": "abc" }),
            _ => json!({ "kind": "text", "value": "hello" }),
        }
    }
}
