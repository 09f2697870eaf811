//! What panels ask for while they draw; the app acts at the end of the frame.

use std::path::PathBuf;

use crate::command::Command;
use crate::event::NoticeLevel;
use crate::model::selection::{InvocationModel, Selection};
use crate::service::ids::{FunctionName, QueueName};

/// The tabs of the composer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum ComposerTab {
    #[default]
    Event,
    Code,
    Configuration,
    Queue,
    History,
    /// A page's request to the function's URL or to a route that leads to it.
    Http,
}

#[derive(Clone, Debug)]
pub enum Action {
    /// To the executor.
    Command(Command),
    /// Show it in the inspector and outline it in the timeline.
    Select(Selection),
    /// Make this the function that the composer is about.
    ChooseFunction(FunctionName),
    /// Make this the queue that the composer is about.
    ChooseQueue(QueueName),
    ChooseModel(InvocationModel),
    OpenTab(ComposerTab),
    /// Go to the place where a setting is changed: the configuration tab, this key marked.
    OpenSetting {
        function: FunctionName,
        key: String,
    },
    /// Press the send button with what the composer holds.
    Send,
    /// Put this text into the composer, as one undoable edit.
    Compose {
        function: FunctionName,
        model: InvocationModel,
        text: String,
        label: Option<String>,
    },
    /// The same, and send what the composer holds into the waiting event instead of a new one.
    ComposeRetry {
        request_id: crate::service::ids::RequestId,
        text: String,
    },
    /// Put the request of this exchange into the form for pages' requests.
    ComposeRequest(u64),
    Copy(String),
    /// In the person's own browser.
    OpenUrl(String),
    Notify(NoticeLevel, String),
    OpenPalette,
    OpenShortcuts,
    OpenAddFunction,
    OpenWorkspaceDialog,
    OpenWorkspace(PathBuf),
    /// Put the keyboard into this panel: 1 functions, 2 composer, 3 inspector, 4 timeline.
    FocusPanel(u8),
    /// Put every panel back to where it was at first.
    ResetPanels,
}
