//! The tab "URL & CORS" by accessible name: what is typed is predicted, sent and repaired, and what comes back is shown.

mod refused;

use std::path::PathBuf;
use std::sync::Arc;

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

use super::app::{App, Preferences};
use super::inspector::Inspector;
use crate::channel::{self, CommandReceiver, EventSender};
use crate::command::{ClockMode, Command, SettingOwner};
use crate::event::{
    AnsweredBy, Browsed, ClockState, Door, Event, Exchange, ExchangeDoor, FilePlace, FunctionView, PageReport, WorkspaceView,
};
use crate::http_model::browser::WireResponse;
use crate::http_model::configuration::{ApiConfiguration, ApiKind, FunctionAccess, FunctionUrlConfiguration, RouteConfiguration};
use crate::http_model::cors::CorsConfiguration;
use crate::http_model::cors_case::{Browsers, CaseStep, judge_step};
use crate::http_model::door::DoorContext;
use crate::http_model::message::{HttpRequest, HttpResponse};
use crate::http_model::policy::public_url_statements;
use crate::http_model::response_from_result::Malformed;
use crate::http_model::translation::{Dialect, Translations};
use crate::model::Model;
use crate::model::selection::{InvocationModel, Selection};
use crate::service::configuration::FunctionConfiguration;
use crate::service::time::Timestamp;

const NOW: Timestamp = Timestamp(1_772_359_200_000_000);
const ADDRESS: &str = "http://k3v9.lambda-url.localhost:9002/";

struct Window {
    harness: Harness<'static, App>,
    events: EventSender,
    commands: CommandReceiver,
}

impl Window {
    /// A window with one function, its URL allowing GET and POST to one origin.
    fn open() -> Self {
        let mut window = Self::with(Some(cors()), Vec::new());
        window.press("URL");
        window
    }

    fn with(cors: Option<CorsConfiguration>, apis: Vec<ApiConfiguration>) -> Self {
        Self::sized([1_440.0, 1_400.0], cors, apis)
    }

    fn sized(size: [f32; 2], cors: Option<CorsConfiguration>, apis: Vec<ApiConfiguration>) -> Self {
        let (events, receiver) = channel::events(Arc::new(|| {}));
        let (sender, commands) = channel::commands(Arc::new(|| {}));
        let context = egui::Context::default();
        let app = App::new(&context, receiver, sender, Preferences::default(), || NOW);
        let draw = |ui: &mut egui::Ui, app: &mut App| {
            app.receive(&ui.ctx().clone());
            app.draw(ui);
        };
        let setup = |ctx: &egui::Context| {
            super::fonts::install(ctx);
            super::theme::apply(ctx);
        };
        let builder = Harness::builder().with_size(size).with_context_setup(setup);
        let mut window = Self { harness: builder.build_ui_state(draw, app), events, commands };
        let clock = ClockState { mode: ClockMode::Live, now: NOW, wall: NOW, code_running: false, stepping: false, behind: None };
        let url = cors.map(|cors| FunctionUrlConfiguration { cors: Some(cors), ..FunctionUrlConfiguration::default() });
        window.tell(vec![workspace(url, apis), door("url shop-api", ADDRESS), Event::Clock(clock)]);
        window.sent();
        window
    }

    fn tell(&mut self, turn: Vec<Event>) {
        self.events.send(turn).unwrap();
        self.harness.run_ok();
    }

    fn sent(&self) -> Vec<Command> {
        self.commands.try_iter().collect()
    }

    fn press(&mut self, name: &str) -> Vec<Command> {
        self.harness.get_by_role_and_label(Role::Button, name).click_accesskit();
        self.harness.run_ok();
        self.sent()
    }

    /// What a button puts into the clipboard.
    fn copied(&mut self, button: &str) -> String {
        self.harness.get_by_role_and_label(Role::Button, button).click_accesskit();
        self.harness.step();
        let commands = &self.harness.output().platform_output.commands;
        let text = commands.iter().find_map(|command| match command {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        });
        text.unwrap_or_else(|| panic!("{button}: {commands:?}"))
    }

    fn type_into(&mut self, role: Role, name: &str, text: &str) {
        self.harness.get_by_role_and_label(role, name).focus();
        self.harness.run_ok();
        self.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
        self.harness.run_ok();
        self.harness.input_mut().events.push(egui::Event::Text(text.into()));
        self.harness.run_ok();
    }

    /// A PUT with JSON, which the URL does not allow.
    fn put(&mut self) {
        self.type_into(Role::TextInput, "Method", "PUT");
        self.type_into(Role::TextInput, "Path and query", "/orders/42");
        self.type_into(Role::MultilineTextInput, "Headers", "content-type: application/json");
        self.type_into(Role::MultilineTextInput, "Body", "{\"status\":\"paid\"}");
    }

    /// Sends, and gives back what was sent.
    fn send(&mut self) -> (u64, CaseStep) {
        browse(&self.press("Send request"))
    }
}

fn browse(sent: &[Command]) -> (u64, CaseStep) {
    let found = sent.iter().find_map(|command| match command {
        Command::Browse { ticket, step } => Some((*ticket, (**step).clone())),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("nothing was sent for real: {sent:?}"))
}

fn cors() -> CorsConfiguration {
    CorsConfiguration {
        allow_origins: vec!["https://app.example.com".into()],
        allow_methods: vec!["GET".into(), "POST".into()],
        allow_headers: vec!["content-type".into()],
        ..CorsConfiguration::default()
    }
}

fn door(kind: &str, address: &str) -> Event {
    Event::Door(Door { kind: kind.into(), address: address.into(), moved_from: None, certificate: None })
}

fn workspace(url: Option<FunctionUrlConfiguration>, apis: Vec<ApiConfiguration>) -> Event {
    let statements = public_url_statements("arn:aws:lambda:eu-central-1:000000000000:function:shop-api");
    let access = FunctionAccess { url, statements, statements_are_default: true };
    let function = FunctionView {
        configuration: FunctionConfiguration::new("shop-api").into(),
        runtime: "javascript".into(),
        runtime_found: None,
        code: PathBuf::from("/w/shop-api.mjs"),
        code_file: None,
        command: Vec::new(),
        environment: std::collections::BTreeMap::new(),
        layers: Vec::new(),
        build: Vec::new(),
        debug: false,
        freeze: false,
        access: access.into(),
        saved_events: Vec::new(),
        broken: None,
    };
    Event::Workspace(Arc::new(WorkspaceView {
        name: "orders".into(),
        folder: "/w".into(),
        region: "eu-central-1".into(),
        account_id: "000000000000".into(),
        functions: vec![function],
        apis,
        ..WorkspaceView::default()
    }))
}

/// An API with a route to the function.
fn api(kind: ApiKind) -> ApiConfiguration {
    let route = RouteConfiguration {
        route: "PUT /orders/{id}".into(),
        function: "shop-api".into(),
        payload_format: crate::http_model::event_from_request::PayloadFormat::Two,
        timeout: None,
    };
    ApiConfiguration {
        name: "shop".into(),
        kind,
        api_id: "abc".into(),
        stage: "$default".into(),
        cors: Some(cors()).filter(|_| kind == ApiKind::Http),
        routes: vec![route],
        binary_media_types: Vec::new(),
        stage_variables: Vec::new(),
        multi_value_headers: false,
    }
}

/// What the executor would answer if the function returned this status.
fn browsed(step: &CaseStep, cors: CorsConfiguration, status: u16) -> Box<Browsed> {
    let response = WireResponse { status, ..WireResponse::default() };
    let step = CaseStep { config: Some(cors), function_response: Some(response), ..step.clone() };
    let judged = judge_step(&mut Browsers::default(), "live", &step).expect("a verdict");
    Box::new(Browsed { verdict: judged.verdict, exchange: judged.exchange })
}

#[test]
fn a_request_that_is_not_allowed_is_blocked_before_it_is_sent() {
    let mut window = Window::open();
    window.put();
    window.harness.get_by_label_contains("The browser blocks it. The function is never called.");
    window.harness.get_by_label("4. Access-Control-Allow-Methods");
    window.harness.get_by_label("← PUT missing");
    window.harness.get_by_label("+ allow_methods = [\"GET\", \"POST\", \"PUT\"]");
    window.type_into(Role::TextInput, "Method", "POST");
    window.harness.get_by_label_contains("The page may read it: 200.");
    assert!(window.harness.query_by_label("← PUT missing").is_none());
}

#[test]
fn send_carries_out_what_was_typed() {
    let mut window = Window::open();
    window.put();
    let (_, step) = window.send();
    let request = step.req.expect("a request");
    assert_eq!(request.url, format!("{ADDRESS}orders/42"));
    assert_eq!(request.method.as_deref(), Some("PUT"));
    assert_eq!(request.headers.0, [("content-type".to_owned(), "application/json".to_owned())]);
    assert_eq!(request.body.and_then(|body| body.value.as_str().map(str::to_owned)).as_deref(), Some("{\"status\":\"paid\"}"));
    assert_eq!(step.origin.as_deref(), Some("https://app.example.com"));
    window.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Enter);
    window.harness.run_ok();
    browse(&window.sent());
}

#[test]
fn a_repair_is_applied_and_the_request_sent_again() {
    let mut window = Window::open();
    window.put();
    let sent = window.press("Apply and send again");
    let Some(Command::ChangeSetting(change)) = sent.first() else { panic!("{sent:?}") };
    assert_eq!(change.owner.to_string(), "shop-api");
    assert_eq!((&*change.key, change.value.as_deref()), ("url.cors.allow_methods", Some(r#"["GET", "POST", "PUT"]"#)));
    assert!(!sent.iter().any(|command| matches!(command, Command::Browse { .. })), "not before the setting is there");
    let repaired = CorsConfiguration { allow_methods: vec!["GET".into(), "POST".into(), "PUT".into()], ..cors() };
    let url = FunctionUrlConfiguration { cors: Some(repaired), ..FunctionUrlConfiguration::default() };
    window.tell(vec![workspace(Some(url), Vec::new())]);
    let (_, step) = browse(&window.sent());
    assert_eq!(step.req.and_then(|request| request.method).as_deref(), Some("PUT"));
    window.harness.get_by_label_contains("The page may read it: 200.");
}

#[test]
fn a_live_answer_agrees_with_the_prediction_or_says_where_it_does_not() {
    let mut window = Window::open();
    window.put();
    let (ticket, step) = window.send();
    window.tell(vec![Event::Browsed { ticket, result: Ok(browsed(&step, cors(), 200)) }]);
    window.harness.get_by_label("Predicted and live agree");
    let (ticket, step) = window.send();
    let lax = CorsConfiguration { allow_methods: vec!["PUT".into()], ..cors() };
    window.tell(vec![Event::Browsed { ticket, result: Ok(browsed(&step, lax, 200)) }]);
    window.harness.get_by_label("Predicted and live differ");
    window.harness.get_by_label("readable: predicted false, live true");
    window.harness.get_by_label_contains("+ live  access-control-allow-methods: PUT");
    let (ticket, _) = window.send();
    window.tell(vec![Event::Browsed { ticket, result: Err("127.0.0.1:9002: connection refused".into()) }]);
    window.harness.get_by_label("It could not be sent for real: 127.0.0.1:9002: connection refused");
}

#[test]
fn what_only_the_function_can_know_is_no_difference() {
    let mut window = Window::open();
    let (ticket, step) = window.send();
    window.tell(vec![Event::Browsed { ticket, result: Ok(browsed(&step, cors(), 404)) }]);
    window.harness.get_by_label("Predicted and live agree");
}

fn exchange() -> Exchange {
    let context = DoorContext::new("123456789012", "sample", "sample.localhost", "request", jiff::Timestamp::default());
    let headers = [("Accept", "*/*")].into_iter().collect();
    Exchange {
        id: 1,
        ticket: None,
        at: NOW,
        ended_at: NOW,
        door: ExchangeDoor::FunctionUrl("shop-api".into()),
        request: HttpRequest { method: "GET".into(), path: "/orders".into(), headers, ..HttpRequest::default() },
        response: HttpResponse { status: 502, ..HttpResponse::default() },
        function: Some("shop-api".into()),
        request_id: None,
        answered_by: AnsweredBy::Function,
        translations: Translations::new(Dialect::FunctionUrl, context),
        malformed: Some(Malformed {
            reason: "statusCode is \"abc\", not a number".into(),
            becomes_status: 502,
            becomes_body: "Internal Server Error".into(),
        }),
        access: None,
        cors: Vec::new(),
    }
}

#[test]
fn both_translations_of_a_request_are_shown() {
    let mut window = Window::open();
    window.tell(vec![Event::Exchange(exchange().into())]);
    window.press("To event");
    window.harness.get_by_label("header Accept");
    window.harness.get_by_label("/headers/accept");
    window.harness.get_by_label("lower case");
    window.press("To response");
    window.harness.get_by_label("statusCode is \"abc\", not a number");
    window.harness.get_by_label("becomes 502 Internal Server Error");
    window.press("Policy");
    window.harness.get_by_label("FunctionURLAllowPublicAccess");
}

#[test]
fn the_inspector_shows_the_parts_of_a_request_that_is_selected() {
    let mut model = Model::default();
    model.apply(&Event::Exchange(exchange().into()));
    assert_eq!(model.request_words(&Selection::Exchange(1)), "GET /orders 502", "the words of its bar");
    let mut inspector = Inspector::default();
    let draw = move |ui: &mut egui::Ui| {
        inspector.ui(ui, &model, &Selection::Exchange(1), NOW, &mut Vec::new());
    };
    let setup = |ctx: &egui::Context| {
        super::fonts::install(ctx);
        super::theme::apply(ctx);
    };
    let mut harness = Harness::builder().with_size([380.0, 700.0]).with_context_setup(setup).build_ui(draw);
    harness.get_by_label_contains("answered by the function");
    harness.get_by_role_and_label(Role::Button, "To event").click();
    harness.run_ok();
    harness.get_by_label("/headers/accept");
}

#[test]
fn a_function_without_a_url_gets_one() {
    let mut window = Window::with(None, Vec::new());
    window.press("URL");
    window.harness.get_by_label("shop-api has no URL");
    let sent = window.press("Add a function URL");
    let Some(Command::ChangeSetting(change)) = sent.first() else { panic!("{sent:?}") };
    assert_eq!((&*change.key, change.value.as_deref()), ("url.auth_type", Some("\"NONE\"")));
}

#[test]
fn a_route_of_an_api_is_a_door_too() {
    let mut window = Window::with(Some(cors()), vec![api(ApiKind::Http)]);
    window.press("API");
    window.harness.get_by_label_contains("The browser blocks it.");
    window.harness.get_by_label("2. Preflight: HTTP API shop answers, not the function");
    let sent = window.press("Apply and send again");
    let Some(Command::ChangeSetting(change)) = sent.first() else { panic!("{sent:?}") };
    let wanted = (SettingOwner::Api("shop".into()), "cors.allow_methods");
    assert_eq!((change.owner.clone(), &*change.key), wanted);
    let (_, step) = window.send();
    assert_eq!(step.req.expect("a request").url, "http://abc.execute-api.localhost:9002/orders/1");
}

#[test]
fn the_cors_settings_of_an_api_are_changed_where_those_of_a_url_are() {
    let mut window = Window::with(None, vec![api(ApiKind::Http)]);
    window.press("API");
    assert!(window.harness.query_by_label("Show in file").is_none(), "nobody knows where it stands");
    let Event::Workspace(view) = workspace(None, vec![api(ApiKind::Http)]) else { panic!("another event") };
    let mut view = (*view).clone();
    let place = FilePlace { file: "/w/invokelab.toml".into(), line: 3, column: 1 };
    view.places.insert((SettingOwner::Api("shop".into()), String::new()), place.clone());
    window.tell(vec![Event::Workspace(view.into())]);
    let sent = window.press("Show in file");
    assert!(sent.iter().any(|command| matches!(command, Command::LoadFile(file) if *file == place.file)), "{sent:?}");
    window.press("URL & CORS");
    window.press("Change cors.allow_methods");
    window.harness.get_by_label("CORS of HTTP API shop, for all of its routes");
    for (name, typed, value) in
        [("cors.allow_methods", "GET, POST, PUT", "[\"GET\",\"POST\",\"PUT\"]"), ("cors.max_age", "-1", "-1")]
    {
        window.type_into(Role::TextInput, name, typed);
        window.harness.key_press(egui::Key::Enter);
        window.harness.run_ok();
        let sent = window.sent();
        let Some(Command::ChangeSetting(change)) = sent.first() else { panic!("{sent:?}") };
        let expected = (SettingOwner::Api("shop".into()), name, Some(value));
        assert_eq!((change.owner.clone(), &*change.key, change.value.as_deref()), expected);
    }
    let mut allowing = api(ApiKind::Http);
    allowing.cors.as_mut().unwrap().allow_methods.push("PUT".into());
    window.tell(vec![workspace(None, vec![allowing])]);
    window.press("URL & CORS");
    window.harness.get_by_label_contains("The page may read it: 200.");
    for (kind, has_cors) in [(ApiKind::Http, true), (ApiKind::Rest, false)] {
        let mut window = Window::with(None, vec![api(kind)]);
        window.press("API");
        assert_eq!(window.harness.query_by_label("Change cors.allow_methods").is_some(), has_cors, "{kind:?}");
    }
}

#[test]
fn a_real_browser_is_held_against_the_prediction_for_its_own_page() {
    let mut window = Window::open();
    let sent = window.press("Test page");
    let Some(Command::ServeTestPage { ticket, .. }) = sent.first() else { panic!("{sent:?}") };
    let origin = "http://page.localhost:40001";
    window.tell(vec![Event::TestPage { ticket: *ticket, result: Ok(format!("{origin}/").into()) }]);
    let stale = PageReport { ticket: ticket - 1, error: "of an earlier page".into(), ..PageReport::default() };
    window.tell(vec![Event::PageReport(stale.into())]);
    window.harness.get_by_label("Waits for the page to be opened.");
    let report = PageReport {
        ticket: *ticket,
        error: "TypeError: Failed to fetch".into(),
        user_agent: "Mozilla/5.0 Chrome/156.0.0.0 Safari/537.36".into(),
        origin: origin.into(),
        ..PageReport::default()
    };
    window.tell(vec![Event::PageReport(report.into())]);
    window.harness.get_by_label("Chromium 156 saw: TypeError: Failed to fetch");
    window.harness.get_by_label("Predicted and live agree");
    let sent = window.press(&format!("Allow {origin}"));
    let Some(Command::ChangeSetting(change)) = sent.first() else { panic!("{sent:?}") };
    let wanted = format!("[\"https://app.example.com\", \"{origin}\"]");
    assert_eq!((&*change.key, change.value.as_deref()), ("url.cors.allow_origins", Some(&*wanted)));
}

#[test]
fn the_models_of_the_toolbar_and_the_tabs_go_together() {
    let mut window = Window::open();
    window.harness.get_by_role_and_label(Role::Button, "Send request");
    window.press("Event");
    window.harness.get_by_role_and_label(Role::Button, "Invoke");
    window.press("URL & CORS");
    window.harness.get_by_role_and_label(Role::Button, "Send request");
    window.press("Async");
    window.harness.get_by_role_and_label(Role::Button, "Send as event");
    assert_eq!(window.harness.state().preferences().model, InvocationModel::Asynchronous);
}

#[test]
fn a_door_that_adds_no_headers_leaves_the_repair_to_the_function() {
    let mut any = api(ApiKind::Rest);
    any.routes[0].route = "ANY /orders/{id}".into();
    let mut window = Window::with(None, vec![any]);
    window.press("API");
    window.type_into(Role::TextInput, "Method", "PUT");
    window.harness.get_by_label_contains("The browser blocks it. The function will run all the same.");
    window.harness.get_by_label_contains("A REST API adds no CORS headers.");
    assert!(window.harness.query_by_label("Show in file").is_none());
}

#[test]
fn what_a_message_quotes_stands_there_without_its_marks() {
    let mut window = Window::open();
    window.put();
    window.type_into(Role::TextInput, "Page origin", "null");
    window.harness.get_by_label_contains("The page's origin is null: a file,");
}

#[test]
fn a_function_without_a_url_says_so_and_which_route_is_shown() {
    let mut window = Window::with(None, vec![api(ApiKind::Http)]);
    window.press("URL");
    let said = "shop-api has no URL. Shown is a route that leads to it: PUT /orders/{id} · HTTP API shop";
    window.harness.get_by_label(said);
    let sent = window.press("Add a function URL");
    let Some(Command::ChangeSetting(change)) = sent.first() else { panic!("{sent:?}") };
    assert_eq!((&*change.key, change.owner.to_string()), ("url.auth_type", "shop-api".to_owned()));
    window.press("API");
    assert!(window.harness.query_by_label(said).is_none(), "a route is what was wanted");
}

#[test]
fn a_function_without_a_route_says_so_and_how_to_make_one() {
    let mut elsewhere = api(ApiKind::Http);
    elsewhere.routes[0].function = "another".into();
    for (apis, api, place) in [
        (Vec::new(), None, "ANY /shop-api of a new HTTP API shop-api"),
        (vec![elsewhere.clone()], Some("shop"), "ANY /shop-api of HTTP API shop"),
    ] {
        let mut window = Window::with(Some(cors()), apis);
        window.press("API");
        window.harness.get_by_label("No route leads to shop-api. Shown is its function URL.");
        window.harness.get_by_label(place);
        let sent = window.press("Add a route to this function");
        let Some(Command::AddRoute(new)) = sent.first() else { panic!("{sent:?}") };
        assert_eq!((new.api.as_deref(), new.route.as_str(), &*new.function), (api, "ANY /shop-api", "shop-api"));
        window.tell(vec![Event::Added(format!("{place} leads to shop-api from now on."))]);
        assert!(matches!(window.press("Take out again")[..], [Command::UndoAdd]));
        window.press("URL");
        assert!(window.harness.query_by_label_contains("No route leads to").is_none());
    }
    let mut window = Window::with(None, vec![elsewhere]);
    window.press("API");
    window.harness.get_by_label("No route leads to shop-api");
    window.harness.get_by_label("Once a route leads to the function, repairs stand here.");
    window.harness.get_by_role_and_label(Role::Button, "Add a route to this function");
}

#[test]
fn a_route_that_comes_while_the_toolbar_waits_for_one_is_shown() {
    let mut window = Window::with(Some(cors()), Vec::new());
    window.press("API");
    window.tell(vec![workspace(Some(FunctionUrlConfiguration::default()), vec![api(ApiKind::Http)])]);
    assert!(window.harness.query_by_label_contains("No route leads to").is_none());
    let (_, step) = window.send();
    assert_eq!(step.req.expect("a request").url, "http://abc.execute-api.localhost:9002/orders/1");
}

#[test]
fn the_function_ran_only_once_the_request_was_sent() {
    let mut window = Window::open();
    window.harness.get_by_label_contains("The page may read it: 200. The function will be called.");
    let (ticket, step) = window.send();
    window.harness.get_by_label_contains("The function will be called.");
    window.tell(vec![Event::Browsed { ticket, result: Ok(browsed(&step, cors(), 200)) }]);
    window.harness.get_by_label_contains("The page may read it: 200. The function was called.");
}

#[test]
fn a_small_window_shows_the_verdict_first() {
    let mut window = Window::sized([1_024.0, 700.0], Some(cors()), Vec::new());
    window.press("URL");
    window.put();
    let verdict = window.harness.query_all_by_label_contains("The browser blocks it.").map(|node| node.rect().top());
    let send = window.harness.get_by_role_and_label(Role::Button, "Send request").rect().top();
    assert!(verdict.fold(f32::MAX, f32::min) < send);
}

#[test]
fn the_palette_knows_what_the_form_can_do() {
    let mut window = Window::with(Some(cors()), Vec::new());
    window.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::K);
    window.harness.run_ok();
    window.harness.input_mut().events.push(egui::Event::Text("serve a test page".into()));
    window.harness.run_ok();
    window.harness.key_press(egui::Key::Enter);
    window.harness.run_ok();
    assert!(window.sent().iter().any(|command| matches!(command, Command::ServeTestPage { .. })));
    window.harness.get_by_role_and_label(Role::Button, "Send request");
}

#[test]
fn a_preflight_that_the_function_answered_is_a_call_of_it() {
    let mut window = Window::with(None, Vec::new());
    window.tell(vec![workspace(Some(FunctionUrlConfiguration::default()), Vec::new())]);
    window.press("URL");
    window.put();
    window.harness.get_by_label_contains("The browser blocks it. The function will run all the same.");
    let (ticket, step) = window.send();
    let headers = [("Access-Control-Request-Method", "PUT")].into_iter().collect();
    let request = HttpRequest { method: "OPTIONS".into(), path: "/orders/42".into(), headers, ..HttpRequest::default() };
    let mut live = browsed(&step, CorsConfiguration::default(), 200);
    live.verdict.function_ran = false;
    let asked = Exchange { request, ..exchange() };
    window.tell(vec![Event::Exchange(asked.into()), Event::Browsed { ticket, result: Ok(live) }]);
    window.harness.get_by_label_contains("The browser blocks it. The function ran all the same.");
}

#[test]
fn what_is_wrong_with_the_configuration_is_said_with_its_repair() {
    let origins = vec!["https://app.example.com/".into(), "https://*.example.com".into()];
    let mut window = Window::with(Some(CorsConfiguration { allow_origins: origins, ..cors() }), Vec::new());
    window.press("URL");
    window.harness.get_by_label_contains("patterns are not documented; write each origin");
    let sent = window.press("Set allow_origins = [\"https://app.example.com\", \"https://*.example.com\"]");
    assert!(
        sent.iter().any(|command| matches!(command, Command::ChangeSetting(change) if change.key == "url.cors.allow_origins"))
    );
}

#[test]
fn a_pasted_command_is_diagnosed_and_fills_the_form() {
    let mut window = Window::open();
    window.press("Paste…");
    let text = "curl 'https://x.lambda-url.eu-central-1.on.aws/orders/7' -X DELETE -H 'Origin: https://app.example.com'";
    window.type_into(Role::MultilineTextInput, "Pasted request", text);
    window.press("Use this request");
    let (_, step) = window.send();
    let request = step.req.expect("a request");
    assert_eq!((request.url, request.method.as_deref()), (format!("{ADDRESS}orders/7"), Some("DELETE")));
}

#[test]
fn the_path_of_a_kept_certificate_is_there_to_copy() {
    let mut window = Window::open();
    assert!(window.harness.query_by_label("Copy HTTPS address").is_none(), "no door is open for HTTPS");
    let https = |certificate: Option<&str>| {
        let address = "https://shop.lambda-url.localhost:9443/".into();
        Event::Door(Door { kind: "url shop-api".into(), address, moved_from: None, certificate: certificate.map(Into::into) })
    };
    window.tell(vec![https(None)]);
    window.harness.get_by_label_contains("a new one at every start; doors_https_certificate = \"kept\"");
    window.tell(vec![https(Some("/data/https/certificate.pem"))]);
    assert_eq!(window.copied("Copy path of the certificate"), "/data/https/certificate.pem");
}
