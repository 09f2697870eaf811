//! Predicted and live, held against each other: verdicts member by member, exchanges line by line.

use crate::http_model::browser::{HeaderList, WireExchange};
use crate::http_model::cors_case::Verdict;

/// Headers that a prediction cannot know, and that no rule of CORS asks for.
pub const OWN: [&str; 8] = [
    "date",
    "connection",
    "content-length",
    "transfer-encoding",
    "x-amzn-requestid",
    "x-amzn-trace-id",
    "keep-alive",
    "apigw-requestid",
];
/// Headers that are another time different.
const OF_ONE_ANSWER: [&str; 4] = ["date", "x-amzn-requestid", "x-amzn-trace-id", "apigw-requestid"];

/// What of an answer was known beforehand, so that it can be held against the real one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// What the function would answer, nobody knew.
    Nothing,
    /// Whether the function answers or the service by itself, and with which status.
    Status,
    All,
}

impl Known {
    /// Whether a member of the verdict is compared.
    fn covers(self, member: &str) -> bool {
        match member {
            "status" => self != Self::Nothing,
            "readable_headers" => self == Self::All,
            _ => true,
        }
    }
}

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Both,
    Predicted,
    Live,
    /// Only live, and of no meaning for CORS.
    Quiet,
}

/// A line of the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireLine {
    pub side: Side,
    pub text: String,
    /// A request line or a status.
    pub first: bool,
}

/// What differs between two verdicts: member, predicted, live. What only the function can know is left out unless it was
/// `known` beforehand.
#[must_use]
pub fn differences(predicted: &Verdict, live: &Verdict, known: Known) -> Vec<(String, String, String)> {
    let (predicted, live) = (predicted.compared(), live.compared());
    let differ = live.iter().filter(|(name, value)| predicted.get(*name) != Some(*value));
    let counted = differ.filter(|(name, _)| known.covers(name));
    let words = |value: Option<&serde_json::Value>| match value {
        None | Some(serde_json::Value::Null) => "none".to_owned(),
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    counted.map(|(name, value)| (name.replace('_', " "), words(predicted.get(name)), words(Some(value)))).collect()
}

/// One list of lines out of both wires; a line of one side alone is marked. Where the function's answer was not `known`
/// beforehand, only its status or what CORS is about is held against each other.
#[must_use]
pub fn merged(predicted: &[WireExchange], live: &[WireExchange], known: Known) -> Vec<WireLine> {
    let count = predicted.len().max(live.len());
    let mut lines = Vec::new();
    for index in 0..count {
        match (predicted.get(index), live.get(index)) {
            (Some(predicted), Some(live)) if known == Known::All || live.request.preflight => {
                lines.extend(exchange_lines(predicted, live));
            }
            (Some(predicted), Some(live)) => lines.extend(exchange_lines(&as_answered(predicted, live, known), live)),
            (Some(one), None) => lines.extend(one_sided(one, Side::Predicted)),
            (None, Some(one)) => lines.extend(one_sided(one, Side::Live)),
            (None, None) => {}
        }
    }
    lines
}

/// A predicted wire alone; times and ids of the last answer are no prediction.
#[must_use]
pub fn plain(wire: &[WireExchange]) -> Vec<WireLine> {
    let of_one_answer = |line: &str| line.split_once(':').is_some_and(|(name, _)| OF_ONE_ANSWER.contains(&name));
    let lines = wire.iter().flat_map(|sent| exchange_lines(sent, sent));
    lines.filter(|line| line.first || !of_one_answer(&line.text)).collect()
}

/// The prediction with the function's own part of the answer taken from what it really was.
fn as_answered(predicted: &WireExchange, live: &WireExchange, known: Known) -> WireExchange {
    let of_cors = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.starts_with("access-control-") || name == "vary"
    };
    let mut answered = predicted.clone();
    if known == Known::Nothing {
        answered.response.status = live.response.status;
    }
    answered.response.headers.0.retain(|(name, _)| of_cors(name));
    answered.response.headers.0.extend(live.response.headers.0.iter().filter(|(name, _)| !of_cors(name)).cloned());
    answered
}

fn one_sided(sent: &WireExchange, side: Side) -> Vec<WireLine> {
    exchange_lines(sent, sent).into_iter().map(|line| WireLine { side, ..line }).collect()
}

fn exchange_lines(predicted: &WireExchange, live: &WireExchange) -> Vec<WireLine> {
    let target = |sent: &WireExchange| {
        let url = url::Url::parse(&sent.request.url);
        let path = url.map(|url| url[url::Position::BeforePath..].to_owned()).unwrap_or_else(|_| sent.request.url.clone());
        format!("{} {path}", sent.request.method)
    };
    let status = |sent: &WireExchange| format!("{} {}", sent.response.status, reason(sent.response.status)).trim_end().to_owned();
    let mut lines = first_line(&target(predicted), &target(live));
    lines.extend(header_lines(&predicted.request.headers, &live.request.headers));
    lines.push(WireLine { side: Side::Both, text: String::new(), first: false });
    lines.extend(first_line(&status(predicted), &status(live)));
    lines.extend(header_lines(&predicted.response.headers, &live.response.headers));
    lines.push(WireLine { side: Side::Both, text: String::new(), first: false });
    lines
}

fn first_line(predicted: &str, live: &str) -> Vec<WireLine> {
    let line = |side, text: &str| WireLine { side, text: text.to_owned(), first: true };
    if predicted == live {
        return vec![line(Side::Both, live)];
    }
    vec![line(Side::Predicted, predicted), line(Side::Live, live)]
}

fn header_lines(predicted: &HeaderList, live: &HeaderList) -> Vec<WireLine> {
    let text = |(name, value): &(String, String)| format!("{}: {value}", name.to_ascii_lowercase());
    let mut left: Vec<String> = live.0.iter().map(text).collect();
    let mut lines = Vec::new();
    for line in predicted.0.iter().map(text) {
        let side = match left.iter().position(|other| *other == line) {
            Some(index) => {
                left.remove(index);
                Side::Both
            }
            None if is_own(&line) => continue,
            None => Side::Predicted,
        };
        lines.push(WireLine { side, text: line, first: false });
    }
    lines.extend(left.into_iter().map(|text| {
        let side = if is_own(&text) { Side::Quiet } else { Side::Live };
        WireLine { side, text, first: false }
    }));
    lines
}

fn is_own(line: &str) -> bool {
    line.split_once(':').is_some_and(|(name, _)| OWN.contains(&name))
}

/// The phrase after a status, for those that doors give.
pub fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        413 => "Content Too Large",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http_model::browser::{WireRequest, WireResponse};

    fn sent(status: u16, headers: HeaderList) -> WireExchange {
        let request = WireRequest {
            method: "GET".into(),
            url: "http://a.localhost:9002/orders?page=2".into(),
            headers: HeaderList::from([("Origin", "https://app.test")]),
            preflight: false,
            hop: 0,
        };
        WireExchange { request, response: WireResponse { status, headers, body: String::new() }, from_cache: false }
    }

    #[test]
    fn lines_of_one_side_are_marked() {
        let predicted = sent(200, HeaderList::from([("Vary", "Origin"), ("Access-Control-Max-Age", "5")]));
        let live = sent(404, HeaderList::from([("vary", "Origin"), ("date", "today"), ("x-a", "1")]));
        let lines: Vec<_> = merged(&[predicted], &[live], Known::All).into_iter().map(|line| (line.side, line.text)).collect();
        let line = |side, text: &str| (side, text.to_owned());
        assert_eq!(
            lines,
            [
                line(Side::Both, "GET /orders?page=2"),
                line(Side::Both, "origin: https://app.test"),
                line(Side::Both, ""),
                line(Side::Predicted, "200 OK"),
                line(Side::Live, "404 Not Found"),
                line(Side::Both, "vary: Origin"),
                line(Side::Predicted, "access-control-max-age: 5"),
                line(Side::Quiet, "date: today"),
                line(Side::Live, "x-a: 1"),
                line(Side::Both, ""),
            ]
        );
    }

    #[test]
    fn what_the_function_answers_is_no_difference_while_nobody_knew_it() {
        let predicted = sent(200, HeaderList::from([("Access-Control-Allow-Origin", "https://app.test")]));
        let live = sent(404, HeaderList::from([("x-a", "1"), ("access-control-allow-origin", "*")]));
        let lines = merged(std::slice::from_ref(&predicted), std::slice::from_ref(&live), Known::Nothing);
        let differing = lines.iter().filter(|line| line.side != Side::Both).map(|line| (line.side, line.text.as_str()));
        let expected =
            [(Side::Predicted, "access-control-allow-origin: https://app.test"), (Side::Live, "access-control-allow-origin: *")];
        assert_eq!(differing.collect::<Vec<_>>(), expected);
        let lines = merged(&[predicted], &[live], Known::Status);
        assert!(lines.iter().any(|line| line.side == Side::Live && line.text == "404 Not Found"), "{lines:?}");
    }
}
