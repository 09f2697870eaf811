//! Service time: microseconds since the Unix epoch, and lengths of it. Nobody in this room reads a clock.

use std::fmt;
use std::ops::{Add, Sub};

/// A moment of service time, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub u64);

/// A length of service time, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Micros(pub u64);

impl Timestamp {
    /// Whole milliseconds since the epoch, the unit of Lambda's own stamps.
    #[must_use]
    pub fn millis(self) -> u64 {
        self.0 / 1_000
    }

    /// The time since `earlier`, or zero when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Timestamp) -> Micros {
        Micros(self.0.saturating_sub(earlier.0))
    }

    /// `2026-03-01T10:00:05.568Z`, the form of invocation records and log lines (semantics 3.4).
    #[must_use]
    pub fn iso_millis(self) -> String {
        let date = jiff::Timestamp::from_microsecond(i64::try_from(self.0).unwrap_or(i64::MAX)).unwrap_or(jiff::Timestamp::MAX);
        date.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
    }
}

impl Micros {
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs * 1_000_000)
    }

    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis * 1_000)
    }

    /// Milliseconds with a fraction, for the two decimals of REPORT lines (semantics 2.8).
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a figure for people; 2^53 microseconds are 285 years")]
    pub fn as_millis_f64(self) -> f64 {
        self.0 as f64 / 1_000.0
    }

    /// Milliseconds rounded up, the rule of Billed Duration (semantics 2.8).
    #[must_use]
    pub fn ceil_millis(self) -> u64 {
        self.0.div_ceil(1_000)
    }
}

impl Add<Micros> for Timestamp {
    type Output = Timestamp;
    fn add(self, length: Micros) -> Timestamp {
        Timestamp(self.0.saturating_add(length.0))
    }
}

impl Sub<Micros> for Timestamp {
    type Output = Timestamp;
    fn sub(self, length: Micros) -> Timestamp {
        Timestamp(self.0.saturating_sub(length.0))
    }
}

impl Add for Micros {
    type Output = Micros;
    fn add(self, other: Micros) -> Micros {
        Micros(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Micros {
    /// `12 ms`, `1.24 s`, `2 min 5 s`: the program's one way to write a duration.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0;
        match micros {
            0..1_000 => write!(f, "{micros} µs"),
            1_000..10_000 => write!(f, "{:.1} ms", self.as_millis_f64()),
            10_000..1_000_000 => write!(f, "{} ms", (micros + 500) / 1_000),
            1_000_000..60_000_000 => {
                let text = format!("{:.2}", self.as_millis_f64() / 1_000.0);
                write!(f, "{} s", text.trim_end_matches('0').trim_end_matches('.'))
            }
            _ => long_duration(f, micros / 1_000_000),
        }
    }
}

fn long_duration(f: &mut fmt::Formatter<'_>, secs: u64) -> fmt::Result {
    let (large, large_unit, small, small_unit) = match secs {
        0..3_600 => (secs / 60, "min", secs % 60, "s"),
        3_600..86_400 => (secs / 3_600, "h", secs % 3_600 / 60, "min"),
        _ => (secs / 86_400, "d", secs % 86_400 / 3_600, "h"),
    };
    match small {
        0 => write!(f, "{large} {large_unit}"),
        _ => write!(f, "{large} {large_unit} {small} {small_unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_write_them() {
        for (micros, text) in [
            (250, "250 µs"),
            (3_010, "3.0 ms"),
            (12_000, "12 ms"),
            (1_240_000, "1.24 s"),
            (60_000_000, "1 min"),
            (125_000_000, "2 min 5 s"),
            (21_600_000_000, "6 h"),
        ] {
            assert_eq!(Micros(micros).to_string(), text);
        }
    }

    #[test]
    fn stamps_are_iso_8601_with_milliseconds() {
        assert_eq!(Timestamp(1_772_359_205_568_999).iso_millis(), "2026-03-01T10:00:05.568Z");
    }
}
