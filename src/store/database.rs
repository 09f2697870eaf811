//! Opening the database file: its name, its lock, its version, and what is done when it is damaged.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use md5::{Digest, Md5};
use rusqlite::{Connection, ErrorCode};

use super::lock::{self, Lock, beside};
use super::queue;
use super::report::Restored;
use crate::workspace::atomic;

/// Version of the tables, kept in SQLite's `user_version`.
pub(super) const VERSION: u32 = 6;
/// Says in the file's header whose it is: `Invk`.
const APPLICATION_ID: u32 = 0x496e_766b;
/// Bytes of SQLite's file header that are looked at.
const HEADER: usize = 100;

const TABLES: &str = "
    CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE event (
        sequence INTEGER PRIMARY KEY,
        request_id TEXT NOT NULL UNIQUE,
        function TEXT NOT NULL,
        label TEXT,
        accepted_at INTEGER NOT NULL,
        failed_attempts INTEGER NOT NULL,
        throttled_attempts INTEGER NOT NULL,
        due INTEGER NOT NULL,
        payload BLOB NOT NULL,
        trace_header TEXT
    );
    CREATE TABLE message (
        sequence INTEGER PRIMARY KEY,
        queue TEXT NOT NULL,
        message_id TEXT NOT NULL,
        attributes TEXT NOT NULL,
        sent_at INTEGER NOT NULL,
        first_received_at INTEGER,
        receive_count INTEGER NOT NULL,
        visible_at INTEGER NOT NULL,
        body TEXT NOT NULL,
        came_from TEXT,
        trace_header TEXT,
        UNIQUE (queue, message_id)
    );
    CREATE TABLE invocation (
        sequence INTEGER PRIMARY KEY,
        request_id TEXT NOT NULL UNIQUE,
        function TEXT NOT NULL,
        type TEXT NOT NULL,
        label TEXT,
        accepted_at INTEGER NOT NULL,
        outcome TEXT,
        attempts INTEGER NOT NULL,
        duration INTEGER,
        error_type TEXT,
        batch_from TEXT,
        bytes INTEGER NOT NULL,
        payload BLOB NOT NULL,
        result BLOB,
        log TEXT NOT NULL
    );
";

/// Finds parts of words: people remember `declined`, and the log says `PaymentDeclined`.
const INDEX: &str = "
    CREATE VIRTUAL TABLE invocation_text USING fts5(
        function, label, request_id, payload, log, error,
        content = '', contentless_delete = 1, tokenize = 'trigram remove_diacritics 1'
    );
    -- To index an invocation costs five times as much as to write it, so that waits for a quiet moment.
    CREATE TABLE unindexed (sequence INTEGER PRIMARY KEY);
";

/// Version 1 had an index of whole words. Its rows are indexed anew like those that are written.
const WITHOUT_WORDS: &str = "DROP TABLE invocation_text;";
const ALL_UNINDEXED: &str = "INSERT INTO unindexed SELECT sequence FROM invocation;";

/// Up to version 2 a message forgot which queue a redrive policy had moved it away from.
const WITH_ORIGIN: &str = "ALTER TABLE message ADD COLUMN came_from TEXT;";

/// Up to version 3 a batch was only known by the name that it has unless somebody gave it another. A person may give it to
/// any event, so the payload must be a batch's, too.
const WITH_BATCHES: &str = "ALTER TABLE invocation ADD COLUMN batch_from TEXT;
    UPDATE invocation SET batch_from = substr(label, length('batch from ') + 1)
    WHERE label GLOB 'batch from ?*' AND type = 'RequestResponse' AND substr(payload, 1, 11) = CAST('{\"Records\":' AS BLOB);";

/// Up to version 4 the index did not know how an invocation went and when, and messages had no trace header.
const WITHOUT_FACTS: &str = "INSERT OR IGNORE INTO unindexed SELECT sequence FROM invocation;
    ALTER TABLE message ADD COLUMN trace_header TEXT;";

/// Up to version 5 an event forgot the chain of requests that it came by.
const WITH_TRACES: &str = "ALTER TABLE event ADD COLUMN trace_header TEXT;";

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("another Invokelab has this workspace open{}; close it first: {}", pid.map(|pid| format!(" (process {pid})")).unwrap_or_default(), path.display())]
    Locked { path: PathBuf, pid: Option<u32> },
    #[error(
        "the database is from a newer Invokelab (version {found}, this one knows up to {known}); update Invokelab, or move the file away to start with an empty history: {}",
        path.display()
    )]
    Newer { path: PathBuf, found: u32, known: u32 },
    #[error("the database cannot be opened: {error}: {}", path.display())]
    File { path: PathBuf, error: io::Error },
    #[error("the database cannot be used: {error}: {}", path.display())]
    Database { path: PathBuf, error: rusqlite::Error },
}

/// The database of a workspace in a data folder: the folder's name for people, a digest of its whole path against mix-ups.
#[must_use]
pub fn file_for(data_folder: &Path, workspace_folder: &Path) -> PathBuf {
    let absolute = fs::canonicalize(workspace_folder).unwrap_or_else(|_| workspace_folder.to_path_buf());
    let digest = Md5::digest(absolute.as_os_str().as_encoded_bytes());
    let digest: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let name = absolute.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name: String = name.chars().map(|c| if c.is_alphanumeric() || c == '-' || c == '_' { c } else { '-' }).take(40).collect();
    data_folder.join("workspaces").join(format!("{name}-{digest}.sqlite"))
}

/// An open database and what was in it.
pub(super) struct Opened {
    pub(super) connection: Connection,
    pub(super) restored: Restored,
    /// `None` in memory.
    pub(super) lock: Option<Lock>,
}

/// Opens or makes the file, moving a damaged one aside.
pub(super) fn open(path: &Path) -> Result<Opened, StoreError> {
    let file_error = |error| StoreError::File { path: path.to_path_buf(), error };
    let database_error = |error| StoreError::Database { path: path.to_path_buf(), error };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(file_error)?;
    }
    let lock = Some(lock::take(path)?);
    let damage = match header(path).map_err(file_error)? {
        Header::Newer(found) => return Err(StoreError::Newer { path: path.to_path_buf(), found, known: VERSION }),
        Header::NotSqlite => "it is no SQLite file".to_owned(),
        Header::New | Header::Known => match connect_and_restore(path) {
            Ok((connection, restored)) => return Ok(Opened { connection, restored, lock }),
            Err(error) => damage(&error).ok_or_else(|| database_error(error))?,
        },
    };
    let saved = queue::salvage(path);
    let backup = move_aside(path, "damaged").map_err(file_error)?;
    let (connection, _) = connect_and_restore(path).map_err(database_error)?;
    queue::insert_all(&connection, &saved).map_err(database_error)?;
    let notice = format!(
        "The database of this workspace was damaged ({damage}). It is kept as {}. {} waiting events and {} messages were read from it and are queued again; the history starts anew.",
        backup.display(),
        saved.events.len(),
        saved.messages.len(),
    );
    Ok(Opened { connection, restored: Restored { notices: vec![notice], ..saved }, lock })
}

/// A database that is gone with the program.
pub(super) fn open_in_memory() -> Result<Opened, StoreError> {
    let path = PathBuf::from(":memory:");
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_in_memory()?;
        connection.execute_batch(TABLES)?;
        connection.execute_batch(INDEX)?;
        Ok(connection)
    };
    let connection = open().map_err(|error| StoreError::Database { path, error })?;
    Ok(Opened { connection, restored: Restored::default(), lock: None })
}

enum Header {
    New,
    Known,
    Newer(u32),
    NotSqlite,
}

/// Looks at the file without SQLite, so that a file that is not ours to change is not touched.
fn header(path: &Path) -> io::Result<Header> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Header::New),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::with_capacity(HEADER);
    file.by_ref().take(HEADER as u64).read_to_end(&mut bytes)?;
    if bytes.is_empty() {
        return Ok(Header::New);
    }
    if bytes.len() < HEADER || !bytes.starts_with(b"SQLite format 3\0") {
        return Ok(Header::NotSqlite);
    }
    // Offset 60: the user version, big-endian (SQLite file format, 1.3).
    let version = u32::from_be_bytes([bytes[60], bytes[61], bytes[62], bytes[63]]);
    Ok(if version > VERSION { Header::Newer(version) } else { Header::Known })
}

fn connect_and_restore(path: &Path) -> rusqlite::Result<(Connection, Restored)> {
    let connection = Connection::open(path)?;
    // Somebody may look into the file with another SQLite tool.
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    let version: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version == 0 {
        // Before WAL, so that the version stands in the file itself from the start.
        let batch = format!(
            "PRAGMA auto_vacuum = INCREMENTAL; BEGIN; {TABLES} {INDEX} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}; COMMIT;"
        );
        connection.execute_batch(&batch)?;
    }
    if version == 1 {
        connection.execute_batch(&format!("BEGIN; {WITHOUT_WORDS} {INDEX} {ALL_UNINDEXED} PRAGMA user_version = 2; COMMIT;"))?;
    }
    if matches!(version, 1 | 2) {
        connection.execute_batch(&format!("BEGIN; {WITH_ORIGIN} PRAGMA user_version = 3; COMMIT;"))?;
    }
    if matches!(version, 1..=3) {
        connection.execute_batch(&format!("BEGIN; {WITH_BATCHES} PRAGMA user_version = 4; COMMIT;"))?;
    }
    if matches!(version, 1..=4) {
        connection.execute_batch(&format!("BEGIN; {WITHOUT_FACTS} PRAGMA user_version = 5; COMMIT;"))?;
    }
    if matches!(version, 1..=5) {
        connection.execute_batch(&format!("BEGIN; {WITH_TRACES} PRAGMA user_version = {VERSION}; COMMIT;"))?;
    }
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA cache_size = -4000; PRAGMA temp_store = MEMORY;")?;
    for table in ["meta", "event", "message"] {
        let verdict: String = connection.query_row(&format!("PRAGMA quick_check({table})"), [], |row| row.get(0))?;
        if verdict != "ok" {
            return Err(corrupt(&verdict));
        }
    }
    let restored = queue::restore(&connection)?;
    Ok((connection, restored))
}

/// SQLite's own error for a damaged file, with our finding.
pub(super) fn corrupt(finding: &str) -> rusqlite::Error {
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    rusqlite::Error::SqliteFailure(code, Some(finding.replace('\n', " ")))
}

/// What is wrong with the file itself, or `None` when the error has another cause.
fn damage(error: &rusqlite::Error) -> Option<String> {
    let damaged = match error {
        rusqlite::Error::SqliteFailure(failure, Some(message)) => {
            matches!(failure.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) || message.contains("no such table")
        }
        rusqlite::Error::SqliteFailure(failure, None) => {
            matches!(failure.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        }
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::SqlInputError { .. } => true,
        _ => false,
    };
    damaged.then(|| error.to_string())
}

/// Gives a database that this version cannot use another name, so that a new one can take its place; what it is called then.
/// Nothing is deleted.
///
/// # Errors
/// Another program has it, or it cannot be renamed.
pub fn set_aside(path: &Path) -> Result<PathBuf, StoreError> {
    let _lock = lock::take(path)?;
    move_aside(path, "newer").map_err(|error| StoreError::File { path: path.to_path_buf(), error })
}

/// Gives the file and what belongs to it a name of its own, the first free one with this ending.
fn move_aside(path: &Path, ending: &str) -> io::Result<PathBuf> {
    let backup = atomic::free_name(path, ending);
    fs::rename(path, &backup)?;
    for ending in ["-wal", "-shm"] {
        let part = beside(path, ending);
        if part.exists() {
            fs::rename(part, beside(&backup, ending))?;
        }
    }
    Ok(backup)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::history;

    #[test]
    fn databases_are_named_after_their_workspace() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = folder.path().join("my orders");
        fs::create_dir(&workspace).unwrap();
        let file = file_for(Path::new("/data"), &workspace);
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(file.starts_with("/data/workspaces") && name.starts_with("my-orders-") && name.ends_with(".sqlite"), "{name}");
        assert_eq!(file, file_for(Path::new("/data"), &workspace.join("../my orders")));
        assert_ne!(file, file_for(Path::new("/data"), folder.path()));
    }

    #[test]
    fn batches_of_a_version_that_did_not_mark_them_are_known_by_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.sqlite");
        let records = r#"{"Records":[]}"#;
        let rows = [
            ("RequestResponse", "batch from incoming", records),
            ("Event", "batch from a person", records),
            ("RequestResponse", "batch from Monday", r#"{"orders":[]}"#),
            ("RequestResponse", "Batch from Monday", records),
        ];
        let insert = |(number, (kind, label, payload)): (usize, (&str, &str, &str))| {
            format!(
                "INSERT INTO invocation VALUES ({number}, '00000000-0000-0000-0000-00000000000{number}', 'f', '{kind}', '{label}', 1, NULL, 1, NULL, NULL, 1, CAST('{payload}' AS BLOB), NULL, '');"
            )
        };
        let inserts: String = (1..).zip(rows).map(insert).collect();
        let as_version_3 = format!(
            "ALTER TABLE invocation DROP COLUMN batch_from; ALTER TABLE message DROP COLUMN trace_header; ALTER TABLE event DROP COLUMN trace_header; {inserts} PRAGMA user_version = 3;"
        );
        open(&path).unwrap().connection.execute_batch(&as_version_3).unwrap();
        let opened = open(&path).unwrap();
        let (rows, _) = history::search(&opened.connection, "", 10).unwrap();
        let queues: Vec<_> = rows.iter().map(|row| row.batch_from.as_deref()).collect();
        assert_eq!(queues, [None, None, None, Some("incoming")]);
    }
}
