//! What the event loop and an execution environment say to each other, whatever runs inside it.
//!
//! An environment is started by one of [`super::embedded_js::start`] and [`super::processes::start`]. It gets a
//! [`EnvironmentHandle`] and reports by [`FromEnvironment`]; the loop turns reports into service inputs.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::runtime_api::RuntimeApi;
use crate::service::effect::{Dispatch, StopReason};
use crate::service::ids::{EnvironmentId, RequestId};
use crate::service::input::{Exit, FunctionError};
use crate::workspace::definition::Runtime;

/// Everything an environment needs to start. Made by the loop from the workspace; nothing is read from the shell but
/// PATH, HOME and locale.
#[derive(Clone, Debug)]
pub struct EnvironmentStart {
    pub environment: EnvironmentId,
    pub function: Arc<str>,
    pub runtime: Runtime,
    pub handler: Arc<str>,
    pub code: PathBuf,
    /// MB; a limit for the built-in runtime, a figure for processes.
    pub memory_size: u32,
    pub region: Arc<str>,
    pub account_id: Arc<str>,
    /// The user's variables, `env_file` included, on top of Lambda's own (semantics 2.6).
    pub variables: BTreeMap<String, String>,
    pub layers: Vec<PathBuf>,
    pub debug: bool,
    pub freeze: bool,
    /// Where the Lambda API listens, for functions that call it: `AWS_ENDPOINT_URL_LAMBDA`.
    pub lambda_endpoint: Option<Arc<str>>,
    /// Log stream name of semantics 2.6.
    pub log_stream: Arc<str>,
}

impl EnvironmentStart {
    /// Lambda's own variables that do not depend on how the environment runs (semantics 2.6), on `execution` such as
    /// `AWS_Lambda_python3.13`.
    #[must_use]
    pub fn lambda_variables(&self, execution: &str) -> Vec<(&'static str, String)> {
        let mut variables = vec![
            ("_HANDLER", self.handler.to_string()),
            ("AWS_REGION", self.region.to_string()),
            ("AWS_DEFAULT_REGION", self.region.to_string()),
            ("AWS_EXECUTION_ENV", execution.to_owned()),
            ("AWS_LAMBDA_FUNCTION_NAME", self.function.to_string()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", self.memory_size.to_string()),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", self.function)),
            ("AWS_LAMBDA_LOG_STREAM_NAME", self.log_stream.to_string()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AWS_SESSION_TOKEN", "test".to_owned()),
            ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR".to_owned()),
            ("TZ", ":UTC".to_owned()),
        ];
        if let Some(endpoint) = &self.lambda_endpoint {
            variables.push(("AWS_ENDPOINT_URL_LAMBDA", endpoint.to_string()));
        }
        variables
    }
}

/// A piece of a response that reaches its caller while the function still runs (semantics 2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamPiece {
    /// The function began to answer; the content type decides whether a prelude comes first.
    Begun {
        content_type: Option<String>,
    },
    Bytes(Bytes),
    /// It wrote more than a streamed response may have: what follows is not sent, and the client must not take what it has for
    /// all of it.
    CutOff,
}

/// The bounded way of a streamed response past the loop, straight to the connection of its caller.
pub type StreamSender = mpsc::Sender<StreamPiece>;

/// What the loop tells an environment.
#[derive(Debug)]
pub enum ToEnvironment {
    /// `deadline` is wall-clock time, in milliseconds since the epoch; `time_left` is how long from now.
    Dispatch {
        dispatch: Dispatch,
        deadline_millis: u64,
        time_left: Duration,
        /// `None`: a streamed response is collected.
        stream: Option<StreamSender>,
    },
    Stop(StopReason),
}

/// What an environment tells the loop.
#[derive(Debug)]
pub enum FromEnvironment {
    /// It waits for its first event.
    Ready,
    InitError(FunctionError),
    Response {
        request_id: RequestId,
        payload: Bytes,
    },
    Error {
        request_id: RequestId,
        error: FunctionError,
    },
    /// It asked for the next event after an answer.
    Next,
    Log(Vec<Arc<str>>),
    /// Files that the code has imported, as far as the runtime knows.
    Loaded(Vec<PathBuf>),
    MemoryUsed {
        megabytes: u32,
    },
    /// It ended without being told to.
    Exited(Exit),
    /// `Python 3.11.7`: what was found on PATH, or why nothing was.
    RuntimeFound(Arc<str>),
}

/// A report with its sender, as it arrives at the loop.
#[derive(Debug)]
pub struct Report {
    pub environment: EnvironmentId,
    pub what: FromEnvironment,
}

/// The bounded way of all environments to the loop.
pub type ReportSender = mpsc::Sender<Report>;

/// The loop's hold on a running environment. Dropping it stops the environment and kills everything it started.
#[derive(Debug)]
pub struct EnvironmentHandle {
    orders: mpsc::Sender<ToEnvironment>,
    /// Where events go past the environment's own task: to the connection of its runtime that waits for one. It ends with the
    /// environment.
    runtime_api: Option<Weak<RuntimeApi>>,
}

impl EnvironmentHandle {
    /// A handle and the end that the environment listens to. At most one dispatch and one stop are ever under way.
    #[must_use]
    pub fn new() -> (Self, mpsc::Receiver<ToEnvironment>) {
        let (orders, receiver) = mpsc::channel(4);
        (Self { orders, runtime_api: None }, receiver)
    }

    /// The same for an environment whose events go through a Runtime API; it listens for the stop only.
    #[must_use]
    pub fn with_runtime_api(runtime_api: &Arc<RuntimeApi>) -> (Self, mpsc::Receiver<ToEnvironment>) {
        let (handle, receiver) = Self::new();
        (Self { runtime_api: Some(Arc::downgrade(runtime_api)), ..handle }, receiver)
    }

    /// Never waits. An environment that is gone has reported, or will report, its end.
    pub fn send(&self, order: ToEnvironment) {
        match (order, &self.runtime_api) {
            (ToEnvironment::Dispatch { dispatch, deadline_millis, stream, .. }, Some(runtime_api)) => {
                if let Some(runtime_api) = runtime_api.upgrade() {
                    runtime_api.dispatch(dispatch, deadline_millis, stream);
                }
            }
            // A full or closed channel means that the environment is dead or dying; its Exited report settles the rest.
            (order, _) => drop(self.orders.try_send(order)),
        }
    }
}
