//! Everything that will happen by itself, in order of time.

use std::collections::BTreeMap;

use super::ids::{BatchId, EnvironmentId, FunctionName, MessageId, QueueName, RequestId};
use super::time::Timestamp;

/// What a deadline is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Timer {
    /// An asynchronous event is tried.
    Attempt(RequestId),
    /// The attempt in this environment reaches the function's timeout.
    Timeout(EnvironmentId),
    InitLimit(EnvironmentId),
    /// An API answers its client without the function.
    IntegrationTimeout(RequestId),
    IdleExpiry(EnvironmentId),
    /// A fault answers in place of the code.
    Fault(EnvironmentId),
    /// A fault that made the attempt slow lets the event through.
    Delay(EnvironmentId),
    /// An event does not wait any longer for an environment that has answered.
    FollowLimit(EnvironmentId),
    MessageVisible(QueueName, MessageId),
    WindowCloses(FunctionName, QueueName),
    /// The oldest message of a queue reaches the end of the retention period.
    Expiry(QueueName),
    /// A batch that was throttled is tried again.
    BatchRetry(BatchId),
    /// A mapping may have more batches in flight.
    ConcurrencyGrows(FunctionName, QueueName),
}

/// Where a timer stands, to take it away again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TimerKey(Timestamp, u64);

impl TimerKey {
    pub fn at(self) -> Timestamp {
        self.0
    }
}

#[derive(Debug, Default)]
pub(super) struct Deadlines {
    timers: BTreeMap<TimerKey, Timer>,
    sequence: u64,
}

impl Deadlines {
    /// Timers of the same moment fire in the order in which they were set.
    pub fn set(&mut self, at: Timestamp, timer: Timer) -> TimerKey {
        self.sequence += 1;
        let key = TimerKey(at, self.sequence);
        self.timers.insert(key, timer);
        key
    }

    pub fn clear(&mut self, key: &mut Option<TimerKey>) {
        if let Some(key) = key.take() {
            self.timers.remove(&key);
        }
    }

    pub fn next(&self) -> Option<Timestamp> {
        self.timers.keys().next().map(|key| key.0)
    }

    /// The first timer due at or before `now`.
    pub fn take_due(&mut self, now: Timestamp) -> Option<(Timestamp, Timer)> {
        let entry = self.timers.first_entry()?;
        let at = entry.key().0;
        (at <= now).then(|| (at, entry.remove()))
    }

    /// Whether the next timer brings another message of this queue back at this very moment.
    pub fn next_brings_back(&self, queue: &str, now: Timestamp) -> bool {
        let next = self.timers.first_key_value().filter(|(key, _)| key.0 <= now);
        matches!(next, Some((_, Timer::MessageVisible(of, _))) if **of == *queue)
    }

    pub fn iter(&self) -> impl Iterator<Item = (Timestamp, &Timer)> {
        self.timers.iter().map(|(key, timer)| (key.0, timer))
    }
}
