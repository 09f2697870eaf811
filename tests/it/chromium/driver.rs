//! Carries cases out in Chromium: a tab for every page, many requests at a time.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::Path;
use std::time::Duration;

use invokelab::http_model::cors_case::{Case, CaseStep};
use serde_json::{Map, Value, json};

use super::answers::{AnswerServer, case_of};
use super::devtools::Chromium;
use super::observed::observed;
use super::pages;

/// Cases that are under way at the same time.
const AT_A_TIME: usize = 12;
/// Silence after which no more events belong to the last requests.
const SETTLED: Duration = Duration::from_millis(500);

/// What each step of some cases came to; `chosen` are their places in `cases`, which their URLs name.
pub fn carry_out(cases: &[Value], chosen: &[usize], program: &Path) -> Vec<Vec<Map<String, Value>>> {
    let profile = tempfile::tempdir().unwrap();
    allow_third_party_cookies(&profile.path().join("profile"));
    let server = AnswerServer::start();
    let chromium = Chromium::start(program, &profile.path().join("profile"), server.port);
    let mut driver = Driver {
        chromium,
        server,
        cases,
        chosen,
        tabs: BTreeMap::new(),
        steps: HashMap::new(),
        awaited: HashMap::new(),
        seen: HashMap::new(),
        requests: HashMap::new(),
        errors: HashMap::new(),
    };
    driver.open_tabs(profile.path());
    driver.run();
    driver.collect()
}

/// Debian's Chromium blocks them in a new profile unless its preferences say otherwise.
fn allow_third_party_cookies(profile: &Path) {
    let preferences = json!({ "profile": { "cookie_controls_mode": 0, "block_third_party_cookies": false } });
    std::fs::create_dir_all(profile.join("Default")).unwrap();
    std::fs::write(profile.join("Default/Preferences"), preferences.to_string()).unwrap();
}

struct Driver<'a> {
    chromium: Chromium,
    server: AnswerServer,
    cases: &'a [Value],
    chosen: &'a [usize],
    /// Session of the tab of a page.
    tabs: BTreeMap<(String, String), String>,
    /// The step that a case is at.
    steps: HashMap<usize, usize>,
    /// Commands whose answer ends a step.
    awaited: HashMap<u64, usize>,
    seen: HashMap<(usize, usize), Value>,
    /// The case and step of each of Chromium's requests.
    requests: HashMap<String, (usize, usize)>,
    errors: HashMap<(usize, usize), String>,
}

/// The steps of a case as they are written, those of a single request being one.
fn steps_of(case: &Value) -> Vec<Value> {
    case["steps"].as_array().cloned().unwrap_or_else(|| vec![case.clone()])
}

fn page_of(step: &Value) -> (String, String) {
    let text = |name: &str| step[name].as_str().unwrap_or_default().to_owned();
    (text("page"), text("page_kind"))
}

impl Driver<'_> {
    fn open_tabs(&mut self, folder: &Path) {
        let all: Vec<_> = self.chosen.iter().flat_map(|case| steps_of(&self.cases[*case])).map(|step| page_of(&step)).collect();
        for (page, kind) in all {
            if !self.tabs.contains_key(&(page.clone(), kind.clone())) {
                let session = self.open_tab(&page, &kind, folder);
                self.tabs.insert((page, kind), session);
            }
        }
    }

    fn open_tab(&mut self, page: &str, kind: &str, folder: &Path) -> String {
        let url = match (kind, page.strip_suffix('/')) {
            ("file", _) => {
                let file = folder.join("page.html");
                std::fs::write(&file, pages::html("plain")).unwrap();
                format!("file://{}", file.display())
            }
            ("", Some(page)) => format!("{page}/__page/plain"),
            (_, page) => format!("{}/__page/{kind}", page.unwrap()),
        };
        let target = self.chromium.call(None, "Target.createTarget", json!({ "url": "about:blank" }));
        let params = json!({ "targetId": target["result"]["targetId"], "flatten": true });
        let attached = self.chromium.call(None, "Target.attachToTarget", params);
        let session = attached["result"]["sessionId"].as_str().unwrap().to_owned();
        self.watch(&session);
        if url.starts_with("https:") {
            self.open_made_up_page(&session, &url);
        } else {
            self.chromium.call(Some(&session), "Page.navigate", json!({ "url": url }));
        }
        self.wait_until_ready(&session, &url);
        session
    }

    /// The server speaks no TLS, so an https page is handed over by DevTools.
    fn open_made_up_page(&mut self, session: &str, url: &str) {
        self.chromium.call(Some(session), "Fetch.enable", json!({ "patterns": [{ "urlPattern": "https://*" }] }));
        self.chromium.send(Some(session), "Page.navigate", json!({ "url": url }));
        loop {
            let event = self.chromium.next();
            self.note(&event);
            if event["method"] == "Fetch.requestPaused" {
                let headers = json!([{ "name": "Content-Type", "value": "text/html" }]);
                let body = base64(pages::html("plain").as_bytes());
                let id = event["params"]["requestId"].clone();
                let params = json!({ "requestId": id, "responseCode": 200, "responseHeaders": headers, "body": body });
                self.chromium.call(Some(session), "Fetch.fulfillRequest", params);
                self.chromium.call(Some(session), "Fetch.disable", json!({}));
                return;
            }
        }
    }

    fn watch(&mut self, session: &str) {
        self.chromium.send(Some(session), "Network.enable", json!({}));
        let params = json!({ "autoAttach": true, "waitForDebuggerOnStart": false, "flatten": true });
        self.chromium.send(Some(session), "Target.setAutoAttach", params);
    }

    fn wait_until_ready(&mut self, session: &str, url: &str) {
        for _ in 0..200 {
            let params = json!({ "expression": "window.ready", "returnByValue": true });
            let answer = self.chromium.call(Some(session), "Runtime.evaluate", params);
            if answer["result"]["result"]["value"] == true {
                return;
            }
            if let Some(event) = self.chromium.next_within(Duration::from_millis(20)) {
                self.note(&event);
            }
        }
        panic!("{url} does not become ready");
    }

    fn run(&mut self) {
        let mut waiting: VecDeque<usize> = self.chosen.iter().copied().collect();
        loop {
            while self.awaited.len() < AT_A_TIME {
                let Some(case) = waiting.pop_front() else { break };
                self.start(case, 0);
            }
            if self.awaited.is_empty() {
                break;
            }
            let message = self.chromium.next();
            self.note(&message);
        }
        while let Some(message) = self.chromium.next_within(SETTLED) {
            self.note(&message);
        }
    }

    fn start(&mut self, case: usize, number: usize) {
        let step = steps_of(&self.cases[case])[number].clone();
        let mut parsed: CaseStep = serde_json::from_value(step.clone()).unwrap();
        if number > 0 {
            parsed = parsed.with_shared(&serde_json::from_value::<Case>(self.cases[case].clone()).unwrap().step);
        }
        for cookie in step["cookies"].as_array().into_iter().flatten() {
            self.chromium.send(None, "Storage.setCookies", json!({ "cookies": [cookie] }));
        }
        self.server.set_step(case, number, parsed);
        self.steps.insert(case, number);
        let session = self.tabs[&page_of(&step)].clone();
        let wait = step["wait_ms"].as_u64().unwrap_or(0);
        let expression = format!("run('{case}-{number}', {wait}, {})", step["req"]);
        let params = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let id = self.chromium.send(Some(&session), "Runtime.evaluate", params);
        self.awaited.insert(id, case);
    }

    fn note(&mut self, message: &Value) {
        if let Some(case) = message["id"].as_u64().and_then(|id| self.awaited.remove(&id)) {
            self.end_step(case, message);
        }
        let params = &message["params"];
        match message["method"].as_str() {
            Some("Target.attachedToTarget") => {
                let session = params["sessionId"].as_str().unwrap().to_owned();
                self.watch(&session);
            }
            Some("Network.requestWillBeSent") => self.note_request(params),
            Some("Network.loadingFailed") => self.note_failure(params),
            _ => {}
        }
    }

    fn end_step(&mut self, case: usize, message: &Value) {
        let number = self.steps[&case];
        let seen = message["result"]["result"]["value"].clone();
        assert!(seen.is_object(), "{message} for {}", self.cases[case]);
        self.seen.insert((case, number), seen);
        if number + 1 < steps_of(&self.cases[case]).len() {
            self.start(case, number + 1);
        }
    }

    fn note_request(&mut self, params: &Value) {
        let id = params["requestId"].as_str().unwrap_or_default().to_owned();
        let path = params["request"]["url"].as_str().and_then(|url| url::Url::parse(url).ok());
        let case = path.and_then(|url| case_of(url.path()));
        if let Some(case) = case.filter(|case| self.steps.contains_key(case)) {
            self.requests.entry(id).or_insert((case, self.steps[&case]));
        }
    }

    fn note_failure(&mut self, params: &Value) {
        let error = params["corsErrorStatus"]["corsError"].as_str();
        let place = params["requestId"].as_str().and_then(|id| self.requests.get(id));
        if std::env::var_os("INVOKELAB_CORS_TRACE").is_some() {
            println!("{place:?} {params}");
        }
        if let (Some(error), Some(place)) = (error, place) {
            self.errors.insert(*place, error.to_owned());
        }
    }

    fn collect(&self) -> Vec<Vec<Map<String, Value>>> {
        let step = |case: usize, number: usize| {
            let place = (case, number);
            let error = self.errors.get(&place).map(String::as_str);
            observed(&self.seen[&place], &self.server.arrived(case, number), error)
        };
        let steps = |case: &usize| (0..steps_of(&self.cases[*case]).len()).map(|number| step(*case, number)).collect();
        self.chosen.iter().map(steps).collect()
    }
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
