//! What panels ask for while they draw; the app acts at the end of the frame.

use std::path::PathBuf;

use super::docking::Pane;
use super::menus::InvocationItem;
use super::timeline::TimelineAction;
use crate::command::{Command, DocumentWork, SettingOwner};
use crate::event::{FilePlace, NoticeLevel};
use crate::events_catalog::copy_as::CopyForm;
use crate::model::selection::{InvocationModel, Selection};
use crate::service::ids::{FunctionName, MessageId, QueueName, RequestId};

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

/// What can be done with a page's request beside sending it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestAction {
    /// Serve a page that makes it, and open that in the person's browser.
    TestPage,
    /// Make the change that repairs it, then send it.
    Repair,
    Paste,
    CopyFetch,
    CopyCurl,
}

#[derive(Clone, Debug)]
pub enum Action {
    /// To the executor.
    Command(Command),
    /// Show it in the inspector and outline it in the timeline.
    Select(Selection),
    /// Select what was just sent, and bring its lanes of the timeline into view.
    ShowSent(Selection),
    /// Make this the function that the composer is about.
    ChooseFunction(FunctionName),
    /// Make a function and an event of it the ones that the composer is about.
    OpenSavedEvent {
        function: FunctionName,
        name: String,
    },
    /// Make this the queue that the composer is about.
    ChooseQueue(QueueName),
    ChooseModel(InvocationModel),
    OpenTab(ComposerTab),
    /// Go to the place where a setting is changed: the configuration tab, this key marked.
    OpenSetting {
        owner: SettingOwner,
        key: String,
    },
    /// Open the handler of a function at a line, from 1.
    OpenCode {
        function: FunctionName,
        line: u32,
    },
    /// Open a file of the workspace at a place.
    OpenFile(FilePlace),
    /// The same where a setting stands, or what it belongs to while it is not written.
    ShowInFile(SettingOwner, String),
    /// Press the send button with what the composer holds.
    Send,
    /// Save the event or the handler, whichever is seen.
    Save,
    /// Ask for a name to save the event under.
    SaveAs,
    /// Open the search of the event, the handler or the history, whichever is seen.
    Find,
    /// Lay out what the composer holds in another way.
    Document(DocumentWork),
    /// Copy what the composer holds as a command for elsewhere.
    CopyAs(CopyForm),
    /// Send the invocation that is looked at once more: the open row of the history, else the selected one.
    RunAgain,
    /// Do this with an invocation; of an earlier run its record is read first.
    Invocation(RequestId, InvocationItem),
    /// Select an invocation, and bring its bars into view.
    ShowInTimeline(RequestId),
    /// Select an invocation, and show its log beside it.
    ShowLog(RequestId),
    /// Forget the history; there is a while in which it can be kept after all.
    ClearHistory,
    /// Delete every message of a queue; they can be put back.
    Purge(QueueName),
    /// Delete one message of a queue; it can be put back.
    DeleteMessage(QueueName, MessageId),
    Timeline(TimelineAction),
    /// Light where it is dark, and the other way round.
    OtherTheme,
    /// Put this text into the composer, as one undoable edit.
    Compose {
        function: FunctionName,
        model: InvocationModel,
        text: String,
        label: Option<String>,
    },
    /// The same, and send what the composer holds into the waiting event instead of a new one.
    ComposeRetry {
        request_id: RequestId,
        text: String,
    },
    /// Do this with the page's request that is in the form.
    Request(RequestAction),
    /// Put the request of this exchange into the form for pages' requests.
    ComposeRequest(u64),
    Copy(String),
    /// In the person's own browser.
    OpenUrl(String),
    Notify(NoticeLevel, String),
    /// Say what was done, and offer to take it back or to mend it.
    Offer {
        text: String,
        button: &'static str,
        action: Box<Action>,
    },
    /// Save the handler of a function; once it is in its file, do this, if anything.
    SaveCode {
        function: FunctionName,
        then: Option<Command>,
    },
    OpenPalette,
    OpenShortcuts,
    OpenAddFunction,
    OpenAddQueue,
    OpenWorkspaceDialog,
    OpenWorkspace(PathBuf),
    /// Put the keyboard into this panel, which opens if it is closed.
    FocusPanel(Pane),
    /// Open this panel if it is closed.
    OpenPanel(Pane),
    /// Close this panel if it is seen, else open it.
    TogglePanel(Pane),
    /// Put every panel back to where it was at first.
    ResetPanels,
}
