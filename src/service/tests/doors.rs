//! What doors ask of the service: their own request ids, the rate of a URL, and the end of an API's patience.

use bytes::Bytes;

use super::super::effect::InvokeReply;
use super::super::error::{ServiceError, ThrottleReason};
use super::super::happened::{DueKind, Happened};
use super::super::ids::{ReplyToken, RequestId};
use super::super::input::{DoorRequest, Input, InvocationSource, InvocationType, InvokeRequest};
use super::super::limits;
use super::super::time::Micros;
use super::driver::{Answer, Driver};

fn request(driver: &mut Driver, id: u128, integration_timeout: Option<Micros>) -> ReplyToken {
    let token = ReplyToken(u64::try_from(id).unwrap());
    let source = InvocationSource::FunctionUrl { request: "GET /".into() };
    let door = DoorRequest { integration_timeout, function_url: integration_timeout.is_none() };
    let request = InvokeRequest::new("f".into(), InvocationType::RequestResponse, Bytes::from_static(b"{}"), source);
    driver.input(Input::Invoke(
        InvokeRequest { request_id: Some(RequestId(id)), door: Some(Box::new(door)), reply: Some(token), ..request }.into(),
    ));
    token
}

#[test]
fn a_door_chooses_the_id_of_its_invocation() {
    let mut driver = Driver::new(&[Answer::Respond("1")]);
    driver.function(|_| {});
    let token = request(&mut driver, 77, None);
    driver.until_idle();
    let Some(InvokeReply::Completed(completed)) = driver.replies.remove(&token) else { panic!("not completed") };
    assert_eq!(completed.request_id, RequestId(77));
}

#[test]
fn a_url_takes_ten_requests_a_second_for_each_reserved_execution() {
    let mut driver = Driver::new(&[Answer::Respond("1")]);
    driver.run = Micros(10);
    driver.init = Micros(10);
    driver.function(|function| function.reserved_concurrency = Some(1));
    let mut refused = Vec::new();
    for second in 0..2_u64 {
        for n in 0..12_u64 {
            driver.until(Micros(second * 1_000_000 + n * 1_000));
            let token = request(&mut driver, u128::from(second * 100 + n + 1), None);
            driver.until(Micros(second * 1_000_000 + n * 1_000 + 900));
            if let Some(InvokeReply::Refused { error: ServiceError::TooManyRequests { reason }, .. }) =
                driver.replies.remove(&token)
            {
                assert_eq!(reason, ThrottleReason::ReservedFunctionInvocationRateLimitExceeded);
                refused.push((second, n));
            }
        }
    }
    assert_eq!(refused, [(0, 10), (0, 11), (1, 10), (1, 11)]);
}

#[test]
fn reserved_concurrency_zero_switches_a_url_off() {
    let mut driver = Driver::new(&[Answer::Respond("1")]);
    driver.function(|function| function.reserved_concurrency = Some(0));
    let token = request(&mut driver, 1, None);
    let refused = driver.replies.remove(&token);
    assert!(matches!(refused, Some(InvokeReply::Refused { error: ServiceError::TooManyRequests { .. }, .. })), "{refused:?}");
}

#[test]
fn an_api_stops_waiting_and_the_function_goes_on() {
    let mut driver = Driver::new(&[Answer::Respond("1")]);
    driver.function(|function| function.timeout = Micros::from_secs(60));
    driver.run = Micros::from_secs(40);
    let token = request(&mut driver, 1, Some(limits::REST_INTEGRATION));
    driver.until(Micros::from_secs(1));
    let due = driver.service.due(10);
    assert!(due.iter().any(|due| matches!(due.what, DueKind::IntegrationTimeout { .. })), "{due:?}");
    assert!(driver.service.next_step().is_none(), "it is no step");
    driver.until(Micros::from_millis(28_999));
    assert!(driver.replies.is_empty());
    driver.until(Micros::from_secs(29));
    assert!(matches!(driver.replies.remove(&token), Some(InvokeReply::IntegrationTimedOut { .. })));
    driver.until_idle();
    assert!(driver.replies.is_empty(), "one answer a request");
    let finished = driver.events.iter().any(|event| matches!(&event.what, Happened::AttemptFinished { result: Ok(_), .. }));
    assert!(finished, "the function ended by itself");
}

#[test]
fn an_answer_in_time_ends_the_patience() {
    let mut driver = Driver::new(&[Answer::Respond("1")]);
    driver.function(|_| {});
    let token = request(&mut driver, 1, Some(limits::HTTP_INTEGRATION));
    driver.until(Micros::from_secs(5));
    assert!(matches!(driver.replies.remove(&token), Some(InvokeReply::Completed(_))));
    driver.until(Micros::from_secs(60));
    assert!(
        driver.replies.is_empty()
            && !driver.events.iter().any(|event| matches!(event.what, Happened::IntegrationTimedOut { .. }))
    );
}
