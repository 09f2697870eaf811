//! Which lanes are shown, in which order, under which names.

use super::filter::Found;
use crate::model::Model;
use crate::model::order::Place;
use crate::model::timeline::{LaneKey, WAIT_ROWS};
use crate::service::ids::FunctionName;

/// The name of a queue's second row: what waits at the same time as the first.
const ALSO_WAITING: &str = "also waiting";

/// One row on screen.
#[derive(Clone, Debug)]
pub struct Row {
    pub key: LaneKey,
    /// Of the lanes that share a key, which.
    pub sub: u8,
    pub name: String,
    pub note: String,
    /// An environment under its function.
    pub indented: bool,
}

impl Row {
    /// Its bars are waits.
    #[must_use]
    pub fn waits(&self) -> bool {
        matches!(self.key, LaneKey::Events(_) | LaneKey::Messages(_))
    }

    /// The first row of this queue.
    #[must_use]
    pub fn is_queue(&self, queue: &str) -> bool {
        self.sub == 0 && matches!(&self.key, LaneKey::Messages(of) if &**of == queue)
    }
}

/// Clients, then every function and queue in the order of [`Model::lane_order`]; those lanes that the filter finds. Queues in
/// which an event may end that waits for its last attempt are there even while they are empty.
pub fn rows(model: &Model, found: &Found) -> Vec<Row> {
    let mut rows = Vec::new();
    if found.has_lane(&LaneKey::Clients, 0) {
        rows.push(Row { key: LaneKey::Clients, sub: 0, name: "Clients".into(), note: String::new(), indented: false });
    }
    let goals = super::future::goals(model);
    for place in model.lane_order() {
        match place {
            Place::Function(name) => {
                let waiting = model.waiting(Some(name)).count();
                let note = format!("queue, {waiting} waiting");
                let before = rows.len();
                waits(model, found, &LaneKey::Events(name.clone()), (name, &note), &mut rows);
                let named = rows.len() > before;
                environments(model, found, name, named, &mut rows);
            }
            Place::Queue(name) => {
                let depth = model.queues.get(name).map_or(0, |queue| queue.messages.len());
                let (key, before) = (LaneKey::Messages(name.clone()), rows.len());
                waits(model, found, &key, (name, &format!("SQS, {depth}")), &mut rows);
                if rows.len() == before && found.names(name) && goals.contains(name) {
                    rows.push(Row { key, sub: 0, name: name.to_string(), note: "empty".into(), indented: false });
                }
            }
        }
    }
    rows
}

/// The rows of what waits: the first has the name and the note.
fn waits(model: &Model, found: &Found, key: &LaneKey, (name, note): (&str, &str), rows: &mut Vec<Row>) {
    for sub in 0..WAIT_ROWS {
        if model.timeline.lane_of(key, sub).is_none() || !found.has_lane(key, sub) {
            continue;
        }
        let (name, note) = match (sub, model.timeline.without_row(key)) {
            (0, _) => (name.to_owned(), note.to_owned()),
            (_, 0) => (ALSO_WAITING.to_owned(), String::new()),
            (_, more) => (ALSO_WAITING.to_owned(), format!("+{more}")),
        };
        rows.push(Row { key: key.clone(), sub, name, note, indented: sub > 0 });
    }
}

/// The environments of a function. Without a queue above it the first has the function's name.
fn environments(model: &Model, found: &Found, function: &FunctionName, mut named: bool, rows: &mut Vec<Row>) {
    let warm = model.environments.values().filter(|environment| environment.function == *function).count();
    for key in model.timeline.environments_of(function).filter(|key| found.has_lane(key, 0)) {
        let LaneKey::Environment(_, number) = key else { continue };
        let (name, note) = match std::mem::replace(&mut named, true) {
            true => (format!("environment {number}"), String::new()),
            false => (function.to_string(), format!("{warm} warm")),
        };
        rows.push(Row { key: key.clone(), sub: 0, indented: note.is_empty(), name, note });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::service::configuration::{FunctionConfiguration, MappingConfiguration, QueueConfiguration, Target};
    use crate::service::happened::{Due, DueKind, Happened, ServiceEvent};
    use crate::service::ids::{MessageId, RequestId};
    use crate::service::input::InvocationSource;
    use crate::service::time::Timestamp;

    fn tell(model: &mut Model, what: Happened) {
        model.apply(&Event::Service(ServiceEvent { at: Timestamp(1), what }.into()));
    }

    fn send(model: &mut Model, queue: &str, id: u128) {
        let (queue, at) = (queue.into(), Timestamp(1));
        let source = InvocationSource::Workbench;
        let (message_id, body) = (MessageId(id), "{}".into());
        let what = Happened::MessageSent {
            queue,
            message_id,
            body,
            source,
            sent_at: at,
            visible_at: at,
            receive_count: 0,
            came_from: None,
        };
        tell(model, what);
    }

    /// Of all rows but the clients', which is always the first.
    fn names(model: &Model) -> Vec<String> {
        rows(model, &Found::default()).into_iter().skip(1).map(|row| row.name).collect()
    }

    /// `confirm` gives up into two queues and waits for its last attempt; `billing` reads a third.
    fn model() -> Model {
        let mut confirm = FunctionConfiguration::new("confirm");
        confirm.event_invoke.on_failure = Some(Target::Queue("confirm-failed".into()));
        confirm.dead_letter = Some(Target::Queue("confirm-dlq".into()));
        let mut model = Model::default();
        for queue in ["confirm-dlq", "confirm-failed", "incoming"] {
            tell(&mut model, Happened::QueueConfigured(QueueConfiguration::new(queue)));
        }
        for function in [confirm, FunctionConfiguration::new("billing")] {
            tell(&mut model, Happened::FunctionConfigured(function.into()));
        }
        tell(&mut model, Happened::MappingConfigured(MappingConfiguration::new("billing", "incoming")));
        let what = DueKind::Attempt { request_id: RequestId(1), function: "confirm".into(), attempt: 3, label: None };
        model.apply(&Event::Due(vec![Due { at: Timestamp(9), what }]));
        model
    }

    #[test]
    fn queues_in_which_an_event_may_end_keep_their_places_whatever_they_hold() {
        for filled in [[].as_slice(), &["confirm-dlq"], &["confirm-failed"], &["confirm-dlq", "confirm-failed"]] {
            let mut model = model();
            for (id, queue) in (1..).zip(filled) {
                send(&mut model, queue, id);
            }
            assert_eq!(names(&model), ["confirm-failed", "confirm-dlq"], "{filled:?}");
        }
    }

    #[test]
    fn a_queue_stands_above_the_function_that_it_feeds() {
        let mut model = model();
        send(&mut model, "incoming", 1);
        send(&mut model, "zeta", 2);
        let key = LaneKey::Environment("billing".into(), 1);
        let run = crate::model::timeline::BarKind::Init;
        model.timeline.begin(key, Timestamp(2), run, crate::model::selection::Selection::Nothing, None);
        assert_eq!(names(&model), ["incoming", "billing", "confirm-failed", "confirm-dlq", "zeta"]);
    }

    #[test]
    fn messages_for_which_there_is_no_row_are_counted() {
        let mut model = model();
        (1..=5).for_each(|id| send(&mut model, "incoming", id));
        let notes: Vec<String> = rows(&model, &Found::default()).into_iter().map(|row| row.note).skip(1).take(2).collect();
        assert_eq!(notes, ["SQS, 5", "+3"]);
    }
}
