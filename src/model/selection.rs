//! What a person has chosen: the invocation model of the composer, and the thing that the inspector shows.

use crate::service::ids::{BatchId, EnvironmentId, FunctionName, MessageId, QueueName, RequestId};
use crate::service::input::InvocationType;
use crate::service::narration::Subject;

/// The ways into a function that this version has; each has a colour of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum InvocationModel {
    /// `RequestResponse`: the caller waits.
    #[default]
    Synchronous,
    /// `Event`: 202 at once, the function's own queue, retries.
    Asynchronous,
    /// An HTTP request to a function URL.
    Url,
    /// An HTTP request to a route of an API, or to a load balancer.
    Api,
    /// Messages into a queue that a mapping reads in batches.
    Queue,
}

impl InvocationModel {
    pub const ALL: [Self; 5] = [Self::Synchronous, Self::Asynchronous, Self::Url, Self::Api, Self::Queue];

    /// Whether it is made by an HTTP request.
    #[must_use]
    pub fn is_http(self) -> bool {
        matches!(self, Self::Url | Self::Api)
    }

    /// `Sync`, `Async`, `Queue`: the segments of the toolbar.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Synchronous => "Sync",
            Self::Asynchronous => "Async",
            Self::Url => "URL",
            Self::Api => "API",
            Self::Queue => "Queue",
        }
    }

    /// What it means, in a sentence.
    #[must_use]
    pub fn gloss(self) -> &'static str {
        match self {
            Self::Synchronous => "RequestResponse: the caller waits for the function's answer",
            Self::Asynchronous => {
                "Event: accepted with 202 at once, run from the function's own queue, and retried when it fails"
            }
            Self::Url => "An HTTP request to the function's own URL",
            Self::Api => "An HTTP request to a route of an API, or to a load balancer",
            Self::Queue => "Messages into an SQS queue, from which a function gets them in batches",
        }
    }

    /// The verb of the send button (`ui.md`).
    #[must_use]
    pub fn verb(self) -> &'static str {
        match self {
            Self::Synchronous => "Invoke",
            Self::Asynchronous => "Send as event",
            Self::Url | Self::Api => "Send request",
            Self::Queue => "Send message",
        }
    }

    /// The model of an invocation that a caller asked for; batches and HTTP requests are told apart by their source.
    #[must_use]
    pub fn of(invocation_type: InvocationType) -> Self {
        match invocation_type {
            InvocationType::Event => Self::Asynchronous,
            InvocationType::RequestResponse | InvocationType::DryRun => Self::Synchronous,
        }
    }
}

/// The thing that the inspector shows and the timeline outlines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    #[default]
    Nothing,
    Function(FunctionName),
    Queue(QueueName),
    Invocation(RequestId),
    /// One attempt of an invocation, from 1.
    Attempt(RequestId, u32),
    Batch(BatchId),
    Message(QueueName, MessageId),
    Environment(EnvironmentId),
    /// A request at a door that no function ran for.
    Exchange(u64),
}

impl From<&Subject> for Selection {
    fn from(subject: &Subject) -> Self {
        match subject {
            Subject::Function(name) => Self::Function(name.clone()),
            Subject::Invocation(id) => Self::Invocation(*id),
            Subject::Batch(id) => Self::Batch(*id),
            Subject::Queue(name) => Self::Queue(name.clone()),
            Subject::Message(queue, id) => Self::Message(queue.clone(), *id),
        }
    }
}

impl Selection {
    #[must_use]
    pub fn request_id(&self) -> Option<RequestId> {
        match self {
            Self::Invocation(id) | Self::Attempt(id, _) => Some(*id),
            _ => None,
        }
    }
}
