//! Which lanes are shown, in which order, under which names.

use super::filter::Found;
use crate::model::Model;
use crate::model::timeline::LaneKey;

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

/// Clients, then each function with its queue and environments, then queues; those of them that the filter finds.
pub fn rows(model: &Model, found: &Found) -> Vec<Row> {
    let mut rows = Vec::new();
    if found.has_lane(&LaneKey::Clients, 0) {
        rows.push(Row { key: LaneKey::Clients, sub: 0, name: "Clients".into(), note: String::new(), indented: false });
    }
    let lanes = || model.timeline.lanes().filter(|(key, sub, _)| found.has_lane(key, *sub));
    for name in model.functions.keys() {
        let warm = model.environments.values().filter(|environment| environment.function == *name).count();
        let waiting = model.waiting(Some(name)).count();
        let waits = lanes().filter(|(key, _, _)| matches!(key, LaneKey::Events(of) if of == name));
        for (key, sub, _) in waits {
            let note = if sub > 0 { String::new() } else { format!("queue, {waiting} waiting") };
            rows.push(Row {
                key: key.clone(),
                sub,
                name: if sub == 0 { name.to_string() } else { ALSO_WAITING.into() },
                note,
                indented: sub > 0,
            });
        }
        let own = lanes().filter(|(key, sub, _)| *sub == 0 && matches!(key, LaneKey::Environment(of, _) if of == name));
        for (key, sub, _) in own {
            let LaneKey::Environment(_, number) = key else { continue };
            // Without a queue above it the first environment has the function's name.
            let of_function = |row: &Row| matches!(&row.key, LaneKey::Events(of) | LaneKey::Environment(of, _) if of == name);
            let first = !rows.last().is_some_and(of_function);
            let (text, note) =
                if first { (name.to_string(), format!("{warm} warm")) } else { (format!("environment {number}"), String::new()) };
            rows.push(Row { key: key.clone(), sub, name: text, note, indented: !first });
        }
    }
    for (key, sub, _) in lanes() {
        if let LaneKey::Messages(queue) = key {
            let depth = model.queues.get(queue).map_or(0, |queue| queue.messages.len());
            let note = if sub > 0 { String::new() } else { format!("SQS, {depth}") };
            rows.push(Row {
                key: key.clone(),
                sub,
                name: if sub == 0 { queue.to_string() } else { ALSO_WAITING.into() },
                note,
                indented: sub > 0,
            });
        }
    }
    for queue in super::future::goals(model) {
        if found.names(&queue) && !rows.iter().any(|row| row.is_queue(&queue)) {
            let (key, name) = (LaneKey::Messages(queue.clone()), queue.to_string());
            rows.push(Row { key, sub: 0, name, note: "empty".into(), indented: false });
        }
    }
    rows
}
