//! Writing a file so that it is either the old one or the new one, whatever happens in between.

use std::fs;
#[cfg(unix)]
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// The start of the names of half-written files, which watchers leave out.
pub(super) const PREFIX: &str = ".invokelab-";

/// Writes `bytes` to `path`: into a new file beside it, to disk, then in its place. Permissions of an existing file are
/// kept, a symbolic link stays one.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Renaming over a link would replace the link; what it points at is meant.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let existing = fs::metadata(path).ok().map(|metadata| metadata.permissions());
    if existing.as_ref().is_some_and(fs::Permissions::readonly) {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only"));
    }
    filled_beside(path, &builder(), existing, bytes)?.persist(path)?;
    sync_folder(folder_of(path))
}

/// Writes `bytes` to a new file. One that has been made in between is left alone: [`io::ErrorKind::AlreadyExists`].
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    filled_beside(path, &builder(), None, bytes)?.persist_noclobber(path)?;
    sync_folder(folder_of(path))
}

/// Writes `bytes` to a file that only its owner may read, in the place of one that is there.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    filled_beside(path, &private_builder(), None, bytes)?.persist(path)?;
    sync_folder(folder_of(path))
}

/// As [`write_private`], but one that is there is left alone: [`io::ErrorKind::AlreadyExists`].
pub(crate) fn write_new_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    filled_beside(path, &private_builder(), None, bytes)?.persist_noclobber(path)?;
    sync_folder(folder_of(path))
}

/// A temporary file on the same disk as `path`. Permissions come before the bytes, which may be secret.
fn filled_beside(
    path: &Path,
    builder: &Builder,
    permissions: Option<fs::Permissions>,
    bytes: &[u8],
) -> io::Result<NamedTempFile> {
    let mut file = builder.tempfile_in(folder_of(path))?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The name of a file with `.ENDING` behind it, or with `.ENDING-2` and so on where that is taken.
pub(crate) fn free_name(path: &Path, ending: &str) -> PathBuf {
    let beside = |ending: String| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    let first = beside(format!(".{ending}"));
    let mut names = (2..).map(|number: u32| beside(format!(".{ending}-{number}")));
    if first.exists() { names.find(|name| !name.exists()).unwrap_or(first) } else { first }
}

/// Why a file was not replaced.
#[derive(Debug)]
pub(super) enum ReplaceError {
    /// It holds another text than the one that was to be replaced.
    Changed,
    File(io::Error),
}

/// Writes `text` into a file that holds what it is to replace, or into a new one. `None` replaces nothing: there must be no
/// file yet. Nobody loses anything where the file is gone or holds `text` already.
pub(super) fn replace(path: &Path, text: &str, replaces: Option<&str>) -> Result<(), ReplaceError> {
    match fs::metadata(path) {
        Ok(metadata) => {
            for replaced in [replaces, Some(text)].into_iter().flatten() {
                // The length tells most texts apart, and keeps a huge file from being read.
                if metadata.len() == replaced.len() as u64 && fs::read(path).map_err(ReplaceError::File)? == replaced.as_bytes() {
                    return write(path, text.as_bytes()).map_err(ReplaceError::File);
                }
            }
            Err(ReplaceError::Changed)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(path, text),
        Err(error) => Err(ReplaceError::File(error)),
    }
}

/// Writes a file that was not there a moment ago.
fn make(path: &Path, text: &str) -> Result<(), ReplaceError> {
    write_new(path, text.as_bytes()).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => ReplaceError::Changed,
        _ => ReplaceError::File(error),
    })
}

/// New files get the permissions that the shell would give them.
#[cfg(unix)]
fn builder() -> Builder<'static, 'static> {
    use std::os::unix::fs::PermissionsExt;
    let mut builder = Builder::new();
    builder.prefix(PREFIX).permissions(fs::Permissions::from_mode(0o666));
    builder
}

#[cfg(not(unix))]
fn builder() -> Builder<'static, 'static> {
    private_builder()
}

/// Its owner's alone, as temporary files are unless they are told otherwise.
fn private_builder() -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(PREFIX);
    builder
}

/// Makes the new name of a file outlive a power cut.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere a folder cannot be opened; the rename is as durable as the file system makes it.
#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_made_in_between_is_not_lost() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        make(&path, "theirs").unwrap();
        assert!(matches!(make(&path, "mine"), Err(ReplaceError::Changed)));
        assert_eq!(write_new_private(&path, b"mine").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no half-written file is left");
    }

    #[cfg(unix)]
    #[test]
    fn who_may_read_a_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
        make(&folder.path().join("open"), "").unwrap();
        write_new_private(&folder.path().join("private"), b"").unwrap();
        assert_eq!((mode("open") & 0o600, mode("private")), (0o600, 0o600));
        fs::write(folder.path().join("plain"), "").unwrap();
        assert_eq!(mode("open"), mode("plain"), "as the shell would make it");
        write_private(&folder.path().join("open"), b"").unwrap();
        assert_eq!(mode("open"), 0o600);
    }
}
