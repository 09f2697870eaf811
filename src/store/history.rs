//! The history on disk: invocations as rows, their text in an FTS5 index, the oldest pruned.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::assembly::Invocation;
use super::handle::Limits;
use super::queue::{id, stored, text, timestamp};
use super::search::Wanted;
use crate::event::{HistoryInvocation, HistoryRow};
use crate::service::happened::Outcome;
use crate::service::ids::RequestId;
use crate::service::input::InvocationType;
use crate::service::time::Micros;

/// Bytes of a payload, a result's error or a log that can be searched for, at its beginning and as many at its end. An
/// index of parts of words is three times as long as its text, so it does not take more.
const INDEXED: usize = 8 << 10;
const INDEX: &str = "INSERT OR REPLACE INTO invocation_text (rowid, function, label, request_id, payload, log, error) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
/// Rows that are indexed at a time; whatever comes meanwhile waits no longer than that takes.
const INDEXED_AT_ONCE: u32 = 64;
/// Invocations that are pruned at a time.
const PRUNED_AT_ONCE: u32 = 256;
/// Stands in place of an error type for an invocation that the end of the program cut off.
const INTERRUPTED: &str = "the program ended";
/// Most rows that a search gives.
const ROWS: usize = 10_000;

const COLUMNS: &str = "request_id, function, type, label, accepted_at, outcome, attempts, duration, error_type, batch_from";

/// How it went, as [`HistoryRow::status`] says; what kind it was; and when, in UTC.
macro_rules! facts {
    () => {
        "(CASE WHEN outcome IS NULL THEN 'not ended' WHEN outcome = 'Refused' THEN 'refused'
               WHEN outcome = 'Succeeded' AND error_type IS NULL THEN 'succeeded' ELSE 'failed ' || replace(outcome, 'Succeeded', '') END
          || ' ' || type || coalesce(' Batch ' || batch_from, '')
          || strftime(' %Y-%m-%dT%H:%M:%S', accepted_at / 1000000, 'unixepoch'))"
    };
}

/// What a row shows of an invocation, as one text.
const SHOWN: &str = concat!(
    "(function || ' ' || coalesce(label, '') || ' ' || request_id || ' ' || coalesce(error_type, '') || ' ' || ",
    facts!(),
    ")"
);

/// The same with everything that the index would hold.
const TEXT: &str = concat!(
    "(function || ' ' || coalesce(label, '') || ' ' || request_id || ' ' || coalesce(error_type, '') || ' '
    || CAST(payload AS TEXT) || ' ' || log || ' ' || CASE WHEN error_type IS NULL THEN '' ELSE coalesce(CAST(result AS TEXT), '') END
    || ' ' || ",
    facts!(),
    ")"
);

const OUTCOMES: [(Outcome, &str); 8] = [
    (Outcome::Succeeded, "Succeeded"),
    (Outcome::FunctionError, "FunctionError"),
    (Outcome::RetriesExhausted, "RetriesExhausted"),
    (Outcome::EventAgeExceeded, "EventAgeExceeded"),
    (Outcome::ZeroReservedConcurrency, "ZeroReservedConcurrency"),
    (Outcome::RecursiveLoop, "RecursiveLoop"),
    (Outcome::Refused, "Refused"),
    (Outcome::Dropped, "Dropped"),
];

/// How much the history holds, kept up to date so that nothing has to be counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) rows: i64,
    pub(super) bytes: i64,
}

/// Reads the size, the next free row, and the rows of `waiting` events, which go on. What else had not ended never will: its
/// program is gone.
pub(super) fn begin(
    connection: &Connection,
    waiting: &BTreeSet<RequestId>,
) -> rusqlite::Result<(Size, i64, BTreeMap<RequestId, i64>)> {
    let meta = |name: &str| {
        connection.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get::<_, i64>(0)).optional()
    };
    let size = Size { rows: meta("history_rows")?.unwrap_or(0), bytes: meta("history_bytes")?.unwrap_or(0) };
    let last: Option<i64> = connection.query_row("SELECT max(sequence) FROM invocation", [], |row| row.get(0))?;
    let mut find = connection.prepare("SELECT sequence FROM invocation WHERE request_id = ?1 AND outcome IS NULL")?;
    let mut earlier = BTreeMap::new();
    for request_id in waiting {
        if let Some(sequence) = find.query_row([request_id.to_string()], |row| row.get(0)).optional()? {
            earlier.insert(*request_id, sequence);
        }
    }
    // A disk that is full leaves them as they are.
    let _ = end_interrupted(connection, &earlier);
    Ok((size, last.unwrap_or(0) + 1, earlier))
}

fn end_interrupted(connection: &Connection, going_on: &BTreeMap<RequestId, i64>) -> rusqlite::Result<()> {
    let going_on: BTreeSet<i64> = going_on.values().copied().collect();
    let mut open = connection.prepare("SELECT sequence FROM invocation WHERE outcome IS NULL")?;
    let open: Vec<i64> = open.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut end = connection.prepare("UPDATE invocation SET outcome = ?2, error_type = ?3 WHERE sequence = ?1")?;
    let dropped = outcome_name(Outcome::Dropped);
    // Its status is found in the index.
    let mut anew = connection.prepare("INSERT OR IGNORE INTO unindexed (sequence) VALUES (?1)")?;
    let mut interrupted = open.into_iter().filter(|sequence| !going_on.contains(sequence));
    interrupted.try_for_each(|sequence| {
        end.execute(params![sequence, dropped, INTERRUPTED])?;
        anew.execute([sequence]).map(drop)
    })
}

/// Writes invocations in one transaction and prunes the oldest beyond the limits.
pub(super) fn write<'a>(
    connection: &Connection,
    size: &mut Size,
    limits: &Limits,
    invocations: impl Iterator<Item = &'a Invocation>,
) -> rusqlite::Result<()> {
    let transaction = connection.unchecked_transaction()?;
    let mut grown = *size;
    {
        let mut rows = connection.prepare(
            "INSERT INTO invocation (sequence, request_id, function, type, label, accepted_at, outcome, attempts, duration, error_type,
                                     batch_from, bytes, payload, result, log)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        )?;
        let mut unindexed = connection.prepare("INSERT OR IGNORE INTO unindexed (sequence) VALUES (?1)")?;
        for invocation in invocations {
            // The threads of an invocation that woke behind this one go first; they would wait a whole time slice.
            std::thread::yield_now();
            if invocation.on_disk {
                remove(connection, &mut grown, invocation.sequence)?;
            }
            let (row, log) = (&invocation.row, invocation.whole_log());
            let bytes = i64::try_from(invocation.bytes()).unwrap_or(i64::MAX);
            rows.execute(params![
                invocation.sequence,
                row.request_id.to_string(),
                &*row.function,
                row.invocation_type.name(),
                row.label.as_deref(),
                stored(row.accepted_at),
                row.outcome.map(outcome_name),
                row.attempts,
                row.duration.map(|duration| i64::try_from(duration.0).unwrap_or(i64::MAX)),
                row.error_type.as_deref(),
                row.batch_from.as_deref(),
                bytes,
                &invocation.payload[..],
                invocation.result.as_deref(),
                log,
            ])?;
            unindexed.execute([invocation.sequence])?;
            grown.rows += 1;
            grown.bytes += bytes;
        }
    }
    prune(connection, &mut grown, limits)?;
    keep_size(connection, grown)?;
    transaction.commit()?;
    *size = grown;
    Ok(())
}

/// The error type and, for a function error, its object.
fn error_text(error_type: Option<&str>, result: Option<&[u8]>) -> String {
    let Some(error_type) = error_type else { return String::new() };
    format!("{error_type} {}", result.map(indexed).unwrap_or_default())
}

/// Whether rows are not in the index yet.
pub(super) fn has_unindexed(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT EXISTS (SELECT 1 FROM unindexed)", [], |row| row.get(0))
}

/// Puts the newest rows that are not in the index into it, a few at a time; `false` when none are left.
pub(super) fn index_more(connection: &Connection) -> rusqlite::Result<bool> {
    let transaction = connection.unchecked_transaction()?;
    let mut indexed_now = Vec::new();
    {
        let mut texts = connection.prepare(INDEX)?;
        let mut rows = connection.prepare(concat!(
            "SELECT sequence, function, coalesce(label, '') || ' ' || ",
            facts!(),
            ", request_id, payload, log, error_type, result FROM unindexed
             CROSS JOIN invocation USING (sequence) ORDER BY sequence DESC LIMIT ?1",
        ))?;
        let mut rows = rows.query([INDEXED_AT_ONCE])?;
        while let Some(row) = rows.next()? {
            let sequence: i64 = row.get(0)?;
            let (payload, log): (Vec<u8>, String) = (row.get(4)?, row.get(5)?);
            let (error_type, result): (Option<String>, Option<Vec<u8>>) = (row.get(6)?, row.get(7)?);
            texts.execute(params![
                sequence,
                row.get::<_, String>(1)?,
                row.get::<_, String>(2)?,
                row.get::<_, String>(3)?,
                indexed(&payload),
                indexed(log.as_bytes()),
                error_text(error_type.as_deref(), result.as_deref()),
            ])?;
            indexed_now.push(sequence);
        }
    }
    for sequence in indexed_now {
        connection.execute("DELETE FROM unindexed WHERE sequence = ?1", [sequence])?;
    }
    transaction.commit()?;
    has_unindexed(connection)
}

/// The beginning and the end of something, as text; what is not text cannot be searched for.
fn indexed(bytes: &[u8]) -> String {
    if bytes.len() <= 2 * INDEXED {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    let (begin, end) = (&bytes[..INDEXED], &bytes[bytes.len() - INDEXED..]);
    format!("{}\n{}", String::from_utf8_lossy(begin), String::from_utf8_lossy(end))
}

fn remove(connection: &Connection, size: &mut Size, sequence: i64) -> rusqlite::Result<()> {
    let bytes: Option<i64> = connection
        .query_row("DELETE FROM invocation WHERE sequence = ?1 RETURNING bytes", [sequence], |row| row.get(0))
        .optional()?;
    if let Some(bytes) = bytes {
        connection.execute("DELETE FROM invocation_text WHERE rowid = ?1", [sequence])?;
        connection.execute("DELETE FROM unindexed WHERE sequence = ?1", [sequence])?;
        size.rows -= 1;
        size.bytes -= bytes;
    }
    Ok(())
}

/// Takes out the oldest ended invocations until a tenth below the limits, so that not every write prunes.
fn prune(connection: &Connection, size: &mut Size, limits: &Limits) -> rusqlite::Result<()> {
    let (rows, bytes) = (limits.history_rows, limits.history_bytes);
    if size.rows <= rows && size.bytes <= bytes {
        return Ok(());
    }
    while size.rows > rows - rows / 10 || size.bytes > bytes - bytes / 10 {
        let wanted = (size.rows - (rows - rows / 10)).clamp(1, i64::from(PRUNED_AT_ONCE));
        let mut oldest =
            connection.prepare("SELECT sequence FROM invocation WHERE outcome IS NOT NULL ORDER BY sequence LIMIT ?1")?;
        let sequences: Vec<i64> = oldest.query_map([wanted], |row| row.get(0))?.collect::<Result<_, _>>()?;
        if sequences.is_empty() {
            return Ok(());
        }
        sequences.into_iter().try_for_each(|sequence| remove(connection, size, sequence))?;
    }
    Ok(())
}

fn keep_size(connection: &Connection, size: Size) -> rusqlite::Result<()> {
    let put = "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2";
    connection.execute(put, params!["history_rows", size.rows])?;
    connection.execute(put, params!["history_bytes", size.bytes]).map(drop)
}

/// The newest invocations in which every word of `wanted` occurs, and how many there are; no word lists all.
pub(super) fn search(connection: &Connection, wanted: &str, limit: usize) -> rusqlite::Result<(Vec<HistoryRow>, u64)> {
    let limit = i64::try_from(limit.min(ROWS)).unwrap_or(i64::MAX);
    let Wanted { expression, parts, patterns } = Wanted::of(wanted);
    let mut conditions = Vec::new();
    if expression.is_some() {
        // What no quiet moment has indexed yet is looked through as it is.
        let unindexed: String = parts.iter().map(|_| format!(" AND {TEXT} LIKE ? ESCAPE '\\'")).collect();
        conditions.push(format!(
            "(sequence IN (SELECT rowid FROM invocation_text WHERE invocation_text MATCH ?)
              OR (sequence IN (SELECT sequence FROM unindexed){unindexed}))"
        ));
    }
    conditions.extend(patterns.iter().map(|_| format!("{SHOWN} LIKE ? ESCAPE '\\'")));
    let condition = if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
    let values = || params_from_iter(expression.iter().chain(&parts).chain(&patterns));
    let query = format!("SELECT {COLUMNS} FROM invocation {condition} ORDER BY sequence DESC LIMIT {limit}");
    let rows = connection.prepare(&query)?.query_map(values(), history_row)?.collect::<Result<_, _>>()?;
    Ok((rows, connection.query_row(&format!("SELECT count(*) FROM invocation {condition}"), values(), count)?))
}

fn count(row: &Row) -> rusqlite::Result<u64> {
    row.get::<_, i64>(0).map(i64::unsigned_abs)
}

/// Everything stored of an invocation.
pub(super) fn load(connection: &Connection, request_id: RequestId) -> rusqlite::Result<Option<HistoryInvocation>> {
    let query = format!("SELECT {COLUMNS}, payload, result, log FROM invocation WHERE request_id = ?1");
    let whole = |row: &Row| {
        Ok(HistoryInvocation {
            row: history_row(row)?,
            payload: Bytes::from(row.get::<_, Vec<u8>>(10)?),
            result: row.get::<_, Option<Vec<u8>>>(11)?.map(Bytes::from),
            log: row.get::<_, String>(12)?.lines().map(Arc::from).collect(),
        })
    };
    connection.query_row(&query, [request_id.to_string()], whole).optional()
}

/// The invocation of an earlier run in this row, to go on with.
pub(super) fn take_up(connection: &Connection, sequence: i64) -> rusqlite::Result<Option<Invocation>> {
    let query = format!("SELECT {COLUMNS}, payload, result, log FROM invocation WHERE sequence = ?1");
    let invocation = |row: &Row| {
        let mut invocation = Invocation::new(sequence, history_row(row)?, Bytes::from(row.get::<_, Vec<u8>>(10)?));
        invocation.result = row.get::<_, Option<Vec<u8>>>(11)?.map(Bytes::from);
        invocation.log = row.get(12)?;
        invocation.on_disk = true;
        Ok(invocation)
    };
    connection.query_row(&query, [sequence], invocation).optional()
}

/// Removes every invocation and gives the space back to the file system.
pub(super) fn clear(connection: &Connection, size: &mut Size) -> rusqlite::Result<()> {
    let transaction = connection.unchecked_transaction()?;
    connection.execute_batch(
        "DELETE FROM invocation; DELETE FROM unindexed;
         INSERT INTO invocation_text (invocation_text) VALUES ('delete-all');",
    )?;
    keep_size(connection, Size::default())?;
    transaction.commit()?;
    *size = Size::default();
    // In vain when the file was made without auto_vacuum; the pages are used again then. A step frees one page.
    let mut vacuum = connection.prepare("PRAGMA incremental_vacuum")?;
    let mut freed = vacuum.query([])?;
    while freed.next()?.is_some() {}
    Ok(())
}

fn history_row(row: &Row) -> rusqlite::Result<HistoryRow> {
    let outcome: Option<String> = row.get(5)?;
    let invocation_type: String = row.get(2)?;
    let unknown = |column: usize, text: &str| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, format!("unknown: {text}").into())
    };
    Ok(HistoryRow {
        request_id: id(row, 0)?,
        function: text(row, 1)?,
        invocation_type: [InvocationType::RequestResponse, InvocationType::Event, InvocationType::DryRun]
            .into_iter()
            .find(|kind| kind.name() == invocation_type)
            .ok_or_else(|| unknown(2, &invocation_type))?,
        label: row.get::<_, Option<String>>(3)?.map(Into::into),
        accepted_at: timestamp(row.get(4)?),
        outcome: match outcome {
            Some(name) => {
                let known = OUTCOMES.iter().find(|(_, known)| *known == name);
                Some(known.map(|(outcome, _)| *outcome).ok_or_else(|| unknown(5, &name))?)
            }
            None => None,
        },
        attempts: row.get(6)?,
        duration: row.get::<_, Option<i64>>(7)?.map(|micros| Micros(micros.unsigned_abs())),
        error_type: row.get::<_, Option<String>>(8)?.map(Into::into),
        batch_from: row.get::<_, Option<String>>(9)?.map(Into::into),
    })
}

fn outcome_name(outcome: Outcome) -> &'static str {
    OUTCOMES.iter().find(|(known, _)| *known == outcome).map_or("Dropped", |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database;

    #[test]
    fn what_a_program_left_in_the_middle_has_ended_unless_it_waits() {
        let connection = database::open_in_memory().unwrap().connection;
        let (limits, mut size) = (Limits::default(), Size::default());
        let invocation = |sequence: i64, outcome| {
            let row = HistoryRow {
                request_id: RequestId(sequence.unsigned_abs().into()),
                function: "f".into(),
                invocation_type: InvocationType::RequestResponse,
                batch_from: None,
                label: None,
                accepted_at: timestamp(1),
                outcome,
                attempts: 1,
                duration: None,
                error_type: None,
            };
            Invocation::new(sequence, row, Bytes::new())
        };
        let rows = [invocation(1, Some(Outcome::Succeeded)), invocation(2, None), invocation(3, None)];
        write(&connection, &mut size, &limits, rows.iter()).unwrap();
        let (_, next, earlier) = begin(&connection, &BTreeSet::from([RequestId(3)])).unwrap();
        assert_eq!((next, earlier), (4, BTreeMap::from([(RequestId(3), 3)])));
        let (rows, _) = search(&connection, "", 10).unwrap();
        let outcomes: Vec<_> = rows.iter().map(|row| (row.outcome, row.error_type.as_deref())).collect();
        let ended = (Some(Outcome::Dropped), Some(INTERRUPTED));
        assert_eq!(outcomes, [(None, None), ended, (Some(Outcome::Succeeded), None)]);
    }

    #[test]
    fn invocations_are_found_by_what_their_row_shows_indexed_or_not() {
        let connection = database::open_in_memory().unwrap().connection;
        let (limits, mut size) = (Limits::default(), Size::default());
        let invocation = |sequence: i64, outcome, error_type: Option<&str>, queue: Option<&str>| {
            let row = HistoryRow {
                request_id: RequestId(sequence.unsigned_abs().into()),
                function: "resize".into(),
                invocation_type: InvocationType::RequestResponse,
                batch_from: queue.map(Into::into),
                label: None,
                // 2026-03-01, one hour later each.
                accepted_at: timestamp(1_772_359_200_000_000 + sequence * 3_600_000_000),
                outcome,
                attempts: 1,
                duration: None,
                error_type: error_type.map(Into::into),
            };
            Invocation::new(sequence, row, Bytes::new())
        };
        let rows = [
            invocation(1, Some(Outcome::Succeeded), None, None),
            invocation(2, Some(Outcome::FunctionError), Some("PaymentDeclined"), None),
            invocation(3, Some(Outcome::Refused), Some("TooManyRequestsException"), None),
            invocation(4, None, None, None),
            invocation(5, Some(Outcome::Succeeded), Some("1 of 2 messages failed"), Some("incoming")),
        ];
        write(&connection, &mut size, &limits, rows.iter()).unwrap();
        let by_status = |status: &str, row: &HistoryRow| row.status() == status;
        for indexed in [false, true] {
            while indexed && index_more(&connection).unwrap() {}
            let found = |text: &str| search(&connection, text, 10).unwrap().0;
            let numbers = |text: &str| found(text).iter().map(|row| row.request_id.0).collect::<Vec<_>>();
            for status in ["succeeded", "failed", "refused", "not ended"] {
                let expected: Vec<_> = found("").into_iter().filter(|row| by_status(status, row)).collect();
                assert_eq!(found(status), expected, "{status}, indexed: {indexed}");
            }
            assert_eq!(numbers("2026-03-01 12:00"), [2], "indexed: {indexed}");
            assert_eq!(numbers("12"), [2], "parts that the index does not know; indexed: {indexed}");
            assert_eq!(numbers("batch incoming"), [5]);
            assert_eq!(numbers("declined resize"), [2]);
            assert_eq!(numbers("00000000-0000-0000-0000-000000000003"), [3]);
        }
    }
}
