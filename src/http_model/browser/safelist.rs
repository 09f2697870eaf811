//! Which request headers need no permission (Fetch, "CORS-safelisted request-header"; `cors.md`, 1.3).

use super::mime_type::essence;
use super::step::RuleSet;

/// Longest value of a safelisted header, in bytes.
pub const LONGEST_VALUE: usize = 128;
/// Most bytes that the values of all safelisted headers may have together.
pub const LONGEST_SUM: usize = 1024;

/// Names that Chromium counts as safelisted and the standard does not.
const CHROMIUM_NAMES: &[&str] =
    &["device-memory", "downlink", "dpr", "ect", "intervention", "rtt", "save-data", "viewport-width", "width"];

const FORM_AND_TEXT: &[&str] = &["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

/// Checks one header.
///
/// # Errors
/// Why it is not safelisted.
pub fn is_safelisted_request_header(name: &str, value: &str, rules: RuleSet) -> Result<(), String> {
    let name = name.to_ascii_lowercase();
    if rules == RuleSet::Chromium && CHROMIUM_NAMES.contains(&name.as_str()) {
        return chromium_extra(&name, value);
    }
    let fits = match name.as_str() {
        "accept" => !has_unsafe_byte(value),
        "accept-language" | "content-language" => value.chars().all(is_language_character),
        "content-type" => !has_unsafe_byte(value) && is_form_or_text(value),
        "range" => is_simple_range(value, rules),
        _ => return Err(format!("{name} is not on the safelist")),
    };
    if byte_length(value) > LONGEST_VALUE {
        return Err(format!("the value of {name} is longer than {LONGEST_VALUE} bytes"));
    }
    if fits { Ok(()) } else { Err(format!("{name} with this value is not on the safelist")) }
}

/// Whether only Chromium's own list makes the name safelisted.
#[must_use]
pub fn is_chromium_name(name: &str) -> bool {
    CHROMIUM_NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Length on the wire, in bytes: a character stands for one byte.
#[must_use]
pub fn byte_length(value: &str) -> usize {
    value.chars().count()
}

/// Client hints must look like what they are; `Intervention` may be anything.
fn chromium_extra(name: &str, value: &str) -> Result<(), String> {
    if byte_length(value) > LONGEST_VALUE {
        return Err(format!("the value of {name} is longer than {LONGEST_VALUE} bytes"));
    }
    let fits = match name {
        "save-data" => value.eq_ignore_ascii_case("on"),
        "device-memory" | "dpr" | "downlink" => is_decimal(value),
        "width" | "viewport-width" | "rtt" => is_number(value),
        "ect" => matches!(value, "slow-2g" | "2g" | "3g" | "4g"),
        _ => true,
    };
    if fits { Ok(()) } else { Err(format!("{name} with this value is not on the safelist")) }
}

fn is_number(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_decimal(value: &str) -> bool {
    value.split_once('.').map_or_else(|| is_number(value), |(whole, part)| is_number(whole) && is_number(part))
}

fn has_unsafe_byte(value: &str) -> bool {
    value.chars().any(|c| (c < ' ' && c != '\t') || c == '\u{7f}' || "\"():<>?@[\\]{}".contains(c))
}

fn is_language_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || " *,-.;=".contains(c)
}

fn is_form_or_text(value: &str) -> bool {
    essence(value).is_some_and(|essence| FORM_AND_TEXT.contains(&essence.as_str()))
}

/// `bytes=FIRST-` or `bytes=FIRST-LAST` with FIRST not above LAST. Chromium reads 64-bit numbers, below the greatest one.
fn is_simple_range(value: &str, rules: RuleSet) -> bool {
    let Some((first, last)) = value.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return false;
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if first.is_empty() || !digits(first) || !digits(last) {
        return false;
    }
    if rules == RuleSet::Chromium
        && [first, last].iter().any(|text| !text.is_empty() && !text.parse::<i64>().is_ok_and(|number| number < i64::MAX))
    {
        return false;
    }
    last.is_empty() || !is_greater(first, last)
}

/// Compares decimal numbers of any length.
fn is_greater(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim_start_matches('0'), other.trim_start_matches('0'));
    (one.len(), one) > (other.len(), other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_the_table() {
        let long = "a".repeat(129);
        for (name, value, expected) in [
            ("Accept", "text/html, */*;q=0.1", true),
            ("accept", "text/html(x)", false),
            ("accept", "\u{e9}", true),
            ("accept", &long, false),
            ("accept-language", "de-CH, *;q=0.5", true),
            ("accept-language", "de_CH", false),
            ("content-language", "en", true),
            ("content-type", "text/plain", true),
            ("content-type", "TEXT/plain;charset=utf-8", true),
            ("content-type", "text/plain; charset=\"utf-8\"", false),
            ("content-type", "text/plain, application/json", false),
            ("content-type", "application/json", false),
            ("content-type", "", false),
            ("range", "bytes=0-", true),
            ("range", "bytes=0-10", true),
            ("range", "bytes=10-0", false),
            ("range", "bytes=-5", false),
            ("range", "bytes=0-1,2-3", false),
            ("range", "bytes= 0-1", false),
            ("range", "Bytes=0-1", false),
            ("authorization", "x", false),
            ("x-a", "", false),
        ] {
            assert_eq!(is_safelisted_request_header(name, value, RuleSet::Standard).is_ok(), expected, "{name}: {value}");
        }
    }

    #[test]
    fn where_chromium_leaves_the_standard() {
        for (name, value, chromium, standard) in [
            ("range", "bytes=0-99999999999999999999", false, true),
            ("range", "bytes=99999999999999999999-", false, true),
            ("DPR", "2", true, false),
            ("dpr", "1.5", true, false),
            ("dpr", "1.", false, false),
            ("dpr", "2, 2", false, false),
            ("ect", "5g", false, false),
            ("rtt", "1.5", false, false),
            ("save-data", "ON", true, false),
            ("save-data", "off", false, false),
            ("intervention", "anything (at) all", true, false),
        ] {
            assert_eq!(is_safelisted_request_header(name, value, RuleSet::Chromium).is_ok(), chromium, "{name}: {value}");
            assert_eq!(is_safelisted_request_header(name, value, RuleSet::Standard).is_ok(), standard, "{name}: {value}");
        }
    }
}
