//! Where an asynchronous event goes in the end: invocation records and dead-letter queues (semantics 3.4 to 3.6).

use std::sync::Arc;

use bytes::Bytes;
use serde_json::value::RawValue;

use super::LambdaService;
use super::configuration::Target;
use super::error::ServiceError;
use super::happened::{Happened, Outcome, Outlet};
use super::ids::{QueueName, RequestId};
use super::input::{FunctionError, InvocationSource, InvocationType, InvokeRequest, NewMessage};
use super::limits;
use super::state::Invocation;

/// The invocation record, version 1.0, members in the order in which Lambda writes them.
#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    version: &'static str,
    timestamp: String,
    request_context: RequestContext<'a>,
    request_payload: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_context: Option<ResponseContext>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_payload: Option<&'a RawValue>,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    request_id: String,
    function_arn: String,
    condition: &'a str,
    approximate_invoke_count: u32,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct ResponseContext {
    status_code: u16,
    executed_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_error: Option<&'static str>,
}

impl LambdaService {
    pub(super) fn deliver_end(
        &mut self,
        request_id: RequestId,
        invocation: &Invocation,
        outcome: Outcome,
        attempts: u32,
        last: Option<&Result<Bytes, FunctionError>>,
    ) {
        let Some(condition) = outcome.condition() else { return };
        let Some(configuration) = self.functions.get(&invocation.function).map(|function| function.configuration.clone()) else {
            return;
        };
        let (outlet, target) = match outcome {
            Outcome::Succeeded => (Outlet::OnSuccess, &configuration.event_invoke.on_success),
            _ => (Outlet::OnFailure, &configuration.event_invoke.on_failure),
        };
        if let Some(target) = target {
            let body = self.record(request_id, invocation, condition, attempts, last);
            self.deliver(request_id, invocation, outlet, target.clone(), body, Vec::new());
        }
        if let (Some(target), true) = (&configuration.dead_letter, outcome != Outcome::Succeeded) {
            let stopped = || ServiceError::RecursiveInvocation { arn: self.arn(&invocation.function).into() };
            let refusal = (outcome == Outcome::RecursiveLoop).then(stopped);
            let attributes = dead_letter_attributes(request_id, outcome, refusal.as_ref(), last);
            self.deliver(request_id, invocation, Outlet::DeadLetter, target.clone(), invocation.payload.clone(), attributes);
        }
    }

    fn record(
        &self,
        request_id: RequestId,
        invocation: &Invocation,
        condition: &str,
        attempts: u32,
        last: Option<&Result<Bytes, FunctionError>>,
    ) -> Bytes {
        let response = last.map(|result| match result {
            Ok(payload) => (payload, None),
            Err(error) => (&error.payload, Some("Unhandled")),
        });
        let record = Record {
            version: "1.0",
            timestamp: self.now.iso_millis(),
            request_context: RequestContext {
                request_id: request_id.to_string(),
                function_arn: format!("{}:$LATEST", self.arn(&invocation.function)),
                condition,
                approximate_invoke_count: attempts,
            },
            request_payload: raw(&invocation.payload),
            response_context: response.map(|(_, function_error)| ResponseContext {
                status_code: 200,
                executed_version: "$LATEST",
                function_error,
            }),
            response_payload: response.map(|(payload, _)| raw(payload)),
        };
        serde_json::to_vec(&record).unwrap_or_default().into()
    }

    fn deliver(
        &mut self,
        request_id: RequestId,
        invocation: &Invocation,
        outlet: Outlet,
        target: Target,
        body: Bytes,
        attributes: Vec<(Arc<str>, Arc<str>, Arc<str>)>,
    ) {
        let function = invocation.function.clone();
        let source = InvocationSource::Destination { function: function.clone(), request_id, outlet };
        let error = match &target {
            Target::Queue(queue) => {
                let trace_header = Some(invocation.trace_header.clone());
                let body = String::from_utf8_lossy(&body);
                let message = NewMessage { attributes, trace_header, ..NewMessage::new(body) };
                self.deliver_to_queue(queue, message, &source).err()
            }
            Target::Function(name) => self.check_target(name, &body).err(),
        };
        let failed = error.is_some();
        let next = target.clone();
        self.publish(Happened::Delivered { request_id, function, outlet, target, body: body.clone(), error });
        if let (Target::Function(name), false) = (next, failed) {
            // The target is invoked asynchronously (3.5, UNVERIFIED).
            self.invoke(InvokeRequest {
                trace_header: Some(invocation.trace_header.clone()),
                label: invocation.label.clone(),
                ..InvokeRequest::new(name, InvocationType::Event, body, source)
            });
        }
    }

    fn deliver_to_queue(&mut self, queue: &QueueName, message: NewMessage, source: &InvocationSource) -> Result<(), Arc<str>> {
        self.check_message(queue, &message)?;
        self.send_messages(queue, vec![message], source);
        Ok(())
    }

    fn check_target(&self, name: &str, body: &Bytes) -> Result<(), Arc<str>> {
        if !self.functions.contains_key(name) {
            return Err(format!("there is no function {name}").into());
        }
        match body.len() > limits::ASYNCHRONOUS_PAYLOAD {
            true => {
                Err(format!("{} bytes are more than an event may have ({})", body.len(), limits::ASYNCHRONOUS_PAYLOAD).into())
            }
            false => Ok(()),
        }
    }
}

/// RequestID, ErrorCode and ErrorMessage (3.6); code and text of what was not attempted are UNVERIFIED.
fn dead_letter_attributes(
    request_id: RequestId,
    outcome: Outcome,
    refusal: Option<&ServiceError>,
    last: Option<&Result<Bytes, FunctionError>>,
) -> Vec<(Arc<str>, Arc<str>, Arc<str>)> {
    let (code, message) = match (refusal, last) {
        (Some(refusal), _) => (refusal.status_and_name().0, refusal.to_string()),
        (None, Some(Err(error))) => (200, error.message.to_string()),
        (None, _) => (429, outcome.condition().unwrap_or_default().to_owned()),
    };
    let mut end = message.len().min(limits::ERROR_MESSAGE);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    vec![
        ("RequestID".into(), "String".into(), request_id.to_string().into()),
        ("ErrorCode".into(), "Number".into(), code.to_string().into()),
        ("ErrorMessage".into(), "String".into(), message[..end].into()),
    ]
}

/// Payloads were checked at the door; what a runtime answered may be no JSON and stands as null then.
fn raw(payload: &[u8]) -> &RawValue {
    serde_json::from_slice(payload).unwrap_or(RawValue::NULL)
}
