//! The execution environments that run now: started, given events, stopped; what they report becomes service input.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::clock;
use super::environment::{
    EnvironmentHandle, EnvironmentStart, FromEnvironment, Report, ReportSender, StreamSender, ToEnvironment,
};
use super::guard::Guard;
use super::log_gate::LogGate;
use super::scripted::Scripted;
use super::{embedded_js, processes};
use crate::service::effect::{Dispatch, StopReason};
use crate::service::ids::{EnvironmentId, FunctionName};
use crate::service::input::Input;
use crate::service::time::Timestamp;
use crate::workspace::definition::{Runtime, ScriptedAnswer};

/// What holds an environment.
enum Hold {
    Real(EnvironmentHandle),
    Scripted(Arc<[ScriptedAnswer]>),
}

struct Running {
    function: FunctionName,
    hold: Hold,
    /// Initialises or has an event in hand.
    busy: bool,
}

/// What a report means to the loop.
pub enum Reported {
    Input(Input),
    /// Which interpreter a function's processes run on.
    RuntimeFound {
        function: FunctionName,
        runtime: Arc<str>,
    },
    /// Which files a function's code has imported.
    Loaded {
        function: FunctionName,
        files: Vec<PathBuf>,
    },
    /// From an environment that is gone.
    Nothing,
}

/// All environments, by id.
pub struct Environments {
    running: BTreeMap<EnvironmentId, Running>,
    scripted: Scripted,
    real_busy: usize,
    guard: Guard,
    reports: ReportSender,
    gate: LogGate,
}

impl Environments {
    #[must_use]
    pub fn new(guard: Guard, reports: ReportSender, gate: LogGate) -> Self {
        Self { running: BTreeMap::new(), scripted: Scripted::default(), real_busy: 0, guard, reports, gate }
    }

    #[must_use]
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Whether real code initialises or has an event in hand: then service time must run 1:1.
    #[must_use]
    pub fn real_code_running(&self) -> bool {
        self.real_busy > 0
    }

    /// Whether an environment runs code.
    #[must_use]
    pub fn is_real(&self, environment: EnvironmentId) -> bool {
        self.running.get(&environment).is_some_and(|running| matches!(running.hold, Hold::Real(_)))
    }

    /// When the next scripted answer is due.
    #[must_use]
    pub fn next_scripted(&self) -> Option<Timestamp> {
        self.scripted.next_deadline()
    }

    /// Scripted answers due at or before `now`, one moment at a time.
    pub fn take_scripted(&mut self, now: Timestamp) -> Option<(Timestamp, Vec<Input>)> {
        self.scripted.take_due(now)
    }

    /// Starts an environment. What is known at once, a scripted function being ready, comes back as an input.
    pub fn start(&mut self, start: EnvironmentStart) -> Option<Input> {
        let environment = start.environment;
        let function = start.function.clone();
        let hold = match &start.runtime {
            Runtime::Scripted(script) => Hold::Scripted(script.as_slice().into()),
            Runtime::JavaScript => Hold::Real(embedded_js::start(start, self.reports.clone(), self.gate.clone())),
            Runtime::Node | Runtime::Python | Runtime::Command(_) => {
                Hold::Real(processes::start(start, &self.guard, self.reports.clone(), self.gate.clone()))
            }
            Runtime::NotActive(name) => return Some(not_started(environment, &function, name)),
        };
        let real = matches!(hold, Hold::Real(_));
        self.real_busy += usize::from(real);
        self.running.insert(environment, Running { function, hold, busy: real });
        (!real).then_some(Input::EnvironmentReady { environment })
    }

    /// Hands an event over; the deadline that the runtime sees is wall-clock time.
    pub fn dispatch(&mut self, now: Timestamp, dispatch: Dispatch, stream: Option<StreamSender>) {
        let Some(running) = self.running.get_mut(&dispatch.environment) else { return };
        match &running.hold {
            Hold::Scripted(script) => self.scripted.dispatch(now, &dispatch, script),
            Hold::Real(handle) => {
                if !std::mem::replace(&mut running.busy, true) {
                    self.real_busy += 1;
                }
                let deadline_millis = (clock::wall() + dispatch.time_left).millis();
                let time_left = Duration::from_micros(dispatch.time_left.0);
                handle.send(ToEnvironment::Dispatch { dispatch, deadline_millis, time_left, stream });
            }
        }
    }

    /// Ends an environment and everything it started.
    pub fn stop(&mut self, environment: EnvironmentId, reason: StopReason) {
        self.scripted.stop(environment);
        if let Some(running) = self.running.remove(&environment) {
            self.real_busy -= usize::from(running.busy);
            if let Hold::Real(handle) = running.hold {
                handle.send(ToEnvironment::Stop(reason));
            }
        }
    }

    /// Turns a report into what the service is to know.
    pub fn reported(&mut self, report: Report) -> Reported {
        let environment = report.environment;
        if let FromEnvironment::Log(lines) = &report.what {
            self.gate.arrive(lines);
        }
        let Some(running) = self.running.get_mut(&environment) else { return Reported::Nothing };
        let free = matches!(report.what, FromEnvironment::Ready | FromEnvironment::Next | FromEnvironment::Exited(_));
        if free && std::mem::replace(&mut running.busy, false) {
            self.real_busy -= 1;
        }
        Reported::Input(match report.what {
            FromEnvironment::Ready => Input::EnvironmentReady { environment },
            FromEnvironment::InitError(error) => Input::InitError { environment, error },
            FromEnvironment::Response { request_id, payload } => Input::Response { environment, request_id, payload },
            FromEnvironment::Error { request_id, error } => Input::ErrorResponse { environment, request_id, error },
            FromEnvironment::Next => Input::NextRequested { environment },
            FromEnvironment::Log(lines) => Input::Log { environment, lines },
            FromEnvironment::MemoryUsed { megabytes } => Input::MemoryUsed { environment, megabytes },
            FromEnvironment::Exited(exit) => {
                self.running.remove(&environment);
                Input::Exited { environment, exit }
            }
            FromEnvironment::Loaded(files) => return Reported::Loaded { function: running.function.clone(), files },
            FromEnvironment::RuntimeFound(runtime) => {
                return Reported::RuntimeFound { function: running.function.clone(), runtime };
            }
        })
    }
}

fn not_started(environment: EnvironmentId, function: &str, runtime: &str) -> Input {
    let message = format!("{function}: the runtime {runtime} is not active yet; choose javascript, nodejs, python3 or command");
    Input::Exited { environment, exit: super::files::not_started("Runtime.Unknown", message) }
}
