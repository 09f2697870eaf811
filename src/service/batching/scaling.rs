//! How many batches of a mapping may be in flight at once (semantics 4.5).

use super::super::LambdaService;
use super::super::deadlines::{Timer, TimerKey};
use super::super::happened::{Happened, ScalingReason};
use super::super::ids::{FunctionName, QueueName};
use super::super::limits;
use super::super::time::Micros;
use super::Key;

/// How often concurrency may grow.
const MINUTE: Micros = Micros::from_secs(60);

/// The concurrency of a mapping: small at the start, larger each minute in which it holds messages back. A throttle brings
/// it down to what the function takes, a function error to a part of it; from there it doubles.
#[derive(Debug)]
pub(in super::super) struct Scaling {
    allowed: u32,
    /// Whether a throttle or a function error brought it down.
    backed_off: bool,
    /// The last batch ended in a function error that counts here.
    failing: bool,
    /// When it grows, should it still hold messages back then.
    timer: Option<TimerKey>,
}

impl Scaling {
    pub fn new() -> Self {
        Self { allowed: limits::MAPPING_START, backed_off: false, failing: false, timer: None }
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

    fn bring_down(&mut self, to: u32) {
        self.allowed = self.allowed.min(to).max(1);
        self.backed_off = true;
    }
}

impl LambdaService {
    /// Looks at what is left after a poll: a backlog makes concurrency grow in a minute, quiet brings it back to the start,
    /// unless the function fails: then what is quiet merely waits for its visibility timeout.
    pub(super) fn watch_backlog(&mut self, key: &Key) {
        let waits = self.messages_wait(&key.1);
        let Some(mapping) = self.mappings.get_mut(key) else { return };
        let in_flight = mapping.concurrency();
        let scaling = &mut mapping.scaling;
        if waits && !scaling.failing && scaling.timer.is_none() && scaling.holds_back(in_flight) {
            let timer = Timer::ConcurrencyGrows(key.0.clone(), key.1.clone());
            scaling.timer = Some(self.deadlines.set(self.now + MINUTE, timer));
        } else if in_flight == 0 && !waits && !scaling.failing {
            self.deadlines.clear(&mut scaling.timer);
            let before = std::mem::replace(scaling, Scaling::new()).allowed;
            self.tell_scaling(key, before, ScalingReason::Quiet);
        }
    }

    /// A minute has passed since concurrency began to hold messages back.
    pub(in super::super) fn concurrency_grows(&mut self, function: FunctionName, queue: QueueName) {
        let key = (function, queue);
        let waits = self.messages_wait(&key.1);
        let Some(mapping) = self.mappings.get_mut(&key) else { return };
        let in_flight = mapping.concurrency();
        mapping.scaling.timer = None;
        let before = mapping.scaling.allowed;
        if waits && mapping.waiting.is_empty() && mapping.scaling.holds_back(in_flight) {
            mapping.scaling.grow();
        }
        self.tell_scaling(&key, before, ScalingReason::Backlog);
        self.poll(&key);
    }

    /// The function takes no more than it has in hand (4.3); how far AWS goes down is not published.
    pub(super) fn back_off(&mut self, key: &Key) {
        let Some(mapping) = self.mappings.get_mut(key) else { return };
        let running = mapping.in_flight.len() - mapping.waiting.len();
        self.bring_down(key, u32::try_from(running).unwrap_or(u32::MAX), ScalingReason::Throttled);
    }

    /// A batch has ended: concurrency goes down with each that failed, and may grow again from the first one that did not (4.3).
    /// A function that reports what failed is polled as before (4.6).
    pub(super) fn scale_by_result(&mut self, key: &Key, failed: bool) {
        let divisor = self.settings.mapping_error_divisor.max(1);
        let Some(mapping) = self.mappings.get_mut(key) else { return };
        mapping.scaling.failing = failed && divisor > 1;
        if mapping.scaling.failing {
            let part = mapping.scaling.allowed / divisor;
            self.bring_down(key, part, ScalingReason::FunctionErrors);
        }
    }

    fn bring_down(&mut self, key: &Key, to: u32, reason: ScalingReason) {
        let Some(mapping) = self.mappings.get_mut(key) else { return };
        let before = mapping.scaling.allowed;
        mapping.scaling.bring_down(to);
        // The minute begins anew.
        self.deadlines.clear(&mut mapping.scaling.timer);
        self.tell_scaling(key, before, reason);
    }

    fn tell_scaling(&mut self, key: &Key, before: u32, reason: ScalingReason) {
        let Some(concurrency) = self.mappings.get(key).map(|mapping| mapping.scaling.allowed) else { return };
        if concurrency != before {
            let (function, queue) = key.clone();
            self.publish(Happened::MappingScaled { function, queue, concurrency, reason });
        }
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
