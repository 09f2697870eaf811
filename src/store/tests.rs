//! The store as its caller sees it: what is there after a restart, who may open it, and what a failure costs.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use crossbeam_channel::{Receiver, bounded};
use proptest::prelude::*;
use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::event::HistoryRow;
use crate::service::effect::Persist;
use crate::service::error::{ServiceError, ThrottleReason};
use crate::service::happened::{Happened, Outcome, ServiceEvent};
use crate::service::ids::{EnvironmentId, MessageId, RequestId};
use crate::service::input::{FunctionError, InvocationSource, InvocationType, LogLine, StoredEvent, StoredMessage};
use crate::service::time::{Micros, Timestamp};

/// A store with the reports it gave.
struct Bench {
    store: Store,
    reports: Receiver<StoreReport>,
    restored: Restored,
}

impl Bench {
    fn open(path: &Path) -> Self {
        Self::open_with(path, Limits::default()).unwrap()
    }

    fn open_with(path: &Path, limits: Limits) -> Result<Self, StoreError> {
        let (report, reports) = reports();
        let (store, restored) = Store::open_with(path, limits, report)?;
        Ok(Self { store, reports, restored })
    }

    fn next(&self) -> StoreReport {
        self.reports.recv_timeout(Duration::from_secs(20)).expect("a report")
    }

    fn stored(&self, ticket: u64) {
        loop {
            match self.next() {
                StoreReport::Stored { ticket: reached } if reached >= ticket => return,
                StoreReport::Stored { .. } => {}
                other => panic!("{other:?}"),
            }
        }
    }

    fn persist(&mut self, ticket: u64, change: Persist) {
        self.store.persist(vec![Change { ticket, change, wait: true }]);
        self.stored(ticket);
    }

    fn search(&mut self, text: &str) -> (Vec<HistoryRow>, u64) {
        self.store.search_history(text.to_owned(), 100);
        loop {
            match self.next() {
                StoreReport::History { text: of, rows, total } if of == text => return (rows, total),
                StoreReport::Notice { sentence } => panic!("{text:?}: {sentence}"),
                StoreReport::Failed { sentence, .. } => panic!("{text:?}: {sentence}"),
                _ => {}
            }
        }
    }

    fn found(&mut self, text: &str) -> Vec<u128> {
        self.search(text).0.iter().map(|row| row.request_id.0).collect()
    }
}

fn reports() -> (Arc<dyn Fn(StoreReport) + Send + Sync>, Receiver<StoreReport>) {
    let (sender, reports) = bounded(100_000);
    (Arc::new(move |report| drop(sender.try_send(report))), reports)
}

fn database() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.sqlite");
    (folder, path)
}

fn event(id: u128) -> StoredEvent {
    StoredEvent {
        request_id: RequestId(id),
        function: "confirm".into(),
        payload: Bytes::from(format!("{{\"order\":{id}}}")),
        accepted_at: Timestamp(1_000_000 + u64::try_from(id).unwrap()),
        failed_attempts: 0,
        throttled_attempts: 0,
        due: Timestamp(2_000_000),
        label: Some("order placed".into()),
        trace_header: Some("Root=1-2-3;Lineage=1:a87bd80c:0".into()),
        cut_off: false,
    }
}

fn message(id: u128, queue: &str) -> StoredMessage {
    StoredMessage {
        queue: queue.into(),
        message_id: MessageId(id),
        body: format!("body {id}").into(),
        attributes: vec![("RequestID".into(), "String".into(), "a \"quoted\" one".into())],
        sent_at: Timestamp(5),
        first_received_at: None,
        receive_count: 0,
        visible_at: Timestamp(6),
        came_from: None,
        trace_header: None,
    }
}

fn accepted(id: u128, payload: &str) -> Arc<ServiceEvent> {
    let what = Happened::InvocationAccepted {
        request_id: RequestId(id),
        function: "confirm".into(),
        invocation_type: InvocationType::Event,
        source: InvocationSource::Workbench,
        payload: Bytes::copy_from_slice(payload.as_bytes()),
        label: Some("order placed, expired card".into()),
        accepted_at: Timestamp(7_000_000),
    };
    ServiceEvent { at: Timestamp(7_000_000), what }.into()
}

fn finished(id: u128, attempt: u32, result: Result<&str, &str>) -> Arc<ServiceEvent> {
    let what = Happened::AttemptFinished {
        request_id: RequestId(id),
        function: "confirm".into(),
        environment: EnvironmentId(1),
        attempt,
        result: result.map(|text| Bytes::copy_from_slice(text.as_bytes())).map_err(|error_type| FunctionError {
            error_type: error_type.into(),
            message: "no".into(),
            payload: Bytes::from(format!("{{\"errorType\":\"{error_type}\"}}")),
        }),
        duration: Micros(1_500),
        billed_millis: 2,
        init_duration: None,
        max_memory_used_megabytes: 30,
    };
    ServiceEvent { at: Timestamp(8_000_000), what }.into()
}

fn logged(id: u128, text: &str) -> Arc<ServiceEvent> {
    let lines = vec![LogLine { at: Timestamp(1), text: text.into() }];
    let what = Happened::LogWritten {
        function: "confirm".into(),
        environment: EnvironmentId(1),
        request_id: Some(RequestId(id)),
        lines,
    };
    ServiceEvent { at: Timestamp(8_000_000), what }.into()
}

fn ended(id: u128, outcome: Outcome, attempts: u32) -> Arc<ServiceEvent> {
    let what = Happened::InvocationEnded { request_id: RequestId(id), function: "confirm".into(), outcome, attempts };
    ServiceEvent { at: Timestamp(9_000_000), what }.into()
}

fn whole(id: u128, payload: &str, log: &str) -> Vec<Arc<ServiceEvent>> {
    vec![accepted(id, payload), logged(id, log), finished(id, 1, Ok("\"fine\"")), ended(id, Outcome::Succeeded, 1)]
}

#[test]
fn what_waits_is_there_after_a_restart_in_order() {
    let (_folder, path) = database();
    let mut bench = Bench::open(&path);
    assert!(bench.restored.events.is_empty() && bench.restored.clock.is_none());
    for id in 1..=5 {
        bench.persist(u64::try_from(id).unwrap(), Persist::EventAccepted(event(id).into()));
    }
    bench.persist(6, Persist::EventEnded(RequestId(2)));
    let payload = Some(Bytes::from_static(b"{\"edited\":true}"));
    let rescheduled = |payload| Persist::EventRescheduled {
        request_id: RequestId(3),
        failed_attempts: 1,
        throttled_attempts: 2,
        due: Timestamp(77),
        payload,
    };
    bench.persist(7, rescheduled(payload));
    bench.persist(8, rescheduled(None));
    for (ticket, id, queue) in [(9, 11, "b"), (10, 12, "a"), (11, 13, "a"), (12, 14, "a")] {
        bench.persist(ticket, Persist::MessagePut(message(id, queue).into()));
    }
    bench.persist(13, Persist::MessageDeleted { queue: "a".into(), message_id: MessageId(13) });
    bench.persist(
        14,
        Persist::MessageReceived {
            queue: "a".into(),
            message_id: MessageId(12),
            receive_count: 2,
            first_received_at: Timestamp(8),
            visible_at: Timestamp(9),
        },
    );
    bench.store.set_clock(StoredClock { now: Timestamp(123_456), paused: true });
    drop(bench);

    let restored = Bench::open(&path).restored;
    let ids: Vec<_> = restored.events.iter().map(|event| event.request_id.0).collect();
    assert_eq!(ids, [1, 3, 4, 5]);
    let (first, edited) = (&restored.events[0], &restored.events[1]);
    assert_eq!((edited.failed_attempts, edited.throttled_attempts, edited.due), (1, 2, Timestamp(77)));
    assert_eq!(&edited.payload[..], b"{\"edited\":true}");
    assert_eq!(
        (&first.payload[..], first.label.as_deref(), first.accepted_at),
        (&b"{\"order\":1}"[..], Some("order placed"), Timestamp(1_000_001))
    );
    let messages: Vec<_> = restored.messages.iter().map(|message| (&*message.queue, message.message_id.0)).collect();
    assert_eq!(messages, [("a", 12), ("a", 14), ("b", 11)]);
    let received = &restored.messages[0];
    assert_eq!((received.receive_count, received.first_received_at, received.visible_at), (2, Some(Timestamp(8)), Timestamp(9)));
    assert_eq!(received.attributes, message(12, "a").attributes);
    assert_eq!(restored.clock, Some(StoredClock { now: Timestamp(123_456), paused: true }));
    assert!(restored.notices.is_empty());
}

#[test]
fn a_thousand_accepts_that_wait_share_few_commits() {
    let (_folder, path) = database();
    let bench = Bench::open(&path);
    for ticket in 1..=1_000 {
        let change = Persist::EventAccepted(event(ticket.into()).into());
        bench.store.persist(vec![Change { ticket, change, wait: true }]);
    }
    assert!(bench.store.flush());
    let commits: Vec<u64> = bench
        .reports
        .try_iter()
        .map(|report| match report {
            StoreReport::Stored { ticket } => ticket,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(commits.is_sorted() && commits.last() == Some(&1_000));
    assert!(commits.len() <= 250, "{} commits for 1,000 accepts", commits.len());
    drop(bench);
    assert_eq!(Bench::open(&path).restored.events.len(), 1_000);
}

#[test]
fn turns_of_a_time_without_disk_are_kept_and_merged() {
    let (_folder, path) = database();
    let bench = Bench::open(&path);
    // Somebody else writes: the store's thread waits for the lock.
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    for ticket in 1..=5_000 {
        let change = Persist::EventAccepted(event(ticket.into()).into());
        bench.store.persist(vec![Change { ticket, change, wait: true }]);
    }
    assert!(bench.reports.is_empty());
    other.execute_batch("ROLLBACK").unwrap();
    assert!(bench.store.flush());
    let commits = bench.reports.try_iter().count();
    assert!(commits <= 3, "{commits} commits");
    drop(bench);
    assert_eq!(Bench::open(&path).restored.events.len(), 5_000);
}

#[test]
fn a_second_store_is_told_who_has_the_first() {
    let (_folder, path) = database();
    let first = Bench::open(&path);
    let Err(error) = Bench::open_with(&path, Limits::default()) else { panic!("opened twice") };
    assert!(matches!(error, StoreError::Locked { pid: Some(pid), .. } if pid == std::process::id()), "{error}");
    assert!(
        error.to_string().starts_with(&format!("another Invokelab has this workspace open (process {})", std::process::id()))
    );
    drop(first);
    Bench::open(&path);
}

#[test]
fn a_database_of_a_newer_version_is_not_touched() {
    let (folder, path) = database();
    drop(Bench::open(&path));
    Connection::open(&path).unwrap().execute_batch("PRAGMA journal_mode = DELETE; PRAGMA user_version = 9;").unwrap();
    let before = fs::read(&path).unwrap();
    let Err(error) = Bench::open_with(&path, Limits::default()) else { panic!("opened") };
    assert!(matches!(error, StoreError::Newer { found: 9, known: database::VERSION, .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
    let mut names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["orders.sqlite", "orders.sqlite.lock"]);
    let aside = set_aside(&path).unwrap();
    assert_eq!((aside.file_name().unwrap().to_str(), fs::read(&aside).unwrap()), (Some("orders.sqlite.newer"), before));
    assert!(Bench::open(&path).restored.events.is_empty(), "a new one has its place");
}

#[test]
fn a_file_that_is_no_database_is_kept_under_another_name() {
    let (_folder, path) = database();
    for (number, text) in ["not a database at all".to_owned(), "x".repeat(10_000)].into_iter().enumerate() {
        fs::write(&path, &text).unwrap();
        let mut bench = Bench::open(&path);
        assert!(bench.restored.notices[0].contains("was damaged (it is no SQLite file)"), "{:?}", bench.restored.notices);
        let backup = path.with_file_name(if number == 0 {
            "orders.sqlite.damaged".into()
        } else {
            format!("orders.sqlite.damaged-{}", number + 1)
        });
        assert_eq!(fs::read_to_string(backup).unwrap(), text);
        bench.persist(1, Persist::EventAccepted(event(1).into()));
        drop(bench);
        assert_eq!(Bench::open(&path).restored.events.len(), 1);
    }
}

#[test]
fn what_can_be_read_of_a_damaged_file_is_queued_again() {
    let (_folder, path) = database();
    let mut bench = Bench::open(&path);
    let changes = (1..=400u128).map(|id| Change {
        ticket: u64::try_from(id).unwrap(),
        change: Persist::EventAccepted(StoredEvent { payload: vec![b'1'; 1_000].into(), ..event(id) }.into()),
        wait: true,
    });
    bench.store.persist(changes.collect());
    bench.persist(401, Persist::MessagePut(message(7, "a").into()));
    drop(bench);
    let page = page_with_most_of(&path, b"1111111111");
    let mut file = File::options().read(true).write(true).open(&path).unwrap();
    file.seek(SeekFrom::Start(page)).unwrap();
    file.write_all(&[0xAA; 4_096]).unwrap();
    let mut damaged = Vec::new();
    file.rewind().unwrap();
    file.read_to_end(&mut damaged).unwrap();

    let restored = Bench::open(&path).restored;
    assert!(restored.events.len() >= 390 && restored.events.len() < 400, "{} of 400 events", restored.events.len());
    assert_eq!(restored.messages.len(), 1);
    assert!(restored.notices[0].contains("messages were read from it and are queued again"), "{}", restored.notices[0]);
    assert_eq!(fs::read(path.with_file_name("orders.sqlite.damaged")).unwrap(), damaged);
    let again = Bench::open(&path).restored;
    assert_eq!((again.events.len(), again.messages.len(), again.notices.len()), (restored.events.len(), 1, 0));
}

/// Where a page in the middle of the file starts that holds payloads.
fn page_with_most_of(path: &Path, needle: &[u8]) -> u64 {
    let bytes = fs::read(path).unwrap();
    let holds = |page: &[u8]| page.windows(needle.len()).filter(|window| *window == needle).count() > 2_000;
    let pages: Vec<usize> = bytes.chunks(4_096).enumerate().filter(|(_, page)| holds(page)).map(|(index, _)| index).collect();
    u64::try_from(pages[pages.len() / 2]).unwrap() * 4_096
}

#[test]
fn a_full_disk_refuses_what_somebody_waits_for_and_keeps_the_rest() {
    let (_folder, path) = database();
    let pages = {
        drop(Bench::open(&path));
        u32::try_from(fs::metadata(&path).unwrap().len() / 4_096).unwrap() + 20
    };
    let mut bench = Bench::open_with(&path, Limits { file_pages: Some(pages), ..Limits::default() }).unwrap();
    bench.persist(1, Persist::EventAccepted(event(1).into()));
    let large = StoredEvent { payload: vec![b'1'; 400_000].into(), ..event(2) };
    bench.store.persist(vec![
        Change { ticket: 2, change: Persist::EventAccepted(large.into()), wait: true },
        Change { ticket: 3, change: Persist::EventEnded(RequestId(1)), wait: false },
    ]);
    match bench.next() {
        StoreReport::Failed { tickets, sentence } => {
            assert_eq!(tickets, [2]);
            assert_eq!(sentence, "The disk is full, so events cannot be kept; make room and try again.");
        }
        other => panic!("{other:?}"),
    }
    bench.persist(4, Persist::EventAccepted(event(4).into()));
    drop(bench);
    let ids: Vec<_> = Bench::open(&path).restored.events.iter().map(|event| event.request_id.0).collect();
    assert_eq!(ids, [4], "the refused event is not there, and the end of the first one was not forgotten");
}

#[test]
fn a_batch_and_a_request_are_named_by_where_they_came_from() {
    let (_folder, path) = database();
    let mut bench = Bench::open(&path);
    let sources = [
        InvocationSource::Mapping { queue: "incoming".into() },
        InvocationSource::FunctionUrl { request: "POST /orders".into() },
        InvocationSource::LambdaApi { client: "Boto3".into() },
    ];
    for (id, from) in (1..).zip(sources) {
        let ServiceEvent { at, mut what } = Arc::unwrap_or_clone(accepted(id, "{}"));
        let Happened::InvocationAccepted { source, label, .. } = &mut what else { panic!("{what:?}") };
        (*source, *label) = (from, None);
        bench.store.record(vec![ServiceEvent { at, what }.into(), ended(id, Outcome::Succeeded, 1)]);
    }
    let (rows, _) = bench.search("");
    let named: Vec<_> = rows.iter().map(|row| (row.label.as_deref(), row.batch_from.as_deref())).collect();
    assert_eq!(named, [(None, None), (Some("from POST /orders"), None), (Some("batch from incoming"), Some("incoming"))]);
    assert_eq!(bench.search("incoming").1, 1);
}

#[test]
fn history_has_what_happened_to_an_invocation() {
    let (_folder, path) = database();
    let mut bench = Bench::open(&path);
    bench.store.record(vec![
        accepted(1, "{\"card\":\"4242\"}"),
        logged(1, "asking the bank"),
        finished(1, 1, Err("PaymentDeclined")),
        logged(1, "asking again"),
        finished(1, 2, Err("PaymentDeclined")),
        ended(1, Outcome::RetriesExhausted, 2),
    ]);
    let refusal = Happened::InvocationRefused {
        request_id: RequestId(2),
        function: "confirm".into(),
        invocation_type: InvocationType::RequestResponse,
        source: InvocationSource::Workbench,
        payload: Bytes::from_static(b"{}"),
        error: ServiceError::TooManyRequests { reason: ThrottleReason::ConcurrentInvocationLimitExceeded },
    };
    bench.store.record(vec![ServiceEvent { at: Timestamp(1), what: refusal }.into()]);
    bench.store.load_invocation(RequestId(1));
    let StoreReport::HistoryInvocation { found: Some(found), .. } = bench.next() else { panic!("not found") };
    assert_eq!(found.row.outcome, Some(Outcome::RetriesExhausted));
    assert_eq!(
        (found.row.attempts, found.row.error_type.as_deref(), found.row.duration),
        (2, Some("PaymentDeclined"), Some(Micros(1_500)))
    );
    assert_eq!(&found.payload[..], b"{\"card\":\"4242\"}");
    assert_eq!(found.result.as_deref(), Some(&b"{\"errorType\":\"PaymentDeclined\"}"[..]));
    let log: Vec<_> = found.log.iter().map(|line| &**line).collect();
    assert_eq!(log, ["asking the bank", "asking again"]);
    let (rows, total) = bench.search("");
    assert_eq!(total, 2);
    assert_eq!(
        (rows[0].request_id.0, rows[0].outcome, rows[0].error_type.as_deref()),
        (2, Some(Outcome::Refused), Some("TooManyRequestsException"))
    );
    bench.store.load_invocation(RequestId(99));
    assert!(matches!(bench.next(), StoreReport::HistoryInvocation { found: None, .. }));
}

#[test]
fn search_looks_into_names_labels_ids_payloads_and_logs() {
    let mut bench = in_memory();
    bench.store.record(whole(0xabcdef, "{\"customer\":\"Ada Lovelace\"}", "asking the bank for 45.5 EUR"));
    bench.store.record(whole(2, "{\"customer\":\"Grügör\"}", "order-1042 booked"));
    assert_eq!(bench.found(""), [2, 0xabcdef]);
    for (text, ids) in [
        ("confirm", &[2, 0xabcdef][..]),
        ("expired", &[2, 0xabcdef]),
        ("lovelace", &[0xabcdef]),
        ("Ada bank", &[0xabcdef]),
        ("Ada booked", &[]),
        ("love", &[0xabcdef]),
        ("ovelac", &[0xabcdef]),
        ("45.5", &[0xabcdef]),
        ("er-104", &[2]),
        ("fi", &[2, 0xabcdef]),
        ("cd", &[0xabcdef]),
        ("fi rmation", &[]),
        ("%%", &[2, 0xabcdef]),
        ("order-1042", &[2]),
        ("order-10", &[2]),
        ("grugor", &[2]),
        ("00000000-0000-0000-0000-000000abcdef", &[0xabcdef]),
        ("nothing", &[]),
        ("\"", &[2, 0xabcdef]),
        ("{\"customer\":\"Ada", &[0xabcdef]),
        ("NOT confirm", &[]),
        ("confirm OR nothing", &[]),
        ("function:confirm", &[]),
    ] {
        assert_eq!(bench.found(text), ids, "{text:?}");
    }
}

#[test]
fn beginning_and_end_of_a_long_log_can_be_searched() {
    let mut bench = in_memory();
    bench.store.record(whole(1, "{}", &format!("first {} last", "filling ".repeat(10_000))));
    assert_eq!((bench.found("irst"), bench.found("illin"), bench.found("last")), (vec![1], vec![1], vec![1]));
}

/// A database as version 1 left it: with an index of whole words.
fn of_version_1(path: &Path, rows: u128) {
    let bench = Bench::open(path);
    for id in 1..=rows {
        bench.store.record(whole(id, "{\"card\":\"4242\"}", "PaymentDeclined by the bank"));
    }
    drop(bench);
    Connection::open(path)
        .unwrap()
        .execute_batch(
            "DROP TABLE invocation_text; DROP TABLE unindexed; ALTER TABLE message DROP COLUMN came_from; ALTER TABLE message DROP COLUMN trace_header; ALTER TABLE event DROP COLUMN trace_header; ALTER TABLE invocation DROP COLUMN batch_from;
             CREATE VIRTUAL TABLE invocation_text USING fts5(
                 function, label, request_id, payload, log, error, content = '', contentless_delete = 1
             );
             INSERT INTO invocation_text (rowid, function, payload, log)
                 SELECT sequence, function, CAST(payload AS TEXT), log FROM invocation; PRAGMA user_version = 1;",
        )
        .unwrap();
}

#[test]
fn an_index_of_whole_words_is_made_anew_in_quiet_moments_and_searched_meanwhile() {
    for rows in [0, 300] {
        let (_folder, path) = database();
        of_version_1(&path, rows);
        let mut bench = Bench::open(&path);
        bench.store.record(whole(1_000, "{}", "declined again"));
        assert_eq!(bench.search("").1, u64::try_from(rows).unwrap() + 1);
        let all = u64::try_from(rows).unwrap() + 1;
        assert_eq!(bench.search("eclined").1, all, "what is not indexed yet is looked through");
        // Moments so quiet that the index gets done.
        std::thread::sleep(Duration::from_millis(1_500));
        assert_eq!(bench.search("eclined").1, all);
        drop(bench);
        let unindexed = "SELECT count(*) FROM unindexed";
        let left: i64 = Connection::open(&path).unwrap().query_row(unindexed, [], |row| row.get(0)).unwrap();
        assert_eq!(left, 0);
        assert_eq!(Bench::open(&path).search("aymentDecl").1, u64::try_from(rows).unwrap());
    }
}

fn in_memory() -> Bench {
    let (report, reports) = reports();
    Bench { store: Store::in_memory(report).unwrap(), reports, restored: Restored::default() }
}

#[test]
fn any_text_can_be_searched_for() {
    let mut bench = in_memory();
    bench.store.record(whole(1, "{}", "line"));
    for text in [
        "\0",
        "a\0b",
        "*",
        "^",
        "a* OR",
        "NEAR(a b, 2)",
        "col:",
        "(((",
        "\"\"\"",
        "'; DROP TABLE event; --",
        "\u{903}",
        "é\u{301}",
        "𝔘 ½ Ⅷ",
    ] {
        bench.search(text);
    }
    let bench = std::cell::RefCell::new(bench);
    proptest!(ProptestConfig::with_cases(400), |(text in "\\PC{0,24}|[\"*^():{}a-z \\x00-\\x1f-]{0,24}")| {
        bench.borrow_mut().search(&text);
    });
    assert_eq!(bench.into_inner().found("line"), [1]);
}

#[test]
fn the_oldest_invocations_are_pruned() {
    let (_folder, path) = database();
    let mut bench = Bench::open_with(&path, Limits { history_rows: 100, ..Limits::default() }).unwrap();
    bench.store.record(vec![accepted(1, "{}")]);
    for id in 2..=250 {
        bench.store.record(whole(id, "{}", &format!("line{id}")));
        assert!(bench.store.flush());
    }
    let (rows, total) = bench.search("");
    assert!((90..=100).contains(&total), "{total}");
    assert_eq!(rows[0].request_id, RequestId(250));
    assert_eq!(bench.found("line2"), (200..=250).rev().collect::<Vec<u128>>(), "pruned texts are not found any more");
    bench.store.load_invocation(RequestId(1));
    assert!(matches!(bench.next(), StoreReport::HistoryInvocation { found: Some(_), .. }), "what has not ended is not pruned");
    drop(bench);

    let mut bench = Bench::open_with(&path, Limits { history_bytes: 100_000, ..Limits::default() }).unwrap();
    for id in 300..=310 {
        bench.store.record(whole(id, &"x".repeat(20_000), "line"));
    }
    let (rows, _) = bench.search("");
    let bytes = rows.iter().filter(|row| row.request_id.0 >= 300).count() * 20_000;
    assert!(bytes <= 100_000, "{bytes}");
}

#[test]
fn cleared_history_leaves_what_waits() {
    let (_folder, path) = database();
    let mut bench = Bench::open(&path);
    bench.persist(1, Persist::EventAccepted(event(1).into()));
    bench.store.record(vec![accepted(1, "{}")]);
    for id in 2..=300 {
        bench.store.record(whole(id, &"x ".repeat(2_000), "line"));
    }
    assert_eq!(bench.search("").1, 300);
    let full = {
        assert!(bench.store.flush());
        Connection::open(&path).unwrap().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        fs::metadata(&path).unwrap().len()
    };
    bench.store.clear_history();
    assert!(matches!(bench.next(), StoreReport::HistoryCleared));
    assert_eq!(bench.found(""), [1], "an event that waits is an invocation that goes on");
    assert_eq!(bench.found("line"), []);
    drop(bench);
    assert!(fs::metadata(&path).unwrap().len() < full / 4, "the space is given back");
    assert_eq!(Bench::open(&path).restored.events.len(), 1);
}

#[test]
fn an_invocation_goes_on_after_a_restart() {
    let (_folder, path) = database();
    let mut bench = Bench::open(&path);
    bench.persist(1, Persist::EventAccepted(event(1).into()));
    bench.store.record(vec![accepted(1, "{\"order\":1}"), logged(1, "first attempt"), finished(1, 1, Err("Boom"))]);
    drop(bench);
    let mut bench = Bench::open(&path);
    assert!(bench.restored.events[0].cut_off, "the history knows of an attempt that the queue does not");
    assert_eq!(bench.search("").0[0].outcome, None);
    bench.store.record(vec![
        accepted(1, "{\"order\":1}"),
        logged(1, "second attempt"),
        finished(1, 2, Ok("1")),
        ended(1, Outcome::Succeeded, 2),
    ]);
    let (rows, total) = bench.search("attempt");
    assert_eq!((total, rows[0].outcome, rows[0].attempts, rows[0].error_type.as_deref()), (1, Some(Outcome::Succeeded), 2, None));
    bench.store.load_invocation(RequestId(1));
    let StoreReport::HistoryInvocation { found: Some(found), .. } = bench.next() else { panic!("not found") };
    assert_eq!(found.log.len(), 2);
}

#[test]
fn a_gigabyte_of_log_is_cut_with_a_word_about_it() {
    let bench = in_memory();
    let mut events = vec![accepted(1, "{}")];
    events.extend((0..600).map(|_| logged(1, &"y".repeat(1_000))));
    events.push(ended(1, Outcome::Succeeded, 1));
    bench.store.record(events);
    bench.store.load_invocation(RequestId(1));
    let StoreReport::HistoryInvocation { found: Some(found), .. } = bench.next() else { panic!("not found") };
    let kept = (256 << 10) / 1_001;
    assert_eq!(found.log.len(), kept + 1);
    let last = format!("({} bytes of log are left out; the history keeps 256 KB an invocation)", (600 - kept) * 1_001);
    assert_eq!(**found.log.last().unwrap(), *last);
}

#[test]
fn history_survives_hundreds_of_turns_between_commits() {
    let (_folder, path) = database();
    let bench = Bench::open(&path);
    for id in 1..=3_000u128 {
        bench.store.persist(vec![Change {
            ticket: u64::try_from(id).unwrap(),
            change: Persist::EventAccepted(event(id).into()),
            wait: true,
        }]);
        bench.store.record(whole(id, "{}", "line"));
        bench.store.persist(vec![Change {
            ticket: u64::try_from(id).unwrap(),
            change: Persist::EventEnded(RequestId(id)),
            wait: false,
        }]);
    }
    drop(bench);
    let mut bench = Bench::open(&path);
    assert!(bench.restored.events.is_empty());
    let (rows, total) = bench.search("");
    assert_eq!(total, 3_000);
    let unique: BTreeMap<_, _> = rows.iter().map(|row| (row.request_id, row.outcome)).collect();
    assert_eq!((rows[0].request_id.0, unique.len()), (3_000, 100));
}

#[test]
fn history_that_cannot_be_written_waits_and_stops_no_accept() {
    let (_folder, path) = database();
    let bench = Bench::open(&path);
    let other = Connection::open(&path).unwrap();
    other.execute_batch("ALTER TABLE invocation RENAME TO hidden").unwrap();
    bench.store.record(whole(1, "{}", "line"));
    assert!(bench.store.flush());
    for ticket in 1..=3 {
        bench.store.persist(vec![Change { ticket, change: Persist::EventAccepted(event(ticket.into()).into()), wait: true }]);
        assert!(bench.store.flush());
    }
    let reports: Vec<_> = bench.reports.try_iter().collect();
    let notices = reports.iter().filter(|report| matches!(report, StoreReport::Notice { .. })).count();
    let stored = reports.iter().filter(|report| matches!(report, StoreReport::Stored { .. })).count();
    assert_eq!((notices, stored), (1, 3), "{reports:?}");
    other.execute_batch("ALTER TABLE hidden RENAME TO invocation").unwrap();
    let mut bench = bench;
    assert_eq!(bench.found("line"), [1]);
}
