//! Asynchronous invocations a second through the service core in virtual time, on one core; memory by what is queued.
//!
//! Floor of the same run: the same number of insertions into and removals from an ordered map, twice, which is the least
//! that a queue with deadlines needs.

#![expect(clippy::disallowed_methods, reason = "a bench measures real time")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use bytes::Bytes;
use invokelab::service::LambdaService;
use invokelab::service::configuration::{FunctionConfiguration, ServiceSettings};
use invokelab::service::effect::Effect;
use invokelab::service::ids::{EnvironmentId, RequestId};
use invokelab::service::input::{Input, InvocationSource, InvocationType, InvokeRequest};
use invokelab::service::time::{Micros, Timestamp};

const EVENTS: u64 = 500_000;

fn main() {
    let floor = time(floor);
    println!("ordered-map floor      {:>12.0} events/s", rate(floor));
    let took = time(|| run(EVENTS));
    println!("accept to end          {:>12.0} asynchronous invocations/s (target 500,000)", rate(took));
    for queued in [100_000, 200_000, 400_000] {
        let before = resident_kilobytes();
        let service = queue_up(queued);
        let bytes = (resident_kilobytes().saturating_sub(before)) * 1_024 / queued;
        println!("{queued:>7} queued         {bytes:>12} bytes each");
        black_box(service);
    }
}

fn time(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn rate(seconds: f64) -> f64 {
    EVENTS as f64 / seconds
}

fn floor() {
    let mut map = BTreeMap::new();
    for pass in 0..2 {
        for number in 0..EVENTS {
            map.insert((number.wrapping_mul(0x9e37_79b9_7f4a_7c15), pass), number);
            if map.len() > 1_000 {
                black_box(map.pop_first());
            }
        }
    }
}

fn service() -> LambdaService {
    let settings = ServiceSettings { account_concurrency: 1_000, ..ServiceSettings::default() };
    let mut service = LambdaService::new(settings, Timestamp(1));
    service.handle(Timestamp(1), Input::ConfigureFunction(FunctionConfiguration::new("f").into()));
    service
}

fn invoke(service: &mut LambdaService, now: Timestamp) {
    service.handle(
        now,
        Input::Invoke(
            InvokeRequest::new(
                "f".into(),
                InvocationType::Event,
                Bytes::from_static(b"{\"order\":1}"),
                InvocationSource::Workbench,
            )
            .into(),
        ),
    );
}

/// Every event is accepted, on disk, dispatched, answered and ended; 100 environments take turns.
fn run(events: u64) {
    let mut service = service();
    let mut now = Timestamp(1);
    let mut dispatched: Vec<(EnvironmentId, RequestId)> = Vec::new();
    let mut ended = 0_u64;
    let mut sent = 0_u64;
    while ended < events {
        now = now + Micros(10);
        while sent < events && sent - ended < 100 {
            invoke(&mut service, now);
            sent += 1;
            carry_out(&mut service, now, &mut dispatched);
        }
        for (environment, request_id) in std::mem::take(&mut dispatched) {
            service.handle(now, Input::Response { environment, request_id, payload: Bytes::from_static(b"null") });
            service.handle(now, Input::NextRequested { environment });
            ended += 1;
            carry_out(&mut service, now, &mut dispatched);
        }
    }
    assert!(service.is_quiet());
}

fn carry_out(service: &mut LambdaService, now: Timestamp, dispatched: &mut Vec<(EnvironmentId, RequestId)>) {
    while let Some(effect) = service.poll_effect() {
        match effect {
            Effect::StartEnvironment { environment, .. } => service.handle(now, Input::EnvironmentReady { environment }),
            Effect::Persist { ticket, wait: true, .. } => service.handle(now, Input::Stored { ticket }),
            Effect::Dispatch(dispatch) => dispatched.push((dispatch.environment, dispatch.request_id)),
            effect => drop(black_box(effect)),
        }
    }
}

fn queue_up(events: u64) -> LambdaService {
    let mut service = service();
    let mut off = FunctionConfiguration::new("f");
    off.reserved_concurrency = Some(1);
    service.handle(Timestamp(1), Input::ConfigureFunction(off.into()));
    for _ in 0..events {
        invoke(&mut service, Timestamp(1));
        while let Some(effect) = service.poll_effect() {
            if let Effect::Persist { ticket, wait: true, .. } = effect {
                service.handle(Timestamp(1), Input::Stored { ticket });
            }
        }
    }
    service
}

fn resident_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or(0)
}
