//! Titles, sentences and compared values of the steps.

use super::reading::{Pair, Part};
use crate::http_model::browser::{Step, WireExchange};
use crate::http_model::cors_case::Judged;

pub(super) fn title(judged: &Judged, door: &str, part: Part) -> String {
    match part {
        Part::Building => "The browser builds the request".into(),
        Part::Path => "Is a preflight needed?".into(),
        Part::PreflightCache => "Is the permission still known?".into(),
        Part::Preflight if answered_by_itself(judged) => format!("Preflight: {door} answers, not the function"),
        Part::Preflight => "Preflight: the function has to answer".into(),
        Part::PreflightOrigin | Part::Origin => "Access-Control-Allow-Origin".into(),
        Part::PreflightCredentials | Part::Credentials => "Access-Control-Allow-Credentials".into(),
        Part::Methods => "Access-Control-Allow-Methods".into(),
        Part::Headers => "Access-Control-Allow-Headers".into(),
        Part::Request => "The request itself".into(),
        Part::Cache => "The browser's store".into(),
        Part::Redirect => "A redirect".into(),
        Part::Readable => "What the page can read".into(),
    }
}

fn answered_by_itself(judged: &Judged) -> bool {
    judged.service.first().is_some_and(|answer| !answer.function_ran)
}

pub(super) fn sentence(judged: &Judged, hop: usize, part: Part, steps: &[&Step]) -> String {
    let sent = |preflight| {
        let of_hop = |sent: &&WireExchange| sent.request.hop == hop;
        judged.exchange.wire.iter().filter(of_hop).find(|sent| sent.request.preflight == preflight)
    };
    match part {
        Part::Preflight => sent(true).map_or_else(String::new, |sent| {
            let asked = sent.request.headers.joined("access-control-request-method").unwrap_or_default();
            let names = sent.request.headers.joined("access-control-request-headers");
            let names = names.map(|names| format!(" with {}", names.replace(',', ", "))).unwrap_or_default();
            format!("OPTIONS asks for {asked}{names}, without cookies: {}.", sent.response.status)
        }),
        Part::Request => sent(false).map_or_else(String::new, |sent| {
            let cookies = sent.request.headers.joined("cookie");
            let cookie = cookies.map(|cookies| format!(" with the cookies {cookies}")).unwrap_or_default();
            let from = if sent.from_cache { ", from the browser's store" } else { "" };
            format!("{} is sent{cookie}: {}{from}.", sent.request.method, sent.response.status)
        }),
        Part::Path if steps.iter().any(|step| step.sentence.contains("preflight")) => {
            let of_preflight = steps.iter().filter(|step| step.sentence.contains("preflight"));
            let said = of_preflight.map(|step| {
                let sentence = step.sentence.replace("a preflight is needed: ", "Yes: ").replace("no preflight: ", "No: ");
                format!("{sentence}.")
            });
            said.collect::<Vec<_>>().join(" ")
        }
        Part::Readable => readable(judged),
        _ => {
            let mut said: Vec<String> = Vec::new();
            for step in steps {
                let sentence = capital(&step.sentence);
                if !said.contains(&sentence) {
                    said.push(sentence);
                }
            }
            said.join(" ")
        }
    }
}

fn readable(judged: &Judged) -> String {
    match judged.verdict.readable_headers.as_slice() {
        [] => "Status and body, but no header.".into(),
        names => format!("Status, body and these headers: {}.", names.join(", ")),
    }
}

/// A sentence of its own.
fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

pub(super) fn pair(step: &Step) -> Option<Pair> {
    // Cookies are compared with nothing; the sentence names them.
    if (step.left.is_empty() && step.right.is_empty()) || step.rule == "1.6" {
        return None;
    }
    let listed = matches!(step.rule, "1.5-5" | "1.5-6" | "1.9");
    let sign = match (step.rule, step.passed, listed) {
        ("1.5-5", true, _) if step.sentence.starts_with("GET, HEAD") => "·",
        ("1.7-3" | "1.7-5" | "1.2-1", true, _) => "=",
        ("1.7-1" | "1.7-2" | "1.7-3" | "1.7-5", false, _) => "≠",
        // These two lists are of what is refused.
        ("1.1-1" | "1.1-5", false, _) | ("1.5-5" | "1.5-6", true, _) => "∈",
        (_, false, _) => "∉",
        _ => "→",
    };
    Some(Pair { left: step.left.clone(), sign, right: step.right.clone(), passed: step.passed })
}
