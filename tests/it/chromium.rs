//! Predictions against a real Chromium: cases are made from a seed, predicted, carried out, and compared.
//!
//! Skipped where Chromium is missing, but never with `CI=true`.

mod answering;
mod answers;
mod cases;
mod choices;
mod devtools;
mod driver;
mod material;
mod observed;
mod pages;
mod scenes;
mod sequences;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use invokelab::http_model::cors_case::{Case, Judged, judge};
use serde_json::{Map, Value};

const CHROMIUM: &str = "/usr/bin/chromium";
/// Changes every case that is made.
const SEED: u64 = 0x1d9a_70c5;
/// Cases that are made.
const CASES: usize = 1200;

#[test]
fn predictions_agree_with_chromium() {
    if !installed() {
        return;
    }
    let seed = std::env::var("INVOKELAB_CORS_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(SEED);
    let count = std::env::var("INVOKELAB_CORS_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(CASES);
    let cases = cases::generate(seed, count);
    let all: Vec<usize> = (0..cases.len()).collect();
    let first = compare(&cases, &all);
    // What a busy machine made late is carried out once more, alone; a wrong prediction stays wrong.
    let again: Vec<usize> = first.differing.keys().copied().collect();
    let differing = if again.is_empty() { BTreeMap::new() } else { compare(&cases, &again).differing };
    println!("{} of {} predictions of {} cases agree", first.compared - differing.len(), first.compared, cases.len());
    if differing.len() < again.len() {
        println!("{} cases agreed only when they were carried out alone", again.len() - differing.len());
    }
    let told: Vec<_> = differing.into_values().collect();
    assert!(told.is_empty(), "{} predictions differ:\n{}", told.len(), told.join("\n"));
    assert!(cases.len() < 1000 || first.compared >= 1000, "only {} predictions were compared", first.compared);
}

#[derive(Default)]
struct Comparison {
    /// Predictions that were compared, one a request.
    compared: usize,
    /// What differs, by the case's place.
    differing: BTreeMap<usize, String>,
}

fn compare(cases: &[Value], chosen: &[usize]) -> Comparison {
    let mut comparison = Comparison::default();
    let observed = driver::carry_out(cases, chosen, Path::new(CHROMIUM));
    for (place, seen) in chosen.iter().zip(observed) {
        let mut text = String::new();
        for (step, (predicted, seen)) in predictions(&cases[*place]).iter().zip(&seen).enumerate() {
            comparison.compared += 1;
            for difference in differences(predicted, seen) {
                text.push_str(&format!("\n    step {}: {difference}", step + 1));
            }
        }
        if !text.is_empty() {
            comparison.differing.insert(*place, format!("{}{text}", cases[*place]));
        }
    }
    comparison
}

/// Codes of `cors.md`, section 4, that generated cases must reach.
const CODES: [&str; 40] = [
    "URL_CREDENTIALS",
    "METHOD_FORBIDDEN",
    "HEADER_DROPPED",
    "NOCORS_OPAQUE",
    "NOCORS_METHOD",
    "NOCORS_HEADER",
    "MODE_SAME_ORIGIN",
    "MIXED_CONTENT",
    "PREFLIGHT_BECAUSE",
    "PF_REDIRECT",
    "PF_STATUS",
    "PF_ACAO_MISSING",
    "PF_ACAO_MISMATCH",
    "PF_ACAO_MULTIPLE",
    "PF_ACAO_INVALID",
    "PF_ACAO_STAR_CREDENTIALS",
    "PF_ACAC",
    "PF_METHODS_SYNTAX",
    "PF_HEADERS_SYNTAX",
    "PF_METHOD",
    "PF_HEADER",
    "ACAO_MISSING",
    "ACAO_MISMATCH",
    "ACAO_MULTIPLE",
    "ACAO_INVALID",
    "ACAO_STAR_CREDENTIALS",
    "ACAC",
    "ORIGIN_NULL",
    "REDIRECT_MODE",
    "REDIRECT_CREDENTIALS",
    "REDIRECT_TOO_MANY",
    "REDIRECT_LOCATION",
    "REDIRECT_ACAO_MISSING",
    "REDIRECT_PF_METHOD",
    "REDIRECT_ORIGIN_NULL",
    "REDIRECT_MODE_SAME_ORIGIN",
    "HEADER_NOT_EXPOSED",
    "COOKIE_NOT_SENT",
    "VARY_MISSING",
    "MAXAGE",
];

#[test]
fn generated_cases_reach_every_outcome_error_and_code() {
    let (mut outcomes, mut errors, mut codes) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for judged in cases::generate(SEED, CASES).iter().flat_map(judged) {
        outcomes.insert(format!("{:?}", judged.verdict.outcome));
        errors.extend(judged.verdict.cors_error);
        codes.extend(judged.verdict.code);
        codes.extend(judged.verdict.notes.into_iter().map(|note| note.code));
    }
    assert_eq!((outcomes.len(), errors.len()), (6, 20), "{outcomes:?} {errors:?}");
    let missing: Vec<_> = CODES.iter().filter(|code| !codes.contains(**code)).collect();
    assert!(missing.is_empty(), "{missing:?} are not reached");
}

fn installed() -> bool {
    let found = Path::new(CHROMIUM).exists();
    assert!(found || std::env::var("CI").as_deref() != Ok("true"), "{CHROMIUM} is missing");
    if !found {
        println!("skipped: {CHROMIUM} is not installed");
    }
    found
}

fn judged(case: &Value) -> Vec<Judged> {
    let parsed: Case = serde_json::from_value(case.clone()).unwrap();
    judge(&parsed).unwrap()
}

fn predictions(case: &Value) -> Vec<Map<String, Value>> {
    judged(case).iter().map(|judged| judged.verdict.compared()).collect()
}

fn differences(predicted: &Map<String, Value>, seen: &Map<String, Value>) -> Vec<String> {
    let differs = |name: &&String| predicted.get(*name) != seen.get(*name);
    let line = |name: &String| format!("{name}: predicted {}, Chromium {}", predicted[name], seen[name]);
    predicted.keys().filter(differs).map(line).collect()
}
