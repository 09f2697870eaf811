//! What can be done with an invocation, of this run or of an earlier one.

use super::{Group, MenuItem};
use crate::command::Command;
use crate::event::{HistoryInvocation, HistoryRow};
use crate::events_catalog::copy_as::CopyForm;
use crate::model::Model;
use crate::model::invocations::Invocation;
use crate::model::selection::{InvocationModel, Selection};
use crate::service::ids::{FunctionName, RequestId};
use crate::service::input::{InvocationSource, InvocationType};
use crate::ui::action::Action;
use crate::ui::app::RERUN_TICKET;
use crate::ui::composer::{COPY_FORMS, copy_target};
use crate::ui::inspector::pretty;
use crate::ui::shortcuts;

/// What needs the payload, the response or the log: of an earlier run they are read from the history first.
#[derive(Clone, Copy, Debug)]
pub enum InvocationItem {
    /// The same event once more, whatever the composer holds.
    RunAgain,
    EditAndRunAgain,
    /// What is sent next goes into the event that waits instead of a new one.
    EditAndRetry,
    /// As a test event of its function.
    SaveAsEvent,
    CopyPayload,
    CopyResponse,
    CopyLog,
    CopyAs(CopyForm),
}

/// What is kept of an invocation, wherever that is.
pub struct Recorded<'a> {
    function: &'a FunctionName,
    invocation_type: InvocationType,
    model: InvocationModel,
    label: Option<&'a str>,
    payload: &'a bytes::Bytes,
    /// Of the last attempt that ended, or its error.
    response: Option<&'a [u8]>,
    log: Vec<&'a str>,
}

impl<'a> From<&'a Invocation> for Recorded<'a> {
    fn from(invocation: &'a Invocation) -> Self {
        let result = invocation.last_ended().map(|(_, ended)| match &ended.result {
            Ok(payload) => &payload[..],
            Err(error) => &error.payload[..],
        });
        Self {
            function: &invocation.function,
            invocation_type: invocation.invocation_type,
            model: invocation.model(),
            label: invocation.label.as_deref(),
            payload: &invocation.payload,
            response: result,
            log: invocation.log.iter().map(|line| &*line.text).collect(),
        }
    }
}

impl<'a> From<&'a HistoryInvocation> for Recorded<'a> {
    fn from(found: &'a HistoryInvocation) -> Self {
        let HistoryInvocation { row, payload, result, log } = found;
        let model = if row.batch_from.is_some() { InvocationModel::Queue } else { InvocationModel::of(row.invocation_type) };
        Self {
            function: &row.function,
            invocation_type: row.invocation_type,
            model,
            label: row.label.as_deref(),
            payload,
            response: result.as_deref(),
            log: log.iter().map(|line| &**line).collect(),
        }
    }
}

/// What can be done with an invocation of this run that the window knows.
#[must_use]
pub fn of_invocation(model: &Model, id: RequestId) -> Vec<MenuItem> {
    let Some(invocation) = model.invocations.get(&id) else { return Vec::new() };
    let mut items = under_way(id, invocation);
    items.extend(again(id));
    items.push(MenuItem::new(Group::Show, "Show in the timeline", [Action::ShowInTimeline(id)]));
    items.push(MenuItem::new(Group::Show, "Show the log", [Action::ShowLog(id)]));
    items.extend(copies(id, invocation.last_ended().is_some()));
    items
}

/// What can be done with a row of the history.
#[must_use]
pub fn in_history(model: &Model, row: &HistoryRow) -> Vec<MenuItem> {
    let id = row.request_id;
    // What a click does stands first.
    let mut items = vec![MenuItem::new(Group::Show, "Open", open(model, id))];
    if model.invocations.contains_key(&id) {
        items.extend(of_invocation(model, id));
    } else {
        items.extend(again(id));
        items.extend(copies(id, row.outcome.is_some()));
    }
    items
}

/// Opens what is stored of an invocation, and shows it in the inspector as long as that knows it, too.
fn open(model: &Model, id: RequestId) -> Vec<Action> {
    let select = model.invocations.contains_key(&id).then(|| Action::Select(Selection::Invocation(id)));
    [Action::Command(Command::LoadInvocation(id))].into_iter().chain(select).collect()
}

/// What only an invocation that has not ended can be asked for.
fn under_way(id: RequestId, invocation: &Invocation) -> Vec<MenuItem> {
    let command = |name, command| MenuItem::new(Group::Run, name, [Action::Command(command)]);
    if invocation.is_running() {
        return vec![command("Stop", Command::StopInvocation(id))];
    }
    if !invocation.is_waiting() {
        return Vec::new();
    }
    let edit = Action::Invocation(id, InvocationItem::EditAndRetry);
    vec![
        command("Step to the next attempt", Command::StepTo(id)),
        command("Retry now", Command::RetryNow(id)),
        MenuItem::new(Group::Run, "Edit and retry", [edit]),
        command("Drop", Command::DropEvent(id)),
    ]
}

fn again(id: RequestId) -> [MenuItem; 3] {
    let item = |name, chosen| MenuItem::new(Group::Run, name, [Action::Invocation(id, chosen)]);
    [
        item("Run again", InvocationItem::RunAgain).with_shortcut(shortcuts::RERUN.text),
        item("Edit and run again", InvocationItem::EditAndRunAgain),
        item("Save as event…", InvocationItem::SaveAsEvent),
    ]
}

fn copies(id: RequestId, ended: bool) -> Vec<MenuItem> {
    let copy = |name, chosen| MenuItem::new(Group::Copy, name, [Action::Invocation(id, chosen)]);
    let mut items = vec![MenuItem::copy("Copy request id", id.to_string()), copy("Copy payload", InvocationItem::CopyPayload)];
    if ended {
        items.push(copy("Copy response", InvocationItem::CopyResponse));
    }
    items.push(copy("Copy log", InvocationItem::CopyLog));
    let form = |(name, form)| MenuItem::new(Group::CopyAs, name, [Action::Invocation(id, InvocationItem::CopyAs(form))]);
    items.extend(COPY_FORMS.map(form));
    items
}

/// Does it with what is recorded.
#[must_use]
pub fn carry_out(model: &Model, recorded: &Recorded<'_>, id: RequestId, item: InvocationItem) -> Vec<Action> {
    let payload = || String::from_utf8_lossy(recorded.payload).into_owned();
    let compose = |label: Option<String>| {
        let (function, text) = (recorded.function.clone(), pretty(recorded.payload));
        Action::Compose { function, model: recorded.model, text, label }
    };
    match item {
        InvocationItem::RunAgain => vec![run_again(recorded)],
        InvocationItem::EditAndRunAgain => vec![compose(recorded.label.map(str::to_owned))],
        InvocationItem::EditAndRetry => vec![Action::ComposeRetry { request_id: id, text: pretty(recorded.payload) }],
        InvocationItem::SaveAsEvent => vec![compose(recorded.label.map(str::to_owned)), Action::SaveAs],
        InvocationItem::CopyPayload => vec![Action::Copy(payload())],
        InvocationItem::CopyResponse => {
            vec![Action::Copy(String::from_utf8_lossy(recorded.response.unwrap_or_default()).into_owned())]
        }
        InvocationItem::CopyLog => vec![Action::Copy(recorded.log.join("\n"))],
        InvocationItem::CopyAs(form) => {
            let text = payload();
            vec![Action::Copy(form(&copy_target(model, recorded.function, recorded.invocation_type, &text)))]
        }
    }
}

fn run_again(recorded: &Recorded<'_>) -> Action {
    Action::Command(Command::Invoke {
        function: recorded.function.clone(),
        invocation_type: recorded.invocation_type,
        payloads: vec![recorded.payload.clone()],
        label: recorded.label.map(Into::into),
        source: InvocationSource::Workbench,
        ticket: RERUN_TICKET,
    })
}
