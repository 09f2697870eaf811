//! Whole workspace files: what is read, what is reported, and where.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use expect_test::{Expect, expect};
use tempfile::TempDir;

use super::definition::{Runtime, ScriptedAnswer, ScriptedResult, Workspace};
use super::*;
use crate::http_model::configuration::AuthType;
use crate::http_model::policy::{self, AccessRequest, Effect, IdentityPolicy, Policy, Principal, Verdict};
use crate::service::configuration::Target;
use crate::service::time::Micros;

/// The file of `formats.md`, with every key that is promised there.
const FORMATS: &str = include_str!("formats_example.toml");

/// A folder with `invokelab.toml` and the handler files that tests name.
fn folder(text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("functions")).unwrap();
    fs::write(folder.path().join("functions/confirm.mjs"), "export const handler = () => 1;").unwrap();
    fs::write(folder.path().join(FILE_NAME), text).unwrap();
    folder
}

fn loaded(text: &str) -> (TempDir, Workspace) {
    let folder = folder(text);
    let workspace = load(folder.path()).unwrap();
    (folder, workspace)
}

/// `line:column message`, with the folder's own path left out.
fn problems(folder: &Path, workspace: &Workspace) -> String {
    let folder = fs::canonicalize(folder).unwrap().display().to_string();
    let line = |problem: &crate::event::Problem| {
        let later = if problem.is_not_active_yet() { " (later)" } else { "" };
        format!("{}:{} {}{later}\n", problem.line, problem.column, problem.message.replace(&folder, "FOLDER"))
    };
    workspace.problems.iter().map(line).collect()
}

fn check_problems(text: &str, expected: &Expect) -> Workspace {
    let (folder, workspace) = loaded(text);
    expected.assert_eq(&problems(folder.path(), &workspace));
    workspace
}

const CONFIRM: &str = "[functions.confirm]\nruntime = \"javascript\"\ncode = \"functions/confirm.mjs\"\n";

#[test]
fn the_documented_file_opens_and_later_capabilities_say_so() {
    let workspace = check_problems(
        FORMATS,
        &expect![[r#"
            19:12 there is no file FOLDER/.env; the function cannot start without it
            21:10 there is no folder FOLDER/layers/common for a layer
            22:1 functions.confirm.tracing is kept, but not active yet (later)
            30:14 event_bus:default is kept, but such targets are not active yet (later)
            47:11 runtime "remote" is kept, but not active yet (later)
            48:1 functions.deployed.endpoint is kept, but not active yet (later)
            49:1 functions.deployed.function_name is kept, but not active yet (later)
            57:2 streams is kept, but not active yet (later)
            59:2 tables is kept, but not active yet (later)
            62:2 topics is kept, but not active yet (later)
            64:2 event_buses is kept, but not active yet (later)
            65:3 rules is kept, but not active yet (later)
            70:3 schedules is kept, but not active yet (later)
            75:2 buckets is kept, but not active yet (later)
        "#]],
    );
    assert_eq!(workspace.name, "orders");
    assert_eq!((workspace.region.as_str(), workspace.account_id.as_str()), ("eu-central-1", "123456789012"));
    assert_eq!((workspace.endpoint_port, workspace.doors_port, workspace.account_concurrency), (Some(9001), Some(9002), 1_000));
    assert!(workspace.keeps_https_certificate && workspace.doors_https_port == Some(9443));
    let confirm = &workspace.functions[0];
    assert!(confirm.broken.as_deref().is_some_and(|reason| reason.ends_with(".env; the function cannot start without it")));
    assert_eq!(confirm.configuration.reserved_concurrency, Some(5));
    assert_eq!(confirm.configuration.event_invoke.on_success, None);
    assert_eq!(confirm.configuration.event_invoke.on_failure, Some(Target::Queue("confirm-failed".into())));
    assert_eq!(confirm.configuration.dead_letter, Some(Target::Queue("confirm-dlq".into())));
    assert_eq!(confirm.build, ["npm", "run", "build"]);
    assert!(matches!(&workspace.functions[1].runtime, Runtime::Command(command) if command[0].ends_with("target/debug/resize")));
    assert_eq!(workspace.functions[2].broken.as_deref(), Some("the runtime \"remote\" is not active yet"));
    assert_eq!(workspace.queues[0].redrive.as_ref().map(|redrive| redrive.max_receive_count), Some(3));
    let mapping = &workspace.mappings[0];
    assert_eq!((mapping.batch_size, mapping.maximum_batching_window), (10, Micros::from_secs(5)));
    assert!(mapping.report_batch_item_failures && mapping.enabled);
    let patterns: Vec<_> = mapping.filter_criteria.patterns().collect();
    assert_eq!(patterns, [r#"{"body":{"amount":[{"numeric":[">",100]}]}}"#]);
}

/// A mapping with these filters, written in TOML.
fn filtered(filters: &str) -> String {
    let mapping = "[[event_source_mappings]]\nfunction = \"confirm\"\nsource = \"queue:q\"";
    format!("{CONFIRM}[queues.q]\n{mapping}\nfilter_criteria = {filters}\n")
}

#[test]
fn a_filter_that_lambda_refuses_is_told_where_it_goes_wrong() {
    let written = r#"[
  '{"body":{"amount":12}}',
  "{\"body\":[]}",
  '''
{"body":
  [5,}''',
]"#;
    let workspace = check_problems(
        &filtered(written),
        &expect![[r#"
        9:22 Invalid filter pattern definition. What body.amount may be stands in a list: [12]
        10:3 Invalid filter pattern definition. The list of body is empty, so nothing would match it
        13:6 Invalid filter pattern definition. It is no JSON from here on
    "#]],
    );
    assert!(workspace.mappings.is_empty(), "as Lambda, which makes no such mapping");
    let six = format!("[{}]", ["'{\"body\":[\"x\"]}'"; 6].join(", "));
    check_problems(
        &filtered(&six),
        &expect![[r#"
        8:19 6 filters, but a mapping may have 5 (AWS allows 10 on request)
    "#]],
    );
    check_problems(
        &filtered("'{\"body\":[\"x\"]}'"),
        &expect![[r#"
        8:19 event_source_mappings.filter_criteria must be a list of strings, such as ["a", "b"], not a string
    "#]],
    );
    assert_eq!(loaded(&filtered("[]")).1.mappings.len(), 1, "no filters are as good as no key");
}

#[test]
fn an_empty_file_is_a_workspace_with_lambdas_defaults() {
    let (folder, workspace) = loaded("");
    assert!(workspace.problems.is_empty());
    assert_eq!(workspace.region, "us-east-1");
    assert_eq!(workspace.account_id, "000000000000");
    assert_eq!(workspace.account_concurrency, 1_000);
    assert_eq!(workspace.endpoint_port, None);
    assert!(!workspace.keeps_https_certificate, "nothing secret is written unless that is asked for");
    assert_eq!(workspace.folder, fs::canonicalize(folder.path()).unwrap());
}

#[test]
fn a_missing_file_is_one_problem() {
    let folder = tempfile::tempdir().unwrap();
    let problem = load(folder.path()).unwrap_err();
    assert!(problem.message.starts_with("there is no ") && problem.message.contains(FILE_NAME), "{}", problem.message);
}

#[test]
fn a_file_that_is_not_text_is_one_problem() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(FILE_NAME), b"[workspace]\nname = \"\xff\"\n").unwrap();
    let problem = load(folder.path()).unwrap_err();
    assert!(problem.message.contains("not UTF-8 text: line 2, column 9"), "{}", problem.message);
}

#[test]
fn typing_errors_name_the_key_that_is_meant() {
    let text =
        format!("{CONFIRM}timeot = 3\nmemory = 256\nname = 1\n[function.x]\n[queues.a]\nredrive = {{ targets = \"queue:a\" }}\n");
    check_problems(
        &text,
        &expect![[r#"
            4:1 functions.confirm.timeot is not a known key; did you mean timeout?
            5:1 functions.confirm.memory is not a known key; did you mean memory_size?
            6:1 functions.confirm.name is not a known key; known here are runtime, code, handler, timeout, memory_size, environment, env_file, reserved_concurrent_executions, recursive_loop, layers, build, command, debug, freeze, script, event_invoke, dead_letter, url, policy
            7:2 function is not a known key; did you mean functions?
            9:1 queues.a.redrive needs target = "queue:NAME"
            9:13 queues.a.redrive.targets is not a known key; did you mean target?
        "#]],
    );
}

#[test]
fn values_out_of_lambdas_ranges_are_named_with_lambdas_members() {
    let text = format!(
        "[workspace]\naccount_id = 123\nregion = \"Frankfurt\"\nendpoint_port = 70000\n{CONFIRM}timeout = 901\nmemory_size = 64\nreserved_concurrent_executions = -1\ndebug = \"yes\"\nlayers = [1]\nrecursive_loop = \"allow\"\n[functions.confirm.event_invoke]\nmaximum_retry_attempts = 3\nmaximum_event_age_in_seconds = \"30s\"\n[queues.q]\nvisibility_timeout = \"13h\"\n[[event_source_mappings]]\nfunction = \"confirm\"\nsource = \"queue:q\"\nbatch_size = 10001\nmaximum_batching_window_in_seconds = 301\nscaling_config = {{ maximum_concurrency = 1 }}\n"
    );
    let workspace = check_problems(
        &text,
        &expect![[r#"
            2:14 workspace.account_id must be a string in quotes, not an integer
            3:10 "Frankfurt" is not a region; write one such as "eu-central-1"
            4:17 workspace.endpoint_port is 70000, but a port goes from 0 to 65535
            8:11 functions.confirm.timeout is 901 s, but Timeout goes from 1 to 900 seconds
            9:15 functions.confirm.memory_size is 64, but MemorySize (MB) goes from 128 to 10240
            10:34 functions.confirm.reserved_concurrent_executions is -1, but ReservedConcurrentExecutions goes from 0 to 1000000
            11:9 functions.confirm.debug must be true or false, not a string
            12:10 functions.confirm.layers must be a list of strings, such as ["a", "b"], not an array
            13:18 "allow" is not a RecursiveLoop; write "Terminate" or "Allow"
            15:26 functions.confirm.event_invoke.maximum_retry_attempts is 3, but MaximumRetryAttempts goes from 0 to 2
            16:32 functions.confirm.event_invoke.maximum_event_age_in_seconds is 30 s, but MaximumEventAgeInSeconds goes from 60 to 21600 seconds
            18:22 queues.q.visibility_timeout is 46800 s, but VisibilityTimeout goes from 0 to 43200 seconds
            22:14 event_source_mappings.batch_size is 10001, but BatchSize goes from 1 to 10000
            23:38 event_source_mappings.maximum_batching_window_in_seconds is 301 s, but MaximumBatchingWindowInSeconds goes from 0 to 300 seconds
            24:42 event_source_mappings.scaling_config.maximum_concurrency is 1, but MaximumConcurrency goes from 2 to 1000
        "#]],
    );
    assert_eq!(workspace.functions[0].configuration.timeout, Micros::from_secs(3));
    assert_eq!(workspace.functions[0].configuration.memory_size, 128);
    assert_eq!(workspace.mappings.len(), 1);
}

#[test]
fn a_certificate_is_kept_or_new() {
    check_problems(
        "[workspace]\ndoors_https_certificate = \"mine.pem\"\n",
        &expect![[r#"
            2:27 "mine.pem" says nothing about the certificate; write "kept" for one that is kept in the data folder, or "new" for one of each start
        "#]],
    );
    assert!(loaded("[workspace]\ndoors_https_certificate = \"new\"\n").1.problems.is_empty());
}

#[test]
fn times_are_seconds_or_strings_with_a_unit() {
    for (written, secs) in [("90", 90), ("\"90s\"", 90), ("\"2m\"", 120), ("\"0.25h\"", 900), ("\"3000ms\"", 3), ("4.0", 4)] {
        let (_folder, workspace) = loaded(&format!("{CONFIRM}timeout = {written}\n"));
        assert!(workspace.problems.is_empty(), "{written}: {:?}", workspace.problems);
        assert_eq!(workspace.functions[0].configuration.timeout, Micros::from_secs(secs), "{written}");
    }
    let text = "[functions.a]\nscript = [{ respond = 1 }]\ntimeout = \"90\"\n[functions.b]\nscript = [{ respond = 1 }]\ntimeout = \"3 apples\"\n[functions.c]\nscript = [{ respond = 1 }]\ntimeout = 1.5\n[functions.d]\nscript = [{ respond = 1 }]\ntimeout = -1\n";
    check_problems(
        text,
        &expect![[r#"
        3:11 functions.a.timeout: "90" has no unit; write "90s", "90m" or "90h"
        6:11 functions.b.timeout: "3 apples" is not a time; units are ms, s, m and h
        9:11 functions.c.timeout is 1.5 s, but Timeout takes whole seconds
        12:11 functions.d.timeout: a time must not be negative or longer than a thousand years
    "#]],
    );
}

#[test]
fn targets_must_exist() {
    let text = format!(
        "{CONFIRM}[functions.confirm.event_invoke]\non_success = \"function:confirm\"\non_failure = \"queue:confirm-fialed\"\n[functions.confirm.dead_letter]\ntarget = \"confirm-failed\"\n[queues.confirm-failed]\nredrive = {{ target = \"queue:confirm-failed\" }}\n[[event_source_mappings]]\nfunction = \"confrm\"\nsource = \"queue:confirm-failed\"\n[[event_source_mappings]]\nfunction = \"confirm\"\nsource = \"queue:nowhere\"\n"
    );
    let workspace = check_problems(
        &text,
        &expect![[r#"
        5:14 You can't specify the function as a destination for itself.
        6:14 there is no queue confirm-fialed; did you mean queue:confirm-failed?
        8:10 "confirm-failed" is not a target; write "queue:NAME" or "function:NAME"
        10:22 a queue cannot be its own dead-letter queue
        12:12 there is no function confrm; did you mean confirm?
        16:10 there is no queue nowhere; add [queues.nowhere]
    "#]],
    );
    assert!(workspace.mappings.is_empty());
}

#[test]
fn a_policy_that_cannot_be_read_lets_nobody_in() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("f.mjs"), "").unwrap();
    let deny = r#"{"Statement":[{"Effect":"Deny","Principal":"*","NotAction":"x","Resource":"*"}]}"#;
    fs::write(folder.path().join("odd.json"), deny).unwrap();
    for policy in ["policy = \"odd.json\"", "policy = \"missing.json\"", "policy = [{ principal = \"*\" }]"] {
        let text = format!("[functions.f]\ncode = \"f.mjs\"\nurl = {{ auth_type = \"AWS_IAM\" }}\n{policy}\n");
        fs::write(folder.path().join(FILE_NAME), text).unwrap();
        let workspace = load(folder.path()).unwrap();
        assert_eq!(workspace.problems.len(), 1, "{policy}: {:?}", workspace.problems);
        let statements = &workspace.functions[0].access.statements;
        assert!(matches!(&statements[..], [closed] if closed.effect == Effect::Deny), "{policy}: {statements:?}");
    }
}

#[test]
fn the_policy_of_the_readme_lets_its_partner_in() {
    let readme = include_str!("../../README.md");
    let sample = &readme[readme.find("[[functions.confirm.policy]]").unwrap()..readme.find("[[apis]]").unwrap()];
    let text = format!("{CONFIRM}[functions.confirm.url]\nauth_type = \"AWS_IAM\"\n{sample}");
    let workspace = check_problems(&text, &expect![[""]]);
    let partner = |account_id: &str| AccessRequest {
        principal: Principal::Identity {
            account_id: account_id.into(),
            arn: format!("arn:aws:iam::{account_id}:user/ada"),
            org_id: None,
        },
        identity_policy: IdentityPolicy::Allows,
        actions: policy::actions_of_function_url(true),
        resource: "arn:aws:lambda:us-east-1:000000000000:function:confirm".into(),
        account_id: "000000000000".into(),
        function_url_auth_type: Some("AWS_IAM".into()),
        invoked_via_function_url: true,
        source_ip: None,
        secure_transport: false,
        user_agent: None,
        now: jiff::Timestamp::UNIX_EPOCH,
    };
    let policy = Policy { statements: workspace.functions[0].access.statements.clone() };
    assert_eq!(policy::verdict(&policy, &partner("210987654321")), Verdict::Allow);
    assert_eq!(policy::verdict(&policy, &partner("210987654322")), Verdict::ImplicitDeny);
    let half = &text[..text.rfind("[[functions.confirm.policy]]").unwrap()];
    check_problems(
        half,
        &expect![[r#"
        6:1 the policy allows arn:aws:iam::210987654321:root lambda:InvokeFunctionUrl, but not lambda:InvokeFunction, and a request to the URL needs both: add a statement with action = "lambda:InvokeFunction" and invoked_via_function_url = true
    "#]],
    );
}

#[test]
fn a_url_that_cannot_be_read_opens_to_nobody() {
    for (text, auth_type, closed) in [
        ("url = {}", AuthType::None, false),
        ("url = { auth_type = \"AWS_IAM\" }", AuthType::AwsIam, false),
        ("url = { auth_type = true }", AuthType::AwsIam, false),
        ("url = { auth_type = \"NON\" }", AuthType::AwsIam, false),
        ("url = { auth_typ = \"AWS_IAM\" }", AuthType::AwsIam, false),
        ("url = { type = \"AWS_IAM\" }", AuthType::AwsIam, false),
        ("url = { auth_type = AWS_IAM }", AuthType::None, true),
        ("url = {}\n[functions.f.url]\nauth_type = \"AWS_IAM", AuthType::None, true),
        ("url = {}\n[[functions.f.polcy]]\nprincipal = \"*\"\naction = \"lambda:InvokeFunctionUrl\"", AuthType::None, true),
        (
            "url = {}\n[[functions.f.policy]]\nprincipal = \"*\"\naction = \"lambda:InvokeFunctionUrl\"\nsource_acount = \"1\"",
            AuthType::None,
            true,
        ),
    ] {
        let (_folder, workspace) = loaded(&format!("[functions.f]\nscript = [{{ respond = 1 }}]\n{text}\n"));
        let access = &workspace.functions[0].access;
        assert!(access.url.as_ref().is_none_or(|url| url.auth_type == auth_type), "{text}: {access:?}");
        let denies = access.statements.iter().any(|statement| statement.effect == Effect::Deny);
        assert_eq!(denies, closed, "{text}: {:?}", workspace.problems);
    }
}

#[test]
fn what_only_opening_can_change_is_kept_and_said() {
    let (folder, open) = loaded("[functions.f]\nscript = [{ respond = 1 }]\nurl = {}\n");
    let text = "[workspace]\nname = \"new\"\nregion = \"eu-central-1\"\naccount_concurrency = 5\n[functions.f]\nscript = [{ respond = 2 }]\nurl = {}\n";
    fs::write(folder.path().join(FILE_NAME), text).unwrap();
    let workspace = reload(&open).unwrap();
    assert_eq!((&*workspace.name, &workspace.region, workspace.account_concurrency), ("new", &open.region, 1_000));
    assert_eq!(workspace.functions[0].access, open.functions[0].access);
    let said: Vec<_> = workspace.problems.iter().map(|problem| (problem.line, problem.message.as_str())).collect();
    let later = "takes effect when the workspace is opened again";
    assert_eq!(said, [(3, &*format!("region {later}")), (4, &*format!("account_concurrency {later}"))]);
}

#[test]
fn mappings_that_lambda_refuses_are_refused() {
    let text = "[functions.a]\nscript = [{ respond = 1 }]\ntimeout = 60\n[queues.q]\n[queues.r]\nvisibility_timeout = 60\n[[event_source_mappings]]\nfunction = \"a\"\nsource = \"queue:q\"\n[[event_source_mappings]]\nfunction = \"a\"\nsource = \"queue:r\"\nbatch_size = 11\n[[event_source_mappings]]\nfunction = \"a\"\nsource = \"queue:r\"\n[[event_source_mappings]]\nfunction = \"a\"\nsource = \"queue:r\"\n[[event_source_mappings]]\nfunction = \"a\"\n";
    let workspace = check_problems(
        text,
        &expect![[r#"
        9:10 Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds
        13:14 Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10
        19:10 there is already a mapping from queue:r to a
        20:1 a mapping needs source = "queue:NAME"
    "#]],
    );
    assert_eq!(workspace.mappings.len(), 1);
}

#[test]
fn a_syntax_error_costs_a_line_and_no_other_function() {
    let text = "[functions.a]\nscript = [{ respond = 1 }]\ntimeout = \nmemory_size = 256\n\n[functions.b\nscript = [{ throw = \"X\" }]\ntimeout = 7\n\n[functions.c]\nscript = [{ hang = true }]\ntimeout = 1\ntimeout = 2\n";
    let workspace = check_problems(
        text,
        &expect![[r#"
            3:11 this is not TOML: a value is missing after =
            6:13 this is not TOML: unclosed table, expected `]`
            13:1 this is not TOML: duplicate key
        "#]],
    );
    let names: Vec<_> = workspace.functions.iter().map(|function| &*function.configuration.name).collect();
    assert_eq!(names, ["a", "c"]);
    assert_eq!(workspace.functions[0].configuration.memory_size, 256);
    assert_eq!(workspace.functions[1].configuration.timeout, Micros::from_secs(1));
}

#[test]
fn text_that_is_no_toml_at_all_gives_an_empty_workspace() {
    for text in ["}{", "\u{0}\u{1}", "a = \"\"\"never closed", "[[[[[[", "= = =\n= = =\n", &"x\n".repeat(200)] {
        let (_folder, workspace) = loaded(text);
        assert!(!workspace.problems.is_empty(), "{text:?}");
        assert!(workspace.functions.is_empty() && workspace.queues.is_empty(), "{text:?}");
    }
}

#[test]
fn one_broken_function_leaves_the_others() {
    let text = format!(
        "{CONFIRM}[functions.gone]\nruntime = \"javascript\"\ncode = \"functions/gone.mjs\"\n[functions.ruby]\nruntime = \"ruby3.3\"\ncode = \"functions\"\n[functions.typo]\nruntime = \"javscript\"\ncode = \"functions/confirm.mjs\"\n[functions.module]\nruntime = \"python3.13\"\ncode = \"functions\"\nhandler = \"app.main\"\n[functions.bare]\n[functions.program]\ncommand = [\"target/nothing\"]\n[functions.\"sp ace\"]\n[functions.folder]\nruntime = \"nodejs20.x\"\ncode = \"functions\"\n"
    );
    let workspace = check_problems(
        &text,
        &expect![[r#"
            6:8 there is no file or folder FOLDER/functions/gone.mjs
            8:11 "ruby3.3" is not a known runtime; a program that speaks the Lambda Runtime API runs with "command"
            11:11 "javscript" is not a known runtime; did you mean "javascript"?
            16:11 handler "app.main" needs app.py in FOLDER/functions
            17:12 functions.bare needs a runtime: write runtime = "javascript", "nodejs", "python3" or "command"
            19:11 there is no program FOLDER/target/nothing; build it first, or add build = [...]
            20:12 "sp ace" cannot be the name of a function; letters, digits, - and _ are allowed
            23:8 handler "index.handler" needs index.mjs, index.js or index.cjs in FOLDER/functions
        "#]],
    );
    let broken: Vec<_> =
        workspace.functions.iter().map(|function| (&*function.configuration.name, function.broken.is_some())).collect();
    let expected = [
        ("confirm", false),
        ("gone", true),
        ("ruby", true),
        ("typo", true),
        ("module", true),
        ("bare", true),
        ("program", true),
        ("folder", true),
    ];
    assert_eq!(broken, expected);
}

#[test]
fn scripts_are_read_with_their_answers_as_json() {
    let text = "[functions.x]\nruntime = \"scripted\"\nscript = [{ respond = { ok = true, list = [1, 2.5, \"a\"] }, after = \"120ms\" }, { throw = \"Boom\" }, { exit = 1 }, { hang = true }]\n[functions.y]\nscript = [{ respond = 1, throw = \"X\" }, { hang = false }]\n";
    let workspace = check_problems(
        text,
        &expect![[r#"
        5:10 functions.y needs script = [{ respond = ... }]
        5:11 an answer of a script has exactly one of respond, throw, exit and hang
        5:50 hang = false says nothing; write hang = true or another answer
    "#]],
    );
    let Runtime::Scripted(script) = &workspace.functions[0].runtime else { panic!("not scripted") };
    let answer = |after, what| ScriptedAnswer { after: Micros(after), what };
    let expected = [
        answer(120_000, ScriptedResult::Respond("{\"ok\":true,\"list\":[1,2.5,\"a\"]}".into())),
        answer(0, ScriptedResult::Throw("Boom".into())),
        answer(0, ScriptedResult::Exit(1)),
        answer(0, ScriptedResult::Hang),
    ];
    assert_eq!(script, &expected);
}

#[test]
fn runtimes_are_detected_from_names_of_files() {
    for (files, runtime, handler) in [
        (&["index.mjs"][..], "nodejs", Some("index.handler")),
        (&["index.js", "package.json"], "nodejs", Some("index.handler")),
        (&["index.cjs"], "nodejs", Some("index.handler")),
        (&["handler.py"], "python3", Some("handler.handler")),
        (&["lambda_function.py", "other.py"], "python3", Some("lambda_function.lambda_handler")),
        (&["bootstrap", "index.js"], "provided", None),
    ] {
        let folder = tempfile::tempdir().unwrap();
        files.iter().for_each(|file| fs::write(folder.path().join(file), "").unwrap());
        let detected = runtime::detect(folder.path()).unwrap();
        assert_eq!((detected.runtime, detected.handler), (runtime, handler), "{files:?}");
    }
    let cargo = tempfile::tempdir().unwrap();
    fs::write(cargo.path().join("Cargo.toml"), "[package]\nname = \"resize\"\n").unwrap();
    let detected = runtime::detect(cargo.path()).unwrap();
    assert_eq!(
        (detected.command.as_deref(), detected.build),
        (Some("target/debug/resize"), vec!["cargo".to_owned(), "build".into()])
    );
    assert_eq!(runtime::detect(tempfile::tempdir().unwrap().path()), None);
}

#[test]
fn a_caller_that_may_sign_with_and_without_a_token_is_shown_once() {
    let (_folder, workspace) = loaded("");
    let shown = view(&workspace, &BTreeMap::new());
    let callers: Vec<_> = shown.signers.identities().iter().map(|caller| (&*caller.access_key, &*caller.user_arn)).collect();
    assert_eq!(callers, [("test", "arn:aws:iam::000000000000:user/test")]);
}

#[test]
fn handlers_point_at_files_as_lambda_reads_them() {
    let folder = folder(
        "[functions.node]\nruntime = \"nodejs\"\ncode = \"app\"\nhandler = \"src/main.run.fast\"\n[functions.python]\nruntime = \"python3\"\ncode = \"app\"\nhandler = \"shop.orders.main\"\n[functions.single]\nruntime = \"python3\"\ncode = \"app/shop/orders.py\"\nhandler = \"main\"\n",
    );
    fs::create_dir_all(folder.path().join("app/src")).unwrap();
    fs::create_dir_all(folder.path().join("app/shop")).unwrap();
    fs::write(folder.path().join("app/src/main.mjs"), "").unwrap();
    fs::write(folder.path().join("app/shop/orders.py"), "").unwrap();
    let workspace = load(folder.path()).unwrap();
    assert_eq!(problems(folder.path(), &workspace), "");
    let shown = view(&workspace, &BTreeMap::new());
    let ends: Vec<_> = shown.functions.iter().map(|function| function.code_file.clone().unwrap()).collect();
    assert!(
        ends[0].ends_with("app/src/main.mjs")
            && ends[1].ends_with("app/shop/orders.py")
            && ends[2].ends_with("app/shop/orders.py")
    );
    assert_eq!(&*workspace.functions[2].configuration.handler, "orders.main");
}

#[test]
fn secrets_of_env_files_are_masked_in_views_and_given_to_environments() {
    let folder = folder(&format!("{CONFIRM}environment = {{ TABLE = \"orders\", TOKEN = \"shown\" }}\nenv_file = \".env\"\n"));
    fs::write(folder.path().join(".env"), "API_KEY=hunter2\nTOKEN=hidden\n").unwrap();
    let workspace = load(folder.path()).unwrap();
    let shown = view(&workspace, &BTreeMap::new());
    let environment = &shown.functions[0].environment;
    assert_eq!(environment["API_KEY"], crate::event::MASK);
    assert_eq!(environment["TOKEN"], "shown");
    assert!(!format!("{workspace:?}{shown:?}").contains("hunter2"));
    let variables = environment_file::variables(&workspace.functions[0]).unwrap();
    assert_eq!(
        (variables["API_KEY"].as_str(), variables["TOKEN"].as_str(), variables["TABLE"].as_str()),
        ("hunter2", "shown", "orders")
    );
}

#[test]
fn a_line_of_an_env_file_that_is_left_out_is_told_with_its_place() {
    let folder = folder(&format!("{CONFIRM}env_file = \".env\"\n"));
    fs::write(folder.path().join(".env"), "API_KEY=hunter2\nQ=1\n").unwrap();
    let told = |workspace: &Workspace| workspace.problems.iter().map(|problem| problem.place()).collect::<Vec<_>>();
    let workspace = load(folder.path()).unwrap();
    assert_eq!(told(&workspace), [".env:2:1"]);
    assert!(workspace.problems[0].message.ends_with("letters, digits and _, two at least"), "{:?}", workspace.problems);
    assert!(workspace.functions[0].broken.is_none());
    assert_eq!(environment_file::variables(&workspace.functions[0]).unwrap().into_keys().collect::<Vec<_>>(), ["API_KEY"]);
    fs::write(folder.path().join(".env"), "hunter2\n").unwrap();
    let workspace = load(folder.path()).unwrap();
    assert_eq!(told(&workspace), [".env:1:1"]);
    assert!(!workspace.problems[0].message.contains("hunter2"));
}

#[test]
fn a_time_out_of_bounds_is_told_in_the_unit_of_its_bounds() {
    check_problems(
        &format!(
            "{CONFIRM}timeout = 0\n[functions.confirm.event_invoke]\nmaximum_event_age_in_seconds = 21601\n[queues.q]\nvisibility_timeout = 43201\n"
        ),
        &expect![[r#"
        4:11 functions.confirm.timeout is 0 s, but Timeout goes from 1 to 900 seconds
        6:32 functions.confirm.event_invoke.maximum_event_age_in_seconds is 21601 s, but MaximumEventAgeInSeconds goes from 60 to 21600 seconds
        8:22 queues.q.visibility_timeout is 43201 s, but VisibilityTimeout goes from 0 to 43200 seconds
    "#]],
    );
}

#[test]
fn a_target_that_lambda_takes_nowhere_there_is_a_mistake_and_others_wait_for_their_capability() {
    check_problems(
        &format!(
            "{CONFIRM}[functions.confirm.event_invoke]\non_success = \"bucket:x\"\non_failure = \"bucket:x\"\n[functions.confirm.dead_letter]\ntarget = \"event_bus:x\"\n[[event_source_mappings]]\nfunction = \"confirm\"\nsource = \"topic:x\"\n[[event_source_mappings]]\nfunction = \"confirm\"\nsource = \"stream:x\"\n"
        ),
        &expect![[r#"
        5:14 "bucket:x" cannot stand here: Lambda takes no bucket as on_success
        6:14 bucket:x is kept, but such targets are not active yet (later)
        8:10 "event_bus:x" cannot stand here: Lambda takes no event bus as target
        11:10 "topic:x" cannot stand here: Lambda takes no topic as source
        14:10 stream:x is kept, but such targets are not active yet (later)
    "#]],
    );
}

#[test]
fn the_demo_loads_without_a_problem_and_is_copied_once() {
    let data = tempfile::tempdir().unwrap();
    let folder = demo::unpack(&data.path().join("demo")).unwrap();
    let workspace = load(&folder).unwrap();
    assert_eq!(problems(&folder, &workspace), "");
    let names: Vec<_> = workspace.functions.iter().map(|function| (&*function.configuration.name, &function.broken)).collect();
    assert_eq!(names, ["shop-api", "track", "confirm", "notify", "billing", "slow"].map(|name| (name, &None)));
    assert_eq!((workspace.queues.len(), workspace.mappings.len()), (4, 1));
    let shown = view(&workspace, &BTreeMap::new());
    for function in &shown.functions {
        assert!(function.saved_events.len() >= 2, "{:?}", function.saved_events);
        for name in &function.saved_events {
            let text = saved_events::load(&folder, &function.configuration.name, name).unwrap();
            serde_json::from_str::<serde_json::Value>(&text).unwrap();
        }
    }

    fs::write(folder.join("functions/slow.mjs"), "mine").unwrap();
    fs::remove_file(folder.join("functions/notify.mjs")).unwrap();
    demo::unpack(&folder).unwrap();
    assert_eq!(fs::read_to_string(folder.join("functions/slow.mjs")).unwrap(), "mine");
    assert!(!folder.join("functions/notify.mjs").exists(), "what was removed stays removed");
}

/// Runs `check` on a thread without root's rights: root may write anywhere.
#[cfg(target_os = "linux")]
pub(super) fn without_privileges(check: impl FnOnce() + Send) {
    const NOBODY: libc::c_long = 65_534;
    let unprivileged = || {
        // SAFETY: the raw call changes the user of this thread only, which ends with the check.
        let changed = unsafe { libc::syscall(libc::SYS_setresuid, NOBODY, NOBODY, NOBODY) };
        // SAFETY: takes nothing and gives back a number.
        assert!(changed == 0 || unsafe { libc::getuid() } != 0, "privileges could not be dropped");
        check();
    };
    std::thread::scope(|scope| std::thread::Builder::new().spawn_scoped(scope, unprivileged).unwrap().join().unwrap());
}

#[cfg(target_os = "linux")]
#[test]
fn a_read_only_workspace_says_so() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("");
    let file = folder.path().join(FILE_NAME);
    for (folder_mode, file_mode, read_only) in [(0o777, 0o666, false), (0o777, 0o444, true), (0o555, 0o666, true)] {
        fs::set_permissions(&file, fs::Permissions::from_mode(file_mode)).unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(folder_mode)).unwrap();
        without_privileges(|| assert_eq!(is_read_only(&file), read_only, "{folder_mode:o} {file_mode:o}"));
    }
}
