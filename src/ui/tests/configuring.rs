//! The tab "Configuration": what is typed stays until the file has it.

use std::path::Path;

use super::*;
use crate::command::SettingOwner;
use crate::event::FilePlace;
use crate::service::input::{Fault, FaultKind};

/// Types over what is in the field that has the keyboard.
fn type_over(window: &mut Window, text: &str) {
    window.harness.run_ok();
    window.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    window.harness.run_ok();
    window.harness.input_mut().events.push(egui::Event::Text(text.into()));
    window.harness.run_ok();
}

/// Types into the field of a setting and leaves it.
fn type_setting(window: &mut Window, key: &str, text: &str) -> Vec<Command> {
    window.harness.get_by_role_and_label(Role::TextInput, key).focus();
    type_over(window, text);
    window.key(egui::Modifiers::NONE, egui::Key::Enter)
}

fn type_timeout(window: &mut Window, text: &str) -> Vec<Command> {
    type_setting(window, "timeout", text)
}

/// Presses a button that may have to be scrolled to.
fn press(window: &mut Window, name: &str) -> Vec<Command> {
    window.harness.get_by_role_and_label(Role::Button, name).scroll_to_me();
    window.harness.run_ok();
    window.press(name)
}

fn timeout(window: &Window) -> Option<String> {
    window.harness.get_by_role_and_label(Role::TextInput, "timeout").value()
}

#[test]
fn the_name_of_a_setting_leads_to_its_place_in_the_file() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("Configuration");
    let place = FilePlace { file: "/w/invokelab.toml".into(), line: 7, column: 1 };
    let Event::Workspace(view) = workspace() else { panic!("another event") };
    let mut view = (*view).clone();
    let owner = SettingOwner::Function(view.functions[0].configuration.name.clone());
    view.places.insert((owner, String::new()), place.clone());
    window.tell(vec![Event::Workspace(view.into())]);
    window.harness.get_by_role_and_label(Role::Label, "timeout").click_secondary();
    window.harness.run_ok();
    let sent = window.press("Show in file");
    assert!(sent.iter().any(|command| matches!(command, Command::LoadFile(file) if *file == place.file)), "{sent:?}");
}

#[test]
fn a_value_that_is_refused_stays_with_the_reason_until_it_is_corrected() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("Configuration");
    let before = timeout(&window);
    let sent = type_timeout(&mut window, "soon");
    let [Command::ChangeSetting(change)] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!((change.key.as_str(), change.value.as_deref()), ("timeout", Some("\"soon\"")));
    let reason = "timeout is a number of seconds from 1 to 900".to_owned();
    window.tell(vec![Event::SettingNotChanged { change: change.clone(), reason: reason.clone() }]);
    assert_eq!(timeout(&window).as_deref(), Some("soon"));
    window.harness.get_by_label(&reason);
    assert!(matches!(&type_timeout(&mut window, "9")[..], [Command::ChangeSetting(_)]));
    assert!(window.harness.query_by_label(&reason).is_none());
    // The file says something else by now: that is what is shown.
    let Event::Workspace(view) = workspace() else { unreachable!() };
    let mut view = Arc::unwrap_or_clone(view);
    let mut configuration = (*view.functions[0].configuration).clone();
    configuration.timeout = Micros::from_secs(7);
    view.functions[0].configuration = configuration.into();
    window.tell(vec![Event::Workspace(view.into())]);
    assert_eq!(timeout(&window).as_deref(), Some("7"));
    assert_ne!(before.as_deref(), Some("7"));
}

/// What the executor was asked to do, but for reading and checking.
fn asked(commands: Vec<Command>) -> Vec<String> {
    let quiet = |command: &Command| matches!(command, Command::Document { .. } | Command::LoadSavedEvent { .. });
    commands.iter().filter(|command| !quiet(command)).map(|command| format!("{command:?}")).collect()
}

fn queue(name: &str) -> Event {
    happened(Happened::QueueConfigured(QueueConfiguration::new(name)))
}

#[test]
fn a_queue_is_added_in_a_dialog_that_stays_while_it_is_refused() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("Add queue");
    window.harness.input_mut().events.push(egui::Event::Text("in coming".into()));
    window.harness.run_ok();
    let sent = asked(window.key(egui::Modifiers::NONE, egui::Key::Enter));
    assert_eq!(sent, [r#"AddQueue { name: "in coming", reader: None }"#]);
    let text = "\"in coming\" cannot be the name of a queue".to_owned();
    window.tell(vec![Event::Notice(Notice { level: NoticeLevel::Error, text })]);
    window.harness.get_by_label("Not added: \"in coming\" cannot be the name of a queue.");
    type_over(&mut window, "incoming");
    let sent = asked(window.press("Add"));
    assert_eq!(sent, [r#"AddQueue { name: "incoming", reader: None }"#]);
    window.tell(vec![queue("incoming")]);
    assert!(window.harness.query_by_label("Add a queue").is_none());
    // It is what the composer is about from now on.
    window.harness.get_by_label("The queue is empty.");
}

#[test]
fn a_function_is_made_to_read_a_queue_and_to_leave_it() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.tell(vec![queue("incoming")]);
    window.press("Configuration");
    assert_eq!(asked(press(&mut window, "Add the mapping")), [r#"AddMapping { function: "confirm", queue: "incoming" }"#]);
    window.tell(mapped());
    let removes = window.harness.query_all_by_role_and_label(Role::Button, "Remove").count();
    assert_eq!(removes, 1);
    assert_eq!(asked(press(&mut window, "Remove")), [r#"RemoveMapping { function: "confirm", queue: "incoming" }"#]);
    assert_eq!(asked(press(&mut window, "Remove the queue")), [r#"RemoveQueue("incoming")"#]);
    window.tell(vec![Event::Removed("The queue incoming was taken out of invokelab.toml.".into())]);
    assert_eq!(asked(window.press("Put back")), ["UndoRemove"]);
}

#[test]
fn filters_are_json_texts_one_after_the_other() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.tell(vec![queue("incoming")]);
    window.tell(mapped());
    window.press("Configuration");
    let field = |window: &mut Window| {
        window.harness.get_by_role_and_label(Role::MultilineTextInput, "filter_criteria").focus();
    };
    field(&mut window);
    type_over(&mut window, "{\"body\":[\"a\"]}\n{\"body\":[{\"prefix\":\"b\"}]}");
    // Whatever is held with it, it takes the value over and sends nothing.
    let sent = asked(window.key(egui::Modifiers::SHIFT, egui::Key::Enter));
    assert!(sent.is_empty(), "{sent:?}");
    let sent = window.key(egui::Modifiers::COMMAND, egui::Key::Enter);
    let [Command::ChangeSetting(change)] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!(change.key, "filter_criteria");
    assert_eq!(change.value.as_deref(), Some(r#"['{"body":["a"]}', '{"body":[{"prefix":"b"}]}']"#));
    window.harness.get_by_label("Enter takes it over, Shift+Enter begins a new line");
    field(&mut window);
    type_over(&mut window, "{\"body\":[\"a\"]}\n{\"body\":5}");
    let wrong = "line 2, column 9: Invalid filter pattern definition. What body may be stands in a list: [5]";
    window.harness.get_by_label(wrong);
    let sent = window.key(egui::Modifiers::NONE, egui::Key::Enter);
    let [Command::ChangeSetting(change)] = &sent[..] else { panic!("{sent:?}") };
    let reason = "Invalid filter pattern definition. What body may be stands in a list: [5]".to_owned();
    window.tell(vec![Event::SettingNotChanged { change: change.clone(), reason: reason.clone() }]);
    window.harness.get_by_label(wrong);
    assert!(window.harness.query_by_label(&reason).is_none(), "once, with its place");
    field(&mut window);
    type_over(&mut window, " ");
    let sent = window.key(egui::Modifiers::NONE, egui::Key::Tab);
    assert!(matches!(&sent[..], [Command::ChangeSetting(change)] if change.value.is_none()), "{sent:?}");
}

#[test]
fn an_environment_variable_is_changed_in_place() {
    let mut window = Window::open(InvocationModel::Synchronous);
    let Event::Workspace(view) = workspace() else { unreachable!() };
    let mut view = Arc::unwrap_or_clone(view);
    view.functions[0].environment =
        [("SHOP", "Corner"), ("SECRET", crate::event::MASK)].map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    window.tell(vec![Event::Workspace(view.into())]);
    window.press("Configuration");
    // A value of env_file is neither shown nor changed.
    assert!(window.harness.query_by_role_and_label(Role::TextInput, "environment.SECRET").is_none());
    let sent = type_setting(&mut window, "environment.SHOP", "12 ");
    let [Command::ChangeSetting(change)] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!((change.key.as_str(), change.value.as_deref()), ("environment.SHOP", Some("\"12 \"")));
}

#[test]
fn a_new_variable_that_is_refused_stays_typed_with_the_reason_until_the_file_has_it() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("Configuration");
    let value = |window: &Window| window.harness.get_by_role_and_label(Role::TextInput, "Variable value").value();
    window.harness.get_by_role_and_label(Role::TextInput, "Variable name").focus();
    type_over(&mut window, "AWS_REGION");
    let sent = type_setting(&mut window, "Variable value", "eu-west-1");
    let [Command::ChangeSetting(change)] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!((change.key.as_str(), change.value.as_deref()), ("environment.AWS_REGION", Some("\"eu-west-1\"")));
    let reason = "AWS_REGION is reserved: Lambda takes no function that sets it".to_owned();
    window.tell(vec![Event::SettingNotChanged { change: change.clone(), reason: reason.clone() }]);
    window.harness.get_by_label(&reason);
    assert_eq!(value(&window).as_deref(), Some("eu-west-1"));
    window.harness.get_by_role_and_label(Role::TextInput, "Variable name").focus();
    type_over(&mut window, "SHOP_REGION");
    assert!(window.harness.query_by_label(&reason).is_none());
    assert!(
        matches!(&press(&mut window, "Set")[..], [Command::ChangeSetting(change)] if change.key == "environment.SHOP_REGION")
    );
    assert_eq!(value(&window).as_deref(), Some("eu-west-1"), "it may be refused, too");
    let Event::Workspace(view) = workspace() else { unreachable!() };
    let mut view = Arc::unwrap_or_clone(view);
    view.functions[0].environment = [("SHOP_REGION".to_owned(), "eu-west-1".to_owned())].into();
    window.tell(vec![Event::Workspace(view.into())]);
    assert_eq!(value(&window).as_deref(), Some(""));
    window.harness.get_by_role_and_label(Role::TextInput, "environment.SHOP_REGION");
}

#[test]
fn faults_are_listed_and_taken_back_one_by_one() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("Configuration");
    let fault = |function: &str| Fault { function: function.into(), attempts: vec![1], kind: FaultKind::Throw };
    window.tell(vec![Event::Faults(vec![fault("notify")])]);
    let sent = press(&mut window, "Inject");
    // Those of other functions stay.
    assert!(matches!(&sent[..], [Command::SetFaults(faults)] if *faults == [fault("notify"), fault("confirm")]), "{sent:?}");
    window.tell(vec![Event::Faults(vec![fault("notify"), fault("confirm")])]);
    window.harness.get_by_label("Let attempt 1 throw.");
    let sent = press(&mut window, "Remove");
    assert!(matches!(&sent[..], [Command::SetFaults(faults)] if *faults == [fault("notify")]), "{sent:?}");
}

#[test]
fn routes_policy_and_settings_of_the_workspace_stand_with_their_places() {
    let mut window = Window::sized(InvocationModel::Synchronous, [1_440.0, 2_600.0]);
    let text = "[workspace]\ncredentials_file = \"keys\"\n[functions.confirm]\nscript = [{ respond = 1 }]\n[[functions.confirm.policy]]\nprincipal = \"*\"\naction = \"lambda:InvokeFunction\"\n[[apis]]\nname = \"shop\"\nroutes = [{ route = \"GET /\", function = \"confirm\" }]\n";
    let loaded = crate::workspace::load_text(Path::new("/w/invokelab.toml"), text);
    let view = crate::workspace::view(&loaded, &std::collections::BTreeMap::new());
    window.tell(vec![Event::Workspace(view.into())]);
    window.press("Configuration");
    window.harness.get_by_label("1 statement");
    window.harness.get_by_label("statement-1");
    window.harness.get_by_label("1 route");
    let route = SettingOwner::Route { api: "shop".into(), route: "GET /".into() };
    for (name, typed, owner, value) in [
        ("route of GET /", "GET /all", &route, "\"GET /all\""),
        ("payload_format_version of GET /", "1.0", &route, "\"1.0\""),
        ("timeout of GET /", "7", &route, "7"),
        ("credentials_file", "other", &SettingOwner::Workspace, "\"other\""),
        ("environment_idle_expiry", "5m", &SettingOwner::Workspace, "\"5m\""),
    ] {
        let sent = type_setting(&mut window, name, typed);
        let [Command::ChangeSetting(change)] = &sent[..] else { panic!("{name}: {sent:?}") };
        let key = name.split(' ').next().unwrap();
        assert_eq!((&change.owner, change.key.as_str(), change.value.as_deref()), (owner, key, Some(value)));
    }
    window.harness.get_by_label("UNVERIFIED");
    let places = window.harness.query_all_by_label("invokelab.toml:10").count();
    assert_eq!(places, 2, "of the list, and of its route");
    window.harness.get_by_label("invokelab.toml:5").click();
    window.harness.run_ok();
    let sent = window.sent();
    assert!(
        sent.iter().any(|command| matches!(command, Command::LoadFile(path) if path.ends_with("invokelab.toml"))),
        "{sent:?}"
    );
}

#[test]
fn a_function_that_no_route_leads_to_is_offered_one() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("Configuration");
    let sent = press(&mut window, "Add a route to this function");
    assert!(matches!(&sent[..], [Command::AddRoute(new)] if *new.function == *"confirm" && new.api.is_none()), "{sent:?}");
}
