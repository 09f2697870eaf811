//! What a door refuses by itself: said beforehand, with the setting that decides, and held against what happened.

use super::*;

/// A function whose reserved concurrency is none.
fn shut() -> Event {
    let url = FunctionUrlConfiguration { cors: Some(cors()), ..FunctionUrlConfiguration::default() };
    let Event::Workspace(view) = workspace(Some(url), Vec::new()) else { panic!("another event") };
    let mut view = (*view).clone();
    let configuration = &view.functions[0].configuration;
    let configuration = FunctionConfiguration { reserved_concurrency: Some(0), ..(**configuration).clone() };
    view.functions[0].configuration = configuration.into();
    Event::Workspace(view.into())
}

#[test]
fn no_header_of_the_function_repairs_what_its_door_refuses() {
    let mut window = Window::with(None, vec![api(ApiKind::Rest)]);
    window.press("API");
    window.type_into(Role::TextInput, "Method", "GET");
    let (ticket, step) = window.send();
    let door = ExchangeDoor::Api { name: "shop".into(), kind: ApiKind::Rest, route: None };
    let request = HttpRequest { method: "GET".into(), path: "/orders/1".into(), ..HttpRequest::default() };
    let response = HttpResponse { status: 403, ..HttpResponse::default() };
    let answered_by = AnsweredBy::service("no route of shop takes GET /orders/1");
    let refused = Exchange { door, request, response, answered_by, malformed: None, ..exchange() };
    let mut live = browsed(&step, CorsConfiguration::default(), 403);
    live.verdict.function_ran = true;
    window.tell(vec![Event::Exchange(refused.into()), Event::Browsed { ticket, result: Ok(live) }]);
    window.harness.get_by_label_contains("The page may not read the answer. The function was never called.");
    let why = "No header repairs this: no route of shop takes GET /orders/1, so the service answered 403 by itself. Add a route \
               such as GET /orders/1 to shop in invokelab.toml.";
    window.harness.get_by_label(why);
    let mut mended = api(ApiKind::Rest);
    mended.routes[0].route = "GET /orders/{id}".into();
    window.tell(vec![workspace(None, vec![mended])]);
    assert!(window.harness.query_by_label_contains("no route of shop").is_none(), "the route is there now");
    window.harness.get_by_label_contains("The function will run all the same.");
}

#[test]
fn a_request_that_no_route_takes_is_refused_before_it_is_sent() {
    for (kind, method, verdict, said) in [
        (
            ApiKind::Http,
            "GET",
            "The page may read it: 404. The function is never called.",
            "no route of shop takes GET /orders/1",
        ),
        (
            ApiKind::Rest,
            "GET",
            "The page may not read the answer. The function is never called.",
            "no route of shop takes GET /orders/1",
        ),
        (
            ApiKind::Rest,
            "PUT",
            "The browser blocks it. The function is never called.",
            "no route of shop takes OPTIONS /orders/1",
        ),
    ] {
        let mut window = Window::with(None, vec![api(kind)]);
        window.press("API");
        window.type_into(Role::TextInput, "Method", method);
        window.harness.get_by_label_contains(verdict);
        let answer = if method == "PUT" { "The service's answer to the preflight: " } else { "The service's answer: " };
        window.harness.get_by_label_contains(&format!("{answer}{said}, so the service answers 40"));
        window.harness.get_by_label("routes of shop");
    }
}

#[test]
fn what_the_service_will_refuse_is_said_before_the_browser_lets_the_request_go() {
    let mut window = Window::with(None, vec![api(ApiKind::Http)]);
    window.press("API");
    window.type_into(Role::TextInput, "Method", "DELETE");
    window.harness.get_by_label_contains("The browser blocks it. The function is never called.");
    let said = "Once it is sent: no route of shop takes DELETE /orders/1, so the service answers 404 by itself.";
    window.harness.get_by_label(said);
    window.type_into(Role::TextInput, "Method", "PUT");
    assert!(window.harness.query_by_label_contains("Once it is sent").is_none(), "there is a route");
}

#[test]
fn a_wrong_signature_is_refused_before_it_is_sent() {
    let mut window = Window::open();
    let auth_type = crate::http_model::configuration::AuthType::AwsIam;
    let allow_headers = vec!["authorization".into(), "x-amz-date".into()];
    let signing = CorsConfiguration { allow_headers, ..cors() };
    let url = FunctionUrlConfiguration { auth_type, cors: Some(signing), ..FunctionUrlConfiguration::default() };
    window.tell(vec![workspace(Some(url), Vec::new())]);
    window.harness.get_by_label_contains("auth_type is AWS_IAM and the request is not signed");
    let sent = window.harness.query_by_label("url.auth_type").expect("the setting that decides");
    sent.click();
    window.harness.run_ok();
    window.press("URL & CORS");
    let scope = "AKIANOBODY/20260301/eu-central-1/lambda/aws4_request, SignedHeaders=host;x-amz-date, Signature=00";
    let headers = format!("authorization: AWS4-HMAC-SHA256 Credential={scope}\nx-amz-date: 20260301T100000Z");
    window.type_into(Role::MultilineTextInput, "Headers", &headers);
    let said =
        "The service's answer: The security token included in the request is invalid, so the service answers 403 by itself.";
    window.harness.get_by_label(said);
    window.harness.get_by_label("credentials_file of the workspace");
    window.harness.get_by_label_contains("The page may read it: 403. The function is never called.");
}

#[test]
fn what_ends_a_refusal_stands_before_the_header_that_lets_the_page_read_it() {
    let mut window = Window::open();
    let auth_type = crate::http_model::configuration::AuthType::AwsIam;
    let url = FunctionUrlConfiguration { auth_type, cors: None, ..FunctionUrlConfiguration::default() };
    window.tell(vec![workspace(Some(url), Vec::new())]);
    window.type_into(Role::TextInput, "Method", "GET");
    let below = window.harness.get_by_label("And so that the page can read such an answer:").rect().top();
    let signing = window.harness.get_by_label_contains("Sign the request with a key of the workspace").rect().top();
    assert!(signing < below, "{signing} {below}");
}

#[test]
fn the_policy_is_asked_for_each_way_that_leads_to_the_function() {
    let statements = vec![crate::http_model::policy::closed_statement()];
    let Event::Workspace(view) = workspace(None, vec![api(ApiKind::Rest)]) else { panic!("another event") };
    let mut closed = (*view).clone();
    closed.functions[0].access = FunctionAccess { url: None, statements, statements_are_default: false }.into();
    for (view, said) in [
        ((*view).clone(), "by the statement that the console adds with a route, since the file has no policy"),
        (closed, "is kept out by a statement: 500"),
    ] {
        let mut window = Window::with(None, Vec::new());
        window.tell(vec![Event::Workspace(view.into())]);
        window.press("API");
        window.press("Policy");
        window.harness.get_by_label(said);
        let caller = window.harness.get_by_role_and_label(Role::ComboBox, "Imagined caller");
        assert_eq!(caller.value().as_deref(), Some("API Gateway for PUT /orders/{id} of shop"));
    }
}

#[test]
fn the_statement_that_decides_for_what_is_looked_at_stands_first() {
    let mut window = Window::with(Some(cors()), vec![api(ApiKind::Http)]);
    window.press("API");
    window.press("Policy");
    let top = |window: &Window, label: &str| window.harness.get_by_label(label).rect().top();
    let added = top(&window, "added with the route");
    assert!(added < top(&window, "FunctionURLAllowPublicAccess"), "of the API");
    assert_eq!(window.harness.query_all_by_label("decides").count(), 1);
    window.press("URL");
    assert!(window.harness.query_by_label("added with the route").is_none());
    let both = window.harness.query_all_by_label("decides").count();
    assert_eq!(both, 2, "a URL needs both permissions");
    let Event::Workspace(view) = workspace(None, vec![api(ApiKind::Http)]) else { panic!("another event") };
    let mut denied = (*view).clone();
    let permission = |id: &str, principal: &str| crate::http_model::policy::AddPermission {
        statement_id: id.into(),
        action: "lambda:InvokeFunction".into(),
        principal: principal.into(),
        ..Default::default()
    };
    let arn = "arn:aws:lambda:eu-central-1:000000000000:function:shop-api";
    let mut deny = permission("no-gateway", "apigateway.amazonaws.com").statement(arn);
    deny.effect = crate::http_model::policy::Effect::Deny;
    let statements = vec![permission("all", "*").statement(arn), deny];
    denied.functions[0].access = FunctionAccess { url: None, statements, statements_are_default: false }.into();
    window.tell(vec![Event::Workspace(denied.into())]);
    window.press("API");
    assert!(top(&window, "no-gateway") < top(&window, "all"));
}

#[test]
fn a_url_that_wants_signatures_refuses_a_page_by_itself() {
    let mut window = Window::open();
    let auth_type = crate::http_model::configuration::AuthType::AwsIam;
    let url = FunctionUrlConfiguration { auth_type, cors: Some(cors()), ..FunctionUrlConfiguration::default() };
    window.tell(vec![workspace(Some(url), Vec::new())]);
    window.harness.get_by_label_contains("The page may read it: 403. The function is never called.");
    window.press("Policy");
    window.harness.get_by_label("Unsigned at a URL with AWS_IAM: 403 before any statement is read.");
    let (ticket, step) = window.send();
    window.tell(vec![Event::Browsed { ticket, result: Ok(browsed(&step, cors(), 403)) }]);
    window.harness.get_by_label_contains("The page may read it: 403. The function was never called.");
}

#[test]
fn what_the_service_refused_by_itself_goes_before_what_was_predicted() {
    let mut window = Window::open();
    window.type_into(Role::TextInput, "Path and query", "/orders");
    let (ticket, step) = window.send();
    let answered_by = AnsweredBy::service("Rate Exceeded.");
    let response = HttpResponse { status: 429, ..HttpResponse::default() };
    let refused = Exchange { answered_by, response, malformed: None, ..exchange() };
    let live = Event::Browsed { ticket, result: Ok(browsed(&step, cors(), 429)) };
    window.tell(vec![Event::Exchange(refused.into()), live]);
    window.harness.get_by_label_contains("The page may read it: 429. The function was never called.");
    window.harness.get_by_label("The service's answer: Rate Exceeded, so the service answered 429 by itself.");
    window.harness.get_by_label("status: predicted 200, live 429");
    window.harness.get_by_label("+ live  429 Too Many Requests");
    window.tell(vec![shut()]);
    window.harness.get_by_label_contains("The page may read it: 429. The function is never called.");
    let (ticket, step) = window.send();
    window.tell(vec![Event::Browsed { ticket, result: Ok(browsed(&step, cors(), 429)) }]);
    window.harness.get_by_label("Predicted and live agree");
}

#[test]
fn a_refusal_that_a_real_browser_read_is_a_difference() {
    let origin = "http://page.localhost:40001";
    let mut window = Window::with(Some(CorsConfiguration { allow_origins: vec![origin.into()], ..cors() }), Vec::new());
    window.press("URL");
    window.type_into(Role::TextInput, "Path and query", "/orders");
    let sent = window.press("Test page");
    let Some(Command::ServeTestPage { ticket, .. }) = sent.first() else { panic!("{sent:?}") };
    let mut refused = Exchange { answered_by: AnsweredBy::service("Rate Exceeded."), malformed: None, ..exchange() };
    refused.request.headers = [("Origin", origin)].into_iter().collect();
    let report = PageReport { ticket: *ticket, readable: true, status: 429, origin: origin.into(), ..PageReport::default() };
    window.tell(vec![Event::Exchange(refused.into()), Event::PageReport(report.into())]);
    window.harness.get_by_label("status: predicted 200, live 429");
}
