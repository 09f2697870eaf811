//! From a case to its verdicts: by Chromium's rules, and by the standard's to see where they part.

use super::super::browser::{Browser, Exchange, Page, PageError, PageRequest, RuleSet};
use super::super::cors::{Fact, ServiceAnswer, Switches, fact};
use super::super::cors_messages::{Context, Message, explain, notes};
use super::answers::CaseServer;
use super::case::{Case, CaseCookie, CaseStep};
use super::verdict::{ProducedLine, StandardVerdict, Verdict};

/// Two browsers that see the same: one by Chromium's rules, one by the standard's.
#[derive(Clone, Debug)]
pub struct Browsers {
    chromium: Browser,
    standard: Browser,
}

impl Default for Browsers {
    fn default() -> Self {
        Self { chromium: Browser::new(RuleSet::Chromium), standard: Browser::new(RuleSet::Standard) }
    }
}

/// Why a step cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    #[error(transparent)]
    Page(#[from] PageError),
    #[error("req is missing")]
    NoRequest,
}

/// All there is to show about one request.
#[derive(Clone, Debug)]
pub struct Judged {
    pub verdict: Verdict,
    pub exchange: Exchange,
    /// The service's answers in order, where a function URL is behind the request.
    pub service: Vec<ServiceAnswer>,
    pub message: Option<Message>,
    pub notes: Vec<Message>,
}

/// Judges every request of a case, in order.
///
/// # Errors
/// A step has no page or no request.
pub fn judge(case: &Case) -> Result<Vec<Judged>, StepError> {
    let mut browsers = Browsers::default();
    browsers.set_cookies(&case.step);
    if case.steps.is_empty() {
        return Ok(vec![judge_step(&mut browsers, &case.id, &case.step)?]);
    }
    let mut judged = Vec::new();
    for (index, step) in case.steps.iter().enumerate() {
        browsers.set_cookies(step);
        let id = format!("{}#{}", case.id, index + 1);
        judged.push(judge_step(&mut browsers, &id, &step.with_shared(&case.step))?);
    }
    Ok(judged)
}

/// Judges one request with what the browsers remember of those before it.
///
/// # Errors
/// The step has no page or no request.
pub fn judge_step(browsers: &mut Browsers, id: &str, step: &CaseStep) -> Result<Judged, StepError> {
    let page = step.page()?;
    let asked = step.req.as_ref().ok_or(StepError::NoRequest)?.asked();
    let by_standard = carry_out(&mut browsers.standard, step, &page, &asked).0;
    let before = browsers.chromium.clone();
    let (exchange, service) = carry_out(&mut browsers.chromium, step, &page, &asked);
    let returned = CaseServer::has_function(step).then(|| step.function_response.as_ref().or(step.response.as_ref()));
    let function_headers = returned.flatten().map(|response| &response.headers);
    let context = Context { configuration: step.config.as_ref(), function_headers };
    let (message, notes) = (explain(&exchange, context), notes(&asked, &exchange, context));
    let mut verdict = Verdict::new(id, &exchange, message.as_ref(), &notes);
    verdict.service = service.iter().flat_map(|answer| &answer.produced).map(ProducedLine::from).collect();
    verdict.standard = standard(&verdict, &exchange, &by_standard);
    verdict.depends_on = depends_on(&verdict, &before, step, &page, &asked);
    Ok(Judged { verdict, exchange, service, message, notes })
}

fn carry_out(browser: &mut Browser, step: &CaseStep, page: &Page, asked: &PageRequest) -> (Exchange, Vec<ServiceAnswer>) {
    let mut server = CaseServer::new(step);
    browser.now_millis = browser.now_millis.saturating_add(step.wait_ms);
    let exchange = browser.fetch(page, asked, &mut server);
    (exchange, server.service)
}

/// The facts that are not certain and whose other reading would change the verdict.
fn depends_on(verdict: &Verdict, before: &Browser, step: &CaseStep, page: &Page, asked: &PageRequest) -> Vec<&'static Fact> {
    if step.config.is_none() {
        return Vec::new();
    }
    let changes = |(switches, number): &(Switches, &str)| {
        let other = CaseStep { switches: *switches, ..step.clone() };
        let (exchange, _) = carry_out(&mut before.clone(), &other, page, asked);
        let differs = !verdict.differing_members(&Verdict::new(&verdict.id, &exchange, None, &[])).is_empty();
        fact(number).filter(|_| differs)
    };
    step.switches.other_readings().iter().filter_map(changes).collect()
}

fn standard(verdict: &Verdict, exchange: &Exchange, by_standard: &Exchange) -> Option<StandardVerdict> {
    let members = verdict.differing_members(&Verdict::new(&verdict.id, by_standard, None, &[]));
    if members.is_empty() {
        return None;
    }
    let mut why: Vec<_> = exchange.trace.deviations.iter().map(|deviation| deviation.reason()).collect();
    if why.is_empty() {
        why.push("an earlier request of this sequence went differently by the standard");
    }
    Some(StandardVerdict { members, why })
}

impl Browsers {
    fn set_cookies(&mut self, step: &CaseStep) {
        for cookie in step.cookies.iter().filter_map(CaseCookie::cookie) {
            self.chromium.cookies.put(cookie.clone());
            self.standard.cookies.put(cookie);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::super::cors::FrontDoor;
    use super::super::read::read_cases;
    use super::*;

    fn verdicts(case: Value) -> Vec<Value> {
        let case: Case = serde_json::from_value(case).unwrap();
        judge(&case).unwrap().iter().map(|judged| serde_json::to_value(&judged.verdict).unwrap()).collect()
    }

    fn configured(method: &str, function_headers: Value) -> Value {
        json!({
            "id": "a",
            "page": "https://app.example.com/",
            "req": { "url": "https://x.lambda-url.eu-west-1.on.aws/", "method": method, "headers": [["X-A", "1"]] },
            "config": { "AllowOrigins": ["https://app.example.com"], "AllowMethods": ["GET"], "AllowHeaders": ["x-a"] },
            "function_response": { "status": 200, "headers": function_headers, "body": "x" },
        })
    }

    #[test]
    fn a_missing_method_is_repaired_by_a_setting() {
        let found = &verdicts(configured("PUT", json!([])))[0];
        assert_eq!(found["code"], "PF_METHOD");
        assert_eq!(found["repair"], json!({ "add_to_list": { "setting": "allow_methods", "value": "PUT" } }));
        assert_eq!(found["function_ran"], false);
        assert_eq!(found["service"][1]["setting"], "allow_origins");
    }

    #[test]
    fn a_doubled_header_is_the_functions_to_remove() {
        let found = &verdicts(configured("GET", json!({ "Access-Control-Allow-Origin": "*" })))[0];
        assert_eq!((&found["code"], &found["cors_error"]), (&json!("ACAO_MULTIPLE"), &json!("MultipleAllowOriginValues")));
        assert_eq!(found["repair"], json!({ "remove_function_header": { "name": "access-control-allow-origin" } }));
        assert_eq!(found["function_ran"], true);
    }

    #[test]
    fn an_http_api_replaces_what_the_function_says() {
        let mut case: Case = serde_json::from_value(configured("GET", json!({ "Access-Control-Allow-Origin": "*" }))).unwrap();
        case.step.front_door = FrontDoor::HttpApi;
        assert!(judge(&case).unwrap()[0].verdict.readable);
    }

    #[test]
    fn a_preflight_that_reaches_the_function_may_have_an_answer_of_its_own() {
        let mut case = configured("PUT", json!({ "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "PUT" }));
        case["req"]["headers"] = json!([]);
        case["config"] = Value::Null;
        assert_eq!(verdicts(case.clone())[0]["outcome"], "readable");
        case["preflight"] = json!({ "status": 403 });
        assert_eq!(verdicts(case)[0]["cors_error"], "PreflightMissingAllowOriginHeader");
    }

    #[test]
    fn a_verdict_names_the_uncertain_facts_it_rests_on() {
        let mut case = configured("PUT", json!([]));
        let facts = |case: &Value| verdicts(case.clone())[0]["depends_on"].clone();
        assert_eq!(facts(&case)[0]["number"], "5.6");
        case["config"]["AllowMethods"] = json!(["PUT"]);
        assert_eq!(facts(&case), Value::Null);
    }

    #[test]
    fn where_chromium_leaves_the_standard_both_are_told() {
        let found = verdicts(json!({
            "id": "a", "origin": "http://a.test",
            "req": { "url": "http://b.test/", "headers": [["Authorization", "t"]] },
            "preflight": { "status": 204, "headers": { "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*" } },
            "response": { "status": 200, "headers": { "Access-Control-Allow-Origin": "*" } },
        }));
        assert_eq!(found[0]["outcome"], "readable");
        assert_eq!(found[0]["standard"]["outcome"], "preflight-failed");
        assert_eq!(found[0]["standard"]["cors_error"], "HeaderDisallowedByPreflightResponse");
    }

    #[test]
    fn steps_share_what_they_do_not_say_and_one_browser() {
        let found = verdicts(json!({
            "id": "s", "page": "http://a.test/",
            "req": { "url": "http://b.test/", "method": "PUT" },
            "preflight": { "status": 204, "headers": {
                "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "*", "Access-Control-Max-Age": 10,
            } },
            "response": { "status": 200, "headers": { "Access-Control-Allow-Origin": "*" } },
            "steps": [{}, { "wait_ms": 9000 }, { "wait_ms": 1000 }],
        }));
        let preflights: Vec<_> = found.iter().map(|verdict| (verdict["id"].clone(), verdict["preflight_sent"].clone())).collect();
        assert_eq!(preflights, [(json!("s#1"), json!(true)), (json!("s#2"), json!(false)), (json!("s#3"), json!(true))]);
    }

    fn header_lines() -> impl Strategy<Value = Value> {
        let name = prop_oneof![
            "[ -~]{0,12}",
            "access-control-(allow|expose|max)-(origin|methods|headers|age|credentials)",
            "(cookie|location|vary|cache-control|content-type|range|set-cookie|expires|x-[a-z])",
        ];
        let value = prop_oneof!["\\PC{0,20}", "[*,;=/:a-z0-9 \"\u{e9}]{0,20}", "http://a.test", "bytes=[0-9]{0,30}-[0-9]{0,30}"];
        proptest::collection::vec((name, value), 0..6).prop_map(|lines| json!(lines))
    }

    proptest! {
        #[test]
        fn junk_never_panics(
            text in "\\PC{0,80}",
            url in prop_oneof!["\\PC{0,20}", "https?://[a-c.:0-9@/#?]{0,12}", Just("http://b.test/x".to_owned())],
            method in "[a-zA-Z ]{0,8}",
            kinds in (0usize..7, 0usize..4, 0usize..3, 0usize..6, 0usize..3, 0usize..3),
            lines in (header_lines(), header_lines(), header_lines()),
            status in (200u16..600, 200u16..600),
            wait_ms in any::<u64>(),
        ) {
            let _ = read_cases(&text);
            let page = ["plain", "sandbox-csp", "sandbox-iframe", "data-iframe", "file", "srcdoc-iframe", "plain"][kinds.0];
            let step = json!({
                "page": "http://a.test/", "page_kind": page, "wait_ms": wait_ms,
                "req": {
                    "url": url, "method": method, "headers": lines.0,
                    "mode": (["cors", "no-cors", "same-origin", "navigate"][kinds.1]),
                    "redirect": (["follow", "manual", "error"][kinds.2]),
                    "cache": (["default", "no-store", "reload", "no-cache", "force-cache", "only-if-cached"][kinds.3]),
                    "credentials": (["include", "same-origin", "omit"][kinds.4]),
                    "api": (["fetch", "xhr", "xhr-upload"][kinds.5]),
                },
                "preflight": { "status": status.0, "headers": lines.1 },
                "response": { "status": status.1, "headers": lines.2 },
            });
            for verdict in verdicts(json!({ "id": 1, "steps": [step.clone(), step] })) {
                prop_assert_eq!(verdict["readable"].as_bool(), Some(verdict["outcome"] == "readable"));
            }
        }
    }
}
