//! Lengths of time as panels write them: without fractions that flicker, and never less than what is still to come.

use crate::service::time::Micros;

/// A length without the fraction that would flicker.
#[must_use]
pub fn whole_seconds(length: Micros) -> String {
    match length.0 / 1_000_000 {
        0 => "0 s".to_owned(),
        seconds => Micros::from_secs(seconds).to_string(),
    }
}

/// How long something is still to come: begun seconds count whole, so that a wait of a minute begins with a minute. What
/// is less than a second away is told in milliseconds.
#[must_use]
pub fn countdown(length: Micros) -> String {
    match length.0 {
        0 => "0 s".to_owned(),
        1..=999_000 => format!("{} ms", length.ceil_millis()),
        micros => whole_seconds(Micros::from_secs(micros.div_ceil(1_000_000))),
    }
}

/// `in 25 s`, or `now`.
#[must_use]
pub fn due_in(length: Micros) -> String {
    if length == Micros(0) { "now".to_owned() } else { format!("in {}", countdown(length)) }
}

/// The same with a tenth below ten seconds, for what somebody watches.
#[must_use]
pub fn tenths(length: Micros) -> String {
    match length.0.div_ceil(100_000) {
        tenths @ 0..100 => format!("{}.{} s", tenths / 10, tenths % 10),
        _ => countdown(length),
    }
}

/// How long something has lasted: with a tenth below ten seconds, and never more than it was.
#[must_use]
pub fn so_far(length: Micros) -> String {
    match length.0 / 100_000 {
        tenths @ 0..100 => format!("{}.{} s", tenths / 10, tenths % 10),
        _ => whole_seconds(length),
    }
}

/// `1:01.330`: how long after the beginning of the timeline something happened.
#[must_use]
pub fn clock(length: Micros) -> String {
    let millis = length.0 / 1_000;
    let (minutes, seconds, rest) = (millis / 60_000, millis / 1_000 % 60, millis % 1_000);
    match minutes {
        0..60 => format!("{minutes}:{seconds:02}.{rest:03}"),
        _ => format!("{}:{:02}:{seconds:02}.{rest:03}", minutes / 60, minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_still_to_come_is_never_told_too_short() {
        for (micros, text) in [
            (0, "now"),
            (1, "in 1 ms"),
            (8_000, "in 8 ms"),
            (999_000, "in 999 ms"),
            (999_001, "in 1 s"),
            (1_000_000, "in 1 s"),
            (59_000_001, "in 1 min"),
            (60_000_000, "in 1 min"),
        ] {
            assert_eq!(due_in(Micros(micros)), text);
        }
        assert_eq!(whole_seconds(Micros(1_999_999)), "1 s");
        assert_eq!(whole_seconds(Micros(999)), "0 s");
    }

    #[test]
    fn what_is_watched_has_tenths_and_what_happened_a_place_on_the_clock() {
        for (micros, text) in [(0, "0.0 s"), (1, "0.1 s"), (3_100_000, "3.1 s"), (9_900_001, "10 s"), (61_000_000, "1 min 1 s")] {
            assert_eq!(tenths(Micros(micros)), text);
        }
        for (micros, text) in [(0, "0.0 s"), (1_990_000, "1.9 s"), (9_999_999, "9.9 s"), (61_900_000, "1 min 1 s")] {
            assert_eq!(so_far(Micros(micros)), text);
        }
        for (millis, text) in [(412, "0:00.412"), (61_330, "1:01.330"), (3_600_000 + 61_330, "1:01:01.330")] {
            assert_eq!(clock(Micros::from_millis(millis)), text);
        }
    }
}
