//! A page's request carried out by the executor, and the same one by a real browser on the test page.

use std::path::Path;
use std::process::{Child, Command as Process, Stdio};

use invokelab::command::Command;
use invokelab::event::{Browsed, Event, PageReport};
use invokelab::http_model::cors_case::{CaseRequest, CaseStep};

use crate::program::installed;
use crate::workbench::Workbench;

struct Page {
    workbench: Workbench,
    /// The URL of a function.
    url: String,
}

impl Page {
    fn open(function: &str) -> Self {
        let kind = format!("url {function}");
        let workbench = Workbench::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/doors"));
        let url = workbench.wait(|event| match event {
            Event::Door(door) if *door.kind == *kind => Some(door.address.to_string()),
            _ => None,
        });
        Self { workbench, url }
    }

    fn step(&self, origin: &str, method: &str) -> Box<CaseStep> {
        let request = CaseRequest { url: self.url.clone(), method: Some(method.to_owned()), ..CaseRequest::default() };
        Box::new(CaseStep { origin: Some(origin.to_owned()), req: Some(request), ..CaseStep::default() })
    }

    fn browse(&self, origin: &str, method: &str) -> Browsed {
        self.workbench.send(Command::Browse { ticket: 1, step: self.step(origin, method) });
        *self.workbench.wait(|event| match event {
            Event::Browsed { ticket: 1, result } => Some(result.clone().unwrap()),
            _ => None,
        })
    }
}

#[test]
fn a_request_is_carried_out_as_a_browser_would() {
    let page = Page::open("echo");
    let allowed = page.browse("https://app.example.com", "GET");
    assert!(
        allowed.verdict.readable && allowed.verdict.readable_headers.contains(&"x-order".to_owned()),
        "{:?}",
        allowed.verdict
    );
    let put = page.browse("https://app.example.com", "PUT");
    assert_eq!(put.verdict.code.as_deref(), Some("PF_METHOD"));
    assert!(put.exchange.wire.len() == 1 && put.exchange.wire[0].request.preflight, "the function is not called");
    let other = page.browse("https://evil.example", "GET");
    assert!(!other.verdict.readable && other.verdict.actual_sent, "it ran all the same");
    let mut step = page.step("http://app.example.com", "GET");
    step.req.as_mut().unwrap().url = "http://example.com/".to_owned();
    page.workbench.send(Command::Browse { ticket: 2, step });
    let refused = page.workbench.wait(|event| match event {
        Event::Browsed { ticket: 2, result } => Some(result.clone().err()),
        _ => None,
    });
    assert!(refused.unwrap().contains("not on this machine"));
}

#[test]
fn a_preflight_that_no_configuration_answers_calls_the_function() {
    let put = Page::open("shapes").browse("https://app.example.com", "PUT");
    assert!(put.exchange.wire.iter().all(|sent| sent.request.preflight), "{:?}", put.exchange.wire);
    assert!(put.verdict.function_ran);
}

#[test]
fn what_was_streamed_is_told_in_chunks() {
    let page = Page::open("stream");
    page.workbench.send(Command::Browse { ticket: 1, step: page.step("https://app.example.com", "GET") });
    let told = page.workbench.wait(|event| match event {
        Event::Exchange(exchange) => Some(exchange.response.headers.get("transfer-encoding").map(str::to_owned)),
        _ => None,
    });
    assert_eq!(told.as_deref(), Some("chunked"), "so that no length is predicted for the next one");
}

struct Browser(Child);

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn chromium(profile: &Path, address: &str) -> Browser {
    let mut command = Process::new("chromium");
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]);
    command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
    command.arg("--remote-debugging-port=0").arg(format!("--user-data-dir={}", profile.display())).arg(address);
    Browser(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
}

#[test]
fn a_real_browser_reports_what_its_page_saw() {
    if !installed("chromium") {
        return;
    }
    let page = Page::open("echo");
    let profile = tempfile::tempdir().unwrap();
    page.workbench.send(Command::ServeTestPage { ticket: 1, step: page.step("null", "GET") });
    let address = page.workbench.wait(|event| match event {
        Event::TestPage { ticket: 1, result } => Some(result.clone().unwrap()),
        _ => None,
    });
    let _browser = chromium(profile.path(), &address);
    let report: PageReport = page.workbench.wait(|event| match event {
        Event::PageReport(report) => Some((**report).clone()),
        _ => None,
    });
    assert_eq!((report.ticket, &*report.origin), (1, address.trim_end_matches('/')));
    assert!(!report.readable && report.error.contains("Failed to fetch"), "its origin is not in allow_origins: {report:?}");
    assert!(report.user_agent.contains("Chrome"), "{report:?}");
    let predicted = page.browse(&report.origin, "GET");
    assert_eq!(predicted.verdict.readable, report.readable);
    page.workbench.send(Command::ServeTestPage { ticket: 2, step: page.step("null", "PUT") });
    let again = page.workbench.wait(|event| match event {
        Event::TestPage { ticket: 2, result } => Some(result.clone().unwrap()),
        _ => None,
    });
    assert_eq!(again, address, "an origin that was allowed is still the page's");
}
