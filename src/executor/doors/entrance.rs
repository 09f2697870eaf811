//! A request comes in: which door, may it enter, and with which event the function is invoked.

use std::sync::Arc;

use http_body_util::BodyExt;
use tokio::sync::{mpsc, oneshot};

use super::table::{Found, UrlDoor};
use super::{DoorAnswer, DoorCall, Ended, SHOWN, StreamingAnswer, connection};
use crate::command::RequestDoor;
use crate::event::{AnsweredBy, Exchange, ExchangeDoor};
use crate::executor::clock;
use crate::executor::event_loop::EventLoop;
use crate::executor::streams::StreamReader;
use crate::http_model::admission::{Admitted, AuthType, RefusedBy};
use crate::http_model::answers::{self, Failure};
use crate::http_model::configuration::InvokeMode;
use crate::http_model::cors;
use crate::http_model::door::{AnswerContext, Door, DoorContext, moment};
use crate::http_model::entry::{self, Refusal};
use crate::http_model::field_note::Trace;
use crate::http_model::message::{HeaderList, HttpRequest, HttpResponse};
use crate::http_model::translation::{Dialect, Translations};
use crate::http_model::url_id::{self, Addressee};
use crate::service::ids::{FunctionName, RequestId};
use crate::service::input::{DoorRequest, Input, InvocationSource, InvocationType, InvokeRequest};
use crate::service::time::Micros;

/// Why a body is refused of which nothing was kept.
pub(super) const TOO_LARGE: &str = "the body is larger than any door takes";

/// A request whose function runs.
pub struct Waiting {
    pub(super) exchange: Box<Exchange>,
    pub(super) context: AnswerContext,
    pub(super) cors: Cors,
    pub(super) client: Client,
}

/// How the service adds its CORS headers to a response.
pub(super) enum Cors {
    None,
    FunctionUrl(cors::CorsConfiguration),
    HttpApi(cors::CorsConfiguration),
}

/// How the client is told.
pub(super) enum Client {
    Whole(oneshot::Sender<DoorAnswer>),
    Streaming(oneshot::Sender<Ended>),
}

/// What is known of a request before anything is decided.
pub(super) struct Arrival {
    pub(super) exchange: Box<Exchange>,
    /// The exchange shows the path that the function sees.
    sent_path: String,
    pub(super) context: DoorContext,
    request_id: RequestId,
    answer: oneshot::Sender<DoorAnswer>,
}

/// A function is to be invoked with the event that the request becomes.
pub(super) struct Call {
    pub(super) function: FunctionName,
    pub(super) dialect: Dialect,
    pub(super) cors: Cors,
    pub(super) streams: bool,
    pub(super) integration_timeout: Option<Micros>,
    pub(super) multi_value_headers: bool,
}

impl EventLoop {
    pub(in crate::executor) fn http_request(
        &mut self,
        request: HttpRequest,
        too_large: bool,
        answer: oneshot::Sender<DoorAnswer>,
    ) {
        let found = self.doors.table.find(&request);
        let arrival = self.arrival(request, answer);
        self.enter(arrival, found, too_large);
    }

    /// A request that a person or a script asks for by command: it takes the way of every other one.
    pub(in crate::executor) fn request(&mut self, ticket: u64, door: &RequestDoor, mut request: HttpRequest) {
        let Some((authority, stage)) = self.doors.table.place_of(door) else {
            let name = match door {
                RequestDoor::Url(function) => format!("{function} has no URL; give it one with [functions.{function}.url]"),
                RequestDoor::Api(name) => format!("there is no API {name}"),
            };
            return self.outbox.error(format!("No request was made: {name}."));
        };
        request.path = format!("{stage}{}", request.path);
        request.headers.push("host", &authority);
        request.authority = authority;
        let found = self.doors.table.find(&request);
        let (answer, answered) = oneshot::channel();
        tokio::spawn(read_to_the_end(answered, self.doors.calls.clone()));
        let mut arrival = self.arrival(request, answer);
        arrival.exchange.ticket = Some(ticket);
        self.enter(arrival, found, false);
    }

    fn enter(&mut self, mut arrival: Arrival, found: Found, too_large: bool) {
        match found {
            Found::Nowhere => self.nowhere(arrival),
            Found::Url(door, path) => {
                arrival.exchange.door = ExchangeDoor::FunctionUrl(door.function.clone());
                arrival.exchange.request.path = path;
                self.url_request(arrival, &door, too_large);
            }
            Found::Api(door, path) => {
                let (name, kind) = (door.configuration.name.clone(), door.configuration.kind);
                arrival.exchange.door = ExchangeDoor::Api { name, kind, route: None };
                self.api_request(arrival, &door, &path, too_large);
            }
        }
    }

    fn arrival(&mut self, request: HttpRequest, answer: oneshot::Sender<DoorAnswer>) -> Arrival {
        let now = self.clock.now();
        let request_id = self.doors.new_request_id();
        let domain = request.authority.rsplit_once(':').map_or(request.authority.as_str(), |(host, _)| host).to_owned();
        let id = domain.split('.').next().unwrap_or_default().to_owned();
        let trace_id = self.doors.random.trace_header(now.0 / 1_000_000);
        let context = DoorContext {
            trace_id,
            ..DoorContext::new(&self.files.workspace.account_id, &id, &domain, &request_id.to_string(), moment(now))
        };
        self.doors.last_exchange += 1;
        let exchange = Exchange {
            id: self.doors.last_exchange,
            ticket: None,
            at: now,
            ended_at: now,
            door: ExchangeDoor::Nowhere,
            request,
            response: HttpResponse::default(),
            function: None,
            request_id: None,
            answered_by: AnsweredBy::Function,
            translations: Translations::default(),
            malformed: None,
            access: None,
            cors: Vec::new(),
        };
        let sent_path = exchange.request.path.clone();
        Arrival { exchange: Box::new(exchange), sent_path, context, request_id, answer }
    }

    /// Neither host nor path is a door's (semantics 5.6, last rows).
    fn nowhere(&mut self, mut arrival: Arrival) {
        let request = &arrival.exchange.request;
        let context = AnswerContext::of(request, &arrival.context, moment(self.clock.now()));
        let response = unknown_host(request, &context);
        let host = request.authority.clone();
        arrival.exchange.response = response;
        self.refuse(arrival, format!("no function URL and no API has the host {host}"));
    }

    fn url_request(&mut self, mut arrival: Arrival, door: &UrlDoor, too_large: bool) {
        let url = &door.url;
        arrival.exchange.function = Some(door.function.clone());
        arrival.context.api_id.clone_from(&url.url_id);
        arrival.context.domain_name = url_id::url_domain(&url.url_id);
        let request = &arrival.exchange.request;
        let switches = cors::Switches::default();
        // Only what may be a preflight has its headers copied.
        let preflight = url.cors.as_ref().filter(|_| request.method == "OPTIONS").and_then(|configuration| {
            cors::preflight_answer(configuration, switches, &request.method, &plain_headers(&request.headers))
        });
        if let Some(preflight) = preflight {
            return self.preflight(arrival, Door::FunctionUrl, preflight);
        }
        if too_large {
            return self.fail(arrival, Door::FunctionUrl, &Failure::RequestTooLarge, TOO_LARGE, url_cors(url));
        }
        match self.admitted(&arrival, door) {
            Ok(admitted) => {
                arrival.context.caller = admitted.caller;
                arrival.exchange.access = Some(admitted.asked);
            }
            Err(refusal) => {
                if let Refusal::Url(RefusedBy::Policy(asked)) = &refusal {
                    arrival.exchange.access = Some(asked.clone());
                }
                return self.refused(arrival, Door::FunctionUrl, &refusal, url_cors(url));
            }
        }
        let call = Call {
            function: door.function.clone(),
            dialect: Dialect::FunctionUrl,
            cors: url_cors(url),
            streams: url.invoke_mode == InvokeMode::ResponseStream,
            integration_timeout: None,
            multi_value_headers: false,
        };
        self.call_function(arrival, call);
    }

    fn admitted(&self, arrival: &Arrival, door: &UrlDoor) -> Result<Admitted, Refusal> {
        let (now, wall) = (moment(self.clock.now()), moment(clock::wall()));
        // The path form of a URL is part of what its client signed; nothing else looks at it.
        let signed = (door.access.auth_type == AuthType::AwsIam)
            .then(|| HttpRequest { path: arrival.sent_path.clone(), ..arrival.exchange.request.clone() });
        entry::at_url(signed.as_ref().unwrap_or(&arrival.exchange.request), &door.access, now, wall)
    }

    pub(super) fn call_function(&mut self, arrival: Arrival, call: Call) {
        let door = call.dialect.door();
        let event = match call.dialect.event(&arrival.exchange.request, &arrival.context, &mut Trace::ignored()) {
            Ok(event) => event,
            Err(error) => return self.fail_translated(arrival, call, &error.to_string()),
        };
        let mut context = AnswerContext::of(&arrival.exchange.request, &arrival.context, moment(self.clock.now()));
        context.multi_value_headers = call.multi_value_headers;
        let Arrival { mut exchange, context: arrived_with, request_id, answer, .. } = arrival;
        exchange.request_id = Some(request_id);
        let source = source(&exchange);
        // The client's own header, if it sent one: what the function hears in its event and in its environment is the same.
        let trace_header = Some(context.trace_id.as_str().into());
        exchange.translations = Translations::new(call.dialect, arrived_with);
        let client = if call.streams {
            let (end, ended) = oneshot::channel();
            let reader = StreamReader::new(self.streams.open(request_id), ended);
            let cors = added_headers(&call.cors, &exchange.request);
            let streaming = StreamingAnswer { door, context: context.clone(), cors, reader };
            // A client that is gone is noticed when it is written to.
            let _ = answer.send(DoorAnswer::Streaming(Box::new(streaming)));
            Client::Streaming(end)
        } else {
            Client::Whole(answer)
        };
        let reply = self.replies.door(Waiting { exchange, context, cors: call.cors, client });
        let door = DoorRequest { integration_timeout: call.integration_timeout, function_url: door == Door::FunctionUrl };
        let request = InvokeRequest {
            trace_header,
            request_id: Some(request_id),
            door: Some(Box::new(door)),
            reply: Some(reply),
            ..InvokeRequest::new(call.function, InvocationType::RequestResponse, event, source)
        };
        self.input(Input::Invoke(request.into()));
    }

    /// The event is too large; what would have become of each field is shown all the same.
    fn fail_translated(&mut self, mut arrival: Arrival, call: Call, why: &str) {
        let door = call.dialect.door();
        arrival.exchange.translations = Translations::new(call.dialect, arrival.context.clone());
        self.fail(arrival, door, &Failure::RequestTooLarge, why, call.cors);
    }

    pub(super) fn preflight(&mut self, mut arrival: Arrival, door: Door, preflight: cors::ServiceAnswer) {
        let context = AnswerContext::of(&arrival.exchange.request, &arrival.context, moment(self.clock.now()));
        arrival.exchange.response = super::departure::preflight_response(door, &preflight, &context);
        arrival.exchange.cors = preflight.produced;
        self.refuse(arrival, "a preflight is answered from the CORS configuration".to_owned());
    }

    pub(super) fn fail(&mut self, arrival: Arrival, door: Door, failure: &Failure, why: &str, cors: Cors) {
        let context = AnswerContext::of(&arrival.exchange.request, &arrival.context, moment(self.clock.now()));
        self.answer_with(arrival, answers::answer(door, failure, &context), why.to_owned(), cors);
    }

    pub(super) fn refused(&mut self, arrival: Arrival, door: Door, refusal: &Refusal, cors: Cors) {
        let context = AnswerContext::of(&arrival.exchange.request, &arrival.context, moment(self.clock.now()));
        self.answer_with(arrival, refusal.response(door, &context), refusal.why(), cors);
    }

    fn answer_with(&mut self, mut arrival: Arrival, response: HttpResponse, why: String, cors: Cors) {
        let (response, produced) = super::departure::with_cors(&cors, &arrival.exchange.request, response);
        arrival.exchange.response = response;
        arrival.exchange.cors = produced;
        self.refuse(arrival, why);
    }

    /// The service answers by itself; the response is in the exchange.
    pub(super) fn refuse(&mut self, arrival: Arrival, why: String) {
        let Arrival { mut exchange, answer, .. } = arrival;
        exchange.answered_by = AnsweredBy::service(&why);
        // A client that is gone needs no answer.
        let _ = answer.send(DoorAnswer::Whole(connection::whole(&exchange.response)));
        self.tell_exchange(exchange);
    }

    /// Shows an exchange that is over; long bodies are cut, so that nothing large is kept for showing.
    pub(super) fn tell_exchange(&mut self, mut exchange: Box<Exchange>) {
        exchange.ended_at = self.clock.now();
        if exchange.request.body.len().max(exchange.translations.kept_bytes()) > SHOWN {
            exchange.translations.make_notes(&exchange.request);
        }
        for body in [&mut exchange.request.body, &mut exchange.response.body] {
            if body.len() > SHOWN {
                *body = bytes::Bytes::copy_from_slice(&body[..SHOWN]);
            }
        }
        let asked_for = exchange.ticket.is_some();
        let event = crate::event::Event::Exchange(Arc::from(exchange));
        // Clients of the network have their answer already; only a command waits for the event.
        if asked_for { self.outbox.push_now(event) } else { self.outbox.push(event) }
    }
}

/// What a host that is nobody's answers. API Gateway refuses whatever comes; a host that is no function URL's (semantics 5.6, last
/// rows) lets a preflight through, so that the page can read the 403 that follows.
fn unknown_host(request: &HttpRequest, context: &AnswerContext) -> HttpResponse {
    if matches!(url_id::resolve(&request.authority, &request.path), Addressee::Api { .. }) {
        return answers::answer(Door::RestApi, &Failure::UnknownHost, context);
    }
    let mut response = answers::answer(Door::FunctionUrl, &Failure::UnknownHost, context);
    if !request.headers.contains("origin") {
        return response;
    }
    response.headers.push("Access-Control-Allow-Origin", "*");
    response.headers.push(
        "Access-Control-Expose-Headers",
        "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date,x-amz-log-result,x-amz-function-error",
    );
    if request.method == "OPTIONS" {
        (response.status, response.body) = (200, bytes::Bytes::new());
        // Those of the refusal; there is neither a refusal nor a body.
        for name in ["x-amzn-ErrorType", "Content-Type"] {
            response.headers.remove(name);
        }
        for (asked, allowed) in [("headers", "Access-Control-Allow-Headers"), ("method", "Access-Control-Allow-Methods")] {
            if let Some(value) = request.headers.get(&format!("access-control-request-{asked}")) {
                response.headers.push(allowed, value);
            }
        }
        response.headers.push("Access-Control-Max-Age", "172800");
    }
    response
}

/// Nobody but the exchange wants the response; a streamed one is read all the same, since the function waits for its reader.
async fn read_to_the_end(answered: oneshot::Receiver<DoorAnswer>, calls: mpsc::Sender<DoorCall>) {
    if let Ok(DoorAnswer::Streaming(answer)) = answered.await {
        let response = super::streaming::answer(*answer, calls).await;
        // How it ended is in the exchange.
        let _ = response.into_body().collect().await;
    }
}

/// Header lines as the browser's rules and the CORS answers take them.
pub(super) fn plain_headers(headers: &HeaderList) -> crate::http_model::browser::HeaderList {
    crate::http_model::browser::HeaderList(headers.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// What the service adds to the head of a response, in order.
fn added_headers(cors: &Cors, request: &HttpRequest) -> HeaderList {
    let (response, _) = super::departure::with_cors(cors, request, HttpResponse::default());
    response.headers
}

fn url_cors(url: &crate::http_model::configuration::FunctionUrlConfiguration) -> Cors {
    url.cors.clone().map_or(Cors::None, Cors::FunctionUrl)
}

fn source(exchange: &Exchange) -> InvocationSource {
    let request = format!("{} {}", exchange.request.method, exchange.request.path).into();
    match &exchange.door {
        ExchangeDoor::Api { name, .. } => InvocationSource::Api { api: name.clone(), request },
        ExchangeDoor::FunctionUrl(_) | ExchangeDoor::Nowhere => InvocationSource::FunctionUrl { request },
    }
}
