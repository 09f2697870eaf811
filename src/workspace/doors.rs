//! Reading what lets HTTP in: `url` and `policy` of a function, and `[[apis]]`.

use std::fs;
use std::path::Path;

use super::function::{Names, json};
use super::keys::{self, misspells, unknown_keys};
use super::reader::{Section, in_seconds};
use super::sources::function_of;
use crate::http_model::configuration::{
    ApiConfiguration, ApiKind, AuthType, FunctionAccess, FunctionUrlConfiguration, InvokeMode, RouteConfiguration,
};
use crate::http_model::cors::{self, ConfigurationProblem, CorsConfiguration};
use crate::http_model::event_from_request::PayloadFormat;
use crate::http_model::policy::{self, AddPermission, Effect, Policy, Statement};
use crate::http_model::routes::{HttpRoutes, RestResources};
use crate::http_model::url_id;
use crate::service::limits;
use crate::service::time::Micros;

/// Shortest integration time-out of API Gateway (semantics 6.1).
const SHORTEST_INTEGRATION: Micros = Micros::from_millis(50);

/// What an id follows from: account and region, as on AWS, so that moving the folder changes no URL.
fn scope(account_id: &str, region: &str) -> String {
    format!("{account_id}:{region}")
}

/// The URL of a function and its resource-based policy.
pub(super) fn access(name: &str, section: &Section, folder: &Path, account_id: &str, region: &str) -> FunctionAccess {
    let url = section.section("url").map(|inner| FunctionUrlConfiguration {
        url_id: url_id::url_id(&scope(account_id, region), name, ""),
        auth_type: auth_type(&inner),
        invoke_mode: invoke_mode(&inner),
        cors: inner.section("cors").map(|cors| cors_configuration(&cors, cors::check_configuration)),
    });
    let arn = format!("arn:aws:lambda:{region}:{account_id}:function:{name}");
    if section.has("policy") {
        let statements = statements(section, folder, &arn);
        unknown_conditions(section, &statements);
        if url.is_some() {
            half_open(section, &statements, account_id);
        }
        return FunctionAccess { url, statements, statements_are_default: false };
    }
    if misspells(section, keys::FUNCTION, "policy") {
        section.problem("policy", format!("the policy of {name} cannot be read. Until it is repaired nobody is let in"));
        return FunctionAccess { url, statements: vec![policy::closed_statement()], statements_are_default: false };
    }
    let public = url.as_ref().is_some_and(|url| url.auth_type == AuthType::None);
    let statements = if public { policy::public_url_statements(&arn) } else { Vec::new() };
    FunctionAccess { url, statements, statements_are_default: true }
}

/// What was meant by a key that cannot be read is not known, so it opens nothing.
fn auth_type(section: &Section) -> AuthType {
    let written = section.string("auth_type");
    let sentence = match written.as_deref() {
        Some("NONE") => return AuthType::None,
        Some("AWS_IAM") => return AuthType::AwsIam,
        Some(other) => format!("\"{other}\" is not an AuthType; write \"NONE\" or \"AWS_IAM\""),
        None if section.has("auth_type") => "an AuthType is \"NONE\" or \"AWS_IAM\", in quotes".to_owned(),
        None if let Some(key) = unknown_keys(section, keys::URL).next() => {
            format!("{key} may have been meant to say who gets in; that is auth_type")
        }
        None => return AuthType::None,
    };
    section.problem("auth_type", format!("{sentence}. Until then only signed requests get in"));
    AuthType::AwsIam
}

fn invoke_mode(section: &Section) -> InvokeMode {
    match section.string("invoke_mode").as_deref() {
        None | Some("BUFFERED") => InvokeMode::Buffered,
        Some("RESPONSE_STREAM") => InvokeMode::ResponseStream,
        Some(other) => {
            section
                .problem("invoke_mode", format!("\"{other}\" is not an InvokeMode; write \"BUFFERED\" or \"RESPONSE_STREAM\""));
            InvokeMode::Buffered
        }
    }
}

fn cors_configuration(section: &Section, check: fn(&CorsConfiguration) -> Vec<ConfigurationProblem>) -> CorsConfiguration {
    let list = |key| section.strings(key).unwrap_or_default();
    let configuration = CorsConfiguration {
        allow_origins: list("allow_origins"),
        allow_methods: list("allow_methods"),
        allow_headers: list("allow_headers"),
        expose_headers: list("expose_headers"),
        max_age: section.signed_seconds("max_age"),
        allow_credentials: section.boolean("allow_credentials").unwrap_or(false),
    };
    for problem in check(&configuration) {
        section.problem(problem.setting.key(), format!("{}: {problem}", section.path));
    }
    configuration
}

/// `policy = "policy.json"`, a document as `aws lambda get-policy` gives it, or a list of what AddPermission takes.
fn statements(section: &Section, folder: &Path, arn: &str) -> Vec<Statement> {
    if section.item("policy").is_some_and(toml_edit::Item::is_str) {
        let Some(path) = section.string("policy") else { return vec![policy::closed_statement()] };
        let file = super::function::clean(&folder.join(&path));
        section.source.reads(&file);
        let read = fs::read_to_string(&file).map_err(|error| error.to_string());
        return match read.and_then(|text| Policy::parse(&text).map_err(|error| error.to_string())) {
            Ok(policy) => policy.statements,
            Err(error) => {
                section.problem("policy", format!("{}: {error}. Until it is repaired nobody is let in", file.display()));
                vec![policy::closed_statement()]
            }
        };
    }
    let list = section.list("policy");
    let mut statements: Vec<Statement> = Vec::new();
    for (index, inner) in list.iter().enumerate() {
        match statement(index, inner, arn) {
            Some(statement) if statements.iter().any(|other| other.sid == statement.sid) => {
                inner.problem("statement_id", format!("there is already a statement {}; give each its own id", statement.sid));
                statements.push(statement);
            }
            // What it says is not known, and it may deny somebody.
            None => statements.push(policy::closed_statement()),
            Some(statement) => statements.push(statement),
        }
    }
    statements
}

/// Conditions that no request here can be held against.
fn unknown_conditions(section: &Section, statements: &[Statement]) {
    let keys = statements.iter().flat_map(|statement| &statement.conditions).map(|condition| &condition.key);
    for key in keys.filter(|key| !policy::is_known_key(key)) {
        let span = section.span_of("policy");
        section.source.advice(span, format!("the condition key {key} is not known here: every request counts as having none"));
    }
}

/// Principals that one of the two permissions lets in nowhere.
fn half_open(section: &Section, statements: &[Statement], account_id: &str) {
    for principal in policy::half_open(statements, account_id) {
        let sentence = format!(
            "the policy allows {principal} lambda:InvokeFunctionUrl, but not lambda:InvokeFunction, and a request to the URL needs both: add a statement with action = \"lambda:InvokeFunction\" and invoked_via_function_url = true"
        );
        section.source.advice(section.span_of("policy"), sentence);
    }
}

fn statement(index: usize, section: &Section, arn: &str) -> Option<Statement> {
    let text = |key| section.string(key);
    for key in ["principal", "action"] {
        if !section.has(key) {
            section.source.problem(section.span.clone(), format!("a statement of {} needs {key} = \"...\"", section.path));
            return None;
        }
    }
    if unknown_keys(section, keys::POLICY).next().is_some() {
        return None;
    }
    let permission = AddPermission {
        statement_id: text("statement_id").unwrap_or_else(|| format!("statement-{}", index + 1)),
        action: text("action")?,
        principal: text("principal")?,
        source_arn: text("source_arn"),
        source_account: text("source_account"),
        principal_org_id: text("principal_org_id"),
        function_url_auth_type: text("function_url_auth_type"),
        invoked_via_function_url: section.boolean("invoked_via_function_url").unwrap_or(false),
    };
    let mut statement = permission.statement(arn);
    match text("effect").as_deref() {
        None | Some("Allow") => {}
        Some("Deny") => statement.effect = Effect::Deny,
        Some(other) => {
            section.problem("effect", format!("\"{other}\" is not an effect; write \"Allow\" or \"Deny\""));
            return None;
        }
    }
    if let Some(item) = section.item("condition") {
        // Through the document's own reader, so that operators have one home.
        let document = serde_json::json!({ "Statement": {
            "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": json(item),
        } });
        match Policy::parse(&document.to_string()) {
            Ok(mut policy) => statement.conditions.append(&mut policy.statements[0].conditions),
            Err(error) => {
                section.problem("condition", error.to_string());
                return None;
            }
        }
    }
    Some(statement)
}

/// Every `[[apis]]`.
pub(super) fn apis(root: &Section, names: &Names, account_id: &str, region: &str) -> Vec<ApiConfiguration> {
    let mut apis: Vec<ApiConfiguration> = Vec::new();
    for section in root.list("apis") {
        let Some(api) = api(&section, names, account_id, region) else { continue };
        if apis.iter().any(|other| other.name == api.name) {
            section.problem("name", format!("there is already an API {}", api.name));
        } else {
            apis.push(api);
        }
    }
    apis
}

fn api(section: &Section, names: &Names, account_id: &str, region: &str) -> Option<ApiConfiguration> {
    if !section.has("name") {
        section.source.problem(section.span.clone(), "an API needs name = \"NAME\"");
        return None;
    }
    let name = section.string("name")?;
    if let Err(message) = super::values::function_name(&name) {
        section.problem("name", message.replace("a function", "an API"));
        return None;
    }
    let kind = match section.string("kind").as_deref() {
        None | Some("http") => ApiKind::Http,
        Some("rest") => ApiKind::Rest,
        Some("load_balancer") => ApiKind::LoadBalancer,
        Some(other) => {
            section.problem("kind", format!("\"{other}\" is not a kind of API; write \"http\", \"rest\" or \"load_balancer\""));
            return None;
        }
    };
    let cors = section.section("cors").map(|cors| cors_configuration(&cors, cors::check_http_api_configuration));
    if cors.is_some() && kind != ApiKind::Http {
        section.problem("cors", "only HTTP APIs answer CORS themselves; here the function must (semantics 6.5)");
    }
    let variables = section
        .section("stage_variables")
        .map(|inner| inner.entries().filter_map(|(name, item)| Some((name.to_owned(), item.as_str()?.to_owned()))).collect());
    let api = ApiConfiguration {
        api_id: url_id::api_id(&scope(account_id, region), &name),
        name: name.into(),
        kind,
        stage: section.string("stage").unwrap_or_else(|| default_stage(kind).to_owned()),
        cors: cors.filter(|_| kind == ApiKind::Http),
        routes: section.list("routes").iter().filter_map(|inner| route(inner, kind, names)).collect(),
        binary_media_types: section.strings("binary_media_types").unwrap_or_default(),
        stage_variables: variables.unwrap_or_default(),
        multi_value_headers: section.boolean("multi_value_headers").unwrap_or(false),
    };
    check_routes(section, &api);
    Some(api)
}

fn default_stage(kind: ApiKind) -> &'static str {
    match kind {
        ApiKind::Http => "$default",
        ApiKind::Rest => "prod",
        ApiKind::LoadBalancer => "",
    }
}

fn route(section: &Section, kind: ApiKind, names: &Names) -> Option<RouteConfiguration> {
    let function = function_of(section, names)?;
    if !section.has("route") {
        section.source.problem(section.span.clone(), "a route needs route = \"GET /items/{id}\" or \"$default\"");
        return None;
    }
    let payload_format = match section.string("payload_format_version").as_deref() {
        None | Some("2.0") => PayloadFormat::Two,
        Some("1.0") => PayloadFormat::One,
        Some(other) => {
            section.problem("payload_format_version", format!("\"{other}\" is no payload format; write \"1.0\" or \"2.0\""));
            PayloadFormat::Two
        }
    };
    Some(RouteConfiguration {
        route: section.string("route")?,
        function: function.into(),
        payload_format,
        timeout: section.duration("timeout").and_then(|timeout| integration_timeout(section, kind, timeout)),
    })
}

fn integration_timeout(section: &Section, kind: ApiKind, timeout: Micros) -> Option<Micros> {
    let longest = match kind {
        // A Regional REST API may be raised on request, up to what a function may take.
        ApiKind::Rest => Micros::from_secs(900),
        ApiKind::Http => limits::HTTP_INTEGRATION,
        ApiKind::LoadBalancer => {
            section.problem("timeout", "a load balancer waits as long as the function may take; remove timeout");
            return None;
        }
    };
    if (SHORTEST_INTEGRATION..=longest).contains(&timeout) {
        return Some(timeout);
    }
    section.problem("timeout", format!("timeout is {}, but an integration takes from 50 ms to {longest}", in_seconds(timeout)));
    None
}

/// Routes that cannot be read, or that two of them claim, are said at the API.
fn check_routes(section: &Section, api: &ApiConfiguration) {
    let routes = api.routes.iter().map(|route| (route.route.as_str(), ()));
    let error = match api.kind {
        ApiKind::Rest => RestResources::parse(&api.api_id, routes).err(),
        ApiKind::Http | ApiKind::LoadBalancer => HttpRoutes::parse(routes).err(),
    };
    if let Some(error) = error {
        section.problem("routes", format!("{}: {error}", api.name));
    }
    if api.routes.is_empty() {
        section.problem(
            "routes",
            format!(
                "{} has no route, so it answers nothing; add routes = [{{ route = \"$default\", function = \"NAME\" }}]",
                api.name
            ),
        );
    }
}
