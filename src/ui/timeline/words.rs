//! What bars are called: on them, beside them, in texts on hover and to screen readers.

use super::rows::Row;
use crate::model::Model;
use crate::model::lengths::{so_far, whole_seconds};
use crate::model::queues::{Batch, MessageState};
use crate::model::selection::{InvocationModel, Selection};
use crate::model::timeline::{Bar, BarKind, LaneKey};
use crate::service::counted::counted;
use crate::service::happened::ClosedBy;
use crate::service::ids::{MessageId, QueueName};
use crate::service::time::{Micros, Timestamp};

/// Characters of a name where there is no room for all of it.
const SHORT: usize = 12;

/// What is written on a bar or beside it, the longest form first; none for most.
#[must_use]
pub fn forms(model: &Model, bar: &Bar, now: u64) -> Vec<String> {
    let invocation = bar.target.request_id().and_then(|id| model.invocations.get(&id));
    match (bar.kind, invocation) {
        (BarKind::Run(InvocationModel::Queue), Some(invocation)) => {
            model.batch_of(invocation).map(batch_forms).unwrap_or_default()
        }
        (BarKind::Run(InvocationModel::Asynchronous), _) => {
            bar.attempt.map(|n| vec![format!("attempt {n}"), n.to_string()]).unwrap_or_default()
        }
        (BarKind::Run(_), _) => vec![match bar.end {
            Some(end) => Micros(end - bar.start).to_string(),
            None => format!("{} so far", so_far(Micros(now.saturating_sub(bar.start)))),
        }],
        (BarKind::Call(model_of), _) if model_of.is_http() => with_short(model.request_words(&bar.target)),
        (BarKind::Call(InvocationModel::Queue), _) => match &bar.target {
            Selection::Message(queue, _) => with_short(queue.to_string()),
            _ => Vec::new(),
        },
        (BarKind::Call(_), Some(invocation)) => {
            with_short(invocation.label.as_deref().unwrap_or(&*invocation.function).to_owned())
        }
        (BarKind::Wait, _) => match &bar.target {
            Selection::Invocation(_) => {
                let length = coarse(Micros(bar.end.unwrap_or(now).saturating_sub(bar.start)));
                vec![format!("waits {length}"), length]
            }
            Selection::Message(queue, id) => match bar.end {
                Some(end) => gone_forms(model, *id, Timestamp(end)),
                None => message_forms(model, queue, *id),
            },
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// The longest form; empty for most.
#[must_use]
pub fn words(model: &Model, bar: &Bar, now: u64) -> String {
    forms(model, bar, now).into_iter().next().unwrap_or_default()
}

/// What is written beside bars that stand too close to each other: how many there are, and how many of them failed. Runs
/// are attempts where all of them are of one event.
#[must_use]
pub fn count_forms(kind: BarKind, count: usize, failures: u32, of_one: bool) -> Vec<String> {
    let noun = match kind {
        BarKind::Run(InvocationModel::Queue) => "batches",
        BarKind::Run(InvocationModel::Asynchronous) if of_one => "attempts",
        // Sending a message is one, too: what stands close together may be of both kinds.
        BarKind::Call(_) => "calls",
        BarKind::Run(_) | BarKind::Init => "runs",
        BarKind::Wait => return Vec::new(),
    };
    let all = format!("{count} {noun}");
    let failed = (failures > 0).then(|| format!("{all}, {failures} failed"));
    failed.into_iter().chain([all, format!("{count}×")]).collect()
}

/// The name, and its beginning where it is long.
fn with_short(name: String) -> Vec<String> {
    let short = name.char_indices().nth(SHORT).map(|(end, _)| format!("{}…", name[..end].trim_end()));
    [name].into_iter().chain(short).filter(|form| !form.is_empty()).collect()
}

/// What failed if anything did, else what closed it.
fn batch_forms(batch: &Batch) -> Vec<String> {
    let number = format!("batch {}", batch.number);
    if let Some(failed) = batch.failed_words() {
        return vec![format!("{number}, {failed}"), failed, number];
    }
    let why = match batch.closed_by {
        ClosedBy::Window => "window closed",
        ClosedBy::Size => "full",
        ClosedBy::Bytes => "6 MB",
    };
    let of = format!("batch of {}", batch.messages.len());
    vec![format!("{of}, {why}"), of, number]
}

/// What a message in its queue waits for.
fn message_forms(model: &Model, name: &QueueName, id: MessageId) -> Vec<String> {
    let queue = model.queues.get(name);
    match queue.and_then(|queue| queue.messages.get(&id)).map(|message| message.state) {
        Some(MessageState::Collected) => {
            let Some(collecting) = queue.and_then(|queue| queue.collecting.as_ref()) else { return Vec::new() };
            let window = whole_seconds(collecting.closes_at.since(collecting.opened_at));
            let so_far = format!("{} so far", collecting.messages.len());
            vec![format!("{so_far}, window {window}"), so_far]
        }
        Some(MessageState::InvisibleUntil(until)) => {
            vec![format!("invisible until {}", model.on_ruler(until)), "invisible".into()]
        }
        Some(MessageState::InBatch(batch)) => {
            model.batches.get(&batch).map(|batch| format!("in batch {}", batch.number)).into_iter().collect()
        }
        Some(MessageState::Waiting) => vec!["waits".into()],
        None => Vec::new(),
    }
}

/// Of a message that was received again, or is gone from its queue: with how many others it was sent, or how else that ended.
fn gone_forms(model: &Model, id: MessageId, at: Timestamp) -> Vec<String> {
    let ended = model.stay_ended(id, at);
    let sent = || model.batches.get(&model.sent_before(id, at)?).filter(|_| ended == ["received again"]);
    let Some(batch) = model.processed_in(id, at).or_else(sent) else { return ended };
    let messages = counted(batch.messages.len(), "message");
    vec![format!("{messages}, batch {}", batch.number), messages]
}

/// What a bar is, for the card at the pointer and for screen readers.
pub struct Card {
    /// A sentence with its lane.
    pub title: String,
    pub lines: Vec<String>,
}

#[must_use]
pub fn card(model: &Model, bar: &Bar, row: &Row, now: u64) -> Card {
    let length = Micros(bar.end.unwrap_or(now).saturating_sub(bar.start));
    let what = match (bar.kind, bar.attempt) {
        (BarKind::Run(InvocationModel::Queue), _) => words(model, bar, now),
        (BarKind::Init, _) => "init".to_owned(),
        (BarKind::Wait, _) => wait_words(model, bar),
        (BarKind::Call(InvocationModel::Queue), _) => format!("message to {}", words(model, bar, now)),
        (BarKind::Call(_), _) => "call".into(),
        (BarKind::Run(_), Some(attempt)) => format!("attempt {attempt}"),
        (BarKind::Run(_), None) => "runs".into(),
    };
    let failed = if bar.failed && !what.ends_with("failed") { ", failed" } else { "" };
    let going = if bar.end.is_none() { " so far" } else { "" };
    let instant = matches!(bar.kind, BarKind::Call(_)) && length == Micros(0);
    let length = if instant { String::new() } else { format!(", {length}{going}") };
    let from = Timestamp(bar.start);
    let mut lines: Vec<String> = about(model, bar, now).into_iter().collect();
    lines.push(match bar.end.filter(|_| !instant) {
        Some(end) => format!("{} to {}", model.on_ruler(from), model.on_ruler(Timestamp(end))),
        None if instant => model.on_ruler(from),
        None => format!("since {}", model.on_ruler(from)),
    });
    lines.push(from.iso_millis());
    Card { title: format!("{}: {what}{failed}{length}", lane(row)), lines }
}

/// `waits`, and of a message that is gone from its queue how that came: `waited, moved to dlq`.
fn wait_words(model: &Model, bar: &Bar) -> String {
    stay_ended(model, bar).map_or_else(|| "waits".to_owned(), |ended| format!("waited, {ended}"))
}

/// How the stay of a message ended, in the shortest form.
fn stay_ended(model: &Model, bar: &Bar) -> Option<String> {
    let Selection::Message(_, id) = &bar.target else { return None };
    model.stay_ended(*id, Timestamp(bar.end?)).pop()
}

/// Of crowded bars how many they are.
#[must_use]
pub fn crowd_card(row: &Row, count: usize, failures: u32) -> Card {
    let lines = vec!["Zoom in to tell them apart".to_owned()];
    Card { title: format!("{}: {count} bars, {failures} failed", lane(row)), lines }
}

/// An environment under its function is told with that.
fn lane(row: &Row) -> String {
    match &row.key {
        LaneKey::Environment(function, _) if row.indented => format!("{function}, {}", row.name),
        LaneKey::Messages(name) | LaneKey::Events(name) => name.to_string(),
        LaneKey::Clients | LaneKey::Environment(..) => row.name.clone(),
    }
}

/// Whose it is, and what it failed with.
fn about(model: &Model, bar: &Bar, now: u64) -> Option<String> {
    if let Selection::Message(_, id) = &bar.target {
        // Not what the title says already.
        let is_told = |state: &String| bar.kind != BarKind::Wait || stay_ended(model, bar).as_ref() == Some(state);
        let state = forms(model, bar, now).into_iter().next().filter(|state| !is_told(state));
        let id: String = id.to_string().chars().take(8).collect();
        return Some(state.map_or_else(|| format!("message {id}"), |state| format!("message {id}: {state}")));
    }
    let id = bar.target.request_id()?;
    let invocation = model.invocations.get(&id)?;
    let name = invocation.label.as_deref().map_or_else(|| id.to_string().chars().take(8).collect(), str::to_owned);
    let attempt = invocation.attempts.iter().find(|attempt| Some(attempt.number) == bar.attempt);
    let error = attempt.and_then(|attempt| attempt.ended.as_ref()?.result.as_ref().err());
    Some(match error {
        Some(error) => format!("{}: {name}, threw {}", invocation.function, error.error_type),
        None => format!("{}: {name}", invocation.function),
    })
}

/// A wait needs no more than a decimal.
#[must_use]
pub fn coarse(length: Micros) -> String {
    match length.0 / 100_000 {
        0 => length.to_string(),
        tenths @ 1..600 => format!("{}.{} s", tenths / 10, tenths % 10),
        tenths => Micros::from_secs(tenths / 10).to_string(),
    }
}

/// About how long: in one unit, for where there is no room for two.
#[must_use]
pub fn rough(length: Micros) -> String {
    let (unit, name) = match length.0.div_ceil(1_000_000) {
        0..=60 => return coarse(length),
        61..=3_600 => (60_000_000, "min"),
        3_601..=86_400 => (3_600_000_000, "h"),
        _ => (86_400_000_000, "d"),
    };
    let about = if length.0.is_multiple_of(unit) { "" } else { "~" };
    format!("{about}{} {name}", (length.0 + unit / 2) / unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::service::happened::{Happened, MoveReason, Removal, ServiceEvent};
    use crate::service::input::InvocationSource;

    #[test]
    fn crowded_bars_are_counted_in_forms_that_get_shorter() {
        let forms = |failures| count_forms(BarKind::Run(InvocationModel::Queue), 12, failures, false);
        assert_eq!(forms(2), ["12 batches, 2 failed", "12 batches", "12×"]);
        assert_eq!(forms(0), ["12 batches", "12×"]);
        assert!(count_forms(BarKind::Wait, 3, 0, false).is_empty());
        let events = |of_one| count_forms(BarKind::Run(InvocationModel::Asynchronous), 3, 0, of_one);
        assert_eq!(events(true)[0], "3 attempts");
        assert_eq!(events(false)[0], "3 runs", "nobody was retried");
    }

    #[test]
    fn the_bar_of_a_message_that_is_gone_says_how_its_stay_ended() {
        let (queue, message_id) = (QueueName::from("incoming"), MessageId(1 << 96));
        let mut model = Model::default();
        let mut tell = |at, what| model.apply(&Event::Service(ServiceEvent { at: Timestamp(at), what }.into()));
        let (source, body, sent_at) = (InvocationSource::Workbench, "{}".into(), Timestamp(1));
        tell(
            1,
            Happened::MessageSent {
                queue: queue.clone(),
                message_id,
                body,
                source,
                sent_at,
                visible_at: sent_at,
                receive_count: 0,
                came_from: None,
            },
        );
        let (from, to, reason) = (queue.clone(), QueueName::from("incoming-dlq"), MoveReason::RedrivePolicy);
        tell(9, Happened::MessageMoved { from, to: to.clone(), message_id, receive_count: 3, reason });
        tell(20, Happened::MessageRemoved { queue: to.clone(), message_id, removal: Removal::Expired });
        let call = model.timeline.lane(&LaneKey::Clients).unwrap().bar(0);
        assert_eq!(forms(&model, &call, 30), ["incoming"], "the client sent it there");
        assert_eq!(about(&model, &call, 30).unwrap(), "message 00000001");
        let bar = |queue: &QueueName| model.timeline.lane(&LaneKey::Messages(queue.clone())).unwrap().bar(0);
        assert_eq!(forms(&model, &bar(&queue), 30), ["received 3×, moved to incoming-dlq", "moved to incoming-dlq"]);
        assert_eq!(about(&model, &bar(&queue), 30).unwrap(), "message 00000001: received 3×, moved to incoming-dlq");
        assert_eq!(wait_words(&model, &bar(&queue)), "waited, moved to incoming-dlq");
        assert_eq!(forms(&model, &bar(&to), 30), ["expired"]);
        assert_eq!(about(&model, &bar(&to), 30).unwrap(), "message 00000001", "the title says how it ended");
    }

    #[test]
    fn a_length_has_a_form_with_one_unit() {
        for (seconds, text) in
            [(12, "12.0 s"), (120, "2 min"), (138, "~2 min"), (3_599, "~60 min"), (5_400, "~2 h"), (345_600, "4 d")]
        {
            assert_eq!(rough(Micros::from_secs(seconds)), text);
        }
    }

    #[test]
    fn a_long_name_has_a_short_form() {
        assert_eq!(with_short("order placed, expired card".into()), ["order placed, expired card", "order placed…"]);
        assert_eq!(with_short("order-1042".into()), ["order-1042"]);
        assert!(with_short(String::new()).is_empty());
    }
}
