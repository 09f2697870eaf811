//! The bundled bootstraps as files: an interpreter that runs a file shows its name in traces and debuggers, and what the
//! function starts (forks of Node.js, `multiprocessing`) does not inherit our program text as an argument.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::executor::guard;

const PYTHON: &str = include_str!("../../../assets/bootstraps/python/bootstrap.py");
const NODE: &str = include_str!("../../../assets/bootstraps/node/bootstrap.mjs");

/// A private folder, shared by all environments that run now and removed with the last of them.
static FOLDER: Mutex<Weak<tempfile::TempDir>> = Mutex::new(Weak::new());

/// Keeps the files as long as an environment may read them.
#[derive(Debug)]
pub(super) struct Bootstraps(Arc<tempfile::TempDir>);

impl Bootstraps {
    /// # Errors
    /// The folder for temporary files cannot be written to.
    pub fn write() -> io::Result<Self> {
        let mut shared = FOLDER.lock().unwrap_or_else(PoisonError::into_inner);
        // Somebody may clean up temporary files while we run.
        if let Some(folder) = shared.upgrade().filter(|folder| folder.path().join("bootstrap.mjs").is_file()) {
            return Ok(Self(folder));
        }
        let folder = tempfile::Builder::new().prefix(guard::TEMPORARY).tempdir()?;
        std::fs::write(folder.path().join("bootstrap.py"), PYTHON)?;
        std::fs::write(folder.path().join("bootstrap.mjs"), NODE)?;
        let folder = Arc::new(folder);
        *shared = Arc::downgrade(&folder);
        Ok(Self(folder))
    }

    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    pub fn python(&self) -> PathBuf {
        self.0.path().join("bootstrap.py")
    }

    pub fn node(&self) -> PathBuf {
        self.0.path().join("bootstrap.mjs")
    }
}
