//! Which workspace to open: the one that was asked for, else the one of last time, else the demo.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::load::{FILE_NAME, file_of, sam_sentence, sam_template};
use super::{atomic, demo, recent};

/// Overrides the platform's data folder; for tests and for portable installations.
pub const DATA_FOLDER_VARIABLE: &str = "INVOKELAB_DATA_DIR";

/// The file of the data folder that names the workspace of last time.
const LAST: &str = "last-workspace";

/// Where to work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The folder of the workspace, absolute.
    pub workspace: PathBuf,
    /// Where databases, the demo and the window's state are kept.
    pub data_folder: PathBuf,
    /// Nobody asked for a workspace and there was none before: this is the demo.
    pub demo: bool,
}

/// Why there is no workspace to open.
#[derive(Debug, thiserror::Error)]
pub enum LocateError {
    #[error("{} is no workspace: it is no folder with an {FILE_NAME}; give such a folder, or none to open the demo", path.display())]
    NoWorkspace { path: PathBuf },
    #[error("{} is no workspace yet: {}", path.display(), sam_sentence(template))]
    SamTemplate { path: PathBuf, template: &'static str },
    #[error("there is no home folder to keep data in; set {DATA_FOLDER_VARIABLE} to a folder")]
    NoHome,
    #[error("the data folder {} cannot be used: {error}; set {DATA_FOLDER_VARIABLE} to another one", path.display())]
    DataFolder { path: PathBuf, error: io::Error },
}

/// Finds the workspace to open.
///
/// # Errors
/// `asked` is no workspace, or there is no data folder.
pub fn locate(asked: Option<&Path>) -> Result<Place, LocateError> {
    locate_in(asked, own_data_folder()?)
}

/// Finds the workspace to open for something that keeps nothing: one that is asked for needs no data folder.
///
/// # Errors
/// As [`locate`].
pub fn workspace(asked: Option<&Path>) -> Result<PathBuf, LocateError> {
    match asked {
        Some(asked) => asked_for(asked),
        None => locate(None).map(|place| place.workspace),
    }
}

/// The data folder of this machine, or the one that [`DATA_FOLDER_VARIABLE`] names; made if it is not there.
///
/// # Errors
/// As [`data_folder`].
pub fn own_data_folder() -> Result<PathBuf, LocateError> {
    data_folder(std::env::var_os(DATA_FOLDER_VARIABLE))
}

/// The folder of the workspace that `asked` means.
fn asked_for(asked: &Path) -> Result<PathBuf, LocateError> {
    let file = file_of(asked);
    let template = sam_template(asked);
    // Any file of a workspace stands for it, but whoever names a template wants that to be read.
    let opens = file.is_file() && (template.is_none() || asked.is_dir());
    if let Some(folder) = file.parent().filter(|_| opens) {
        return Ok(folder.to_path_buf());
    }
    let path = asked.to_path_buf();
    Err(match template {
        Some(template) => LocateError::SamTemplate { path, template },
        None => LocateError::NoWorkspace { path },
    })
}

fn locate_in(asked: Option<&Path>, data_folder: PathBuf) -> Result<Place, LocateError> {
    if let Some(asked) = asked {
        return Ok(Place { workspace: asked_for(asked)?, data_folder, demo: false });
    }
    if let Some(workspace) = last(&data_folder) {
        let demo = demo::is_demo_of(&data_folder, &workspace);
        return Ok(Place { workspace, data_folder, demo });
    }
    let workspace = demo::unpack(&demo::folder_in(&data_folder))
        .map_err(|error| LocateError::DataFolder { path: data_folder.clone(), error })?;
    Ok(Place { workspace, data_folder, demo: true })
}

/// The folder for databases, the demo and the window's state. It is made if it is not there.
///
/// # Errors
/// There is no home folder, or the folder cannot be made.
pub fn data_folder(overridden: Option<OsString>) -> Result<PathBuf, LocateError> {
    let folder = data_folder_path(overridden)?;
    fs::create_dir_all(&folder).map_err(|error| LocateError::DataFolder { path: folder.clone(), error })?;
    Ok(folder)
}

/// Where the data folder is, or would be.
pub(super) fn data_folder_path(overridden: Option<OsString>) -> Result<PathBuf, LocateError> {
    match overridden.filter(|folder| !folder.is_empty()) {
        Some(folder) => Ok(std::path::absolute(&folder).unwrap_or_else(|_| folder.into())),
        None => {
            Ok(directories::ProjectDirs::from("", "", "invokelab").ok_or(LocateError::NoHome)?.data_local_dir().to_path_buf())
        }
    }
}

/// Keeps `workspace` as the one to open next time, and as the newest of those that were open.
///
/// # Errors
/// The data folder cannot be written.
pub fn remember(data_folder: &Path, workspace: &Path) -> io::Result<()> {
    atomic::write(&data_folder.join(LAST), workspace.as_os_str().as_encoded_bytes())?;
    recent::remember(data_folder, workspace)
}

/// The workspace of last time, if it is still one.
fn last(data_folder: &Path) -> Option<PathBuf> {
    let text = fs::read_to_string(data_folder.join(LAST)).ok()?;
    let workspace = PathBuf::from(text.trim_end_matches('\n'));
    workspace.join(FILE_NAME).is_file().then_some(workspace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asked_for_then_last_time_then_demo() {
        let data = tempfile::tempdir().unwrap();
        let data_folder = data_folder(Some(data.path().join("data").into())).unwrap();
        let first = locate_in(None, data_folder.clone()).unwrap();
        assert!(first.demo && first.workspace.join(FILE_NAME).is_file());

        let mine = tempfile::tempdir().unwrap();
        fs::write(mine.path().join(FILE_NAME), "").unwrap();
        let folder = fs::canonicalize(mine.path()).unwrap();
        assert_eq!(locate_in(Some(mine.path()), data_folder.clone()).unwrap().workspace, folder);
        assert_eq!(locate_in(Some(&mine.path().join(FILE_NAME)), data_folder.clone()).unwrap().workspace, folder);

        remember(&data_folder, &folder).unwrap();
        let again = locate_in(None, data_folder.clone()).unwrap();
        assert_eq!((again.workspace, again.demo), (folder, false));
        drop(mine);
        assert!(locate_in(None, data_folder).unwrap().demo, "a workspace that is gone is not opened");
    }

    #[test]
    fn a_folder_without_a_workspace_file_is_refused() {
        let data = tempfile::tempdir().unwrap();
        let error = locate_in(Some(data.path()), data.path().to_path_buf()).unwrap_err().to_string();
        assert!(error.contains("is no workspace") && !error.contains("SAM"), "{error}");
        fs::write(data.path().join("template.yaml"), "Resources: {}\n").unwrap();
        for asked in [data.path().to_path_buf(), data.path().join("template.yaml")] {
            let error = locate_in(Some(&asked), data.path().to_path_buf()).unwrap_err().to_string();
            assert!(error.contains("template.yaml is a SAM template, which is not read so far"), "{error}");
        }
    }
}
