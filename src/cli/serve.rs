//! `invokelab serve`: the Lambda API without a window; a line a door, then log lines.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::arguments::Serve;
use super::problems::Problems;
use super::{Failure, output, signals};
use crate::channel;
use crate::event::{Event, NoticeLevel};
use crate::executor::{ApiPort, Database, Executor, Options};
use crate::service::counted::counted;
use crate::service::filter::Mismatch;
use crate::service::happened::{Happened, Outcome, ServiceEvent};
use crate::workspace::locate;

pub fn serve(task: Serve) -> Result<ExitCode, Failure> {
    let place = locate::locate(task.workspace.as_deref()).map_err(Failure::wrong)?;
    let options = Options {
        workspace: place.workspace,
        database: Database::Folder(place.data_folder),
        clock: Some(task.clock),
        seed: None,
        api: task.port.map_or(ApiPort::FromWorkspace, ApiPort::Exactly),
        guard_program: None,
    };
    let (sender, events) = channel::events(Arc::new(|| {}));
    let mut executor = Executor::start(options, sender).map_err(Failure::wrong)?;
    signals::end_on_signal(executor.commands());
    let line = if task.json { json_line } else { text_line };
    let mut problems = Problems::default();
    let mut out = output::stdout();
    while let Some(turn) = wait(&events) {
        let mut text = String::new();
        for event in &turn {
            line(event, &mut problems, &mut text);
        }
        // Whoever read our output is gone; the functions go on.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        if turn.iter().any(|event| matches!(event, Event::Stopped)) {
            break;
        }
    }
    executor.stop();
    Ok(ExitCode::SUCCESS)
}

/// The next turn, however long it takes; `None` when the executor is gone.
fn wait(events: &channel::EventReceiver) -> Option<Vec<Event>> {
    loop {
        match events.wait_for_turn_or_end(Duration::from_secs(3_600)) {
            Ok(turn) => return Some(turn),
            Err(channel::WaitError::TimedOut) => {}
            Err(channel::WaitError::Ended) => return None,
        }
    }
}

fn text_line(event: &Event, problems: &mut Problems, out: &mut String) {
    match event {
        Event::Door(door) => {
            let moved = door.moved_from.map(|port| format!("  (port {port} is in use)")).unwrap_or_default();
            let certificate = door.certificate.as_ref().map(|path| format!("  (certificate {path})")).unwrap_or_default();
            *out += &format!("{}  {}{moved}{certificate}\n", door.kind, door.address);
        }
        Event::Notice(notice) => *out += &format!("{}  {}\n", level(notice.level), notice.text),
        Event::Workspace(view) => {
            for problem in problems.news(view) {
                *out += &format!("problem  {}: {}\n", problem.full_place(), problem.message);
            }
            for warning in problems.cors_news(view) {
                *out += &format!("warning  {warning}\n");
            }
        }
        Event::Service(event) => service_line(event, out),
        _ => {}
    }
}

/// Log lines, and the steps of asynchronous events, which no log line tells.
fn service_line(event: &ServiceEvent, out: &mut String) {
    match &event.what {
        Happened::LogWritten { function, lines, .. } => {
            for line in lines {
                *out += &format!("{function}  {}\n", line.text);
            }
        }
        Happened::RetryScheduled { request_id, function, next_attempt, due, .. } => {
            *out += &format!("{function}  {request_id}  attempt {next_attempt} in {}\n", due.since(event.at));
        }
        Happened::Delivered { request_id, function, outlet, target, error, .. } => {
            let failed = error.as_deref().map(|error| format!(" failed: {error}")).unwrap_or_default();
            *out += &format!("{function}  {request_id}  {outlet:?} to {target}{failed}\n");
        }
        Happened::MessageLeftOut { queue, function, message_id, mismatches } => {
            *out += &format!("{function}  {message_id}  left out by the filter, deleted from {queue}: {}\n", told(mismatches));
        }
        Happened::InvocationRefused { request_id, function, error, .. } => {
            *out += &format!("{function}  {request_id}  refused: {error}\n");
        }
        // No log line tells that an accepted event is given up; how others end stands in their reports and records.
        Happened::InvocationEnded { request_id, function, outcome, attempts } if is_given_up(*outcome) => {
            *out += &format!("{function}  {request_id}  dropped: {outcome:?} after {}\n", counted(*attempts, "attempt"));
        }
        _ => {}
    }
}

/// Whether an accepted event ended without success.
fn is_given_up(outcome: Outcome) -> bool {
    match outcome {
        Outcome::RetriesExhausted
        | Outcome::EventAgeExceeded
        | Outcome::ZeroReservedConcurrency
        | Outcome::RecursiveLoop
        | Outcome::Dropped => true,
        Outcome::Succeeded | Outcome::FunctionError | Outcome::Refused => false,
    }
}

fn json_line(event: &Event, problems: &mut Problems, out: &mut String) {
    let value = match event {
        Event::Door(door) => json!({
            "door": &*door.kind, "address": &*door.address, "moved_from": door.moved_from, "certificate": door.certificate.as_deref(),
        }),
        Event::Notice(notice) => json!({ "notice": level(notice.level), "text": notice.text }),
        Event::Workspace(view) => {
            let problem = |p: &crate::event::Problem| json!({ "problem": p.message, "file": p.file.display().to_string(), "line": p.line, "column": p.column });
            for problem in problems.news(view).iter().map(problem) {
                *out += &format!("{problem}\n");
            }
            for warning in problems.cors_news(view) {
                *out += &format!("{}\n", json!({ "warning": warning }));
            }
            return;
        }
        Event::Service(event) => match service_json(event) {
            Some(value) => value,
            None => return,
        },
        _ => return,
    };
    *out += &format!("{value}\n");
}

fn service_json(event: &ServiceEvent) -> Option<Value> {
    let time = event.at.iso_millis();
    Some(match &event.what {
        Happened::LogWritten { function, request_id, lines, .. } => json!({
            "time": time, "function": &**function, "request_id": request_id.map(|id| id.to_string()),
            "log": lines.iter().map(|line| &*line.text).collect::<Vec<_>>(),
        }),
        Happened::RetryScheduled { request_id, function, next_attempt, due, .. } => json!({
            "time": time, "function": &**function, "request_id": request_id.to_string(),
            "retry": next_attempt, "due": due.iso_millis(),
        }),
        Happened::InvocationEnded { request_id, function, outcome, attempts } => json!({
            "time": time, "function": &**function, "request_id": request_id.to_string(),
            "outcome": format!("{outcome:?}"), "attempts": attempts,
        }),
        Happened::Delivered { request_id, function, outlet, target, error, .. } => json!({
            "time": time, "function": &**function, "request_id": request_id.to_string(),
            "delivered": format!("{outlet:?}"), "target": target.to_string(), "error": error.as_deref(),
        }),
        Happened::MessageLeftOut { queue, function, message_id, mismatches } => json!({
            "time": time, "function": &**function, "queue": &**queue, "message_id": message_id.to_string(),
            "left_out": told(mismatches),
        }),
        Happened::InvocationRefused { request_id, function, error, .. } => json!({
            "time": time, "function": &**function, "request_id": request_id.to_string(), "refused": error.to_string(),
        }),
        _ => return None,
    })
}

fn told(mismatches: &[Mismatch]) -> String {
    let each: Vec<_> = mismatches.iter().map(ToString::to_string).collect();
    each.join("; ")
}

fn level(level: NoticeLevel) -> &'static str {
    match level {
        NoticeLevel::Information => "notice",
        NoticeLevel::Warning => "warning",
        NoticeLevel::Error => "error",
    }
}
