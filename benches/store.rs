//! Durable accepts a second: one commit each against group commit, beside the floor of the disk.
//!
//! `cargo bench --bench store` prints a line a case. The floor appends 1 KB to a file and syncs it, again and again.

use std::fs::File;
use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use crossbeam_channel::{Receiver, bounded};
use invokelab::service::effect::Persist;
use invokelab::service::happened::{Happened, Outcome, ServiceEvent};
use invokelab::service::ids::{EnvironmentId, RequestId};
use invokelab::service::input::{InvocationSource, InvocationType, LogLine, StoredEvent};
use invokelab::service::time::{Micros, Timestamp};
use invokelab::store::{Change, Store, StoreReport};

/// How long each case runs.
const CASE: Duration = Duration::from_secs(2);

fn main() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("store-bench");
    // Left by a run that was cut off.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder in target");
    let floor = floor(&folder);
    println!("floor: append 1 KB and sync                  {floor:>9.0} a second");
    let one = accepts(&folder, 1, false);
    println!("one commit each                              {one:>9.0} accepts a second   {:.2} x floor", one / floor);
    for waiting in [8, 64, 512] {
        let group = accepts(&folder, waiting, false);
        println!(
            "group commit, {waiting:>3} waiting                     {group:>9.0} accepts a second   {:.1} x one commit each",
            group / one
        );
    }
    let history = accepts(&folder, 8, true);
    println!(
        "group commit,   8 waiting, with history      {history:>9.0} accepts a second   {:.1} x one commit each",
        history / one
    );
    // Nothing of it is of use to anybody.
    let _ = std::fs::remove_dir_all(&folder);
}

#[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
fn now() -> Instant {
    Instant::now()
}

fn floor(folder: &Path) -> f64 {
    let mut file = File::create(folder.join("floor")).expect("a file");
    let block = [b'x'; 1_024];
    let (began, mut count) = (now(), 0_u32);
    while began.elapsed() < CASE {
        file.write_all(black_box(&block)).and_then(|()| file.sync_data()).expect("a disk");
        count += 1;
    }
    f64::from(count) / began.elapsed().as_secs_f64()
}

/// Accepts, each waiting for its commit, with as many others under way; every accepted event ends as soon as it is stored.
fn accepts(folder: &Path, waiting: u64, with_history: bool) -> f64 {
    let path = folder.join(format!("accepts-{waiting}-{with_history}.sqlite"));
    let (sender, stored) = bounded(100_000);
    let report = Arc::new(move |report| {
        if let StoreReport::Stored { ticket } = report {
            sender.send(ticket).expect("somebody listens");
        }
    });
    let (store, _) = Store::open(&path, report).expect("a store");
    let (began, mut ended, mut sent, mut done) = (now(), 0, 0, 0);
    while began.elapsed() < CASE {
        let changes = (ended..done).map(end).chain((sent..done + waiting).map(accept)).collect();
        if with_history {
            store.record((sent..done + waiting).flat_map(invocation).collect());
        }
        (ended, sent) = (done, done + waiting);
        store.persist(changes);
        done = next(&stored);
    }
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let count = done as f64;
    count / began.elapsed().as_secs_f64()
}

/// The ticket up to which everything is on disk, all reports that are there taken together.
fn next(stored: &Receiver<u64>) -> u64 {
    let first = stored.recv().expect("the store reports");
    stored.try_iter().last().unwrap_or(first)
}

fn accept(number: u64) -> Change {
    let event = StoredEvent {
        request_id: RequestId(u128::from(number) * 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835),
        function: "confirm".into(),
        payload: Bytes::from(vec![b'1'; 1_024]),
        accepted_at: Timestamp(number),
        failed_attempts: 0,
        throttled_attempts: 0,
        due: Timestamp(number),
        label: None,
        trace_header: None,
        cut_off: false,
    };
    Change { ticket: number + 1, change: Persist::EventAccepted(event.into()), wait: true }
}

fn end(number: u64) -> Change {
    let request_id = RequestId(u128::from(number) * 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    Change { ticket: number + 1, change: Persist::EventEnded(request_id), wait: false }
}

/// What the history hears of one event that succeeds at once.
fn invocation(number: u64) -> Vec<Arc<ServiceEvent>> {
    let request_id = RequestId(u128::from(number) * 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let function: Arc<str> = "confirm".into();
    let line = LogLine { at: Timestamp(number), text: format!("REPORT RequestId: {request_id}\tDuration: 1.20 ms").into() };
    [
        Happened::InvocationAccepted {
            request_id,
            function: function.clone(),
            invocation_type: InvocationType::Event,
            source: InvocationSource::Workbench,
            payload: Bytes::from(format!("{{\"orderId\":{number},\"note\":\"{}\"}}", "x".repeat(960))),
            label: None,
            accepted_at: Timestamp(number),
        },
        Happened::LogWritten {
            function: function.clone(),
            environment: EnvironmentId(1),
            request_id: Some(request_id),
            lines: vec![line],
        },
        Happened::AttemptFinished {
            request_id,
            function: function.clone(),
            environment: EnvironmentId(1),
            attempt: 1,
            result: Ok(Bytes::from_static(b"{\"status\":\"confirmed\"}")),
            duration: Micros(1_200),
            billed_millis: 2,
            init_duration: None,
            max_memory_used_megabytes: 30,
        },
        Happened::InvocationEnded { request_id, function, outcome: Outcome::Succeeded, attempts: 1 },
    ]
    .map(|what| ServiceEvent { at: Timestamp(number), what }.into())
    .to_vec()
}
