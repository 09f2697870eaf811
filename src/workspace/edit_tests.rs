//! Changes of the workspace file: what is written, what is left alone, and what is refused.

use std::collections::BTreeMap;
use std::fs;

use expect_test::{Expect, expect};
use tempfile::TempDir;

use super::edit::{EditError, add_function, add_mapping, add_queue, create_workspace};
use super::removal::{remove_function, remove_mapping, remove_queue, restore};
use super::setting::change_setting;
use super::*;
use crate::command::{NewFunction, SettingChange, SettingOwner};
use crate::service::time::Micros;

const FILE: &str = r#"# Shop.   Spaces   and comments are a person's own.
[workspace]
name   = "shop"   # the shop

# Takes payments.
[functions.pay]
script = [ {respond = 1} ]
timeout = 3       # the bank is quick

[functions.pay.event_invoke]
on_failure = "queue:failed"

# Greets.
[functions.greet]
script = [{ throw = "Shy" }]

[queues.failed]   # what went wrong

[[event_source_mappings]]
function = "greet"
source = "queue:failed"
batch_size = 5
"#;

fn shop() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(FILE_NAME), FILE).unwrap();
    folder
}

fn text(folder: &TempDir) -> String {
    fs::read_to_string(folder.path().join(FILE_NAME)).unwrap()
}

/// What a change did to the file: lines that went and lines that came.
fn difference(before: &str, after: &str) -> String {
    let gone = before.lines().filter(|line| !after.lines().any(|other| other == *line)).map(|line| format!("-{line}\n"));
    let came = after.lines().filter(|line| !before.lines().any(|other| other == *line)).map(|line| format!("+{line}\n"));
    gone.chain(came).collect()
}

fn change_of(owner: SettingOwner, key: &str, value: Option<&str>) -> SettingChange {
    SettingChange { owner, key: key.into(), value: value.map(Into::into) }
}

fn change_queue_setting(folder: &std::path::Path, queue: &str, key: &str, value: Option<&str>) -> Result<(), EditError> {
    change_setting(folder, &change_of(SettingOwner::Queue(queue.into()), key, value))
}

fn change_mapping_setting(
    folder: &std::path::Path,
    function: &str,
    queue: &str,
    key: &str,
    value: Option<&str>,
) -> Result<(), EditError> {
    let owner = SettingOwner::Mapping { function: function.into(), queue: queue.into() };
    change_setting(folder, &change_of(owner, key, value))
}

fn change(key: &str, value: Option<&str>) -> SettingChange {
    change_of(SettingOwner::Function("pay".into()), key, value)
}

fn check_change(key: &str, value: Option<&str>, expected: &Expect) {
    let folder = shop();
    let result = change_setting(folder.path(), &change(key, value));
    let refused = result.err().map(|error| format!("refused: {error}\n")).unwrap_or_default();
    expected.assert_eq(&(difference(FILE, &text(&folder)) + &refused));
}

#[test]
fn settings_change_one_line_and_keep_its_comment() {
    check_change(
        "timeout",
        Some("30"),
        &expect![[r#"
        -timeout = 3       # the bank is quick
        +timeout = 30       # the bank is quick
    "#]],
    );
    check_change(
        "timeout",
        Some("\"2m\""),
        &expect![[r#"
        -timeout = 3       # the bank is quick
        +timeout = "2m"       # the bank is quick
    "#]],
    );
    check_change(
        "timeout",
        None,
        &expect![[r#"
        -timeout = 3       # the bank is quick
    "#]],
    );
    check_change(
        "memory_size",
        Some("512"),
        &expect![[r#"
        +memory_size = 512
    "#]],
    );
    check_change(
        "event_invoke.maximum_retry_attempts",
        Some("0"),
        &expect![[r#"
        +maximum_retry_attempts = 0
    "#]],
    );
    check_change(
        "event_invoke.on_failure",
        None,
        &expect![[r#"
        -[functions.pay.event_invoke]
        -on_failure = "queue:failed"
    "#]],
    );
    check_change(
        "dead_letter.target",
        Some("\"queue:failed\""),
        &expect![[r#"
        +[functions.pay.dead_letter]
        +target = "queue:failed"
    "#]],
    );
    check_change(
        "environment.TABLE",
        Some("\"orders\""),
        &expect![[r#"
        +environment = { TABLE = "orders" }
    "#]],
    );
    check_change(
        "debug",
        Some("true"),
        &expect![[r#"
        +debug = true
    "#]],
    );
}

#[test]
fn a_repair_of_a_list_keeps_the_comments_inside() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("invokelab.toml");
    let before = "[functions.pay]\nscript = [{ respond = 1 }]\n[functions.pay.url.cors]\nallow_methods = [\n  \"GET\", # keep me\n  # and me\n] # mine\n";
    fs::write(&file, before).unwrap();
    let set = |value| change_setting(folder.path(), &change("url.cors.allow_methods", Some(value))).unwrap();
    set("[\"GET\", \"PUT\"]");
    let added = before.replace("# and me\n", "# and me\n  \"PUT\",\n");
    assert_eq!(fs::read_to_string(&file).unwrap(), added);
    set("[\"GET\"]");
    assert_eq!(fs::read_to_string(&file).unwrap(), before);
}

#[test]
fn settings_are_refused_by_the_rules_of_loading() {
    check_change(
        "timeout",
        Some("901"),
        &expect![[r#"
        refused: functions.pay.timeout is 901 s, but Timeout goes from 1 to 900 seconds
    "#]],
    );
    check_change(
        "timeout",
        Some("three"),
        &expect![[r#"
        refused: three is not a TOML value; text needs quotes, such as "three"
    "#]],
    );
    check_change(
        "timeot",
        Some("3"),
        &expect![[r#"
        refused: timeot is not a known key; did you mean timeout?
    "#]],
    );
    check_change(
        "event_invoke.on_failure",
        Some("\"queue:nowhere\""),
        &expect![[r#"
        refused: there is no queue nowhere; add [queues.nowhere]
    "#]],
    );
    check_change(
        "event_invoke.on_success",
        Some("\"function:pay\""),
        &expect![[r#"
        refused: You can't specify the function as a destination for itself.
    "#]],
    );
    check_change(
        "environment.TABLE",
        Some("5"),
        &expect![[r#"
        refused: functions.pay.environment.TABLE must be a string: environment variables are text, so put it in quotes
    "#]],
    );
    check_change(
        "environment.A B",
        Some("\"x\""),
        &expect![[r#"
        refused: "A B" cannot be the name of an environment variable: a letter first, then letters, digits and _, two at least
    "#]],
    );
    check_change(
        "runtime",
        Some("\"cobol\""),
        &expect![[r#"
        refused: "cobol" is not a known runtime; a program that speaks the Lambda Runtime API runs with "command"
    "#]],
    );
    check_change(
        "timeout.x",
        Some("1"),
        &expect![[r#"
        refused: timeout.x is not a known key: timeout is no table
    "#]],
    );
    check_change(
        "timeout",
        Some("3\n[functions.evil]"),
        &expect![[r#"
        refused: 3
        [functions.evil] is not a TOML value; text needs quotes, such as "3
        [functions.evil]"
    "#]],
    );
    let folder = shop();
    let other = change_of(SettingOwner::Function("nobody".into()), "timeout", Some("3"));
    let error = change_setting(folder.path(), &other).unwrap_err();
    assert_eq!(error.to_string(), "there is no function nobody in invokelab.toml");
}

#[test]
fn queues_and_mappings_have_settings_of_their_own() {
    let folder = shop();
    change_queue_setting(folder.path(), "failed", "visibility_timeout", Some("\"1m\"")).unwrap();
    change_mapping_setting(folder.path(), "greet", "failed", "batch_size", Some("7")).unwrap();
    change_mapping_setting(folder.path(), "greet", "failed", "function_response_types", Some("[\"ReportBatchItemFailures\"]"))
        .unwrap();
    change_mapping_setting(folder.path(), "greet", "failed", "scaling_config.maximum_concurrency", Some("2")).unwrap();
    expect![[r#"
        -batch_size = 5
        +visibility_timeout = "1m"
        +batch_size = 7
        +function_response_types = ["ReportBatchItemFailures"]
        +scaling_config = { maximum_concurrency = 2 }
    "#]]
    .assert_eq(&difference(FILE, &text(&folder)));
    let workspace = load(folder.path()).unwrap();
    assert!(workspace.problems.is_empty(), "{:?}", workspace.problems);
    assert_eq!((workspace.mappings[0].batch_size, workspace.mappings[0].maximum_concurrency), (7, Some(2)));
    let error = change_mapping_setting(folder.path(), "greet", "failed", "batch_size", Some("11")).unwrap_err();
    assert!(error.to_string().starts_with("Maximum batch window"), "{error}");
    assert!(change_queue_setting(folder.path(), "failed", "visibility_timeout", Some("1")).is_err(), "shorter than the timeout");
    assert!(change_mapping_setting(folder.path(), "pay", "failed", "batch_size", Some("1")).is_err());
}

#[test]
fn filters_are_changed_by_the_rules_of_loading() {
    let folder = shop();
    let filter = |value| change_mapping_setting(folder.path(), "greet", "failed", "filter_criteria", Some(value));
    filter(r#"['{"body":["a"]}']"#).unwrap();
    filter(r#"['{"body":["a"]}', '{"body":{"kind":["b"]}}']"#).unwrap();
    let error = filter(r#"['{"body":"a"}']"#).unwrap_err();
    assert_eq!(error.to_string(), "Invalid filter pattern definition. What body may be stands in a list: [\"a\"]");
    let expected = r#"filter_criteria = ['{"body":["a"]}', '{"body":{"kind":["b"]}}']"#;
    assert!(text(&folder).contains(expected), "{}", text(&folder));
    assert_eq!(load(folder.path()).unwrap().mappings[0].filter_criteria.patterns().count(), 2);
}

#[test]
fn routes_and_the_workspace_have_settings_of_their_own_and_places() {
    let folder = shop();
    let api = "\n[[apis]]\nname = \"shop\"\nroutes = [\n  { route = \"GET /\", function = \"greet\" },\n  { route = \"PUT /\", function = \"greet\" }, # mine\n]\n";
    fs::write(folder.path().join(FILE_NAME), format!("{FILE}{api}")).unwrap();
    let change = |owner: SettingOwner, key: &str, value| change_setting(folder.path(), &change_of(owner, key, Some(value)));
    let route = |route: &str| SettingOwner::Route { api: "shop".into(), route: route.into() };
    change(route("PUT /"), "timeout", "5").unwrap();
    change(route("PUT /"), "route", "\"PUT /{id}\"").unwrap();
    change(SettingOwner::Workspace, "environment_idle_expiry", "\"5m\"").unwrap();
    let after = text(&folder);
    assert!(after.contains("  { route = \"PUT /{id}\", function = \"greet\", timeout = 5 }, # mine"), "{after}");
    let workspace = load(folder.path()).unwrap();
    assert!(workspace.problems.is_empty(), "{:?}", workspace.problems);
    assert_eq!(workspace.environment_idle_expiry, Micros::from_secs(300));
    assert_eq!(workspace.apis[0].routes[1].timeout, Some(Micros::from_secs(5)));
    for (owner, key, value, reason) in [
        (route("PUT /"), "timeout", "5", "there is no route PUT / of shop"),
        (route("GET /"), "route", "\"get /\"", "\"get\" is not a method; write \"GET\""),
        (route("GET /"), "route", "\"PUT /{id}\"", "PUT /{id}"),
        (SettingOwner::Workspace, "environment_idle_expiry", "0", "goes from 1 to 86400 seconds"),
        (SettingOwner::Workspace, "credentials_file", "\"nothing\"", "requests signed with its keys are refused"),
        (SettingOwner::Workspace, "regoin", "1", "did you mean region?"),
    ] {
        let error = change(owner, key, value).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
    assert_eq!(text(&folder), after);
    let view = crate::workspace::view(&workspace, &BTreeMap::new());
    let line = |wanted: &str| after.lines().position(|line| line.contains(wanted)).unwrap() + 1;
    for (owner, key, wanted) in [
        (route("PUT /{id}"), "", "PUT /{id}"),
        (SettingOwner::Api("shop".into()), "routes", "routes = ["),
        (SettingOwner::Function("greet".into()), "policy", "[functions.greet]"),
        (SettingOwner::Workspace, "credentials_file", "[workspace]"),
    ] {
        let place = view.place_of(&owner, key).unwrap_or_else(|| panic!("{owner} {key}"));
        assert_eq!(place.short(), format!("invokelab.toml:{}", line(wanted)), "{owner} {key}");
    }
}

#[test]
fn a_policy_of_its_own_file_stands_there_and_secrets_are_known() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[workspace]\ncredentials_file = \"keys\"\n[functions.f]\nscript = [{ respond = 1 }]\nenv_file = \".env\"\npolicy = \"p.json\"\n";
    for (name, text) in [(FILE_NAME, text), ("keys", ""), (".env", ""), ("p.json", "{\"Statement\":[]}")] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let view = crate::workspace::view(&load(folder.path()).unwrap(), &BTreeMap::new());
    let names: Vec<_> = view.secret_files.iter().filter_map(|file| file.file_name()).collect();
    assert_eq!(names, [".env", "keys"]);
    assert_eq!(view.credentials_file.as_deref(), Some("keys"));
    let place = view.place_of(&SettingOwner::Function("f".into()), "policy").unwrap();
    assert_eq!(place.short(), "p.json:1");
    assert_eq!(view.place_of(&SettingOwner::Workspace, "credentials_file").unwrap().short(), "invokelab.toml:2");
}

#[test]
fn apis_have_settings_of_their_own() {
    let folder = shop();
    let api = "\n[[apis]]\nname = \"shop\"\nkind = \"http\"\nroutes = [{ route = \"GET /\", function = \"greet\" }]\n";
    fs::write(folder.path().join(FILE_NAME), format!("{FILE}{api}")).unwrap();
    let change_api = |name: &str, key: &str, value| {
        change_setting(folder.path(), &change_of(SettingOwner::Api(name.into()), key, Some(value)))
    };
    change_api("shop", "cors.allow_origins", "[\"https://app.example.com\"]").unwrap();
    change_api("shop", "cors.max_age", "-1").unwrap();
    expect![[r#"
        +[apis.cors]
        +allow_origins = ["https://app.example.com"]
        +max_age = -1
    "#]]
    .assert_eq(&difference(&format!("{FILE}{api}"), &text(&folder)));
    let workspace = load(folder.path()).unwrap();
    assert!(workspace.problems.is_empty(), "{:?}", workspace.problems);
    assert_eq!(workspace.apis[0].cors.as_ref().unwrap().max_age, Some(-1), "an HTTP API's own value");
    let error = change_api("shop", "cors.max_age", "-2").unwrap_err();
    assert!(error.to_string().contains("allowed are -1 to 86400"), "{error}");
    assert!(change_api("other", "cors.max_age", "1").is_err());
}

#[test]
fn a_removed_function_comes_back_byte_for_byte() {
    let folder = shop();
    let removed = remove_function(folder.path(), "greet").unwrap();
    expect![[r#"
        -# Greets.
        -[functions.greet]
        -script = [{ throw = "Shy" }]
        -[[event_source_mappings]]
        -function = "greet"
        -source = "queue:failed"
        -batch_size = 5
    "#]]
    .assert_eq(&difference(FILE, &text(&folder)));
    assert!(load(folder.path()).unwrap().problems.is_empty());
    assert_eq!(restore(folder.path(), removed).unwrap(), "function greet");
    assert_eq!(text(&folder), FILE);
    assert!(matches!(remove_function(folder.path(), "nobody"), Err(EditError::Missing { .. })));
}

#[test]
fn a_removed_function_comes_back_into_a_file_that_changed() {
    let folder = shop();
    let removed = remove_function(folder.path(), "pay").unwrap();
    change_queue_setting(folder.path(), "failed", "visibility_timeout", Some("60")).unwrap();
    restore(folder.path(), removed).unwrap();
    let after = text(&folder);
    expect![[r#"
        +visibility_timeout = 60
    "#]]
    .assert_eq(&difference(FILE, &after));
    assert!(after.find("[functions.pay]") < after.find("[queues.failed]"), "{after}");
    let removed = remove_function(folder.path(), "greet").unwrap();
    let new = NewFunction::Command { name: "greet".into(), command: vec!["true".into()] };
    add_function(folder.path(), new).unwrap();
    assert!(matches!(restore(folder.path(), removed), Err(EditError::Taken { name, .. }) if name == "greet"));
}

#[test]
fn functions_are_added_behind_the_others() {
    let folder = shop();
    assert_eq!(&*add_function(folder.path(), NewFunction::JavaScript { name: "ship".into() }).unwrap(), "ship");
    let command = vec!["python3".into(), "-m".into(), "awslambdaric".into(), "app.handler".into()];
    add_function(folder.path(), NewFunction::Command { name: "any".into(), command }).unwrap();
    let python = folder.path().join("py thon");
    fs::create_dir(&python).unwrap();
    fs::write(python.join("lambda_function.py"), "").unwrap();
    assert_eq!(&*add_function(folder.path(), NewFunction::Folder { name: None, path: python }).unwrap(), "py-thon");
    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(elsewhere.path().join("Cargo.toml"), "[package]\nname = \"x\"\n[[bin]]\nname = \"resize\"\n").unwrap();
    add_function(folder.path(), NewFunction::Folder { name: Some("resize".into()), path: elsewhere.path().into() }).unwrap();
    let name = elsewhere.path().file_name().unwrap().to_str().unwrap();
    expect![[r#"
        +[functions.ship]
        +runtime = "javascript"
        +code = "functions/ship.mjs"
        +[functions.any]
        +runtime = "command"
        +command = ["python3", "-m", "awslambdaric", "app.handler"]
        +[functions.py-thon]
        +runtime = "python3"
        +code = "py thon"
        +handler = "lambda_function.lambda_handler"
        +[functions.resize]
        +runtime = "command"
        +code = "../ELSEWHERE"
        +command = ["../ELSEWHERE/target/debug/resize"]
        +build = ["cargo", "build"]
    "#]]
    .assert_eq(&difference(FILE, &text(&folder)).replace(name, "ELSEWHERE"));
    let after = text(&folder);
    assert!(
        after.find("[functions.greet]") < after.find("[functions.ship]")
            && after.find("[functions.resize]") < after.find("[queues.failed]"),
        "{after}"
    );
    let workspace = load(folder.path()).unwrap();
    assert!(workspace.problems.is_empty(), "{:?}", workspace.problems);
    assert!(workspace.functions.iter().all(|function| function.broken.is_none()));
}

#[test]
fn names_and_folders_that_cannot_be_added_are_refused() {
    let folder = shop();
    let javascript = |name: &str| NewFunction::JavaScript { name: name.into() };
    assert!(matches!(add_function(folder.path(), javascript("pay")), Err(EditError::Taken { .. })));
    for name in ["", "../x", "a b", "ä", &"x".repeat(65)] {
        assert!(matches!(add_function(folder.path(), javascript(name)), Err(EditError::Name(_))), "{name:?}");
    }
    let empty = tempfile::tempdir().unwrap();
    let new = NewFunction::Folder { name: None, path: empty.path().into() };
    assert!(matches!(add_function(folder.path(), new), Err(EditError::NoRuntime { .. })));
    let new = NewFunction::Folder { name: None, path: empty.path().join("nowhere") };
    let error = add_function(folder.path(), new).unwrap_err().to_string();
    assert!(error.starts_with("there is no such folder: ") && error.ends_with("nowhere"), "{error}");
    assert!(add_function(folder.path(), NewFunction::Command { name: "x".into(), command: Vec::new() }).is_err());
    assert_eq!(text(&folder), FILE);
    assert!(!folder.path().join("functions").exists());
}

#[test]
fn a_handler_file_that_is_there_is_not_overwritten() {
    let folder = shop();
    fs::create_dir(folder.path().join("functions")).unwrap();
    fs::write(folder.path().join("functions/mine.mjs"), "mine").unwrap();
    add_function(folder.path(), NewFunction::JavaScript { name: "mine".into() }).unwrap();
    assert_eq!(fs::read_to_string(folder.path().join("functions/mine.mjs")).unwrap(), "mine");
}

#[test]
fn a_file_that_became_unreadable_is_not_touched() {
    let folder = shop();
    let broken = format!("{FILE}[functions.half\n");
    fs::write(folder.path().join(FILE_NAME), &broken).unwrap();
    let error = change_setting(folder.path(), &change("timeout", Some("5"))).unwrap_err();
    assert!(matches!(error, EditError::Unparsable { line: 23, .. }), "{error}");
    assert!(add_function(folder.path(), NewFunction::JavaScript { name: "x".into() }).is_err());
    assert!(remove_function(folder.path(), "pay").is_err());
    assert_eq!(text(&folder), broken);
    assert!(!folder.path().join("functions").exists());
}

#[test]
fn problems_that_were_there_do_not_stop_other_changes() {
    let folder = shop();
    fs::write(folder.path().join(FILE_NAME), format!("{FILE}wrong = 1\n[functions.bad]\n")).unwrap();
    change_setting(folder.path(), &change("timeout", Some("5"))).unwrap();
    assert!(text(&folder).contains("timeout = 5       # the bank is quick\n"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_read_only_workspace_is_said_to_be_one() {
    use std::os::unix::fs::PermissionsExt;
    let folder = shop();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    super::tests::without_privileges(|| {
        let error = change_setting(folder.path(), &change("timeout", Some("5"))).unwrap_err();
        assert!(matches!(error, EditError::ReadOnly { .. }), "{error}");
        assert!(add_function(folder.path(), NewFunction::JavaScript { name: "x".into() }).is_err());
    });
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(text(&folder), FILE);
}

#[test]
fn a_folder_becomes_a_workspace_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = create_workspace(&folder.path().join("new shop")).unwrap();
    assert!(load(&file).unwrap().problems.is_empty());
    assert_eq!(load(&file).unwrap().name, "new-shop");
    assert!(create_workspace(&folder.path().join("new shop")).is_err());
    add_function(&file, NewFunction::JavaScript { name: "first".into() }).unwrap();
    assert_eq!(load(&file).unwrap().functions[0].broken, None);
}

#[test]
fn a_function_gets_a_url_and_its_cors_is_repaired() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.mjs"), "export const handler = async () => 1;\n").unwrap();
    let file = folder.path().join("invokelab.toml");
    fs::write(&file, "[functions.pay] # mine\nruntime = \"javascript\"\ncode = \"a.mjs\"\n").unwrap();
    let set = |key: &str, value: Option<&str>| change_setting(folder.path(), &change(key, value));
    set("url.auth_type", Some("\"NONE\"")).unwrap();
    set("url.cors.allow_methods", Some("[\"GET\",\"PUT\"]")).unwrap();
    let workspace = load(&file).unwrap();
    let url = workspace.functions[0].access.url.clone().unwrap();
    assert_eq!(url.cors.unwrap().allow_methods, ["GET", "PUT"]);
    assert!(fs::read_to_string(&file).unwrap().starts_with("[functions.pay] # mine\n"));
    let refused = set("url.cors.allow_methods", Some("[\"OPTIONS\"]")).unwrap_err().to_string();
    assert!(refused.contains("7 characters"), "{refused}");
    set("url.cors.allow_methods", None).unwrap();
    set("url.auth_type", None).unwrap();
    assert!(load(&file).unwrap().functions[0].access.url.is_none());
}

#[test]
fn a_queue_is_added_with_the_function_that_reads_it() {
    let folder = shop();
    assert_eq!(&*add_queue(folder.path(), "incoming", Some("pay")).unwrap(), "incoming");
    expect![[r#"
        +[queues.incoming]
        +function = "pay"
        +source = "queue:incoming"
    "#]]
    .assert_eq(&difference(FILE, &text(&folder)));
    let loaded = load(folder.path()).unwrap();
    assert_eq!(loaded.problems, []);
    assert!(loaded.mappings.iter().any(|mapping| &*mapping.function == "pay" && &*mapping.queue == "incoming"));
    let refusal = |queue: &str, reader| add_queue(folder.path(), queue, reader).unwrap_err().to_string();
    assert_eq!(refusal("incoming", None), "there is a queue incoming already; choose another name");
    assert_eq!(refusal("in coming", None), "\"in coming\" cannot be the name of a queue; letters, digits, - and _ are allowed");
    assert_eq!(refusal("other", Some("nobody")), "there is no function nobody; add [functions.nobody]");
    assert!(!text(&folder).contains("other"));
}

#[test]
fn a_mapping_is_added_once_and_taken_away() {
    let folder = shop();
    add_mapping(folder.path(), "pay", "failed").unwrap();
    assert_eq!(load(folder.path()).unwrap().mappings.len(), 2);
    assert!(add_mapping(folder.path(), "pay", "failed").is_err());
    assert!(add_mapping(folder.path(), "pay", "nowhere").is_err());
    remove_mapping(folder.path(), "pay", "failed").unwrap();
    assert_eq!(difference(FILE, &text(&folder)), "");
    let removed = remove_mapping(folder.path(), "greet", "failed").unwrap();
    assert!(load(folder.path()).unwrap().mappings.is_empty());
    assert_eq!(restore(folder.path(), removed).unwrap(), "mapping from failed to greet");
    assert_eq!(text(&folder), FILE);
    assert!(matches!(remove_mapping(folder.path(), "pay", "failed"), Err(EditError::Missing { .. })));
}

#[test]
fn a_queue_that_is_still_sent_to_stays() {
    let folder = shop();
    let refused = remove_queue(folder.path(), "failed").unwrap_err().to_string();
    assert_eq!(refused, "failed is still needed: without it, there is no queue failed; add [queues.failed]");
    assert_eq!(text(&folder), FILE);
    change_setting(folder.path(), &change("event_invoke.on_failure", None)).unwrap();
    let before = text(&folder);
    let removed = remove_queue(folder.path(), "failed").unwrap();
    assert_eq!(removed.sentence(), "The queue failed and its mapping were taken out of invokelab.toml.");
    let loaded = load(folder.path()).unwrap();
    assert!(loaded.queues.is_empty() && loaded.mappings.is_empty() && loaded.problems.is_empty());
    assert_eq!(restore(folder.path(), removed).unwrap(), "queue failed");
    assert_eq!(text(&folder), before);
}
