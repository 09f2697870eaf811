//! The durable queue: accepted events and messages as rows, changed in the order of their tickets.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use rusqlite::types::Type;
use rusqlite::{Connection, OpenFlags, Row, Statement, params};

use super::report::{Restored, StoredClock};
use crate::service::effect::Persist;
use crate::service::ids::{MessageId, QueueName, RequestId};
use crate::service::input::{StoredEvent, StoredMessage};
use crate::service::time::Timestamp;

const EVENTS: &str =
    "SELECT request_id, function, label, accepted_at, failed_attempts, throttled_attempts, due, payload, trace_header FROM event";
/// The same of files of older versions, which have no trace header.
const OLD_EVENTS: &str =
    "SELECT request_id, function, label, accepted_at, failed_attempts, throttled_attempts, due, payload, NULL FROM event";
const MESSAGES: &str = "SELECT queue, message_id, attributes, sent_at, first_received_at, receive_count, visible_at, body, came_from, trace_header FROM message";
/// The same of files of older versions, which have no trace header, or no origin either.
const OLD_MESSAGES: [&str; 2] = [
    "SELECT queue, message_id, attributes, sent_at, first_received_at, receive_count, visible_at, body, came_from, NULL FROM message",
    "SELECT queue, message_id, attributes, sent_at, first_received_at, receive_count, visible_at, body, NULL, NULL FROM message",
];

/// The statements that change the queue, prepared once.
pub(super) struct Queue<'connection> {
    put_event: Statement<'connection>,
    reschedule: Statement<'connection>,
    reschedule_payload: Statement<'connection>,
    end_event: Statement<'connection>,
    put_message: Statement<'connection>,
    receive: Statement<'connection>,
    delete_message: Statement<'connection>,
    put_clock: Statement<'connection>,
}

impl<'connection> Queue<'connection> {
    pub(super) fn prepare(connection: &'connection Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            put_event: connection.prepare(
                "INSERT INTO event (
                     request_id, function, label, accepted_at, failed_attempts, throttled_attempts, due, payload, trace_header
                 )
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                 ON CONFLICT (request_id) DO UPDATE SET failed_attempts = ?5, throttled_attempts = ?6, due = ?7, payload = ?8",
            )?,
            reschedule: connection
                .prepare("UPDATE event SET failed_attempts = ?2, throttled_attempts = ?3, due = ?4 WHERE request_id = ?1")?,
            reschedule_payload: connection.prepare(
                "UPDATE event SET failed_attempts = ?2, throttled_attempts = ?3, due = ?4, payload = ?5 WHERE request_id = ?1",
            )?,
            end_event: connection.prepare("DELETE FROM event WHERE request_id = ?1")?,
            put_message: connection.prepare(
                "INSERT INTO message (
                     queue, message_id, attributes, sent_at, first_received_at, receive_count, visible_at, body, came_from,
                     trace_header
                 )
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                 ON CONFLICT (queue, message_id) DO UPDATE SET
                     attributes = ?3, sent_at = ?4, first_received_at = ?5, receive_count = ?6, visible_at = ?7, body = ?8,
                     came_from = ?9, trace_header = ?10",
            )?,
            receive: connection.prepare(
                "UPDATE message SET receive_count = ?3, first_received_at = ?4, visible_at = ?5 WHERE queue = ?1 AND message_id = ?2",
            )?,
            delete_message: connection.prepare("DELETE FROM message WHERE queue = ?1 AND message_id = ?2")?,
            put_clock: connection.prepare(
                "INSERT INTO meta (name, value) VALUES ('service_now', ?1), ('paused', ?2)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            )?,
        })
    }

    /// Carries out one change within the transaction of the caller.
    pub(super) fn apply(&mut self, change: &Persist) -> rusqlite::Result<()> {
        match change {
            Persist::EventAccepted(event) => self.put_event(event),
            Persist::EventRescheduled { request_id, failed_attempts, throttled_attempts, due, payload } => {
                let (id, due) = (request_id.to_string(), stored(*due));
                match payload {
                    Some(payload) => {
                        self.reschedule_payload.execute(params![id, failed_attempts, throttled_attempts, due, &payload[..]])
                    }
                    None => self.reschedule.execute(params![id, failed_attempts, throttled_attempts, due]),
                }
                .map(drop)
            }
            Persist::EventEnded(request_id) => self.end_event.execute([request_id.to_string()]).map(drop),
            Persist::MessagePut(message) => self.put_message(message),
            Persist::MessageReceived { queue, message_id, receive_count, first_received_at, visible_at } => self
                .receive
                .execute(params![
                    &**queue,
                    message_id.to_string(),
                    receive_count,
                    stored(*first_received_at),
                    stored(*visible_at)
                ])
                .map(drop),
            Persist::MessageDeleted { queue, message_id } => self.delete(queue, *message_id),
        }
    }

    fn delete(&mut self, queue: &QueueName, message_id: MessageId) -> rusqlite::Result<()> {
        self.delete_message.execute(params![&**queue, message_id.to_string()]).map(drop)
    }

    fn put_event(&mut self, event: &StoredEvent) -> rusqlite::Result<()> {
        self.put_event
            .execute(params![
                event.request_id.to_string(),
                &*event.function,
                event.label.as_deref(),
                stored(event.accepted_at),
                event.failed_attempts,
                event.throttled_attempts,
                stored(event.due),
                &event.payload[..],
                event.trace_header.as_deref(),
            ])
            .map(drop)
    }

    fn put_message(&mut self, message: &StoredMessage) -> rusqlite::Result<()> {
        let attributes: Vec<[&str; 3]> =
            message.attributes.iter().map(|(name, kind, value)| [&**name, &**kind, &**value]).collect();
        let attributes =
            serde_json::to_string(&attributes).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        self.put_message
            .execute(params![
                &*message.queue,
                message.message_id.to_string(),
                attributes,
                stored(message.sent_at),
                message.first_received_at.map(stored),
                message.receive_count,
                stored(message.visible_at),
                &*message.body,
                message.came_from.as_deref(),
                message.trace_header.as_deref(),
            ])
            .map(drop)
    }

    pub(super) fn put_clock(&mut self, clock: StoredClock) -> rusqlite::Result<()> {
        self.put_clock.execute(params![stored(clock.now), clock.paused]).map(drop)
    }
}

/// Reads everything that waits.
pub(super) fn restore(connection: &Connection) -> rusqlite::Result<Restored> {
    let mut events: Vec<StoredEvent> =
        connection.prepare(&format!("{EVENTS} ORDER BY sequence"))?.query_map([], event)?.collect::<Result<_, _>>()?;
    mark_cut_off(connection, &mut events);
    let by_queue = format!("{MESSAGES} ORDER BY queue, sequence");
    let messages = connection.prepare(&by_queue)?.query_map([], message)?.collect::<Result<_, _>>()?;
    Ok(Restored { events, messages, clock: clock(connection)?, notices: Vec::new() })
}

/// Marks the events of which the history knows that an attempt began after those that failed. The history may be damaged, or lack
/// the last moments before a kill: then an event merely waited.
fn mark_cut_off(connection: &Connection, events: &mut [StoredEvent]) {
    let Ok(mut begun) = connection.prepare("SELECT attempts FROM invocation WHERE request_id = ?1 AND outcome IS NULL") else {
        return;
    };
    for event in events {
        let attempts = begun.query_row([event.request_id.to_string()], |row| row.get::<_, u32>(0));
        event.cut_off = attempts.is_ok_and(|attempts| attempts > event.failed_attempts);
    }
}

fn clock(connection: &Connection) -> rusqlite::Result<Option<StoredClock>> {
    let meta = "SELECT (SELECT value FROM meta WHERE name = 'service_now'), (SELECT value FROM meta WHERE name = 'paused')";
    let (now, paused): (Option<i64>, Option<bool>) = connection.query_row(meta, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(now.map(|now| StoredClock { now: timestamp(now), paused: paused == Some(true) }))
}

/// Puts what was saved from a damaged file into a new one.
pub(super) fn insert_all(connection: &Connection, saved: &Restored) -> rusqlite::Result<()> {
    let transaction = connection.unchecked_transaction()?;
    let mut queue = Queue::prepare(connection)?;
    saved.events.iter().try_for_each(|event| queue.put_event(event))?;
    saved.messages.iter().try_for_each(|message| queue.put_message(message))?;
    saved.clock.map_or(Ok(()), |clock| queue.put_clock(clock))?;
    transaction.commit()
}

/// Reads what can be read of a damaged file: rows from the front up to the damage, then from the back down to it.
pub(super) fn salvage(path: &Path) -> Restored {
    let Ok(connection) = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY) else { return Restored::default() };
    let mut saved = Restored {
        events: readable(&connection, EVENTS, event),
        messages: readable(&connection, MESSAGES, message),
        ..Restored::default()
    };
    if saved.events.is_empty() {
        saved.events = readable(&connection, OLD_EVENTS, event);
    }
    for older in OLD_MESSAGES {
        if saved.messages.is_empty() {
            saved.messages = readable(&connection, older, message);
        }
    }
    let mut seen = BTreeSet::new();
    saved.events.retain(|event| seen.insert(event.request_id));
    let mut seen = BTreeSet::new();
    saved.messages.retain(|message| seen.insert((message.queue.clone(), message.message_id)));
    saved.events.sort_by_key(|event| (event.accepted_at, event.request_id));
    saved.messages.sort_by(|a, b| (&a.queue, a.sent_at, a.message_id).cmp(&(&b.queue, b.sent_at, b.message_id)));
    mark_cut_off(&connection, &mut saved.events);
    saved.clock = clock(&connection).ok().flatten();
    saved
}

fn readable<T>(connection: &Connection, query: &str, read: fn(&Row) -> rusqlite::Result<T>) -> Vec<T> {
    let mut found = Vec::new();
    for order in ["ASC", "DESC"] {
        let Ok(mut statement) = connection.prepare(&format!("{query} ORDER BY sequence {order}")) else { continue };
        if let Ok(rows) = statement.query_map([], read) {
            found.extend(rows.map_while(Result::ok));
        }
    }
    found
}

fn event(row: &Row) -> rusqlite::Result<StoredEvent> {
    Ok(StoredEvent {
        request_id: id(row, 0)?,
        function: text(row, 1)?,
        label: row.get::<_, Option<String>>(2)?.map(Into::into),
        accepted_at: timestamp(row.get(3)?),
        failed_attempts: row.get(4)?,
        throttled_attempts: row.get(5)?,
        due: timestamp(row.get(6)?),
        payload: Bytes::from(row.get::<_, Vec<u8>>(7)?),
        trace_header: row.get::<_, Option<String>>(8)?.map(Into::into),
        cut_off: false,
    })
}

fn message(row: &Row) -> rusqlite::Result<StoredMessage> {
    let attributes: Vec<[String; 3]> = serde_json::from_str(&row.get::<_, String>(2)?)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(2, Type::Text, error.into()))?;
    Ok(StoredMessage {
        queue: text(row, 0)?,
        message_id: id(row, 1)?,
        attributes: attributes.into_iter().map(|[name, kind, value]| (name.into(), kind.into(), value.into())).collect(),
        sent_at: timestamp(row.get(3)?),
        first_received_at: row.get::<_, Option<i64>>(4)?.map(timestamp),
        receive_count: row.get(5)?,
        visible_at: timestamp(row.get(6)?),
        body: text(row, 7)?,
        came_from: row.get::<_, Option<String>>(8)?.map(Into::into),
        trace_header: row.get::<_, Option<String>>(9)?.map(Into::into),
    })
}

pub(super) fn text(row: &Row, column: usize) -> rusqlite::Result<Arc<str>> {
    row.get::<_, String>(column).map(Into::into)
}

pub(super) fn id<T: FromStr<Err: Display>>(row: &Row, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    text.parse().map_err(|error: T::Err| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.to_string().into()))
}

/// Microseconds as SQLite's integers, which have a sign.
#[expect(clippy::cast_possible_wrap, reason = "comes back the same by the cast in `timestamp`")]
pub(super) fn stored(at: Timestamp) -> i64 {
    at.0 as i64
}

#[expect(clippy::cast_sign_loss, reason = "goes back the same by the cast in `stored`")]
pub(super) fn timestamp(value: i64) -> Timestamp {
    Timestamp(value as u64)
}

/// The request ids of events that wait.
pub(super) fn waiting(restored: &Restored) -> BTreeSet<RequestId> {
    restored.events.iter().map(|event| event.request_id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database;

    fn dead() -> StoredMessage {
        StoredMessage {
            queue: "dead".into(),
            message_id: MessageId(1),
            body: "late".into(),
            attributes: Vec::new(),
            sent_at: Timestamp(1),
            first_received_at: None,
            receive_count: 0,
            visible_at: Timestamp(2),
            came_from: Some("orders".into()),
            trace_header: Some("Root=1-2-3".into()),
        }
    }

    fn sent() -> StoredEvent {
        StoredEvent {
            request_id: RequestId(1),
            function: "f".into(),
            payload: Bytes::from_static(b"{}"),
            accepted_at: Timestamp(1),
            failed_attempts: 0,
            throttled_attempts: 0,
            due: Timestamp(1),
            label: None,
            trace_header: Some("Root=1-2-3;Lineage=1:a87bd80c:0".into()),
            cut_off: false,
        }
    }

    fn traces(restored: &Restored) -> Vec<Option<&str>> {
        restored.events.iter().map(|event| event.trace_header.as_deref()).collect()
    }

    #[test]
    fn an_event_remembers_over_a_restart_which_chain_it_came_by() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orders.sqlite");
        let opened = database::open(&path).unwrap();
        Queue::prepare(&opened.connection).unwrap().apply(&Persist::EventAccepted(sent().into())).unwrap();
        drop(opened);
        let remembered = [sent().trace_header];
        let remembered: Vec<_> = remembered.iter().map(Option::as_deref).collect();
        assert_eq!(traces(&database::open(&path).unwrap().restored), remembered);
        assert_eq!(traces(&salvage(&path)), remembered);
        let as_version_5 = "ALTER TABLE event DROP COLUMN trace_header; PRAGMA user_version = 5;";
        database::open(&path).unwrap().connection.execute_batch(as_version_5).unwrap();
        assert_eq!(traces(&salvage(&path)), [None]);
        assert_eq!(traces(&database::open(&path).unwrap().restored), [None]);
    }

    fn origins(restored: &Restored) -> Vec<Option<&str>> {
        restored.messages.iter().map(|message| message.came_from.as_deref()).collect()
    }

    #[test]
    fn a_message_remembers_over_a_restart_which_queue_it_came_from() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orders.sqlite");
        let opened = database::open(&path).unwrap();
        Queue::prepare(&opened.connection).unwrap().apply(&Persist::MessagePut(dead().into())).unwrap();
        drop(opened);
        assert_eq!(origins(&database::open(&path).unwrap().restored), [Some("orders")]);
        assert_eq!(origins(&salvage(&path)), [Some("orders")]);
    }

    #[test]
    fn messages_of_a_file_without_origins_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orders.sqlite");
        let opened = database::open(&path).unwrap();
        Queue::prepare(&opened.connection).unwrap().apply(&Persist::MessagePut(dead().into())).unwrap();
        let as_version_2 = "ALTER TABLE message DROP COLUMN came_from; ALTER TABLE message DROP COLUMN trace_header; ALTER TABLE event DROP COLUMN trace_header; ALTER TABLE invocation DROP COLUMN batch_from; PRAGMA user_version = 2;";
        opened.connection.execute_batch(as_version_2).unwrap();
        drop(opened);
        assert_eq!(origins(&salvage(&path)), [None]);
        let opened = database::open(&path).unwrap();
        assert_eq!(origins(&opened.restored), [None]);
        Queue::prepare(&opened.connection).unwrap().apply(&Persist::MessagePut(dead().into())).unwrap();
        drop(opened);
        assert_eq!(origins(&database::open(&path).unwrap().restored), [Some("orders")]);
    }
}
