//! The rules that were applied, gathered into a short numbered list that a person can follow.

use std::collections::BTreeMap;

use super::live::Ended;
use super::step_words::{pair, sentence, title};
use crate::http_model::browser::{Ending, Step};
use crate::http_model::cors::{Fact, ServiceAnswer, Setting};
use crate::http_model::cors_case::{Judged, Outcome, Verdict};

/// How a step of the list went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passed {
    Yes,
    No,
    NotReached,
}

/// Two values that were compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub left: String,
    /// `=`, `≠`, `∈`, `∉`.
    pub sign: &'static str,
    pub right: String,
    pub passed: bool,
}

/// One line of the list, with what there is to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadStep {
    pub title: String,
    pub passed: Passed,
    pub sentence: String,
    /// The sentence tells something that the title and the compared values do not.
    pub says_more: bool,
    pub pairs: Vec<Pair>,
    /// What decided it, where that is a setting.
    pub setting: Option<Setting>,
    pub facts: Vec<&'static Fact>,
}

/// The parts of a request's way, in the order in which they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Building,
    Path,
    PreflightCache,
    Preflight,
    PreflightOrigin,
    PreflightCredentials,
    Methods,
    Headers,
    Request,
    Cache,
    Origin,
    Credentials,
    Redirect,
    Readable,
}

/// The verdict in two parts: what the browser does, and what that means for the function. `runs`: the function runs
/// for one of the requests that go out. `live`: the request went out for real, which goes before what was predicted.
#[must_use]
pub fn headline(verdict: &Verdict, runs: bool, live: Option<Ended>) -> (String, &'static str) {
    let (outcome, status) = live.map_or((verdict.outcome, verdict.status), |live| (live.outcome, live.status));
    let (called, all_the_same) = match (live.map(|live| live.ran), runs) {
        (Some(true), _) => ("The function was called.", "The function ran all the same."),
        (Some(false), _) => ("The function was never called.", "The function was never called."),
        (None, true) => ("The function will be called.", "The function will run all the same."),
        (None, false) => ("The function is never called.", "The function is never called."),
    };
    match outcome {
        Outcome::Readable => (format!("The page may read it: {}.", status.unwrap_or_default()), called),
        Outcome::Opaque => ("It is sent, but the page sees nothing of the answer.".into(), ""),
        Outcome::OpaqueRedirect => ("The page learns that there is a redirect, and no more.".into(), ""),
        Outcome::NotSent => ("The browser does not send it.".into(), "The function is never called."),
        Outcome::PreflightFailed => ("The browser blocks it.".into(), all_the_same),
        Outcome::ResponseBlocked => ("The page may not read the answer.".into(), all_the_same),
    }
}

/// The list for a request; `door` names who answers preflights.
#[must_use]
pub fn read(judged: &Judged, door: &str) -> Vec<ReadStep> {
    let mut read: Vec<((usize, Part), ReadStep)> = Vec::new();
    for ((hop, part), steps) in gathered(judged) {
        read.push(((hop, part), read_step(judged, door, hop, part, &steps)));
    }
    for sent in judged.exchange.wire.iter().filter(|sent| !sent.request.preflight) {
        let place = (sent.request.hop, Part::Request);
        if !read.iter().any(|(at, _)| *at == place) {
            read.push((place, read_step(judged, door, sent.request.hop, Part::Request, &[])));
        }
    }
    read.sort_by_key(|(place, _)| *place);
    let last = judged.exchange.trace.hop;
    let missing = not_reached(judged, &read.iter().map(|(place, _)| *place).collect::<Vec<_>>(), last);
    read.extend(missing);
    read.sort_by_key(|(place, _)| *place);
    read.into_iter().map(|(_, step)| step).collect()
}

/// Steps by hop and part. The checks of `Access-Control-Allow-Origin` belong to the preflight once after each one sent.
fn gathered(judged: &Judged) -> BTreeMap<(usize, Part), Vec<&Step>> {
    let mut gathered: BTreeMap<(usize, Part), Vec<&Step>> = BTreeMap::new();
    let (mut of_preflight, mut seen) = (false, false);
    for step in &judged.exchange.trace.steps {
        if step.rule == "1.4" {
            (of_preflight, seen) = (true, false);
        }
        if matches!(step.rule, "1.7-1" | "1.7-2" | "1.7-3") {
            of_preflight &= !seen;
            seen = true;
        }
        gathered.entry((step.hop, part_of(step, of_preflight))).or_default().push(step);
    }
    gathered
}

fn part_of(step: &Step, of_preflight: bool) -> Part {
    match step.rule {
        "1.4" | "1.5-1" | "1.5-3" => Part::Preflight,
        "1.5-4" if step.sentence.contains("allow-headers") || step.sentence.contains("Allow-Headers") => Part::Headers,
        "1.5-4" | "1.5-5" => Part::Methods,
        "1.5-6" => Part::Headers,
        "1.6" => Part::Request,
        "1.7-5" if of_preflight => Part::PreflightCredentials,
        "1.7-5" => Part::Credentials,
        rule if rule.starts_with("1.7") => {
            if of_preflight {
                Part::PreflightOrigin
            } else {
                Part::Origin
            }
        }
        rule if rule.starts_with("1.8") => Part::Redirect,
        "1.9" => Part::Readable,
        "1.10" => Part::PreflightCache,
        "1.11" => Part::Cache,
        rule if rule.starts_with("1.2") => Part::Path,
        _ => Part::Building,
    }
}

fn read_step(judged: &Judged, door: &str, hop: usize, part: Part, steps: &[&Step]) -> ReadStep {
    let passed = if steps.iter().all(|step| step.passed) { Passed::Yes } else { Passed::No };
    let redirect = if hop > 0 { format!("Redirect {hop}: ") } else { String::new() };
    let setting = setting_of(part);
    let preflight = matches!(part, Part::PreflightOrigin | Part::PreflightCredentials | Part::Methods | Part::Headers);
    ReadStep {
        title: format!("{redirect}{}", title(judged, door, part)),
        passed,
        sentence: sentence(judged, hop, part, steps),
        says_more: !matches!(
            part,
            Part::PreflightOrigin | Part::PreflightCredentials | Part::Headers | Part::Origin | Part::Credentials
        ) && !steps.iter().any(|step| step.rule == "1.5-5" && step.sentence.starts_with("the method")),
        pairs: if matches!(part, Part::Path | Part::Preflight | Part::Readable) && passed == Passed::Yes {
            Vec::new()
        } else {
            steps.iter().filter_map(|step| pair(step)).collect()
        },
        setting: setting.filter(|_| judged.service.iter().any(|answer| !answer.produced.is_empty() || !answer.function_ran)),
        facts: if hop == 0 { facts(&judged.service, part, setting, preflight) } else { Vec::new() },
    }
}

fn setting_of(part: Part) -> Option<Setting> {
    match part {
        Part::PreflightOrigin | Part::Origin => Some(Setting::AllowOrigins),
        Part::PreflightCredentials | Part::Credentials => Some(Setting::AllowCredentials),
        Part::Methods => Some(Setting::AllowMethods),
        Part::Headers => Some(Setting::AllowHeaders),
        Part::Readable => Some(Setting::ExposeHeaders),
        Part::Building | Part::Path | Part::PreflightCache | Part::Preflight | Part::Request | Part::Cache | Part::Redirect => {
            None
        }
    }
}

/// What the service's part of a step rests on.
fn facts(service: &[ServiceAnswer], part: Part, setting: Option<Setting>, preflight: bool) -> Vec<&'static Fact> {
    let answer = if preflight || part == Part::Preflight { service.first() } else { service.last() };
    let Some(answer) = answer else { return Vec::new() };
    let own = |fact: &&&Fact| matches!(fact.number, "2.2-18" | "5.6");
    match (part, setting) {
        (Part::Preflight | Part::Request, _) => answer.facts.iter().filter(|fact| !own(fact)).copied().collect(),
        (Part::PreflightOrigin | Part::Origin, _) => {
            let made = answer.produced.iter().filter(|header| header.setting == setting).filter_map(|header| header.fact);
            made.chain(answer.facts.iter().filter(own).copied()).collect()
        }
        (_, Some(_)) => {
            answer.produced.iter().filter(|header| header.setting == setting).filter_map(|header| header.fact).collect()
        }
        _ => Vec::new(),
    }
}

/// What would have come, had the step before it not failed.
fn not_reached(judged: &Judged, read: &[(usize, Part)], hop: usize) -> Vec<((usize, Part), ReadStep)> {
    let Ending::Failed(_) = &judged.exchange.ending else { return Vec::new() };
    let has = |part| read.contains(&(hop, part));
    let Some(last) = read.iter().filter(|(of, _)| *of == hop).map(|(_, part)| *part).max() else { return Vec::new() };
    let credentialed = judged.exchange.credentialed;
    let asks_headers = judged.verdict.preflight_request_headers.as_ref().is_some_and(|asked| asked.request_headers.is_some());
    let of_preflight = has(Part::Preflight) && !has(Part::Request);
    let expected = [
        (Part::PreflightOrigin, of_preflight),
        (Part::PreflightCredentials, of_preflight && credentialed),
        (Part::Methods, of_preflight),
        (Part::Headers, of_preflight && asks_headers),
        (Part::Request, true),
        (Part::Readable, true),
    ];
    let missing = expected.into_iter().filter(|(part, wanted)| *wanted && !has(*part) && *part > last);
    missing
        .map(|(part, _)| {
            let sentence = if part == Part::Request { "not sent" } else { "not reached" };
            let step = ReadStep {
                title: title(judged, "", part),
                passed: Passed::NotReached,
                sentence: sentence.into(),
                says_more: true,
                pairs: Vec::new(),
                setting: None,
                facts: Vec::new(),
            };
            ((hop, part), step)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::prediction::judge;
    use super::*;
    use crate::http_model::browser::{Credentials, HeaderList, SameSite};
    use crate::http_model::cors::CorsConfiguration;
    use crate::http_model::cors_case::{CaseCookie, CaseRequest, CaseStep};

    fn step(method: &str) -> CaseStep {
        let cors = CorsConfiguration {
            allow_origins: vec!["https://app.test".into()],
            allow_methods: vec!["GET".into(), "POST".into()],
            allow_headers: vec!["content-type".into()],
            allow_credentials: true,
            ..CorsConfiguration::default()
        };
        let req = CaseRequest {
            url: "http://a.localhost:9002/".into(),
            method: Some(method.into()),
            headers: HeaderList::from([("content-type", "application/json")]),
            credentials: Some(Credentials::Include),
            ..CaseRequest::default()
        };
        CaseStep { origin: Some("https://app.test".into()), config: Some(cors), req: Some(req), ..CaseStep::default() }
    }

    fn titles(method: &str) -> Vec<String> {
        let judged = judge(&step(method), None).expect("a verdict");
        let mark = |step: &ReadStep| match step.passed {
            Passed::Yes => "+",
            Passed::No => "-",
            Passed::NotReached => "?",
        };
        read(&judged, "the URL").iter().map(|step| format!("{} {}", mark(step), step.title)).collect()
    }

    #[test]
    fn a_blocked_request_is_read_to_its_end() {
        assert_eq!(
            titles("PUT"),
            [
                "+ Is a preflight needed?",
                "+ Preflight: the URL answers, not the function",
                "+ Access-Control-Allow-Origin",
                "+ Access-Control-Allow-Credentials",
                "- Access-Control-Allow-Methods",
                "? Access-Control-Allow-Headers",
                "? The request itself",
                "? What the page can read",
            ]
        );
    }

    #[test]
    fn a_request_that_is_allowed_checks_both_answers() {
        let read = titles("POST");
        assert_eq!(read.iter().filter(|title| *title == "+ Access-Control-Allow-Origin").count(), 2, "{read:?}");
        assert!(read.iter().all(|title| title.starts_with('+')), "{read:?}");
        assert_eq!(read.last().map(String::as_str), Some("+ What the page can read"));
    }

    #[test]
    fn the_headline_says_whether_the_function_runs() {
        let judged = judge(&step("PUT"), None).expect("a verdict");
        let (first, second) = headline(&judged.verdict, judged.verdict.function_ran, None);
        assert_eq!((first.as_str(), second), ("The browser blocks it.", "The function is never called."));
        let judged = judge(&step("POST"), None).expect("a verdict");
        assert_eq!(headline(&judged.verdict, true, None), ("The page may read it: 200.".into(), "The function will be called."));
        let live = |ran| Some(Ended { outcome: Outcome::Readable, status: Some(429), ran });
        assert_eq!(headline(&judged.verdict, false, live(true)).1, "The function was called.");
        let refused = ("The page may read it: 429.".into(), "The function was never called.");
        assert_eq!(headline(&judged.verdict, false, live(false)), refused, "what happened goes before what was predicted");
        assert_eq!(headline(&judged.verdict, false, None).1, "The function is never called.");
    }

    #[test]
    fn cookies_that_go_along_are_compared_with_nothing() {
        let url = "http://a.localhost:9002/".to_owned();
        let (same_site, secure) = (Some(SameSite::None), true);
        let cookie = CaseCookie { url, name: "sid".into(), value: "1".into(), same_site, secure };
        let judged = judge(&CaseStep { cookies: vec![cookie], ..step("POST") }, None).expect("a verdict");
        let read = read(&judged, "the URL");
        let request = read.iter().find(|step| step.title == "The request itself").expect("a request");
        assert_eq!((request.sentence.as_str(), &*request.pairs), ("POST is sent with the cookies sid=1: 200.", &[][..]));
    }

    #[test]
    fn both_compared_values_stand_side_by_side() {
        let judged = judge(&step("PUT"), None).expect("a verdict");
        let read = read(&judged, "the URL");
        let methods = read.iter().find(|step| step.passed == Passed::No).expect("a broken rule");
        assert_eq!(methods.pairs, [Pair { left: "PUT".into(), sign: "∉", right: "GET, POST".into(), passed: false }]);
        assert_eq!(methods.setting, Some(Setting::AllowMethods));
        assert!(methods.facts.iter().any(|fact| fact.number == "2.2-4"));
    }
}
