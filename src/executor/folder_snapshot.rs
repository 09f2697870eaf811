//! What a folder's files were at one moment, so that what was written since needs nobody to tell it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::files;
use crate::workspace::watch::{self, Interest};

/// Larger files are not looked into, in bytes.
const LARGEST: u64 = 64 << 20;

/// The files of a folder whose changes matter.
#[derive(Debug, Default)]
pub struct FolderSnapshot(BTreeMap<PathBuf, Seen>);

#[derive(Debug, PartialEq, Eq)]
struct Seen {
    stamp: Stamp,
    /// Of its content; `None` where it is too large or cannot be read.
    hash: Option<u64>,
}

/// Another one after every writing, though the content be the same.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
}

impl FolderSnapshot {
    /// Reads all files of a folder: not for the event loop's thread.
    #[must_use]
    pub fn of(folder: &Path, interest: &Interest) -> Self {
        let files = watch::files_under(folder).into_iter().filter(|path| interest.wants(path));
        Self(files.filter_map(|path| Some((seen(&path)?, path))).map(|(seen, path)| (path, seen)).collect())
    }

    /// What was written, made or removed between two snapshots.
    #[must_use]
    pub fn touched_since(&self, earlier: &Self) -> BTreeSet<PathBuf> {
        let written = self.0.iter().filter(|(path, seen)| earlier.0.get(*path) != Some(*seen)).map(|(path, _)| path);
        let removed = earlier.0.keys().filter(|path| !self.0.contains_key(*path));
        written.chain(removed).cloned().collect()
    }

    /// Whether a file that was there has another content now, or is gone.
    #[must_use]
    pub fn content_differs(&self, path: &Path, earlier: &Self) -> bool {
        let before = earlier.0.get(path).and_then(|seen| seen.hash);
        before.is_some() && before != self.0.get(path).and_then(|seen| seen.hash)
    }

    /// Whether nobody has written to a file since, nor removed it.
    #[must_use]
    pub fn still_holds(&self, path: &Path) -> bool {
        self.0.get(path).map(|seen| &seen.stamp) == fs::metadata(path).ok().map(|found| Stamp::of(&found)).as_ref()
    }
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self { modified: metadata.modified().ok(), length: metadata.len() }
    }
}

fn seen(path: &Path) -> Option<Seen> {
    let stamp = Stamp::of(&fs::metadata(path).ok()?);
    let hash = (stamp.length <= LARGEST).then(|| fs::read(path).ok()).flatten().map(|content| files::hash(&content));
    Some(Seen { stamp, hash })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_was_written_is_touched_though_its_content_is_the_same() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("invokelab.toml"), "[functions.f]\ncode = \"code\"").unwrap();
        fs::create_dir(folder.path().join("code")).unwrap();
        let path = |name: &str| folder.path().join("code").join(name);
        for name in ["index.mjs", "same", "changed", "gone", "rest"] {
            fs::write(path(name), name).unwrap();
        }
        let interest = Interest::of(&crate::workspace::load(folder.path()).unwrap());
        let before = FolderSnapshot::of(folder.path(), &interest);
        assert!(before.touched_since(&before).is_empty());
        let later = fs::metadata(path("same")).unwrap().modified().unwrap() + Duration::from_secs(1);
        fs::File::options().write(true).open(path("same")).unwrap().set_modified(later).unwrap();
        fs::write(path("changed"), "other words").unwrap();
        fs::write(path("new"), "").unwrap();
        fs::write(path("index.log"), "of no interest").unwrap();
        fs::remove_file(path("gone")).unwrap();
        assert!(before.still_holds(&path("rest")) && before.still_holds(&path("never there")));
        assert!(["same", "changed", "gone", "new"].iter().all(|name| !before.still_holds(&path(name))));
        let after = FolderSnapshot::of(folder.path(), &interest);
        assert_eq!(after.touched_since(&before), ["same", "changed", "gone", "new"].map(path).into());
        let differs = |name: &str| after.content_differs(&path(name), &before);
        assert!(differs("changed") && differs("gone") && !differs("same") && !differs("new"), "only what was there has changed");
    }
}
