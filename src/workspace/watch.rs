//! Watching `invokelab.toml`, handler files and code folders, so that a change on disk is noticed whoever made it.
//!
//! Folders are watched rather than files, because many editors replace a file by renaming another one over it. Changes are
//! gathered until nothing has happened for a moment, or somebody cannot wait, then told at once from one named thread.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TrySendError, after, bounded, select};
use notify::event::ModifyKind;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::definition::{FunctionDefinition, Runtime, Workspace};
use super::{atomic, replaced_code};

/// Quiet after which changes are told.
const QUIET: Duration = Duration::from_millis(30);
/// Longest time that changes are held back while more keep coming.
const LONGEST: Duration = Duration::from_secs(1);
/// File system events that may wait; beyond, everything counts as changed.
const EVENTS: usize = 4_096;
/// Folders that are watched at most; systems have a limit, and others need watches, too.
const FOLDERS: usize = 4_000;
/// Folders that tools fill and people do not edit.
const IGNORED: [&str; 9] =
    ["node_modules", "target", ".git", "__pycache__", ".venv", "venv", ".mypy_cache", ".pytest_cache", ".ruff_cache"];

/// What changed on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Absolute, sorted.
    pub paths: Vec<PathBuf>,
    /// More happened than could be followed: everything may have changed.
    pub everything: bool,
}

impl Changed {
    /// Whether the workspace file is among it, or a file that is read with it, or a folder that such a file is in.
    #[must_use]
    pub fn workspace_file(&self, workspace: &Workspace) -> bool {
        let concerned =
            |path: &PathBuf| *path == workspace.file || workspace.read_with_it.iter().any(|file| file.starts_with(path));
        self.everything || self.paths.iter().any(concerned)
    }
}

/// Why files are not watched. The program goes on; changes are then seen when the workspace is opened again.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    #[error("changes of files are not noticed: {0}; save in Invokelab's own editor, or open the workspace again after a change")]
    System(#[from] notify::Error),
    #[error("changes of files are not noticed: the thread for it could not be started: {0}")]
    Thread(#[from] std::io::Error),
}

/// Called on the watch's thread once everything that was pending has been told.
type Then = Box<dyn FnOnce() + Send>;

/// A running watch; dropping it ends its thread.
pub struct Watch {
    shared: Arc<Mutex<Watched>>,
    news: Arc<News>,
    /// Gone when the watch ends, which ends its thread.
    hurry: Option<Sender<Then>>,
    thread: Option<JoinHandle<()>>,
}

/// What the system's own thread leaves behind for ours besides its events.
#[derive(Default)]
struct News {
    /// Something happened that has not been told.
    pending: AtomicBool,
    /// More happened than the channel holds.
    overflow: AtomicBool,
    /// By a lock of its own, which nobody holds while asking anything of the system's thread.
    interest: Mutex<Interest>,
}

struct Watched {
    watcher: RecommendedWatcher,
    folders: BTreeSet<PathBuf>,
}

/// Which paths matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// Single files; those beside a handler file count, since it may import them.
    folders: BTreeSet<PathBuf>,
    /// Everything under these.
    trees: BTreeSet<PathBuf>,
    files: BTreeSet<PathBuf>,
}

impl Watch {
    /// Watches the files of `workspace`; `changed` is called on the watch's own thread and must not block for long.
    ///
    /// # Errors
    /// The system does not watch files, or has no room for more watches.
    pub fn start(workspace: &Workspace, changed: impl Fn(Changed) + Send + 'static) -> Result<Self, WatchError> {
        let (events, arrived) = bounded(EVENTS);
        let news = Arc::new(News::default());
        let forwarded = Arc::clone(&news);
        let watcher = notify::recommended_watcher(move |event| forward(&events, &forwarded, event))?;
        let shared = Arc::new(Mutex::new(Watched { watcher, folders: BTreeSet::new() }));
        let (hurry, hurried) = bounded(1);
        let (watched, told) = (Arc::clone(&shared), Arc::clone(&news));
        let thread = std::thread::Builder::new()
            .name("file watch".into())
            .spawn(move || run(&arrived, &hurried, &told, &watched, changed))?;
        let watch = Self { shared, news, hurry: Some(hurry), thread: Some(thread) };
        watch.update(workspace)?;
        Ok(watch)
    }

    /// Tells what is pending now instead of after a quiet moment, then calls `then`. `false`: nothing is pending, and `then` is
    /// not called.
    pub fn hurry(&self, then: impl FnOnce() + Send + 'static) -> bool {
        // A channel that is full or closed: somebody else is in a hurry already, or the thread has ended.
        self.news.pending.load(Ordering::Acquire)
            && self.hurry.as_ref().is_some_and(|hurry| hurry.try_send(Box::new(then)).is_ok())
    }

    /// Watches the files of a workspace that was loaded anew.
    ///
    /// # Errors
    /// The folder of the workspace cannot be watched.
    pub fn update(&self, workspace: &Workspace) -> Result<(), WatchError> {
        let interest = Interest::of(workspace);
        *lock(&self.news.interest) = interest.clone();
        lock(&self.shared).follow(&interest)?;
        Ok(())
    }
}

impl News {
    /// Events of no path, which some systems send, may be about anything.
    fn matters(&self, event: &notify::Event) -> bool {
        let interest = lock(&self.interest);
        event.paths.is_empty() || event.paths.iter().any(|path| interest.wants(path))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.hurry = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been printed already.
            let _ = thread.join();
        }
    }
}

fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watched {
    /// Watches the folders that matter now and no others. Folders that cannot be watched are left out, unless nothing can be.
    fn follow(&mut self, interest: &Interest) -> notify::Result<()> {
        let wanted = interest.all_folders();
        for gone in self.folders.difference(&wanted) {
            // A folder that was deleted is not watched any more anyway.
            let _ = self.watcher.unwatch(gone);
        }
        let mut followed = BTreeSet::new();
        let mut failed = None;
        for folder in wanted {
            let result = if self.folders.contains(&folder) && folder.is_dir() {
                Ok(())
            } else {
                self.watcher.watch(&folder, RecursiveMode::NonRecursive)
            };
            match result {
                Ok(()) => drop(followed.insert(folder)),
                Err(error) if folder.is_dir() => failed = failed.or(Some(error)),
                Err(_) => {}
            }
        }
        self.folders = followed;
        failed.filter(|_| self.folders.is_empty()).map_or(Ok(()), Err)
    }

    /// Watches what came or went. The files of folders that are watched from now on come back, for nobody has told of them;
    /// while one folder is begun with, others may be made in it.
    fn catch_up(&mut self, interest: &Interest) -> BTreeSet<PathBuf> {
        let mut found = BTreeSet::new();
        loop {
            let before = self.folders.clone();
            // The folder of the workspace was watched before; what fails now is a folder that is gone again.
            let _ = self.follow(interest);
            let mut new = self.folders.difference(&before).peekable();
            if new.peek().is_none() {
                return found;
            }
            let entries = new.flat_map(fs::read_dir).flatten().flatten().map(|entry| entry.path());
            found.extend(entries.filter(|path| interest.wants(path)));
        }
    }
}

fn add_code(interest: &mut Interest, workspace: &Workspace, definition: &FunctionDefinition) {
    match &definition.runtime {
        Runtime::Scripted(_) | Runtime::NotActive(_) => {}
        // Without a build only the program counts: its folder may be full of what it writes.
        Runtime::Command(command) if definition.build.is_empty() => {
            interest.files.extend(command.iter().map(PathBuf::from).filter(|part| part.is_absolute()));
        }
        // With one, the sources do; of a workspace's own folder that is too much but for what cargo and npm call sources.
        Runtime::Command(_) if definition.code == workspace.folder => {
            interest.folders.insert(workspace.folder.clone());
            interest.trees.insert(workspace.folder.join("src"));
        }
        _ if definition.code.is_dir() => drop(interest.trees.insert(definition.code.clone())),
        _ => {
            interest.files.insert(definition.code.clone());
            interest.folders.extend(definition.code.parent().map(Path::to_path_buf));
        }
    }
}

impl Interest {
    /// What matters to a workspace.
    #[must_use]
    pub fn of(workspace: &Workspace) -> Self {
        let mut interest = Self::default();
        interest.files.insert(workspace.file.clone());
        interest.files.extend(workspace.read_with_it.iter().cloned());
        interest.trees.insert(workspace.folder.join("events"));
        for definition in &workspace.functions {
            add_code(&mut interest, workspace, definition);
            interest.files.extend(definition.env_file.clone());
            interest.trees.extend(definition.layers.iter().cloned());
        }
        interest
    }

    /// The folders to watch: those of the files, and all under the trees.
    fn all_folders(&self) -> BTreeSet<PathBuf> {
        // The folder above tells when one that is not there yet is made.
        let above = |path: &PathBuf| path.ancestors().skip(1).find(|folder| folder.is_dir()).map(Path::to_path_buf);
        let mut folders: BTreeSet<PathBuf> = self.files.iter().chain(&self.trees).filter_map(above).collect();
        folders.extend(self.folders.iter().cloned());
        for tree in &self.trees {
            collect(tree, &mut folders);
        }
        folders.retain(|folder| folder.is_dir());
        folders
    }

    /// Whether a change of a file may matter.
    #[must_use]
    pub fn wants(&self, path: &Path) -> bool {
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        if [atomic::PREFIX, replaced_code::PREFIX].iter().any(|prefix| name.starts_with(prefix)) || is_debris(name) {
            return false;
        }
        let in_tree = |tree: &PathBuf| {
            path.strip_prefix(tree).is_ok_and(|inside| !inside.components().any(|part| is_ignored(part.as_os_str())))
        };
        let is_in_it = |wanted: &PathBuf| wanted.starts_with(path);
        self.files.iter().chain(&self.trees).any(is_in_it)
            || path.parent().is_some_and(|folder| self.folders.contains(folder))
                && !is_ignored(path.file_name().unwrap_or_default())
            || self.trees.iter().any(in_tree)
    }
}

/// The files under a folder, without ignored ones.
#[must_use]
pub fn files_under(folder: &Path) -> BTreeSet<PathBuf> {
    let mut folders = BTreeSet::new();
    collect(folder, &mut folders);
    let entries = folders.iter().flat_map(fs::read_dir).flatten().flatten();
    entries.filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_dir())).map(|entry| entry.path()).collect()
}

/// Adds a folder and those under it, without ignored ones and without following links.
fn collect(folder: &Path, folders: &mut BTreeSet<PathBuf>) {
    if folders.len() >= FOLDERS || !folder.is_dir() {
        return;
    }
    folders.insert(folder.to_path_buf());
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) && !is_ignored(&entry.file_name()) {
            collect(&entry.path(), folders);
        }
    }
}

fn is_ignored(name: &OsStr) -> bool {
    IGNORED.iter().any(|ignored| name == *ignored)
}

/// Files that editors write beside the one that is edited, and logs, which may grow with every invocation.
fn is_debris(name: &str) -> bool {
    name.ends_with(".log")
        || name.ends_with('~')
        || name.ends_with(".swp")
        || name.ends_with(".swx")
        || name.starts_with(".#")
        || name == "4913"
}

fn forward(events: &Sender<notify::Event>, news: &News, event: notify::Result<notify::Event>) {
    let lost = match event {
        Ok(event) if event.need_rescan() => true,
        // Calls wait for what is pending, so what does not matter must not be.
        Ok(event) if is_change(event.kind) && news.matters(&event) => {
            matches!(events.try_send(event), Err(TrySendError::Full(_)))
        }
        Ok(_) => return,
        Err(_) => true,
    };
    if lost {
        news.overflow.store(true, Ordering::Release);
        // Something must wake the thread; a full channel does.
        let _ = events.try_send(notify::Event::new(EventKind::Any));
    }
    // After the event is there: who sees this finds the event.
    news.pending.store(true, Ordering::Release);
}

/// Reading a file is no change, nor is touching what is known about it.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Create(_) | EventKind::Remove(_) | EventKind::Any => true,
        EventKind::Modify(kind) => !matches!(kind, ModifyKind::Metadata(_)),
        EventKind::Access(_) | EventKind::Other => false,
    }
}

fn run(
    arrived: &Receiver<notify::Event>,
    hurried: &Receiver<Then>,
    news: &News,
    shared: &Mutex<Watched>,
    changed: impl Fn(Changed),
) {
    while let Some((mut paths, then)) = gather(arrived, hurried) {
        news.pending.store(false, Ordering::Release);
        paths.extend(arrived.try_iter().flat_map(|event| event.paths));
        let everything = news.overflow.swap(false, Ordering::AcqRel);
        // The watch first: whoever changes the interest goes on to the watch, so that the newest interest has the last word.
        let mut watched = lock(shared);
        let interest = lock(&news.interest).clone();
        let told = settle(&mut watched, &interest, paths, everything);
        drop(watched);
        if told.everything || !told.paths.is_empty() {
            changed(told);
        }
        if let Some(then) = then {
            then();
        }
    }
}

/// Waits for changes, then until nothing has happened for a moment or somebody is in a hurry; `None` when the watch ends.
fn gather(arrived: &Receiver<notify::Event>, hurried: &Receiver<Then>) -> Option<(BTreeSet<PathBuf>, Option<Then>)> {
    let mut paths = BTreeSet::new();
    select! {
        recv(arrived) -> event => paths.extend(event.ok()?.paths),
        recv(hurried) -> then => return Some((paths, Some(then.ok()?))),
    }
    let limit = after(LONGEST);
    loop {
        select! {
            recv(arrived) -> event => paths.extend(event.ok()?.paths),
            recv(hurried) -> then => return Some((paths, Some(then.ok()?))),
            recv(limit) -> _ => return Some((paths, None)),
            default(QUIET) => return Some((paths, None)),
        }
    }
}

/// Keeps the paths that matter. New folders are watched from now on, and what is in them already counts as changed.
fn settle(watched: &mut Watched, interest: &Interest, paths: BTreeSet<PathBuf>, everything: bool) -> Changed {
    let mut wanted: BTreeSet<PathBuf> = paths.into_iter().filter(|path| interest.wants(path)).collect();
    // A folder of which something is told was made, moved or deleted: what stands there now may be another one.
    let told: Vec<_> = wanted.iter().filter(|path| watched.folders.contains(*path)).cloned().collect();
    for folder in &told {
        watched.folders.remove(folder);
    }
    if everything || !told.is_empty() || wanted.iter().any(|path| path.is_dir()) {
        wanted.extend(watched.catch_up(interest));
    }
    Changed { paths: wanted.into_iter().collect(), everything }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::workspace::{FILE_NAME, load};

    const FILE: &str = "[functions.one]\nruntime = \"javascript\"\ncode = \"one.mjs\"\n[functions.many]\nruntime = \"nodejs\"\ncode = \"many\"\n";

    fn start() -> (TempDir, PathBuf, Receiver<Changed>, Watch) {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        fs::create_dir_all(root.join("many/lib")).unwrap();
        fs::create_dir_all(root.join("many/node_modules/dep")).unwrap();
        fs::write(root.join("many/index.mjs"), "").unwrap();
        fs::write(root.join("one.mjs"), "").unwrap();
        fs::write(root.join(FILE_NAME), FILE).unwrap();
        let (sender, told) = bounded(100);
        let watch = Watch::start(&load(&root).unwrap(), move |changed| drop(sender.send(changed))).unwrap();
        (folder, root, told, watch)
    }

    /// The changes until `path` is among them, without the workspace's folder.
    fn wait_for(told: &Receiver<Changed>, root: &Path, path: &str) -> Vec<String> {
        let mut all = BTreeSet::new();
        loop {
            let changed =
                told.recv_timeout(Duration::from_secs(10)).unwrap_or_else(|_| panic!("{path} was not told, only {all:?}"));
            all.extend(changed.paths.iter().map(|path| path.strip_prefix(root).unwrap().display().to_string()));
            if all.contains(path) {
                return all.into_iter().collect();
            }
        }
    }

    #[test]
    fn changes_of_files_and_folders_are_told_once() {
        let (_folder, root, told, _watch) = start();
        fs::write(root.join("many/node_modules/dep/index.js"), "x").unwrap();
        fs::write(root.join("one.mjs~"), "x").unwrap();
        fs::write(root.join("serve.log"), "x").unwrap();
        for _ in 0..20 {
            fs::write(root.join("many/lib/a.mjs"), "1").unwrap();
        }
        fs::write(root.join("one.mjs"), "1").unwrap();
        let mut told_times = 0;
        let mut all = BTreeSet::new();
        while !all.contains(&root.join("one.mjs")) {
            all.extend(told.recv_timeout(Duration::from_secs(10)).unwrap().paths);
            told_times += 1;
        }
        assert_eq!(all.into_iter().collect::<Vec<_>>(), [root.join("many/lib/a.mjs"), root.join("one.mjs")]);
        assert!(told_times < 10, "many changes are told together, not {told_times} times");
        while told.recv_timeout(QUIET * 4).is_ok() {
            told_times += 1;
        }
        assert!(told_times < 10, "nothing is told when nothing changes");
    }

    #[test]
    fn a_file_that_is_replaced_by_renaming_is_noticed_every_time() {
        let (_folder, root, told, _watch) = start();
        for round in 0..3 {
            let temporary = root.join(format!(".one.mjs.tmp{round}"));
            fs::write(&temporary, "new").unwrap();
            fs::rename(&temporary, root.join("one.mjs")).unwrap();
            wait_for(&told, &root, "one.mjs");
            atomic::write(&root.join(FILE_NAME), FILE.as_bytes()).unwrap();
            let all = wait_for(&told, &root, FILE_NAME);
            assert!(!all.iter().any(|path| path.starts_with(atomic::PREFIX)), "{all:?}");
        }
    }

    #[test]
    fn folders_and_events_that_come_later_are_watched() {
        let (_folder, root, told, _watch) = start();
        fs::create_dir_all(root.join("many/new/deep")).unwrap();
        wait_for(&told, &root, "many/new");
        fs::write(root.join("many/new/deep/b.mjs"), "").unwrap();
        wait_for(&told, &root, "many/new/deep/b.mjs");
        crate::workspace::saved_events::save(&root, "one", "hello", "{}", None).unwrap();
        let all = wait_for(&told, &root, "events/one/hello.json");
        assert!(all.iter().all(|path| path.starts_with("events")), "{all:?}");
    }

    #[test]
    fn who_is_in_a_hurry_is_told_at_once() {
        let (_folder, root, told, watch) = start();
        assert!(!watch.hurry(|| panic!("nothing is pending")));
        let (mut asked, mut at_once) = (0, 0);
        for round in 0..20 {
            fs::write(root.join("one.mjs"), format!("{round}")).unwrap();
            let (done, is_done) = bounded(1);
            // The system tells of a change soon after it was made.
            while !watch.news.pending.load(Ordering::Acquire) {
                std::thread::yield_now();
            }
            if watch.hurry(move || done.send(()).unwrap()) {
                is_done.recv_timeout(Duration::from_secs(10)).unwrap();
                asked += 1;
                at_once += usize::from(told.try_recv().is_ok_and(|changed| changed.paths == [root.join("one.mjs")]));
            }
            while told.recv_timeout(QUIET * 3).is_ok() {}
        }
        // On a busy machine the system may still be telling of the round before: that is followed, and this one comes later.
        assert!(at_once + 3 >= asked, "{at_once} of {asked}");
        for name in ["serve.log", "one.mjs~", "many/node_modules/dep/index.js"] {
            fs::write(root.join(name), "x").unwrap();
        }
        std::thread::sleep(QUIET * 3);
        assert!(!watch.hurry(|| panic!("nothing that matters is pending")));
    }

    #[test]
    fn policies_and_credentials_outside_the_folder_are_part_of_the_workspace_file() {
        let (_folder, root, told, watch) = start();
        let elsewhere = tempfile::tempdir().unwrap();
        let outside = fs::canonicalize(elsewhere.path()).unwrap();
        let (policy, credentials) = (outside.join("policy.json"), outside.join("credentials"));
        let text = format!("[workspace]\ncredentials_file = {credentials:?}\n{FILE}url = {{}}\npolicy = {policy:?}\n");
        fs::write(root.join(FILE_NAME), text).unwrap();
        let workspace = load(&root).unwrap();
        watch.update(&workspace).unwrap();
        for file in [policy, credentials] {
            fs::write(&file, "{}").unwrap();
            loop {
                let changed = told.recv_timeout(Duration::from_secs(10)).unwrap_or_else(|_| panic!("{file:?} was not told"));
                if changed.paths.contains(&file) {
                    assert!(changed.workspace_file(&workspace), "{changed:?}");
                    break;
                }
            }
        }
    }

    #[test]
    fn a_file_in_a_folder_that_does_not_exist_yet_is_noticed_when_it_comes() {
        let (_folder, root, told, watch) = start();
        let text = format!("{FILE}url = {{}}\npolicy = \"rules/open/policy.json\"\n");
        fs::write(root.join(FILE_NAME), text).unwrap();
        wait_for(&told, &root, FILE_NAME);
        let workspace = load(&root).unwrap();
        watch.update(&workspace).unwrap();
        for round in 0..3 {
            fs::create_dir_all(root.join("rules/open")).unwrap();
            fs::write(root.join("rules/open/policy.json"), "{}").unwrap();
            wait_for(&told, &root, "rules/open/policy.json");
            fs::write(root.join("rules/open/policy.json"), "[]").unwrap();
            wait_for(&told, &root, "rules/open/policy.json");
            // The folder goes as a whole, and what is told names the file or a folder above it.
            fs::rename(root.join("rules"), root.join(format!("away{round}"))).unwrap();
            while !told.recv_timeout(Duration::from_secs(10)).expect("it went").workspace_file(&workspace) {}
        }
    }

    #[test]
    fn an_update_watches_new_functions_and_no_old_ones() {
        let (_folder, root, told, watch) = start();
        fs::create_dir(root.join("other")).unwrap();
        fs::write(root.join("other/two.mjs"), "").unwrap();
        fs::write(root.join(FILE_NAME), "[functions.two]\nruntime = \"javascript\"\ncode = \"other/two.mjs\"\n").unwrap();
        wait_for(&told, &root, FILE_NAME);
        watch.update(&load(&root).unwrap()).unwrap();
        fs::write(root.join("many/index.mjs"), "old").unwrap();
        fs::write(root.join("other/two.mjs"), "new").unwrap();
        let all = wait_for(&told, &root, "other/two.mjs");
        assert!(!all.contains(&"many/index.mjs".to_owned()), "{all:?}");
    }
}
