//! A function error in its parts and in one line: its type, what it says, and the place in the code where that can be found.

use super::input::FunctionError;

/// Characters of a message that a sentence has room for.
const LONGEST: usize = 240;

/// Endings of files that hold code.
const ENDINGS: [&str; 13] = ["js", "mjs", "cjs", "ts", "mts", "cts", "py", "rb", "go", "rs", "java", "cs", "php"];

/// A function error as people are told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorParts {
    /// `PaymentDeclined`.
    pub error_type: String,
    /// The first line of what it says, without a full stop; empty where it says nothing.
    pub message: String,
    /// Where in the code of the function it came from, if that is known.
    pub place: Option<Place>,
}

/// A line of a file of code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its name, without folders.
    pub file: String,
    /// From 1.
    pub line: u32,
}

#[must_use]
pub fn error_parts(error: &FunctionError) -> ErrorParts {
    ErrorParts { error_type: error.error_type.to_string(), message: first_line(&error.message), place: place(error) }
}

/// `Runtime.UserCodeSyntaxError: unexpected token (confirm.mjs:14)`.
#[must_use]
pub fn error_words(error: &FunctionError) -> String {
    let ErrorParts { error_type, message, place } = error_parts(error);
    let mut words = if message.is_empty() { error_type } else { format!("{error_type}: {message}") };
    if let Some(Place { file, line }) = place
        && !words.contains(&format!(":{line}"))
        && !words.contains(&format!("line {line}"))
    {
        words.push_str(&format!(" ({file}:{line})"));
    }
    words
}

/// The first line with something on it, without what the service puts before it and without a full stop.
fn first_line(message: &str) -> String {
    let line = message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let own = line.strip_prefix("RequestId: ").and_then(|rest| rest.split_once(" Error: "));
    let line = own.map_or(line, |(_, rest)| rest).trim_end_matches('.');
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

/// The innermost place that message or stack name.
fn place(error: &FunctionError) -> Option<Place> {
    let object: serde_json::Value = serde_json::from_slice(&error.payload).unwrap_or_default();
    let lines = |name: &str| object[name].as_array().into_iter().flatten().filter_map(|line| line.as_str());
    let message = error.message.lines().find_map(place_in);
    // Node.js begins with the innermost call, Python ends with it.
    message.or_else(|| lines("trace").find_map(place_in)).or_else(|| lines("stackTrace").rev().find_map(place_in))
}

fn place_in(line: &str) -> Option<Place> {
    python_place(line).or_else(|| line.split(|c: char| c.is_whitespace() || "()'".contains(c)).find_map(javascript_place))
}

/// `File "/w/handler.py", line 3, in handler`
fn python_place(line: &str) -> Option<Place> {
    let (before, after) = line.split_once("\", line ").or_else(|| line.split_once("\" Line "))?;
    let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
    let path = before.rsplit('"').next()?;
    Some(Place { file: file_name(path)?, line: after[..digits].parse().ok()? })
}

/// `file:///w/confirm.mjs:14:11`, of the person's own files.
fn javascript_place(word: &str) -> Option<Place> {
    let word = word.trim_end_matches([':', ',']);
    let (rest, last) = word.rsplit_once(':').filter(|_| !word.starts_with("node:"))?;
    let last: u32 = last.parse().ok()?;
    match rest.rsplit_once(':').and_then(|(path, line)| Some((path, line.parse().ok()?))) {
        Some((path, line)) => Some(Place { file: file_name(path)?, line }),
        None => Some(Place { file: file_name(rest)?, line: last }),
    }
}

/// The name of a file of code; the address of a machine is none.
fn file_name(path: &str) -> Option<String> {
    let name = path.rsplit(['/', '\\']).next()?;
    let (_, ending) = name.rsplit_once('.')?;
    ENDINGS.contains(&ending).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(error_type: &str, message: &str, payload: serde_json::Value) -> FunctionError {
        FunctionError { error_type: error_type.into(), message: message.into(), payload: payload.to_string().into() }
    }

    #[test]
    fn an_error_says_what_it_is_and_where() {
        let trace = |lines: &[&str]| serde_json::json!({ "trace": lines });
        let python = serde_json::json!({ "stackTrace": [
            "  File \"/w/handler.py\", line 9, in handler\n    charge()\n",
            "  File \"/w/payment.py\", line 3, in charge\n    raise Declined()\n",
        ]});
        for (error_type, message, payload, expected) in [
            (
                "PaymentDeclined",
                "card expired.\nmore",
                trace(&["PaymentDeclined: card expired", "    at charge (file:///w/confirm.mjs:14:11)"]),
                "PaymentDeclined: card expired (confirm.mjs:14)",
            ),
            (
                "TypeError",
                "no",
                trace(&["TypeError: no", "    at node:internal/process:5:1", "    at confirm.js:7"]),
                "TypeError: no (confirm.js:7)",
            ),
            ("Declined", "no", python, "Declined: no (payment.py:3)"),
            (
                "Runtime.UserCodeSyntaxError",
                "Syntax error in module 'handler': invalid syntax (handler.py, line 3)",
                serde_json::json!({ "stackTrace": ["  File \"/w/handler.py\" Line 3\n    x = = 1\n"] }),
                "Runtime.UserCodeSyntaxError: Syntax error in module 'handler': invalid syntax (handler.py, line 3)",
            ),
            (
                "Runtime.ExitError",
                "RequestId: 7f3c Error: Runtime exited with error: exit status 1",
                serde_json::json!({}),
                "Runtime.ExitError: Runtime exited with error: exit status 1",
            ),
            (
                "Error",
                "connect ECONNREFUSED db.example.com:5432",
                serde_json::json!({}),
                "Error: connect ECONNREFUSED db.example.com:5432",
            ),
            ("Error", "", serde_json::Value::Null, "Error"),
        ] {
            assert_eq!(error_words(&error(error_type, message, payload)), expected);
        }
    }

    #[test]
    fn a_message_as_long_as_a_page_is_cut() {
        let words = error_words(&error("Error", &"x".repeat(5_000), serde_json::Value::Null));
        assert_eq!(words.chars().count(), "Error: ".len() + LONGEST + 1);
    }
}
