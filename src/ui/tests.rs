//! The window by accessible name: what is pressed becomes a command, what happens is shown.

mod batching;
mod coding;
mod composing;
mod configuring;
mod dropping;
mod escaping;
mod history;
mod inspecting;
mod keeping;
mod leaving;
mod listing;
mod looking;
mod menus;
mod queues;
mod saving;
mod telling;
mod workspaces;

use std::path::PathBuf;
use std::sync::Arc;

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

use super::app::{App, Preferences};
use crate::channel::{self, CommandReceiver, EventSender};
use crate::command::{ClockMode, Command, NewFunction};
use crate::event::{ClockState, Event, EventMeta, FunctionView, Notice, NoticeLevel, WorkspaceView};
use crate::model::selection::InvocationModel;
use crate::service::configuration::{FunctionConfiguration, MappingConfiguration, QueueConfiguration};
use crate::service::happened::{Due, DueKind, Happened, Outcome, RetryReason, ServiceEvent};
use crate::service::ids::{EnvironmentId, RequestId};
use crate::service::input::{FunctionError, InvocationSource, InvocationType};
use crate::service::time::{Micros, Timestamp};

const ID: RequestId = RequestId(7);
const NOW: Timestamp = Timestamp(1_772_359_200_000_000);

struct Window {
    harness: Harness<'static, App>,
    events: EventSender,
    commands: CommandReceiver,
}

impl Window {
    fn open(model: InvocationModel) -> Self {
        Self::sized(model, [1_440.0, 900.0])
    }

    fn sized(model: InvocationModel, size: [f32; 2]) -> Self {
        let mut window = Self::bare(model, size);
        window.tell(vec![workspace(), Event::Clock(clock(ClockMode::Live))]);
        window.answer_loads();
        window
    }

    /// One that was told nothing yet.
    fn bare(model: InvocationModel, size: [f32; 2]) -> Self {
        let (events, receiver) = channel::events(Arc::new(|| {}));
        let (sender, commands) = channel::commands(Arc::new(|| {}));
        let preferences = Preferences { model, ..Preferences::default() };
        let context = egui::Context::default();
        let app = App::new(&context, receiver, sender, preferences, || NOW);
        let draw = |ui: &mut egui::Ui, app: &mut App| {
            app.receive(&ui.ctx().clone());
            app.draw(ui);
        };
        let setup = |ctx: &egui::Context| {
            super::fonts::install(ctx);
            super::theme::apply(ctx);
        };
        let builder = Harness::builder().with_size(size).with_context_setup(setup);
        let harness = builder.build_ui_state(draw, app);
        Self { harness, events, commands }
    }

    fn tell(&mut self, turn: Vec<Event>) {
        self.events.send(turn).unwrap();
        self.harness.run_ok();
    }

    /// Plays the executor for the saved event that is loaded first, and for the check of it.
    fn answer_loads(&mut self) {
        for _ in 0..4 {
            for command in self.sent() {
                match command {
                    Command::LoadSavedEvent { function, name } => {
                        self.tell(vec![Event::SavedEvent {
                            function,
                            name,
                            text: "{\n  \"order\": 129.00\n}\n".into(),
                            meta: EventMeta::default(),
                        }]);
                    }
                    Command::Document { ticket, .. } => self.tell(vec![Event::Document { ticket, result: Ok(None) }]),
                    _ => {}
                }
            }
            self.harness.run_ok();
        }
    }

    fn sent(&self) -> Vec<Command> {
        self.commands.try_iter().collect()
    }

    fn press(&mut self, name: &str) -> Vec<Command> {
        self.harness.get_by_role_and_label(Role::Button, name).click();
        self.harness.run_ok();
        self.sent()
    }

    /// The first command of the palette that this finds.
    fn run(&mut self, typed: &str) -> Vec<Command> {
        self.key(egui::Modifiers::COMMAND, egui::Key::K);
        self.harness.input_mut().events.push(egui::Event::Text(typed.into()));
        self.harness.run_ok();
        self.key(egui::Modifiers::NONE, egui::Key::Enter)
    }

    fn key(&mut self, modifiers: egui::Modifiers, key: egui::Key) -> Vec<Command> {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.run_ok();
        self.sent()
    }
}

fn clock(mode: ClockMode) -> ClockState {
    ClockState { mode, now: NOW, wall: NOW, code_running: false, stepping: false, behind: None }
}

fn workspace() -> Event {
    workspace_of(&["confirm", "notify"])
}

fn workspace_of(names: &[&str]) -> Event {
    let function = |name: &str| FunctionView {
        configuration: FunctionConfiguration::new(name).into(),
        runtime: "javascript".into(),
        runtime_found: None,
        code: PathBuf::from(format!("/w/{name}.mjs")),
        code_file: Some(PathBuf::from(format!("/w/{name}.mjs"))),
        command: Vec::new(),
        environment: std::collections::BTreeMap::new(),
        layers: Vec::new(),
        build: Vec::new(),
        debug: false,
        freeze: false,
        access: Arc::default(),
        saved_events: vec!["order placed".into()],
        broken: None,
    };
    let functions = names.iter().map(|name| function(name)).collect();
    Event::Workspace(Arc::new(WorkspaceView {
        name: "orders".into(),
        folder: "/w".into(),
        region: "eu-central-1".into(),
        account_id: "123456789012".into(),
        functions,
        ..WorkspaceView::default()
    }))
}

fn happened(what: Happened) -> Event {
    Event::Service(ServiceEvent { at: NOW, what }.into())
}

fn mapping_of(queue: &str) -> Happened {
    Happened::MappingConfigured(MappingConfiguration::new("confirm", queue))
}

/// A function that reads the queue `incoming`.
fn mapped() -> Vec<Event> {
    vec![
        happened(Happened::FunctionConfigured(FunctionConfiguration::new("confirm").into())),
        happened(Happened::QueueConfigured(QueueConfiguration::new("incoming"))),
        happened(mapping_of("incoming")),
    ]
}

/// An event whose first attempt failed.
fn failed_once() -> Vec<Event> {
    let (function, environment) = (Arc::<str>::from("confirm"), EnvironmentId(1));
    let error = FunctionError { error_type: "PaymentDeclined".into(), message: "no".into(), payload: "{}".into() };
    let due = NOW + Micros::from_secs(60);
    let attempt = DueKind::Attempt { request_id: ID, function: function.clone(), attempt: 2, label: Some("order-1042".into()) };
    vec![
        happened(Happened::FunctionConfigured(FunctionConfiguration::new("confirm").into())),
        happened(Happened::InvocationAccepted {
            request_id: ID,
            function: function.clone(),
            invocation_type: InvocationType::Event,
            source: InvocationSource::Workbench,
            payload: "{\"order\":129.00}".into(),
            label: Some("order-1042".into()),
            accepted_at: NOW,
        }),
        happened(Happened::EnvironmentStarting { environment, function: function.clone(), number: 1 }),
        happened(Happened::EnvironmentReady { environment, init_duration: Micros(2_000) }),
        happened(Happened::AttemptStarted { request_id: ID, function: function.clone(), environment, attempt: 1, cold: true }),
        happened(Happened::AttemptFinished {
            request_id: ID,
            function: function.clone(),
            environment,
            attempt: 1,
            result: Err(error),
            duration: Micros(3_000),
            billed_millis: 5,
            init_duration: Some(Micros(2_000)),
            max_memory_used_megabytes: 1,
        }),
        happened(Happened::RetryScheduled {
            request_id: ID,
            function,
            next_attempt: 2,
            due,
            reason: RetryReason::FunctionError { error_type: "PaymentDeclined".into() },
        }),
        Event::Due(vec![Due { at: due, what: attempt }]),
        Event::Invoked { ticket: super::app::RERUN_TICKET, request_id: ID },
    ]
}

#[test]
fn the_send_button_sends_what_the_composer_holds() {
    for (model, verb, expected) in [
        (InvocationModel::Synchronous, "Invoke", InvocationType::RequestResponse),
        (InvocationModel::Asynchronous, "Send as event", InvocationType::Event),
    ] {
        let mut window = Window::open(model);
        let sent = window.press(verb);
        let Some(Command::Invoke { function, invocation_type, payloads, label, .. }) = sent.first() else { panic!("{sent:?}") };
        assert_eq!((&**function, *invocation_type), ("confirm", expected));
        assert_eq!(&payloads[0][..], b"{\n  \"order\": 129.00\n}\n", "byte for byte");
        assert_eq!(label.as_deref(), Some("order placed"));
    }
}

#[test]
fn keys_step_and_send_and_pause() {
    let mut window = Window::open(InvocationModel::Synchronous);
    assert!(matches!(window.key(egui::Modifiers::NONE, egui::Key::F10)[..], [Command::Step]));
    assert!(matches!(window.key(egui::Modifiers::COMMAND, egui::Key::Enter)[..], [Command::Invoke { .. }]));
    assert!(matches!(window.key(egui::Modifiers::NONE, egui::Key::Space)[..], [Command::SetClock(ClockMode::Paused)]));
}

#[test]
fn the_transport_sets_the_clock() {
    let mut window = Window::open(InvocationModel::Synchronous);
    assert!(matches!(window.press("Pause")[..], [Command::SetClock(ClockMode::Paused)]));
    assert!(matches!(window.press("Fast")[..], [Command::SetClock(ClockMode::Fast(_))]));
    assert!(matches!(window.press("Live")[..], [Command::SetClock(ClockMode::Live)]));
    assert!(matches!(window.press("Step")[..], [Command::Step]));
}

#[test]
fn the_transport_stays_where_it_is_whatever_is_due_next() {
    let long = "an event with a name that is much longer than the room which is left for it in any toolbar";
    for size in [[1_440.0, 900.0], [1_024.0, 700.0]] {
        let mut window = Window::sized(InvocationModel::Asynchronous, size);
        let places = |window: &Window| {
            let buttons = ["Step", "Fast", "Pause", "Live"];
            buttons.map(|name| window.harness.get_by_role_and_label(Role::Button, name).rect())
        };
        let at_first = places(&window);
        assert!(at_first[0].right() < size[0] && at_first[3].left() > 400.0, "{at_first:?}");
        for (seconds, label) in [(8, "a"), (25, long), (21_600, long)] {
            let what = DueKind::Attempt { request_id: ID, function: "confirm".into(), attempt: 2, label: Some(label.into()) };
            window.tell(vec![Event::Due(vec![Due { at: NOW + Micros::from_secs(seconds), what }])]);
            assert_eq!(places(&window), at_first, "{label} at {size:?}");
        }
        let stepping = ClockState { stepping: true, ..clock(ClockMode::Paused) };
        for state in [stepping, clock(ClockMode::Fast(10.0)), clock(ClockMode::Fast(3_600.0))] {
            // What is under way asks for frame after frame.
            window.events.send(vec![Event::Clock(state)]).unwrap();
            window.harness.run_steps(3);
            assert_eq!(places(&window), at_first, "{state:?} at {size:?}");
        }
    }
}

#[test]
fn the_inspector_says_why_and_offers_what_can_be_done() {
    let mut window = Window::open(InvocationModel::Asynchronous);
    window.tell(failed_once());
    window.harness.get_by_label_contains("Attempt 1 of 3 threw PaymentDeclined");
    assert!(matches!(window.press("Step to attempt 2")[..], [Command::StepTo(ID)]));
    assert!(matches!(window.press("Retry now")[..], [Command::RetryNow(ID)]));
    assert!(matches!(window.press("Drop")[..], [Command::DropEvent(ID)]));
    window.press("Edit and retry");
    window.answer_loads();
    let sent = window.press("Retry with this payload");
    let Some(Command::EditAndRetry { request_id: ID, payload }) = sent.first() else { panic!("{sent:?}") };
    assert!(String::from_utf8_lossy(payload).contains("129.00"));
    window.press("Edit and retry");
    window.answer_loads();
    window.harness.get_by_label("edits a waiting event");
    let ended =
        Happened::InvocationEnded { request_id: ID, function: "confirm".into(), outcome: Outcome::RetriesExhausted, attempts: 3 };
    window.tell(vec![happened(ended)]);
    assert!(window.harness.query_by_label("edits a waiting event").is_none());
    assert!(matches!(window.press("Send as event")[..], [Command::Invoke { .. }]));
}

#[test]
fn an_event_that_is_no_json_cannot_be_sent_and_says_why() {
    let mut window = Window::open(InvocationModel::Synchronous);
    let error = crate::event::DocumentError { line: 2, column: 3, message: "a comma is missing".into() };
    let editor = window.harness.get_by_role_and_label(Role::MultilineTextInput, "Event");
    editor.focus();
    window.harness.run_ok();
    window.harness.input_mut().events.push(egui::Event::Text("x".into()));
    window.harness.run_ok();
    let ticket = window.sent().iter().rev().find_map(|command| match command {
        Command::Document { ticket, .. } => Some(*ticket),
        _ => None,
    });
    window.tell(vec![Event::Document { ticket: ticket.unwrap(), result: Err(error) }]);
    window.harness.get_by_label_contains("line 2:3  a comma is missing");
    assert!(
        window.key(egui::Modifiers::COMMAND, egui::Key::Enter).iter().all(|command| !matches!(command, Command::Invoke { .. }))
    );
}

#[test]
fn a_function_is_added_by_enter_and_chosen_when_it_is_there() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("Add function");
    assert!(window.harness.get_by_label("Function name").is_focused());
    window.harness.input_mut().events.push(egui::Event::Text("greet".into()));
    window.harness.run_ok();
    let sent = window.key(egui::Modifiers::NONE, egui::Key::Enter);
    assert!(matches!(&sent[..], [Command::AddFunction(NewFunction::JavaScript { name })] if name == "greet"), "{sent:?}");
    window.harness.get_by_label("Add a function");
    window.tell(vec![workspace_of(&["confirm", "greet", "notify"])]);
    assert!(window.harness.query_by_label("Add a function").is_none(), "done");
    window.answer_loads();
    let sent = window.press("Invoke");
    assert!(matches!(&sent[..], [Command::Invoke { function, .. }] if **function == *"greet"), "{sent:?}");
}

#[test]
fn a_workspace_that_cannot_be_opened_leaves_the_path_to_be_corrected() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.run("open another workspace");
    window.harness.input_mut().events.push(egui::Event::Text("/no/where".into()));
    window.harness.run_ok();
    let sent = window.press("Open");
    assert!(matches!(&sent[..], [Command::OpenWorkspace(path)] if path.ends_with("no/where")), "{sent:?}");
    let text = "/no/where was not opened. There is no such folder.".to_owned();
    // The workspace that stays may be shown again in the same moment.
    window.tell(vec![Event::WorkspaceNotOpened(text.clone()), workspace()]);
    window.harness.get_by_label(&text);
    let path = window.harness.get_by_role_and_label(Role::TextInput, "Path");
    assert_eq!(path.value().as_deref(), Some("/no/where"));
    assert_eq!(window.press("Open").len(), 1);
    let problem =
        Notice { level: NoticeLevel::Error, text: "invokelab.toml:3:1: what is wrong in it refuses nothing".to_owned() };
    window.tell(vec![Event::Notice(problem), workspace()]);
    assert!(window.harness.query_by_label("Open a workspace").is_none(), "it is there");
}

#[test]
fn enter_takes_the_first_function_that_was_found() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.harness.get_by_role_and_label(Role::TextInput, "Find").focus();
    window.harness.run_ok();
    window.harness.input_mut().events.push(egui::Event::Text("noti".into()));
    window.harness.run_ok();
    assert!(window.harness.query_by_role_and_label(Role::Button, "confirm").is_none());
    window.key(egui::Modifiers::NONE, egui::Key::Enter);
    window.harness.get_by_role_and_label(Role::Button, "confirm");
    window.answer_loads();
    let sent = window.press("Invoke");
    assert!(matches!(&sent[..], [Command::Invoke { function, .. }] if **function == *"notify"), "{sent:?}");
}

#[test]
fn what_is_typed_together_with_enter_counts() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.key(egui::Modifiers::COMMAND, egui::Key::K);
    window.harness.input_mut().events.push(egui::Event::Text("until nothing".into()));
    let sent = window.key(egui::Modifiers::NONE, egui::Key::Enter);
    assert!(matches!(sent[..], [Command::AdvanceUntilIdle]), "{sent:?}");
}

#[test]
fn a_folder_is_made_a_workspace_or_opened_as_one() {
    for (button, makes) in [("Make it a workspace", true), ("Open", false)] {
        let mut window = Window::open(InvocationModel::Synchronous);
        window.run("another workspace");
        window.harness.input_mut().events.push(egui::Event::Text("/a/shop".into()));
        window.harness.run_ok();
        let path = match &window.press(button)[..] {
            [Command::CreateWorkspace(path)] if makes => path.clone(),
            [Command::OpenWorkspace(path)] if !makes => path.clone(),
            sent => panic!("{button}: {sent:?}"),
        };
        assert_eq!(path, PathBuf::from("/a/shop"));
    }
}

#[test]
fn a_folder_that_cannot_be_added_stays_typed_with_the_reason() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.press("Add function");
    window.press("Folder");
    assert!(window.harness.get_by_label("Path").is_focused(), "the path is asked for first");
    window.harness.input_mut().events.push(egui::Event::Text("/no/where".into()));
    window.harness.run_ok();
    let sent = window.key(egui::Modifiers::NONE, egui::Key::Enter);
    let [Command::AddFunction(NewFunction::Folder { name: None, path })] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!(*path, PathBuf::from("/no/where"));
    let text = "there is no such folder: /no/where".to_owned();
    window.tell(vec![Event::Notice(Notice { level: NoticeLevel::Error, text })]);
    window.harness.get_by_label("Not added: there is no such folder: /no/where.");
    assert_eq!(window.harness.get_by_label("Path").value().as_deref(), Some("/no/where"));
    assert!(matches!(window.press("Add")[..], [Command::AddFunction(_)]), "once more");
}

#[test]
fn the_palette_finds_commands() {
    let mut window = Window::open(InvocationModel::Synchronous);
    assert!(matches!(window.run("until nothing")[..], [Command::AdvanceUntilIdle]));
}

#[test]
fn a_still_window_asks_for_no_frame() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.tell(vec![Event::Clock(clock(ClockMode::Paused))]);
    for _ in 0..30 {
        window.harness.step();
    }
    let delay = window.harness.output().viewport_output.values().map(|output| output.repaint_delay).min();
    assert!(delay.is_some_and(|delay| delay > std::time::Duration::from_secs(5)), "{delay:?}");
}

#[test]
fn bars_of_the_timeline_are_found_by_name_and_a_click_selects() {
    let mut window = Window::open(InvocationModel::Asynchronous);
    window.tell(failed_once());
    window.key(egui::Modifiers::NONE, egui::Key::Escape);
    assert!(window.harness.query_by_label_contains("Attempt 1 of 3 threw").is_none());
    let waits = window.harness.query_all_by_label_contains("confirm: waits").last();
    waits.expect("a wait").click();
    window.harness.run_ok();
    window.harness.get_by_label_contains("Attempt 1 of 3 threw PaymentDeclined");
}

#[test]
fn panels_close_and_come_back_and_are_dragged_to_another_place() {
    let mut window = Window::open(InvocationModel::Synchronous);
    let functions = |window: &Window| window.harness.query_by_label("Find").map(|node| node.rect());
    let at = functions(&window).expect("the functions are open");
    window.run("functions: open or close");
    assert!(functions(&window).is_none(), "closed");
    window.run("functions: open or close");
    assert_eq!(functions(&window), Some(at), "back where it was");
    let grip = window.harness.get_by_label("Move Functions").rect().center();
    window.harness.drag_at(grip);
    window.harness.run_ok();
    for step in [egui::pos2(700.0, 300.0), egui::pos2(1_420.0, 300.0), egui::pos2(1_430.0, 300.0)] {
        window.harness.hover_at(step);
        window.harness.run_ok();
    }
    window.harness.drop_at(egui::pos2(1_430.0, 300.0));
    window.harness.run_ok();
    let moved = functions(&window).expect("still open");
    assert!(moved.left() > 900.0, "{moved:?}");
}

#[test]
fn keys_go_to_panels_and_open_those_that_are_closed() {
    let mut window = Window::open(InvocationModel::Asynchronous);
    window.tell(failed_once());
    let focused = |window: &Window, role, name: &str| {
        window.harness.query_by_role_and_label(role, name).is_some_and(|node| node.is_focused())
    };
    let panels = [
        (egui::Key::Num1, "functions: open or close", Role::TextInput, "Find"),
        (egui::Key::Num3, "inspector: open or close", Role::Pane, "Inspector"),
        (egui::Key::Num4, "timeline: open or close", Role::Canvas, "Timeline"),
    ];
    for (key, close, role, name) in panels {
        for closed in [false, true] {
            if closed {
                window.run(close);
                assert!(window.harness.query_by_role_and_label(role, name).is_none(), "{name} is closed");
            }
            window.key(egui::Modifiers::COMMAND, key);
            assert!(focused(&window, role, name), "{name}, closed before: {closed}");
            window.key(egui::Modifiers::COMMAND, key);
            assert!(focused(&window, role, name), "{name} stays open");
        }
    }
    assert!(matches!(window.key(egui::Modifiers::NONE, egui::Key::Space)[..], [Command::SetClock(_)]), "no typing here");
    window.key(egui::Modifiers::COMMAND, egui::Key::Num2);
    assert!(focused(&window, Role::MultilineTextInput, "Event"));
}

#[test]
fn a_list_is_sent_as_one_message_an_element_and_a_mapping_is_changed_in_its_panel() {
    let mut window = Window::open(InvocationModel::Queue);
    window.tell(mapped());
    assert_eq!(composing::messages(&mut window, "[{\"n\": 1}, 2, 3]"), ["{\"n\":1}", "2", "3"]);
    window.press("Configuration");
    window.harness.get_by_role_and_label(Role::CheckBox, "function_response_types").click_accesskit();
    window.harness.run_ok();
    let sent = window.sent();
    let Some(Command::ChangeSetting(change)) = sent.first() else { panic!("{sent:?}") };
    assert_eq!(change.owner.to_string(), "the mapping from incoming to confirm");
    assert_eq!((&*change.key, change.value.as_deref()), ("function_response_types", Some("[\"ReportBatchItemFailures\"]")));
}
