//! A page's request carried out by the executor, and the same one by a real browser on the test page.

use std::path::Path;
use std::process::{Child, Command as Process, Stdio};
use std::sync::Arc;
use std::time::Duration;

use invokelab::channel::{self, CommandSender, EventReceiver};
use invokelab::command::{ClockMode, Command};
use invokelab::event::{Browsed, Event, PageReport};
use invokelab::executor::{ApiPort, Database, Executor, Options};
use invokelab::http_model::cors_case::{CaseRequest, CaseStep};

use crate::program::installed;

struct Workbench {
    executor: Executor,
    commands: CommandSender,
    events: EventReceiver,
    /// The URL of `echo`.
    url: String,
}

impl Workbench {
    fn open() -> Self {
        let (sender, events) = channel::events(Arc::new(|| {}));
        let options = Options {
            workspace: Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/doors"),
            database: Database::Memory,
            clock: Some(ClockMode::Live),
            seed: Some(7),
            api: ApiPort::Exactly(0),
            guard_program: Some(env!("CARGO_BIN_EXE_invokelab").into()),
        };
        let executor = Executor::start(options, sender).unwrap();
        let mut workbench = Self { commands: executor.commands(), executor, events, url: String::new() };
        workbench.url = workbench.wait(|event| match event {
            Event::Door(door) if &*door.kind == "url echo" => Some(door.address.to_string()),
            _ => None,
        });
        workbench
    }

    fn wait<T>(&self, mut found: impl FnMut(&Event) -> Option<T>) -> T {
        loop {
            let turn = self.events.wait_for_turn(Duration::from_secs(60)).expect("an answer within a minute");
            if let Some(answer) = turn.iter().find_map(&mut found) {
                return answer;
            }
        }
    }

    fn step(&self, origin: &str, method: &str) -> Box<CaseStep> {
        let request = CaseRequest { url: self.url.clone(), method: Some(method.to_owned()), ..CaseRequest::default() };
        Box::new(CaseStep { origin: Some(origin.to_owned()), req: Some(request), ..CaseStep::default() })
    }

    fn browse(&self, origin: &str, method: &str) -> Browsed {
        self.commands.send(Command::Browse { ticket: 1, step: self.step(origin, method) }).unwrap();
        *self.wait(|event| match event {
            Event::Browsed { ticket: 1, result } => Some(result.clone().unwrap()),
            _ => None,
        })
    }
}

impl Drop for Workbench {
    fn drop(&mut self) {
        self.executor.stop();
    }
}

#[test]
fn a_request_is_carried_out_as_a_browser_would() {
    let workbench = Workbench::open();
    let allowed = workbench.browse("https://app.example.com", "GET");
    assert!(
        allowed.verdict.readable && allowed.verdict.readable_headers.contains(&"x-order".to_owned()),
        "{:?}",
        allowed.verdict
    );
    let put = workbench.browse("https://app.example.com", "PUT");
    assert_eq!(put.verdict.code.as_deref(), Some("PF_METHOD"));
    assert!(put.exchange.wire.len() == 1 && put.exchange.wire[0].request.preflight, "the function is not called");
    let other = workbench.browse("https://evil.example", "GET");
    assert!(!other.verdict.readable && other.verdict.actual_sent, "it ran all the same");
    let mut step = workbench.step("http://app.example.com", "GET");
    step.req.as_mut().unwrap().url = "http://example.com/".to_owned();
    workbench.commands.send(Command::Browse { ticket: 2, step }).unwrap();
    let refused = workbench.wait(|event| match event {
        Event::Browsed { ticket: 2, result } => Some(result.clone().err()),
        _ => None,
    });
    assert!(refused.unwrap().contains("not on this machine"));
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
    let workbench = Workbench::open();
    let profile = tempfile::tempdir().unwrap();
    workbench.commands.send(Command::ServeTestPage { ticket: 1, step: workbench.step("null", "GET") }).unwrap();
    let address = workbench.wait(|event| match event {
        Event::TestPage { ticket: 1, result } => Some(result.clone().unwrap()),
        _ => None,
    });
    let _browser = chromium(profile.path(), &address);
    let report: PageReport = workbench.wait(|event| match event {
        Event::PageReport(report) => Some((**report).clone()),
        _ => None,
    });
    assert_eq!((report.ticket, &*report.origin), (1, address.trim_end_matches('/')));
    assert!(!report.readable && report.error.contains("Failed to fetch"), "its origin is not in allow_origins: {report:?}");
    assert!(report.user_agent.contains("Chrome"), "{report:?}");
    let predicted = workbench.browse(&report.origin, "GET");
    assert_eq!(predicted.verdict.readable, report.readable);
    workbench.commands.send(Command::ServeTestPage { ticket: 2, step: workbench.step("null", "PUT") }).unwrap();
    let again = workbench.wait(|event| match event {
        Event::TestPage { ticket: 2, result } => Some(result.clone().unwrap()),
        _ => None,
    });
    assert_eq!(again, address, "an origin that was allowed is still the page's");
}
