//! The workspaces that were opened last, kept in the data folder for all of them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{FILE_NAME, atomic, load};
use crate::event::RecentWorkspace;

/// The file of the data folder that lists them: a folder a line, the newest first.
const RECENT: &str = "recent-workspaces";
/// Workspaces that are shown, and those that are kept: some of them may be gone.
const SHOWN: usize = 10;
const KEPT: usize = 30;

/// Puts a workspace in front of the others.
///
/// # Errors
/// The data folder cannot be written.
pub fn remember(data_folder: &Path, workspace: &Path) -> io::Result<()> {
    // A list of lines cannot hold every name that a folder may have.
    let Some(newest) = workspace.to_str().filter(|path| !path.contains('\n')) else { return Ok(()) };
    let before = lines(data_folder);
    let others = before.iter().map(String::as_str).filter(|line| *line != newest);
    let lines: Vec<&str> = std::iter::once(newest).chain(others).take(KEPT).collect();
    atomic::write(&data_folder.join(RECENT), format!("{}\n", lines.join("\n")).as_bytes())
}

/// The workspaces that were opened last, the newest first, each looked at: it may take a while where a disk is far away.
#[must_use]
pub fn list(data_folder: &Path) -> Vec<RecentWorkspace> {
    lines(data_folder).into_iter().take(SHOWN).map(|line| look_at(line.into())).collect()
}

fn look_at(folder: PathBuf) -> RecentWorkspace {
    match load(&folder) {
        Ok(workspace) => RecentWorkspace { folder, name: workspace.name, missing: None },
        Err(problem) => {
            let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let missing = match (folder.is_dir(), folder.join(FILE_NAME).exists()) {
                (false, _) => "the folder is gone".to_owned(),
                (true, false) => format!("there is no {FILE_NAME} any more"),
                (true, true) => problem.message,
            };
            RecentWorkspace { folder, name, missing: Some(missing) }
        }
    }
}

fn lines(data_folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(data_folder.join(RECENT)).unwrap_or_default();
    text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_comes_first_once_and_what_is_gone_says_so() {
        let data = tempfile::tempdir().unwrap();
        assert!(list(data.path()).is_empty());
        let folders: Vec<PathBuf> = (0..12).map(|number| data.path().join(format!("shop {number}"))).collect();
        for folder in &folders {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("invokelab.toml"), "[workspace]\nname = \"orders\"\n").unwrap();
            remember(data.path(), folder).unwrap();
        }
        remember(data.path(), &folders[3]).unwrap();
        fs::remove_dir_all(&folders[11]).unwrap();
        fs::remove_file(folders[10].join("invokelab.toml")).unwrap();
        let listed = list(data.path());
        let found: Vec<_> = listed.iter().map(|recent| recent.folder.clone()).collect();
        let expected: Vec<_> = [3, 11, 10, 9, 8, 7, 6, 5, 4, 2].map(|number| folders[number].clone()).into();
        assert_eq!(found, expected);
        assert_eq!((listed[0].name.as_str(), listed[0].missing.as_deref()), ("orders", None));
        assert_eq!((listed[1].name.as_str(), listed[1].missing.as_deref()), ("shop 11", Some("the folder is gone")));
        assert_eq!(listed[2].missing.as_deref(), Some("there is no invokelab.toml any more"));
    }
}
