//! What the filter finds: lanes by their names; bars by request id, function, label and what is written on them.

use std::collections::BTreeMap;
use std::ops::Range;

use super::words::words;
use crate::model::Model;
use crate::model::timeline::{Bar, Lane, LaneKey};

/// Bars of a lane that are looked at, the newest: what is older is found by the name of its lane alone.
const SEARCHED: usize = 2_000;

/// The lanes and bars for a text; everything for an empty one.
#[derive(Default)]
pub struct Found {
    /// In small letters.
    wanted: String,
    version: u64,
    /// Bars by index, in order, of lanes whose own names do not match.
    bars: BTreeMap<(LaneKey, u8), Vec<usize>>,
}

impl Found {
    /// Looks again when the text or the timeline is another one.
    pub fn look(&mut self, model: &Model, text: &str, now: u64) {
        let wanted = text.trim().to_lowercase();
        if self.wanted == wanted && self.version == model.timeline.version {
            return;
        }
        *self = Self { wanted, version: model.timeline.version, bars: BTreeMap::new() };
        if self.wanted.is_empty() {
            return;
        }
        for (key, row, lane) in model.timeline.lanes() {
            let found = if self.names(name(key)) { Vec::new() } else { self.bars_of(model, lane, now) };
            if !found.is_empty() {
                self.bars.insert((key.clone(), row), found);
            }
        }
    }

    fn bars_of(&self, model: &Model, lane: &Lane, now: u64) -> Vec<usize> {
        let first = lane.len().saturating_sub(SEARCHED);
        (first..lane.len()).filter(|index| self.matches(model, &lane.bar(*index), now)).collect()
    }

    fn matches(&self, model: &Model, bar: &Bar, now: u64) -> bool {
        let of_invocation = bar.target.request_id().is_some_and(|id| {
            let invocation = model.invocations.get(&id);
            let label = invocation.and_then(|invocation| invocation.label.as_deref());
            self.names(&id.to_string())
                || label.is_some_and(|label| self.names(label))
                || invocation.is_some_and(|invocation| self.names(&invocation.function))
        });
        of_invocation || self.names(&words(model, bar, now))
    }

    /// Whether the text is a part of this name.
    #[must_use]
    pub fn names(&self, name: &str) -> bool {
        self.wanted.is_empty() || name.to_lowercase().contains(&self.wanted)
    }

    /// Whether this lane is shown: for its name, or for a bar.
    #[must_use]
    pub fn has_lane(&self, key: &LaneKey, row: u8) -> bool {
        self.names(name(key)) || self.bars.contains_key(&(key.clone(), row))
    }

    /// Whether one of these bars of a lane that is shown matches.
    #[must_use]
    pub fn has_bar(&self, key: &LaneKey, row: u8, bars: Range<usize>) -> bool {
        if self.bars.is_empty() {
            return true;
        }
        let Some(found) = self.bars.get(&(key.clone(), row)) else { return true };
        let next = found.partition_point(|index| *index < bars.start);
        found.get(next).is_some_and(|index| *index < bars.end)
    }

    /// What was looked for, in small letters.
    #[must_use]
    pub fn wanted(&self) -> &str {
        &self.wanted
    }
}

fn name(key: &LaneKey) -> &str {
    match key {
        LaneKey::Clients => "Clients",
        LaneKey::Events(name) | LaneKey::Environment(name, _) | LaneKey::Messages(name) => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::service::happened::{Happened, ServiceEvent};
    use crate::service::ids::RequestId;
    use crate::service::input::{InvocationSource, InvocationType};
    use crate::service::time::Timestamp;

    /// Two calls of a client, each of a function of its own.
    fn model() -> Model {
        let mut model = Model::default();
        for (number, function, label) in [(1, "confirm", "order-1042"), (2, "notify", "order-7")] {
            let what = Happened::InvocationAccepted {
                request_id: RequestId(number),
                function: function.into(),
                invocation_type: InvocationType::RequestResponse,
                source: InvocationSource::Workbench,
                payload: "{}".into(),
                label: Some(label.into()),
                accepted_at: Timestamp(1),
            };
            model.apply(&Event::Service(ServiceEvent { at: Timestamp(1), what }.into()));
        }
        model
    }

    #[test]
    fn bars_that_do_not_match_are_told_from_those_that_do() {
        let model = model();
        let id = RequestId(2).to_string();
        for (text, first, second) in [
            ("", true, true),
            ("Client", true, true),
            ("confirm", true, false),
            ("NOTIFY", false, true),
            ("1042", true, false),
            ("order-", true, true),
            (&id, false, true),
        ] {
            let mut found = Found::default();
            found.look(&model, text, 1);
            assert!(found.has_lane(&LaneKey::Clients, 0), "{text}");
            let has = |bars| found.has_bar(&LaneKey::Clients, 0, bars);
            assert_eq!((has(0..1), has(1..2), has(0..2)), (first, second, true), "{text}");
        }
        let mut found = Found::default();
        found.look(&model, "nowhere", 1);
        assert!(!found.has_lane(&LaneKey::Clients, 0));
    }
}
