//! Texts that were typed and are in no file: kept beside the history of their workspace, so that an end of the program does not
//! lose them, and saved to files of a workspace that need not be open.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{atomic, code, saved_events};
use crate::command::{TextPlace, UnsavedText};

/// Version of the file; another one is not read.
const VERSION: u32 = 1;

/// The file.
#[derive(Serialize, Deserialize)]
struct Kept {
    version: u32,
    texts: Vec<KeptText>,
}

/// A text in the file: an event has a function, code a path.
#[derive(Serialize, Deserialize)]
struct KeptText {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    function: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<PathBuf>,
    text: String,
    file: Option<String>,
}

impl KeptText {
    fn new(text: &UnsavedText) -> Self {
        let (function, name, path) = match &text.place {
            TextPlace::Event { function, name } => (Some(function.to_string()), name.clone(), None),
            TextPlace::Code(path) => (None, None, Some(path.clone())),
        };
        Self { function, name, path, text: text.text.clone(), file: text.file.as_deref().map(str::to_owned) }
    }

    fn into_text(self) -> Option<UnsavedText> {
        let place = match (self.function, self.path) {
            (Some(function), _) => TextPlace::Event { function: function.into(), name: self.name },
            (None, Some(path)) => TextPlace::Code(path),
            (None, None) => return None,
        };
        Some(UnsavedText { place, text: self.text, file: self.file.map(Into::into) })
    }
}

/// Keeps texts in a file that only its owner may read, in place of those that are there; without any there is no file.
///
/// # Errors
/// The file cannot be written.
pub fn keep(file: &Path, texts: &[UnsavedText]) -> io::Result<()> {
    if texts.is_empty() {
        return match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
    }
    let kept = Kept { version: VERSION, texts: texts.iter().map(KeptText::new).collect() };
    atomic::write_private(file, &serde_json::to_vec(&kept)?)
}

/// The texts that were kept, but those that their files of the workspace hold by now. A file that cannot be understood is given
/// another name, so that nothing that is kept later takes its place.
///
/// # Errors
/// What could not be read, as a sentence.
pub fn kept(file: &Path, workspace_folder: &Path) -> Result<Vec<UnsavedText>, String> {
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(format!("What was typed and not saved cannot be read: {error}: {}", file.display())),
    };
    match serde_json::from_slice::<Kept>(&bytes) {
        Ok(kept) if kept.version == VERSION => {
            let texts = kept.texts.into_iter().filter_map(KeptText::into_text);
            Ok(texts.filter(|text| !is_saved(text, workspace_folder)).collect())
        }
        Ok(_) => Err(set_aside(file, "another version of Invokelab wrote it")),
        Err(error) => Err(set_aside(file, &error.to_string())),
    }
}

fn is_saved(text: &UnsavedText, workspace_folder: &Path) -> bool {
    let file = match &text.place {
        TextPlace::Event { function, name: Some(name) } => saved_events::path(workspace_folder, function, name).ok(),
        TextPlace::Event { name: None, .. } => None,
        TextPlace::Code(path) => Some(path.clone()),
    };
    file.and_then(|file| fs::read(file).ok()).is_some_and(|held| held == text.text.as_bytes())
}

fn set_aside(file: &Path, reason: &str) -> String {
    let aside = atomic::free_name(file, "unreadable");
    match fs::rename(file, &aside) {
        Ok(()) => format!("What was typed and not saved cannot be brought back ({reason}); it is kept as {}", aside.display()),
        Err(error) => {
            format!("What was typed and not saved cannot be brought back ({reason}), nor set aside ({error}): {}", file.display())
        }
    }
}

/// Saves a text to its own file, which must hold what it held when the edits began.
///
/// # Errors
/// It has no file, the file holds something else by now, or it cannot be written; as a sentence.
pub fn save(workspace_folder: &Path, text: &UnsavedText) -> Result<(), String> {
    let replaces = text.file.as_deref();
    match (&text.place, replaces) {
        (TextPlace::Event { function, name: Some(name) }, _) => {
            saved_events::save(workspace_folder, function, name, &text.text, replaces)
                .map(drop)
                .map_err(|error| error.to_string())
        }
        (TextPlace::Code(path), Some(replaces)) => {
            code::save_file(path.clone(), &text.text, replaces).map(drop).map_err(|error| error.to_string())
        }
        (TextPlace::Event { name: None, .. } | TextPlace::Code(_), _) => Err("it has no file".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(code: &Path) -> Vec<UnsavedText> {
        let event = |name: Option<&str>, file: Option<&str>| UnsavedText {
            place: TextPlace::Event { function: "confirm".into(), name: name.map(str::to_owned) },
            text: "{\"é\": 129.00".to_owned(),
            file: file.map(Into::into),
        };
        let code = UnsavedText { place: TextPlace::Code(code.into()), text: "mine\r\n".to_owned(), file: Some("let a".into()) };
        vec![event(None, None), event(Some("order placed"), Some("{}\n")), code]
    }

    #[test]
    fn what_is_kept_comes_back_as_it_was_and_is_its_owner_s_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.unsaved.json");
        let texts = texts(&folder.path().join("confirm.mjs"));
        keep(&file, &texts).unwrap();
        assert_eq!(kept(&file, folder.path()).unwrap(), texts);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        keep(&file, &[]).unwrap();
        assert!(!file.exists() && kept(&file, folder.path()).unwrap().is_empty());
        keep(&file, &[]).expect("there is nothing to remove");
    }

    #[test]
    fn what_its_file_holds_by_now_is_not_brought_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.unsaved.json");
        let texts = texts(&folder.path().join("confirm.mjs"));
        fs::write(folder.path().join("confirm.mjs"), "mine\r\n").unwrap();
        saved_events::save(folder.path(), "confirm", "order placed", &texts[1].text, None).unwrap();
        keep(&file, &texts).unwrap();
        assert_eq!(kept(&file, folder.path()).unwrap(), texts[..1]);
    }

    #[test]
    fn a_file_that_is_not_understood_is_kept_under_another_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.unsaved.json");
        for (number, text) in ["{", "{\"version\":2,\"texts\":[]}"].into_iter().enumerate() {
            fs::write(&file, text).unwrap();
            assert!(kept(&file, folder.path()).unwrap_err().contains("it is kept as"));
            assert!(!file.exists());
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), number + 1);
        }
    }

    #[test]
    fn a_text_is_saved_to_its_own_file_unless_that_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let code = folder.path().join("confirm.mjs");
        let [unnamed, event, code_text] = &texts(&code)[..] else { panic!("three") };
        fs::write(&code, "let a").unwrap();
        save(folder.path(), code_text).unwrap();
        assert_eq!(fs::read_to_string(&code).unwrap(), "mine\r\n");
        save(folder.path(), event).expect("no text is lost where there is none");
        assert_eq!(saved_events::load(folder.path(), "confirm", "order placed").unwrap(), event.text);
        assert_eq!(save(folder.path(), unnamed), Err("it has no file".to_owned()));
        fs::write(&code, "theirs").unwrap();
        assert!(save(folder.path(), code_text).unwrap_err().contains("holds another text by now"));
        assert_eq!(fs::read_to_string(&code).unwrap(), "theirs");
    }
}
