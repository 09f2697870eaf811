//! The home of time: service time as a person sets it, and the wall clock that nobody else reads.
//!
//! Live, fast and paused are the pace of service time while no code runs. While real code has an event in hand,
//! service time runs 1:1 with real time whatever the pace, or timeouts would come too early or never; while a build
//! runs it stands still. Service time never goes back behind anything that has happened: once it was stepped ahead of the
//! wall clock it stays ahead
//! until the wall clock has caught up, so that nothing that happened later bears an earlier stamp.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::command::ClockMode;
use crate::service::time::{Micros, Timestamp};

/// Fastest pace, in seconds of service time a second.
pub const FASTEST: f64 = 3_600.0;

/// Service time and its pace.
#[derive(Debug)]
pub struct Clock {
    mode: ClockMode,
    /// Service time at `since`.
    service: Timestamp,
    since: Instant,
    code_running: bool,
    held: bool,
}

impl Clock {
    /// A clock that shows `service` now.
    #[must_use]
    pub fn new(mode: ClockMode, service: Timestamp) -> Self {
        Self { mode, service, since: instant(), code_running: false, held: false }
    }

    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.at(instant())
    }

    #[must_use]
    pub fn mode(&self) -> ClockMode {
        self.mode
    }

    #[must_use]
    pub fn code_running(&self) -> bool {
        self.code_running
    }

    /// Sets the pace; a speed outside 1 to [`FASTEST`] is brought inside.
    pub fn set_mode(&mut self, mode: ClockMode) {
        self.rebase();
        self.mode = match mode {
            ClockMode::Fast(speed) if speed.is_finite() => ClockMode::Fast(speed.clamp(1.0, FASTEST)),
            ClockMode::Fast(_) => ClockMode::Live,
            ClockMode::Live | ClockMode::Paused => mode,
        };
    }

    /// Whether real code has an event in hand or initialises.
    pub fn set_code_running(&mut self, running: bool) {
        if running != self.code_running {
            self.rebase();
            self.code_running = running;
        }
    }

    /// Code begins to run at `at`, a moment that has just been reached: a fast clock that is some seconds further already has not
    /// been there, or the code would have run for these seconds before its first line.
    pub fn begin_code(&mut self, at: Timestamp) {
        if !self.code_running {
            self.service = self.service.max(at);
            self.since = instant();
            self.code_running = true;
        }
    }

    /// Service time stands still while a build runs: the function is not at fault for it.
    pub fn hold(&mut self, held: bool) {
        if held != self.held {
            self.rebase();
            self.held = held;
        }
    }

    /// Goes forward to `to`; an earlier time changes nothing.
    pub fn jump_to(&mut self, to: Timestamp) {
        self.rebase();
        self.service = self.service.max(to);
    }

    /// How long until service time is at `deadline`, in real time; `None` while service time stands still.
    #[must_use]
    pub fn real_time_until(&self, deadline: Timestamp) -> Option<Duration> {
        let left = deadline.since(self.now());
        if left == Micros(0) {
            return Some(Duration::ZERO);
        }
        let pace = self.pace();
        (pace > 0.0).then(|| Duration::from_micros(left.0).div_f64(pace))
    }

    fn at(&self, instant: Instant) -> Timestamp {
        let passed = instant.saturating_duration_since(self.since).mul_f64(self.pace());
        self.service + Micros(u64::try_from(passed.as_micros()).unwrap_or(u64::MAX))
    }

    fn rebase(&mut self) {
        let instant = instant();
        self.service = self.at(instant);
        self.since = instant;
    }

    fn pace(&self) -> f64 {
        match self.mode {
            _ if self.held => 0.0,
            _ if self.code_running => 1.0,
            ClockMode::Live => 1.0,
            ClockMode::Fast(speed) => speed,
            ClockMode::Paused => 0.0,
        }
    }
}

/// The wall clock, in microseconds since the epoch.
#[must_use]
pub fn wall() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since_epoch.as_micros()).unwrap_or(u64::MAX))
}

/// A moment of the monotonic clock.
#[expect(clippy::disallowed_methods, reason = "this is the one place that asks")]
#[must_use]
pub fn instant() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(mode: ClockMode) -> Clock {
        Clock::new(mode, Timestamp(1_000_000))
    }

    #[test]
    fn a_paused_clock_stands_still_and_jumps_forward_only() {
        let mut clock = clock(ClockMode::Paused);
        assert_eq!(clock.now(), Timestamp(1_000_000));
        assert_eq!(clock.real_time_until(Timestamp(2_000_000)), None);
        clock.jump_to(Timestamp(2_000_000));
        clock.jump_to(Timestamp(1_500_000));
        assert_eq!(clock.now(), Timestamp(2_000_000));
        assert_eq!(clock.real_time_until(Timestamp(1)), Some(Duration::ZERO));
    }

    #[test]
    fn running_code_takes_real_time_whatever_the_pace() {
        for mode in [ClockMode::Paused, ClockMode::Fast(1_000.0), ClockMode::Live] {
            let mut clock = clock(mode);
            clock.set_code_running(true);
            let left = clock.real_time_until(clock.now() + Micros::from_secs(10)).map(|left| left.as_secs_f64());
            assert!(left.is_some_and(|left| (9.9..=10.0).contains(&left)), "{mode:?}: {left:?}");
        }
    }

    #[test]
    fn code_begins_where_it_was_due_and_not_where_a_fast_clock_has_leapt() {
        let mut clock = clock(ClockMode::Fast(3_600.0));
        clock.since -= Duration::from_secs(1);
        assert!(clock.now() >= Timestamp(3_601_000_000));
        clock.begin_code(Timestamp(61_000_000));
        assert!(clock.now() < Timestamp(62_000_000), "real time from here");
        clock.begin_code(Timestamp(90_000_000));
        assert!(clock.now() < Timestamp(62_000_000), "it runs already");
    }

    #[test]
    fn a_fast_clock_is_as_fast_as_it_says_and_a_build_stops_it() {
        let mut clock = clock(ClockMode::Fast(60.0));
        let later = clock.since + Duration::from_secs(2);
        assert_eq!(clock.at(later), Timestamp(121_000_000));
        clock.hold(true);
        assert_eq!(clock.real_time_until(clock.now() + Micros(1)), None);
        clock.set_mode(ClockMode::Fast(1e9));
        assert_eq!(clock.mode(), ClockMode::Fast(FASTEST));
    }
}
