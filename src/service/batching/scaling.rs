//! How many batches of a mapping may be in flight at once (semantics 4.5).

use super::super::LambdaService;
use super::super::deadlines::{Timer, TimerKey};
use super::super::ids::{FunctionName, QueueName};
use super::super::limits;
use super::super::time::Micros;
use super::Key;

/// How often concurrency may grow.
const MINUTE: Micros = Micros::from_secs(60);

/// The concurrency of a mapping: small at the start, larger each minute in which it holds messages back. A throttle brings
/// it down to what the function takes; from there it doubles.
#[derive(Debug)]
pub(in super::super) struct Scaling {
    allowed: u32,
    /// Whether a throttle brought it down.
    backed_off: bool,
    /// When it grows, should it still hold messages back then.
    timer: Option<TimerKey>,
}

impl Scaling {
    pub fn new() -> Self {
        Self { allowed: limits::MAPPING_START, backed_off: false, timer: None }
    }

    /// Batches that may be in flight, with the maximum that a person has set.
    pub fn allowed(&self, maximum: Option<u32>) -> u32 {
        maximum.map_or(self.allowed, |maximum| self.allowed.min(maximum))
    }

    fn holds_back(&self, in_flight: u32) -> bool {
        in_flight >= self.allowed && self.allowed < limits::MAPPING_CEILING
    }

    fn grow(&mut self) {
        let most = limits::MAPPING_GROWTH_A_MINUTE;
        let step = if self.backed_off { self.allowed.min(most) } else { most };
        self.allowed = (self.allowed + step).min(limits::MAPPING_CEILING);
    }
}

impl LambdaService {
    /// Looks at what is left after a poll: a backlog makes concurrency grow in a minute, quiet brings it back to the start.
    pub(super) fn watch_backlog(&mut self, key: &Key) {
        let waits = self.messages_wait(&key.1);
        let Some(mapping) = self.mappings.get_mut(key) else { return };
        let in_flight = mapping.concurrency();
        let scaling = &mut mapping.scaling;
        if waits && scaling.timer.is_none() && scaling.holds_back(in_flight) {
            let timer = Timer::ConcurrencyGrows(key.0.clone(), key.1.clone());
            scaling.timer = Some(self.deadlines.set(self.now + MINUTE, timer));
        } else if in_flight == 0 && !waits {
            self.deadlines.clear(&mut scaling.timer);
            *scaling = Scaling::new();
        }
    }

    /// A minute has passed since concurrency began to hold messages back.
    pub(in super::super) fn concurrency_grows(&mut self, function: FunctionName, queue: QueueName) {
        let key = (function, queue);
        let waits = self.messages_wait(&key.1);
        let Some(mapping) = self.mappings.get_mut(&key) else { return };
        let in_flight = mapping.concurrency();
        mapping.scaling.timer = None;
        if waits && mapping.waiting.is_empty() && mapping.scaling.holds_back(in_flight) {
            mapping.scaling.grow();
        }
        self.poll(&key);
    }

    /// The function takes no more than it has in hand (4.3); how far AWS goes down is not published.
    pub(super) fn back_off(&mut self, key: &Key) {
        let Some(mapping) = self.mappings.get_mut(key) else { return };
        let running = mapping.in_flight.len() - mapping.waiting.len();
        let scaling = &mut mapping.scaling;
        scaling.allowed = scaling.allowed.min(u32::try_from(running).unwrap_or(u32::MAX)).max(1);
        scaling.backed_off = true;
        // The minute begins anew.
        self.deadlines.clear(&mut scaling.timer);
    }

    pub(super) fn stop_scaling(&mut self, key: &Key) {
        if let Some(mapping) = self.mappings.get_mut(key) {
            self.deadlines.clear(&mut mapping.scaling.timer);
        }
    }

    fn messages_wait(&self, queue: &str) -> bool {
        self.queues.get(queue).is_some_and(|queue| !queue.ready.is_empty())
    }
}
