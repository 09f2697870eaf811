//! Events under edit: each keeps its text and its undo history, and is saved under its own name.

use super::*;

fn seen(window: &Window) -> Option<String> {
    window.harness.get_by_role_and_label(Role::MultilineTextInput, "Event").value()
}

/// Types at the caret of the event.
fn type_event(window: &mut Window, text: &str) {
    focus(window);
    window.harness.input_mut().events.push(egui::Event::Text(text.into()));
    window.harness.run_ok();
}

fn focus(window: &mut Window) {
    window.harness.get_by_role_and_label(Role::MultilineTextInput, "Event").focus();
    window.harness.run_ok();
}

fn load(window: &mut Window, name: &str, text: &str) {
    window.tell(vec![Event::SavedEvent {
        function: "confirm".into(),
        name: name.into(),
        text: text.into(),
        meta: EventMeta::default(),
    }]);
}

/// The executor has saved an event.
fn save_done(window: &mut Window, name: &str, text: &str) {
    let (function, name) = ("confirm".into(), name.to_owned());
    window.tell(vec![Event::EventSaved { function, asked: name.clone(), name, text: text.into(), meta: EventMeta::default() }]);
}

/// The executor has not saved an event, whose file holds this.
fn refuse(window: &mut Window, name: &str, text: &str, held: Option<&str>) {
    let (function, name, held) = ("confirm".into(), name.to_owned(), held.map(str::to_owned));
    window.tell(vec![Event::EventNotSaved { function, asked: name.clone(), name, text: text.into(), held }]);
}

/// Saves the event that is seen under another name; the text that goes, and what it is to replace.
fn save_as(window: &mut Window, name: &str) -> Option<(String, String, Option<Arc<str>>)> {
    window.press("More");
    window.press("Save as…");
    window.harness.input_mut().events.push(egui::Event::Text(name.into()));
    window.harness.run_ok();
    window.key(egui::Modifiers::NONE, egui::Key::Enter).into_iter().find_map(|command| match command {
        Command::SaveEvent { name, text, replaces, .. } => Some((name, text, replaces)),
        _ => None,
    })
}

/// No function has a saved event any more.
fn delete_files(window: &mut Window) {
    let Event::Workspace(view) = workspace() else { panic!("a workspace") };
    let mut without = (*view).clone();
    without.functions.iter_mut().for_each(|function| function.saved_events.clear());
    window.tell(vec![Event::Workspace(without.into())]);
}

fn undo(window: &mut Window) {
    focus(window);
    window.key(egui::Modifiers::COMMAND, egui::Key::Z);
}

/// What Ctrl+S saves, and under which name.
fn saved(window: &mut Window) -> (String, String) {
    let sent = window.key(egui::Modifiers::COMMAND, egui::Key::S);
    let found = sent.into_iter().find_map(|command| match command {
        Command::SaveEvent { name, text, .. } => Some((name, text)),
        _ => None,
    });
    found.expect("an event is saved")
}

/// The name of the event that is seen, as the header shows it.
fn title(window: &Window) -> String {
    window.harness.get_by_role_and_label(Role::Button, "Choose an event").value().unwrap_or_default()
}

#[test]
fn undo_and_save_after_another_event_was_picked_never_mix_the_two() {
    let mut window = Window::open(InvocationModel::Synchronous);
    load(&mut window, "other", "{\"other\":1}\n");
    undo(&mut window);
    assert_eq!(seen(&window).as_deref(), Some("{\"other\":1}\n"), "no undo leads into another event");
    type_event(&mut window, " ");
    assert_eq!(saved(&mut window), ("other".to_owned(), " {\"other\":1}\n".to_owned()));
}

#[test]
fn an_edited_event_keeps_its_text_while_another_is_looked_at() {
    let mut window = Window::open(InvocationModel::Synchronous);
    type_event(&mut window, " ");
    load(&mut window, "other", "{}\n");
    window.press("Choose an event");
    window.press("order placed");
    window.answer_loads();
    assert_eq!(saved(&mut window), ("order placed".to_owned(), " {\n  \"order\": 129.00\n}\n".to_owned()));
    undo(&mut window);
    assert_eq!(seen(&window).as_deref(), Some("{\n  \"order\": 129.00\n}\n"));
}

#[test]
fn what_is_composed_or_begun_from_a_template_is_no_saved_event() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("Choose an event");
    window.press("Topic notification");
    let sent = window.key(egui::Modifiers::COMMAND, egui::Key::S);
    assert!(sent.iter().all(|command| !matches!(command, Command::SaveEvent { .. })), "{sent:?}");
    window.harness.input_mut().events.push(egui::Event::Text("note".into()));
    window.harness.run_ok();
    let sent = window.key(egui::Modifiers::NONE, egui::Key::Enter);
    let [Command::SaveEvent { name, text, .. }] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!(name, "note");
    let text = text.clone();
    save_done(&mut window, "note", &text);
    assert_eq!(saved(&mut window), ("note".to_owned(), text));
}

#[test]
fn a_text_without_a_name_is_found_again_in_the_menu() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("Choose an event");
    window.press("Topic notification");
    load(&mut window, "order placed", "{}\n");
    window.press("Choose an event");
    window.press("unsaved event");
    assert_eq!(title(&window), "unsaved event");
    window.answer_loads();
    let sent = window.press("Invoke");
    let Some(Command::Invoke { payloads, .. }) = sent.first() else { panic!("{sent:?}") };
    assert!(String::from_utf8_lossy(&payloads[0]).contains("aws:sns"), "{payloads:?}");
}

#[test]
fn undo_back_to_the_saved_text_takes_the_star_away() {
    let mut window = Window::open(InvocationModel::Synchronous);
    assert_eq!(title(&window), "order placed");
    type_event(&mut window, " ");
    assert_eq!(title(&window), "order placed *");
    undo(&mut window);
    assert_eq!(title(&window), "order placed");
}

#[test]
fn the_layout_that_was_asked_for_goes_to_its_own_event() {
    let mut window = Window::open(InvocationModel::Synchronous);
    let sent = window.press("Format");
    let ticket = sent.iter().find_map(|command| match command {
        Command::Document { ticket, .. } => Some(*ticket),
        _ => None,
    });
    load(&mut window, "other", "{\"other\":1}\n");
    window.tell(vec![Event::Document { ticket: ticket.expect("work"), result: Ok(Some("{\"order\":129.00}\n".into())) }]);
    assert_eq!(seen(&window).as_deref(), Some("{\"other\":1}\n"));
}

#[test]
fn a_deleted_event_can_be_brought_back_and_its_text_stays_unsaved() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("More");
    let sent = window.press("Delete “order placed”");
    assert!(matches!(&sent[..], [Command::RemoveSavedEvent { name, .. }] if name == "order placed"), "{sent:?}");
    delete_files(&mut window);
    assert_eq!(title(&window), "order placed *", "no file holds it");
    window.harness.get_by_label("“order placed” was deleted. Its text is still in the editor.");
    assert!(matches!(window.press("Undo")[..], [Command::UndoRemoveSavedEvent]));
    load(&mut window, "order placed", "{\n  \"order\": 129.00\n}\n");
    assert_eq!(title(&window), "order placed");
    assert!(window.harness.query_by_label("Undo").is_none());
}

/// Somebody else writes into the file of the event that is open.
fn change_on_disk(window: &mut Window, text: &str) {
    window.tell(vec![Event::SavedEventChanged { function: "confirm".into(), name: "order placed".into() }]);
    let sent = window.sent();
    assert!(matches!(&sent[..], [Command::LoadSavedEvent { name, .. }] if name == "order placed"), "{sent:?}");
    load(window, "order placed", text);
}

#[test]
fn an_event_without_edits_follows_its_file_and_stays_where_it_is() {
    let mut window = Window::open(InvocationModel::Synchronous);
    change_on_disk(&mut window, "{\"theirs\":1}\n");
    assert_eq!(seen(&window).as_deref(), Some("{\"theirs\":1}\n"));
    assert_eq!(title(&window), "order placed");
    load(&mut window, "other", "{}\n");
    window.answer_loads();
    change_on_disk(&mut window, "{\"theirs\":2}\n");
    assert_eq!(title(&window), "other", "what is looked at stays");
    window.tell(vec![Event::SavedEventChanged { function: "confirm".into(), name: "never opened".into() }]);
    assert!(window.sent().is_empty());
}

#[test]
fn an_edited_event_is_not_saved_over_a_file_that_changed_until_a_person_decides() {
    let mut window = Window::open(InvocationModel::Synchronous);
    type_event(&mut window, " ");
    window.answer_loads();
    change_on_disk(&mut window, "{}\n");
    window.harness.get_by_label("Changed on disk since you began to edit");
    assert!(window.key(egui::Modifiers::COMMAND, egui::Key::S).is_empty());
    assert_eq!(seen(&window).as_deref(), Some(" {\n  \"order\": 129.00\n}\n"));
    window.press("Keep mine");
    let sent = window.key(egui::Modifiers::COMMAND, egui::Key::S);
    let [Command::SaveEvent { replaces, .. }] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!(replaces.as_deref(), Some("{}\n"));
}

#[test]
fn a_name_that_is_taken_is_asked_about() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("Choose an event");
    window.press("Topic notification");
    window.answer_loads();
    let Some((_, mine, None)) = save_as(&mut window, "taken") else { panic!("it replaces nothing") };
    refuse(&mut window, "taken", &mine, Some("{\"theirs\":1}\n"));
    window.harness.get_by_label("The file of this name holds another text");
    assert_eq!(title(&window), "taken *");
    assert!(mine.starts_with(&seen(&window).unwrap_or_default()), "the text stays");
    window.press("Take the file's");
    assert_eq!((title(&window), seen(&window)), ("taken".to_owned(), Some("{\"theirs\":1}\n".to_owned())));
    undo(&mut window);
    assert_eq!(saved(&mut window), ("taken".to_owned(), mine));
}

#[test]
fn an_event_with_edits_is_not_saved_over_by_another() {
    let mut window = Window::open(InvocationModel::Synchronous);
    type_event(&mut window, " ");
    load(&mut window, "other", "{}\n");
    window.answer_loads();
    for (name, is_saved) in [("order placed", false), ("third", true)] {
        assert_eq!(save_as(&mut window, name).is_some(), is_saved, "{name}");
    }
}

#[test]
fn a_save_that_was_refused_leaves_nothing_behind() {
    let mut window = Window::open(InvocationModel::Synchronous);
    type_event(&mut window, " ");
    window.answer_loads();
    let (_, text, _) = save_as(&mut window, "full").expect("a save");
    refuse(&mut window, "full", &text, None);
    assert_eq!(title(&window), "order placed *");
    let sent = window.key(egui::Modifiers::COMMAND, egui::Key::S);
    let [Command::SaveEvent { name, replaces, .. }] = &sent[..] else { panic!("{sent:?}") };
    let expected = ("order placed", Some("{\n  \"order\": 129.00\n}\n"));
    assert_eq!((name.as_str(), replaces.as_deref()), expected, "it replaces what the file holds");
    refuse(&mut window, "order placed", &text, None);
    load(&mut window, "full", "{\"theirs\":1}\n");
    assert_eq!((title(&window), seen(&window)), ("full".to_owned(), Some("{\"theirs\":1}\n".to_owned())));
    window.press("Choose an event");
    window.press("order placed");
    assert_eq!(seen(&window), Some(text), "nothing was moved to the name that somebody else has taken");
}

#[test]
fn a_name_that_files_cannot_have_is_the_one_of_the_list_from_the_start() {
    let mut window = Window::open(InvocationModel::Synchronous);
    load(&mut window, "a-b", "{}\n");
    type_event(&mut window, " ");
    load(&mut window, "other", "{}\n");
    window.answer_loads();
    assert!(save_as(&mut window, "a:b").is_none(), "“a-b” is open with edits of its own");
    assert!(save_as(&mut window, "a/b").is_none(), "that would lead to another folder");
    let (name, text, _) = save_as(&mut window, "c:d").expect("a save");
    refuse(&mut window, &name, &text, Some("{\"theirs\":1}\n"));
    assert_eq!(title(&window), "c-d *");
}

#[test]
fn a_save_takes_the_place_of_no_event_that_has_edits_of_its_own() {
    let mut window = Window::open(InvocationModel::Synchronous);
    load(&mut window, "other", "{\"other\":1}\n");
    window.answer_loads();
    let (_, text, _) = save_as(&mut window, "third").expect("a save");
    // Before that is answered, the event of that name is opened and edited.
    load(&mut window, "third", "{\"third\":1}\n");
    type_event(&mut window, " ");
    save_done(&mut window, "third", &text);
    assert_eq!(seen(&window).as_deref(), Some(" {\"third\":1}\n"));
    window.harness.get_by_label("Changed on disk since you began to edit");
    window.press("Choose an event");
    window.press("order placed");
    delete_files(&mut window);
    assert_eq!(title(&window), "order placed *");
}

#[test]
fn an_event_that_is_saved_while_its_file_is_read_is_saved() {
    let mut window = Window::open(InvocationModel::Synchronous);
    type_event(&mut window, " ");
    let (name, text) = saved(&mut window);
    load(&mut window, &name, "{\n  \"order\": 129.00\n}\n");
    save_done(&mut window, &name, &text);
    assert_eq!(title(&window), "order placed");
}

#[test]
fn a_workspace_that_is_come_back_to_has_its_events_read_again() {
    let mut window = Window::open(InvocationModel::Synchronous);
    let Event::Workspace(here) = workspace() else { panic!("a workspace") };
    let there = WorkspaceView { folder: "/elsewhere".into(), ..(*here).clone() };
    window.tell(vec![Event::Workspace(there.into())]);
    window.sent();
    window.tell(vec![Event::Workspace(here)]);
    let sent = window.sent();
    let loads = sent.iter().filter(|command| matches!(command, Command::LoadSavedEvent { name, .. } if name == "order placed"));
    assert_eq!(loads.count(), 1, "{sent:?}");
    load(&mut window, "order placed", "{\"since\":1}\n");
    assert_eq!(seen(&window).as_deref(), Some("{\"since\":1}\n"));
}

#[test]
fn an_event_that_was_deleted_meanwhile_is_not_read_again() {
    let mut window = Window::open(InvocationModel::Synchronous);
    let Event::Workspace(here) = workspace() else { panic!("a workspace") };
    let there = WorkspaceView { folder: "/elsewhere".into(), ..(*here).clone() };
    window.tell(vec![Event::Workspace(there.into())]);
    window.sent();
    delete_files(&mut window);
    let sent = window.sent();
    assert!(sent.iter().all(|command| !matches!(command, Command::LoadSavedEvent { .. })), "{sent:?}");
    assert_eq!(title(&window), "order placed *");
}

/// Draws a few frames; what one of them put into the clipboard.
fn copied(window: &mut Window) -> Option<String> {
    (0..8).find_map(|_| {
        window.harness.step();
        window.harness.output().platform_output.commands.iter().find_map(|command| match command {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
    })
}

/// Copies the event as a command.
fn copy(window: &mut Window) -> Option<String> {
    window.press("Copy as");
    window.harness.get_by_role_and_label(Role::Button, "AWS CLI").click();
    copied(window)
}

#[test]
fn a_copied_command_does_what_the_button_does() {
    let mut window = Window::open(InvocationModel::Synchronous);
    load(&mut window, "new", "{\"id\":\"{{uuid}}\",\"n\":{{seq}}}\n");
    let text = copy(&mut window).expect("a command");
    assert!(text.contains("--region eu-central-1"), "{text}");
    assert!(!text.contains("{{") && text.contains("\"n\":1}"), "{text}");
    load(&mut window, "wrong", "{\"id\":\"{{nothing}}\"}\n");
    assert_eq!(copy(&mut window), None, "an unknown variable is refused as it is at invoke");
}

#[test]
fn a_template_is_of_the_workspace_s_region_and_account() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("Choose an event");
    window.press("Queue batch");
    window.answer_loads();
    let sent = window.press("Invoke");
    let Some(Command::Invoke { payloads, .. }) = sent.first() else { panic!("{sent:?}") };
    assert!(String::from_utf8_lossy(&payloads[0]).contains("arn:aws:sqs:eu-central-1:123456789012:incoming"), "{payloads:?}");
}

#[test]
fn events_of_another_workspace_are_not_mixed_with_those_of_the_same_name() {
    let mut window = Window::open(InvocationModel::Synchronous);
    type_event(&mut window, " ");
    let Event::Workspace(here) = workspace() else { panic!("a workspace") };
    let there = WorkspaceView { folder: "/elsewhere".into(), ..(*here).clone() };
    window.tell(vec![Event::Workspace(there.into())]);
    let sent = window.sent();
    assert!(sent.iter().any(|command| matches!(command, Command::LoadSavedEvent { .. })), "{sent:?}");
    load(&mut window, "order placed", "{\"there\":1}\n");
    assert_eq!(seen(&window).as_deref(), Some("{\"there\":1}\n"));
    window.tell(vec![Event::Workspace(here)]);
    assert_eq!(saved(&mut window), ("order placed".to_owned(), " {\n  \"order\": 129.00\n}\n".to_owned()));
}
