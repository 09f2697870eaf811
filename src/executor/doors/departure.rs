//! The function has answered: which response its result becomes, and what the service adds to it.

use super::entrance::{Client, Cors, Waiting, plain_headers};
use super::{DoorAnswer, DoorCall, Ended, connection};
use crate::event::{AnsweredBy, Exchange};
use crate::executor::event_loop::EventLoop;
use crate::http_model::answers::{self, Failure};
use crate::http_model::browser::WireResponse;
use crate::http_model::cors::{self, ProducedHeader};
use crate::http_model::door::{AnswerContext, Door, moment};
use crate::http_model::field_note::Trace;
use crate::http_model::message::{HeaderList, HttpRequest, HttpResponse};
use crate::http_model::response_from_result::{StreamPart, StreamedResponse};
use crate::http_model::translation::Dialect;
use crate::service::effect::InvokeReply;
use crate::service::error::ServiceError;

impl EventLoop {
    pub(in crate::executor) fn door_call(&mut self, call: DoorCall) {
        match call {
            DoorCall::Request { request, too_large, answer } => self.http_request(*request, too_large, answer),
            DoorCall::Streamed { mut exchange, response, notes } => {
                exchange.response = response;
                exchange.translations.streamed(notes);
                self.tell_exchange(exchange);
            }
        }
    }

    /// The service replied to the invocation behind a request.
    pub(in crate::executor) fn door_reply(&mut self, waiting: Waiting, reply: InvokeReply) {
        let Waiting { mut exchange, mut context, cors, client } = waiting;
        let door = exchange.translations.dialect().map_or(Door::FunctionUrl, Dialect::door);
        context.answered_at = moment(self.clock.now());
        let failed = !matches!(&reply, InvokeReply::Completed(completed) if completed.result.is_ok());
        let response = match reply {
            InvokeReply::Completed(completed) => match completed.result {
                Ok(result) if matches!(client, Client::Streaming(_)) => raw(&mut exchange, door, result, context),
                Ok(result) => respond(&mut exchange, result, context),
                Err(_) => answers::answer(door, &Failure::FunctionError, &context),
            },
            InvokeReply::IntegrationTimedOut { .. } => answers::answer(door, &Failure::IntegrationTimeout, &context),
            InvokeReply::Refused { error, .. } => {
                exchange.answered_by = AnsweredBy::service(&error.to_string());
                answers::answer(door, &refusal(&error), &context)
            }
            InvokeReply::Accepted { .. } | InvokeReply::DryRun { .. } => {
                answers::answer(door, &Failure::ServiceUnavailable, &context)
            }
        };
        let (response, produced) = with_cors(&cors, &exchange.request, response);
        exchange.cors = produced;
        match client {
            Client::Whole(answer) => {
                // A client that is gone needs no answer.
                let _ = answer.send(DoorAnswer::Whole(connection::whole(&response)));
                exchange.response = response;
                self.tell_exchange(exchange);
            }
            Client::Streaming(end) => {
                if let Err(Ended { mut exchange, instead, .. }) = end.send(Ended { failed, instead: Some(response), exchange }) {
                    // The client went away before its response began.
                    exchange.response = instead.unwrap_or_default();
                    self.tell_exchange(exchange);
                }
            }
        }
    }
}

/// A handler that does not stream, behind a URL that does: its result is the body, as it is (semantics 5.3).
fn raw(exchange: &mut Exchange, door: Door, result: bytes::Bytes, context: AnswerContext) -> HttpResponse {
    let mut stream = StreamedResponse::new(door, None, context);
    let mut response = HttpResponse::default();
    for part in stream.feed(result.clone()) {
        if let StreamPart::Head(head, notes) = part {
            response = head.response;
            exchange.translations.streamed(notes);
        }
    }
    HttpResponse { body: result, ..response }
}

fn respond(exchange: &mut Exchange, result: bytes::Bytes, context: AnswerContext) -> HttpResponse {
    let Some(dialect) = exchange.translations.dialect() else { return HttpResponse::default() };
    let outcome = dialect.response(&result, &context, &mut Trace::ignored());
    exchange.malformed = outcome.malformed;
    exchange.translations.answered(result, context);
    outcome.response
}

fn refusal(error: &ServiceError) -> Failure {
    match error {
        ServiceError::TooManyRequests { reason } => Failure::Throttled { reason: reason.name().to_owned() },
        ServiceError::RequestTooLarge { .. } => Failure::RequestTooLarge,
        ServiceError::ResourceNotFound { .. }
        | ServiceError::NoPublishedVersion { .. }
        | ServiceError::InvalidParameterValue { .. }
        | ServiceError::InvalidRequestContent { .. }
        | ServiceError::RecursiveInvocation { .. }
        | ServiceError::Service { .. } => Failure::ServiceUnavailable,
    }
}

fn cleaned(response: &WireResponse) -> HeaderList {
    response.headers.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// A preflight's answer (semantics 5.6): what the configuration says, and what the door adds to all it answers itself.
pub(super) fn preflight_response(door: Door, answer: &cors::ServiceAnswer, context: &AnswerContext) -> HttpResponse {
    let mut headers = cleaned(&answer.response);
    match door {
        Door::FunctionUrl => {
            headers.push("x-amzn-RequestId", &context.request_id);
            if !headers.contains("content-type") {
                headers.push("Content-Type", "application/json");
            }
        }
        Door::HttpApi | Door::RestApi | Door::LoadBalancer => drop(headers.push("Apigw-Requestid", &context.request_id)),
    }
    headers.push("Date", &context.http_date());
    if context.keeps_connection {
        headers.push("Connection", "keep-alive");
    }
    HttpResponse { status: answer.response.status, headers, ..HttpResponse::default() }
}

/// Adds what the CORS configuration says. A function URL adds to what the function returned, an HTTP API replaces it.
pub(super) fn with_cors(cors: &Cors, request: &HttpRequest, response: HttpResponse) -> (HttpResponse, Vec<ProducedHeader>) {
    if matches!(cors, Cors::FunctionUrl(_)) && !request.headers.contains("origin") {
        return (response, Vec::new()); // Nothing to add (`cors.md`, fact 13), so nothing is copied.
    }
    let headers = plain_headers(&request.headers);
    let wire = || WireResponse { status: response.status, headers: plain_headers(&response.headers), body: String::new() };
    let answer = match cors {
        Cors::None => return (response, Vec::new()),
        Cors::FunctionUrl(configuration) => cors::add_headers(Some(configuration), cors::Switches::default(), &headers, wire()),
        Cors::HttpApi(configuration) => cors::add_http_api_headers(Some(configuration), &headers, wire()),
    };
    let headers = cleaned(&answer.response);
    (HttpResponse { headers, ..response }, answer.produced)
}
