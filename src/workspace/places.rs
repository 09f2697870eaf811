//! Where settings stand in `invokelab.toml`, so that the window can open the file there.

use std::collections::BTreeMap;
use std::path::Path;

use toml_edit::Item;

use super::function::clean;
use super::reader::Section;
use crate::command::SettingOwner;
use crate::event::FilePlace;

/// By owner and key as in [`crate::command::SettingChange`]; without a key the owner itself.
pub(super) type Places = BTreeMap<(SettingOwner, String), FilePlace>;

/// The places of what functions, APIs, routes and the workspace itself have in a file of the folder.
pub(super) fn places(root: &Section, folder: &Path) -> Places {
    let mut places = Places::new();
    if let Some(section) = root.section("workspace") {
        note(&mut places, &SettingOwner::Workspace, &section);
    }
    for (name, section) in root.named_sections("functions") {
        let owner = SettingOwner::Function(name.as_str().into());
        note(&mut places, &owner, &section);
        if let Some(file) = section.item("policy").and_then(Item::as_str) {
            // What it says stands in its own file.
            let place = FilePlace { file: clean(&folder.join(file)), line: 1, column: 1 };
            places.insert((owner, "policy".to_owned()), place);
        }
    }
    for section in root.list("apis") {
        let Some(name) = section.item("name").and_then(Item::as_str) else { continue };
        note(&mut places, &SettingOwner::Api(name.into()), &section);
        for route in section.list("routes") {
            let Some(text) = route.item("route").and_then(Item::as_str) else { continue };
            note(&mut places, &SettingOwner::Route { api: name.into(), route: text.into() }, &route);
        }
    }
    places
}

/// An owner with everything that its table holds.
fn note(places: &mut Places, owner: &SettingOwner, section: &Section) {
    let place = section.source.place(section.span.clone());
    places.extend(place.map(|place| ((owner.clone(), String::new()), place)));
    note_keys(places, owner, section, "");
}

/// The keys of a table, and of the tables in it, each below `path`: `url.`.
fn note_keys(places: &mut Places, owner: &SettingOwner, section: &Section, path: &str) {
    for (key, _) in section.entries() {
        let full = format!("{path}{key}");
        if let Some(inner) = section.section(key) {
            note_keys(places, owner, &inner, &format!("{full}."));
        }
        let place = section.source.place(section.span_of(key));
        places.extend(place.map(|place| ((owner.clone(), full), place)));
    }
}
