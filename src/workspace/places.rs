//! Where settings that are read and not typed stand: routes, policies and the file of those who may sign.

use std::collections::BTreeMap;
use std::path::Path;

use toml_edit::Item;

use super::function::clean;
use super::reader::Section;
use crate::command::SettingOwner;
use crate::event::FilePlace;

/// By owner and key as in [`crate::command::SettingChange`]; without a key the owner itself.
pub(super) type Places = BTreeMap<(SettingOwner, String), FilePlace>;

/// The places in a file of the folder.
pub(super) fn places(root: &Section, folder: &Path) -> Places {
    let mut places = Places::new();
    let mut note = |owner: &SettingOwner, key: &str, place: Option<FilePlace>| {
        places.extend(place.map(|place| ((owner.clone(), key.to_owned()), place)));
    };
    if let Some(section) = root.section("workspace") {
        note(&SettingOwner::Workspace, "", section.source.place(section.span.clone()));
        note_keys(&section, &SettingOwner::Workspace, &["credentials_file"], &mut note);
    }
    for (name, section) in root.named_sections("functions") {
        let owner = SettingOwner::Function(name.as_str().into());
        note(&owner, "", section.source.place(section.span.clone()));
        match section.item("policy").and_then(Item::as_str) {
            // What it says stands in its own file.
            Some(file) => note(&owner, "policy", Some(FilePlace { file: clean(&folder.join(file)), line: 1, column: 1 })),
            None => note_keys(&section, &owner, &["policy"], &mut note),
        }
    }
    for section in root.list("apis") {
        let Some(name) = section.item("name").and_then(Item::as_str) else { continue };
        let owner = SettingOwner::Api(name.into());
        note(&owner, "", section.source.place(section.span.clone()));
        note_keys(&section, &owner, &["routes"], &mut note);
        for route in section.list("routes") {
            let Some(text) = route.item("route").and_then(Item::as_str) else { continue };
            let owner = SettingOwner::Route { api: name.into(), route: text.into() };
            note(&owner, "", route.source.place(route.span.clone()));
        }
    }
    places
}

fn note_keys(
    section: &Section,
    owner: &SettingOwner,
    keys: &[&str],
    note: &mut impl FnMut(&SettingOwner, &str, Option<FilePlace>),
) {
    for key in keys.iter().filter(|key| section.has(key)) {
        note(owner, key, section.source.place(section.span_of(key)));
    }
}
