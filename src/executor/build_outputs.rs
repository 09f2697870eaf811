//! What builds are known to write, kept over restarts: whoever writes a file twice in a row while building, writes it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::service::ids::FunctionName;
use crate::workspace::atomic;

/// What is known of the files that builds write.
#[derive(Debug, Default)]
pub struct BuildOutputs {
    known: Known,
    /// Where it is kept; `None` where nothing is.
    file: Option<PathBuf>,
}

#[derive(Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
struct Known {
    /// By the folder of the build.
    outputs: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
    /// What was written to during a function's last build.
    last: BTreeMap<String, BTreeSet<PathBuf>>,
}

impl BuildOutputs {
    /// What an earlier run has learned. A file that cannot be read costs a build and no more.
    #[must_use]
    pub fn kept_in(file: PathBuf) -> Self {
        let text = fs::read_to_string(&file).unwrap_or_default();
        let mut known: Known = serde_json::from_str(&text).unwrap_or_default();
        known.outputs.values_mut().for_each(|outputs| outputs.retain(|output| output.exists()));
        Self { known, file: Some(file) }
    }

    /// Learns from a build in `folder` during which these files were written to; those of them that no build is known to write.
    pub fn learn(&mut self, function: &FunctionName, folder: &Path, touched: &BTreeSet<PathBuf>) -> Vec<PathBuf> {
        let last = self.known.last.insert(function.to_string(), touched.clone()).unwrap_or_default();
        let outputs = self.known.outputs.entry(folder.to_path_buf()).or_default();
        outputs.extend(touched.intersection(&last).cloned());
        let unknown = touched.difference(outputs).cloned().collect();
        if last != *touched {
            self.keep();
        }
        unknown
    }

    /// Whether these files are there, and builds in `folder` write all of them.
    #[must_use]
    pub fn has_all(&self, folder: &Path, paths: &[&PathBuf]) -> bool {
        !paths.is_empty()
            && self.known.outputs.get(folder).is_some_and(|outputs| paths.iter().all(|path| outputs.contains(*path)))
    }

    /// Somebody writes to these besides builds.
    pub fn forget(&mut self, paths: &[PathBuf]) {
        let mut forgotten = false;
        for outputs in self.known.outputs.values_mut() {
            let before = outputs.len();
            outputs.retain(|output| !paths.contains(output));
            forgotten |= outputs.len() < before;
        }
        if forgotten {
            self.keep();
        }
    }

    fn keep(&self) {
        let Some(file) = &self.file else { return };
        // Not kept, it is learned again: a full disk or a path that is no text is worth no word.
        let _ = serde_json::to_vec(&self.known).map(|text| atomic::write(file, &text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_learned_is_known_after_a_restart_until_somebody_else_writes_it() {
        let folder = tempfile::tempdir().unwrap();
        let (file, output) = (folder.path().join("builds.json"), folder.path().join("index.mjs"));
        fs::write(&output, "").unwrap();
        let function: FunctionName = "f".into();
        let touched = BTreeSet::from([output.clone(), folder.path().join("source.txt")]);
        let written = BTreeSet::from([output.clone()]);
        let mut outputs = BuildOutputs::kept_in(file.clone());
        assert_eq!(outputs.learn(&function, folder.path(), &touched).len(), 2, "nothing is known yet");
        let mut outputs = BuildOutputs::kept_in(file.clone());
        assert!(outputs.learn(&function, folder.path(), &written).is_empty(), "written by two builds");
        let mut outputs = BuildOutputs::kept_in(file.clone());
        assert!(outputs.has_all(folder.path(), &[&output]));
        outputs.forget(std::slice::from_ref(&output));
        assert!(!BuildOutputs::kept_in(file.clone()).has_all(folder.path(), &[&output]));
        fs::write(&file, "no JSON").unwrap();
        assert_eq!(BuildOutputs::kept_in(file).known, Known::default());
    }
}
