//! What belongs to a saved event but not to its payload: `events/FUNCTION/NAME.meta.toml`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use toml_edit::Item;

use super::keys;
use super::reader::Section;
use super::syntax::{self, Source};
use crate::event::{EventMeta, Problem, ProblemKind};
use crate::events_catalog::variables::is_own_name;
use crate::service::input::InvocationType;

/// The file of what belongs to the event whose payload is in the file `payload`.
#[must_use]
pub fn path(payload: &Path) -> PathBuf {
    payload.with_extension("meta.toml")
}

/// Reads what belongs to the event whose payload is in the file `payload`; an event may have none. What is wrong is
/// reported with its place, the rest counts.
#[must_use]
pub fn read(payload: &Path) -> (EventMeta, Vec<Problem>) {
    let file = path(payload);
    match fs::read_to_string(&file) {
        Ok(text) => parse(&file, &text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => (EventMeta::default(), Vec::new()),
        Err(error) => {
            let message = format!("this file cannot be read: {error}");
            (EventMeta::default(), vec![Problem { file, line: 0, column: 0, message, kind: ProblemKind::Mistake }])
        }
    }
}

fn parse(file: &Path, text: &str) -> (EventMeta, Vec<Problem>) {
    let source = Source::new(file, text);
    let table = syntax::parse(&source);
    keys::check_event(&source, &table);
    let section = Section::new(&source, &table);
    let meta = EventMeta { invocation_type: invocation_type(&section), variables: variables(&section).into() };
    (meta, source.into_problems())
}

fn invocation_type(section: &Section) -> Option<InvocationType> {
    let written = section.string("invocation_type")?;
    let all = [InvocationType::RequestResponse, InvocationType::Event, InvocationType::DryRun];
    let found = all.into_iter().find(|known| known.name() == written);
    if found.is_none() {
        let message = format!("\"{written}\" is not an InvocationType; write \"RequestResponse\", \"Event\" or \"DryRun\"");
        section.problem("invocation_type", message);
    }
    found
}

fn variables(section: &Section) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    let Some(inner) = section.section("variables") else {
        if section.has("variables") {
            section.problem("variables", "variables must be a table, such as { customer = \"Ada\" }");
        }
        return variables;
    };
    for (name, item) in inner.entries() {
        match text_of(item) {
            _ if !is_own_name(name) => inner.problem(
                name,
                format!("\"{name}\" cannot be a variable of an event: letters, digits, _, - and . are allowed, and no name that every event has, such as uuid or env.HOME"),
            ),
            Some(text) => drop(variables.insert(name.to_owned(), text)),
            None => inner.problem(name, format!("{}.{name} must be a string, a number, true or false", inner.path)),
        }
    }
    variables
}

/// A value as it stands in a payload.
fn text_of(item: &Item) -> Option<String> {
    let text = item.as_str().map(str::to_owned);
    let whole = || item.as_integer().map(|number| number.to_string());
    let float = || item.as_float().map(|number| number.to_string());
    text.or_else(whole).or_else(float).or_else(|| item.as_bool().map(|truth| truth.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let (_, problems) = parse(Path::new("events/f/a.meta.toml"), text);
        problems.iter().map(|problem| format!("{} {}", problem.place(), problem.message)).collect()
    }

    #[test]
    fn type_and_variables_are_read_and_assertions_are_kept() {
        let text = "invocation_type = \"Event\"\n[variables]\ncustomer = \"Ada\"\nn = 7\nhalf = 0.5\nvip = true\n[[assertions]]\nstatus_code = 200\n";
        let (meta, problems) = parse(Path::new("events/f/a.meta.toml"), text);
        assert_eq!(meta.invocation_type, Some(InvocationType::Event));
        let found: Vec<_> = meta.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(found, [("customer", "Ada"), ("half", "0.5"), ("n", "7"), ("vip", "true")]);
        assert_eq!(problems.len(), 1);
        assert!(
            problems[0].is_not_active_yet() && problems[0].message == "assertions is kept, but not active yet",
            "{problems:?}"
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        assert_eq!(
            problems("invocation_typ = \"Event\""),
            ["a.meta.toml:1:1 invocation_typ is not a known key; did you mean invocation_type?"]
        );
        assert_eq!(
            problems("invocation_type = \"Later\""),
            ["a.meta.toml:1:19 \"Later\" is not an InvocationType; write \"RequestResponse\", \"Event\" or \"DryRun\""]
        );
        assert_eq!(problems("invocation_type =\n"), ["a.meta.toml:1:18 this is not TOML: a value is missing after ="]);
        assert!(problems("[variables]\nuuid = \"x\"")[0].starts_with("a.meta.toml:2:8 \"uuid\" cannot be a variable"));
        assert_eq!(
            problems("variables = { a = [] }"),
            ["a.meta.toml:1:19 variables.a must be a string, a number, true or false"]
        );
    }

    #[test]
    fn it_stands_beside_the_payload_and_need_not_be_there() {
        assert_eq!(path(Path::new("events/f/order.v1.json")), Path::new("events/f/order.v1.meta.toml"));
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(&folder.path().join("a.json")), (EventMeta::default(), Vec::new()));
        fs::write(folder.path().join("a.meta.toml"), [0xff]).unwrap();
        assert_eq!(read(&folder.path().join("a.json")).1.len(), 1);
    }
}
