//! `invokelab invoke`: one invocation, the response on standard output, log and summary on standard error.

use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use super::arguments::Invoke;
use super::chain::{self, Chain};
use super::problems::Problems;
use super::{FAILED, Failure, WRONG, output};
use crate::channel::{self, EventReceiver};
use crate::command::{ClockMode, Command};
use crate::event::{Event, EventMeta, NoticeLevel, Problem};
use crate::events_catalog::variables::{Expansion, expand};
use crate::executor::{ApiPort, Database, Executor, Options};
use crate::scenario::file::Advance;
use crate::service::happened::{Happened, Outcome, ServiceEvent};
use crate::service::ids::{FunctionName, RequestId};
use crate::service::input::{InvocationSource, InvocationType};
use crate::workspace::{event_meta, locate};

/// Longest wait for a turn: more than Lambda's longest timeout and a build before it.
const PATIENCE: Duration = Duration::from_secs(3_600);
const TICKET: u64 = 1;

pub fn invoke(task: Invoke) -> Result<ExitCode, Failure> {
    let payload = match &task.event {
        None => b"{}".to_vec(),
        Some(file) => event(read(file)?),
    };
    let advance = match task.advance.as_deref().map(|text| (text, Advance::parse(text))) {
        None => None,
        Some((_, Some(Advance::Idle))) => Some(Command::AdvanceUntilIdle),
        Some((_, Some(Advance::Length(length)))) => Some(Command::Advance(length)),
        Some((text, _)) => return Err(Failure::wrong(format!("--advance {text}: use idle or a length such as 90s"))),
    };
    let workspace = locate::workspace(task.workspace.as_deref()).map_err(Failure::wrong)?;
    let (payload, meta) = filled_in(payload, task.event.as_deref(), &workspace)?;
    check(&payload, task.event.as_deref())?;
    // What the command line says goes before what the event says of itself.
    let wanted = task.invocation_type.map(InvocationType::from).or(meta.invocation_type);
    let wanted = wanted.unwrap_or(InvocationType::RequestResponse);
    // An event that is only accepted must wait somewhere; everything else leaves nothing behind.
    let stays = wanted == InvocationType::Event && advance.is_none();
    let database = match stays {
        true => Database::Folder(locate::own_data_folder().map_err(Failure::wrong)?),
        false => Database::Memory,
    };
    let clock = Some(if advance.is_some() { ClockMode::Paused } else { ClockMode::Live });
    let options = Options { workspace, database, clock, seed: None, api: ApiPort::ForFunctions, guard_program: None };
    let (sender, events) = channel::events(Arc::new(|| {}));
    let mut executor = Executor::start(options, sender).map_err(Failure::wrong)?;
    super::signals::end_on_signal(executor.commands());
    let command = Command::Invoke {
        function: task.function.as_str().into(),
        invocation_type: wanted,
        payloads: vec![payload.into()],
        label: None,
        source: InvocationSource::Workbench,
        ticket: TICKET,
    };
    let commands = executor.commands();
    let send = |command| commands.send(command).map_err(|_| Failure::wrong("the executor has ended"));
    send(command)?;
    let mut watch = Watch::new(task.function.as_str().into(), wanted, task.log);
    watch.until(&events, Watch::is_over)?;
    if let Some(advance) = advance {
        watch.advanced = false;
        send(advance)?;
        watch.until(&events, |watch| watch.advanced)?;
    }
    executor.stop();
    watch.tell()
}

/// The payload of a saved event with its variables filled in, as in the window, and what belongs to it. Any other file is
/// what it is.
fn filled_in(payload: Vec<u8>, file: Option<&Path>, workspace: &Path) -> Result<(Vec<u8>, EventMeta), Failure> {
    let absolute = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let Some(file) = file.filter(|file| absolute(file).starts_with(absolute(workspace).join("events"))) else {
        return Ok((payload, EventMeta::default()));
    };
    let meta = meta_of(file)?;
    let wrong = |reason: &dyn std::fmt::Display| Failure::wrong(format!("{}: {reason}", file.display()));
    let text = String::from_utf8(payload).map_err(|error| wrong(&error))?;
    let now = crate::executor::clock::wall();
    let environment = |name: &str| std::env::var(name).ok();
    let expansion = Expansion { now, seq: 1, seed: now.0, environment: &environment, variables: &meta.variables };
    match expand(&text, &expansion) {
        Ok(text) => Ok((text.into_bytes(), meta)),
        Err(error) => Err(wrong(&format_args!("line {}, column {}: {}", error.line, error.column, error.message))),
    }
}

/// What belongs to a saved event. A mistake in it ends everything; what is kept without effect is only told.
fn meta_of(file: &Path) -> Result<EventMeta, Failure> {
    let (meta, problems) = event_meta::read(file);
    let (later, wrong): (Vec<_>, Vec<_>) = problems.iter().partition(|problem| !problem.is_mistake());
    let line = |problem: &&Problem| format!("{}: {}", problem.full_place(), problem.message);
    later.iter().for_each(|problem| eprintln!("{}", line(problem)));
    match wrong.is_empty() {
        true => Ok(meta),
        false => Err(Failure::wrong(wrong.iter().map(line).collect::<Vec<_>>().join("\n"))),
    }
}

/// The event must be JSON; a mistake is told with its place.
fn check(payload: &[u8], file: Option<&Path>) -> Result<(), Failure> {
    let place = match file {
        Some(file) if file != Path::new("-") => file.display().to_string(),
        _ => "standard input".to_owned(),
    };
    crate::executor::check_json(payload).map_err(|error| Failure::wrong(format!("{place}: {error}")))
}

/// An empty body counts as `{}`, as for the Lambda API (semantics 1.2); a byte order mark is no part of the event.
fn event(bytes: Vec<u8>) -> Vec<u8> {
    match bytes.strip_prefix(b"\xef\xbb\xbf".as_slice()).unwrap_or(&bytes) {
        [] => b"{}".to_vec(),
        event => event.to_vec(),
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    if file == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map_err(|error| Failure::wrong(format!("standard input: {error}")))?;
        return Ok(bytes);
    }
    std::fs::read(file).map_err(|error| Failure::wrong(format!("{}: {error}", file.display())))
}

/// What is seen of the one invocation.
struct Watch {
    function: FunctionName,
    wanted: InvocationType,
    log: bool,
    id: Option<RequestId>,
    accepted: bool,
    advanced: bool,
    outcome: Option<Outcome>,
    attempts: u32,
    refused: Option<String>,
    response: Option<Result<bytes::Bytes, bytes::Bytes>>,
    summary: String,
    /// Other invocations that came of it.
    chain: Chain,
    problems: Problems,
}

impl Watch {
    fn new(function: FunctionName, wanted: InvocationType, log: bool) -> Self {
        Self {
            function,
            wanted,
            log,
            id: None,
            accepted: false,
            advanced: false,
            outcome: None,
            attempts: 0,
            refused: None,
            response: None,
            summary: String::new(),
            chain: Chain::default(),
            problems: Problems::default(),
        }
    }

    /// A caller of Event waits for the acceptance only, one of RequestResponse for the end.
    fn is_over(&self) -> bool {
        let accepted = self.accepted && self.id.is_some();
        self.refused.is_some() || self.outcome.is_some() || (self.wanted != InvocationType::RequestResponse && accepted)
    }

    fn until(&mut self, events: &EventReceiver, done: impl Fn(&Self) -> bool) -> Result<(), Failure> {
        while !done(self) {
            let Some(turn) = events.wait_for_turn(PATIENCE) else { return Err(Failure::wrong("the executor has ended")) };
            for event in &turn {
                self.event(event)?;
            }
        }
        Ok(())
    }

    fn event(&mut self, event: &Event) -> Result<(), Failure> {
        match event {
            Event::Invoked { ticket: TICKET, request_id } => {
                self.id = Some(*request_id);
                self.accepted = true;
            }
            Event::Advanced => self.advanced = true,
            Event::NotInvoked { status, error_type, message, .. } => {
                self.refused = Some(format!("{status} {error_type}: {message}"));
            }
            // What was refused is told at the end.
            Event::Notice(notice) if notice.level >= NoticeLevel::Warning && self.refused.is_none() => {
                eprintln!("invokelab: {}", notice.text);
            }
            Event::Workspace(view) => {
                for problem in self.problems.news(view).iter().filter(|problem| !problem.is_not_active_yet()) {
                    eprintln!("{}: {}", problem.full_place(), problem.message);
                }
            }
            Event::Stopped => return Err(Failure { code: WRONG, message: "ended before the invocation was over".into() }),
            Event::Service(event) => self.service(event),
            _ => {}
        }
        Ok(())
    }

    fn service(&mut self, event: &ServiceEvent) {
        match &event.what {
            Happened::LogWritten { function, lines, .. } if self.log => {
                let of = if *function == self.function { String::new() } else { format!("{function}  ") };
                for line in lines {
                    eprintln!("{of}{}", line.text);
                }
            }
            Happened::AttemptFinished { request_id, attempt, result, duration, billed_millis, .. }
                if self.is_own(*request_id) =>
            {
                self.attempts = *attempt;
                self.response = Some(result.clone().map_err(|error| error.payload));
                self.summary = format!("attempt {attempt}, {duration}, billed {billed_millis} ms");
            }
            Happened::InvocationRefused { request_id, error, .. } if self.is_own(*request_id) => {
                let (status, name) = error.status_and_name();
                self.refused = Some(format!("{status} {name}: {error}"));
            }
            Happened::RetryScheduled { request_id, next_attempt, due, .. } if self.is_own(*request_id) => {
                eprintln!("attempt {next_attempt} is due in {}", due.since(event.at));
            }
            Happened::Delivered { request_id, outlet, target, error, .. } if self.is_own(*request_id) => match error {
                None => eprintln!("{outlet:?}: a record went to {target}"),
                Some(error) => eprintln!("{outlet:?}: the record for {target} is lost: {error}"),
            },
            Happened::InvocationEnded { request_id, outcome, .. } if self.is_own(*request_id) => self.outcome = Some(*outcome),
            // What comes of it has begun once it is known itself.
            other if self.id.is_some() => {
                if let Happened::InvocationEnded { outcome, .. } = other {
                    self.chain.count(*outcome);
                }
                if let Some(line) = chain::line(other) {
                    eprintln!("{line}");
                }
            }
            _ => {}
        }
    }

    fn is_own(&self, request_id: RequestId) -> bool {
        self.id == Some(request_id)
    }

    fn tell(self) -> Result<ExitCode, Failure> {
        if let Some(refused) = self.refused {
            return Err(Failure::wrong(refused));
        }
        if let (Some(Ok(payload) | Err(payload)), true) = (&self.response, self.wanted == InvocationType::RequestResponse) {
            output::print([payload, b"\n".as_slice()].concat());
        }
        let id = self.id.map(|id| id.to_string()).unwrap_or_default();
        match (self.wanted, self.outcome) {
            (InvocationType::DryRun, _) => eprintln!("{id}  all checks passed"),
            (InvocationType::Event, None) if self.advanced => {
                eprintln!("{id}  accepted and not over by then; with --advance nothing is kept, so it ends here");
            }
            (InvocationType::Event, None) => {
                eprintln!("{id}  accepted; it waits in the function's queue for the next start of the workspace");
            }
            (_, Some(outcome)) if self.summary.is_empty() => eprintln!("{id}  {outcome:?}, no attempt ran"),
            (_, Some(outcome)) => eprintln!("{id}  {outcome:?}, {}", self.summary),
            (InvocationType::RequestResponse, None) => {}
        }
        if let Some(summary) = self.chain.summary() {
            eprintln!("{summary}");
        }
        let failed = self.outcome.is_some_and(|outcome| outcome != Outcome::Succeeded);
        Ok(if failed { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
    }
}
