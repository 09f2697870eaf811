//! Adding a route to `invokelab.toml`, and taking it out again.

use std::path::Path;

use toml_edit::{Array, ArrayOfTables, InlineTable, Item, Table, TableLike, Value, value};

use super::edit::{Edit, EditError};
use super::list_edit;
use super::setting::api;
use crate::command::NewRoute;

const APIS: &str = "apis";
const ROUTES: &str = "routes";

/// A route that was added.
#[derive(Clone, Debug)]
pub struct AddedRoute {
    api: String,
    /// The API was made for it.
    makes_api: bool,
    route: String,
    function: String,
    /// The whole file before and after, for an exact undo when nobody changed it meanwhile.
    before: String,
    after: String,
}

impl AddedRoute {
    /// What was done, as a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let Self { api, route, function, .. } = self;
        let of = if self.makes_api { format!("the new HTTP API {api}") } else { api.clone() };
        format!("{route} of {of} leads to {function} from now on.")
    }
}

/// Adds a route, and the API that it is for if there is none.
///
/// # Errors
/// There is no such API or function, the route is no route or is there already, or the file cannot be changed.
pub fn add_route(workspace: &Path, new: &NewRoute) -> Result<AddedRoute, EditError> {
    let mut edit = Edit::begin(workspace)?;
    let name = new.api.as_deref().unwrap_or(&new.function).to_owned();
    if new.api.is_none() {
        add_api(&mut edit, &name)?;
    }
    let item = api(&mut edit.document, &name).and_then(Item::as_table_like_mut);
    let table = item.ok_or_else(|| EditError::Missing { what: "API", name: name.clone() })?;
    push(table, new)?;
    edit.write_checked()?;
    Ok(AddedRoute {
        api: name,
        makes_api: new.api.is_none(),
        route: new.route.clone(),
        function: new.function.to_string(),
        after: edit.document.to_string(),
        before: edit.text,
    })
}

fn add_api(edit: &mut Edit, name: &str) -> Result<(), EditError> {
    let apis = edit.document.entry(APIS).or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    if let Some(tables) = apis.as_array_of_tables_mut() {
        let mut table = Table::new();
        table.decor_mut().set_prefix("\n");
        table.insert("name", value(name));
        table.insert("kind", value("http"));
        tables.push(table);
        return Ok(());
    }
    let list = apis.as_array_mut().ok_or_else(|| no_list(APIS))?;
    list_edit::push(list, InlineTable::from_iter([("name", Value::from(name)), ("kind", "http".into())]));
    Ok(())
}

fn push(api: &mut dyn TableLike, new: &NewRoute) -> Result<(), EditError> {
    if !api.contains_key(ROUTES) {
        api.insert(ROUTES, value(Array::new()));
    }
    let pairs = [("route", new.route.as_str()), ("function", &*new.function)];
    let routes = api.get_mut(ROUTES).ok_or_else(|| no_list(ROUTES))?;
    if let Some(tables) = routes.as_array_of_tables_mut() {
        tables.push(Table::from_iter(pairs));
        return Ok(());
    }
    list_edit::push(routes.as_array_mut().ok_or_else(|| no_list(ROUTES))?, InlineTable::from_iter(pairs));
    Ok(())
}

fn no_list(key: &str) -> EditError {
    EditError::Refused(format!("{key} is no list of tables in the file; repair that first"))
}

/// Takes an added route out again, with the API that was made for it; what was done comes back as a sentence.
///
/// # Errors
/// It is not there any more, or the file cannot be changed.
pub fn undo_add(workspace: &Path, added: AddedRoute) -> Result<String, EditError> {
    let mut edit = Edit::begin(workspace)?;
    let told = format!("{} of {} is gone again.", added.route, added.api);
    if edit.text == added.after {
        edit.write(&added.before)?;
        return Ok(told);
    }
    let missing = || EditError::Missing { what: "route", name: format!("{} of {}", added.route, added.api) };
    let table = api(&mut edit.document, &added.api).and_then(Item::as_table_like_mut).ok_or_else(missing)?;
    let left = remove(table.get_mut(ROUTES).ok_or_else(missing)?, &added).ok_or_else(missing)?;
    if added.makes_api && left == 0 {
        remove_api(&mut edit, &added.api);
    }
    edit.write(&edit.document.to_string())?;
    Ok(told)
}

/// Takes the route out of its list, and tells how many are left.
fn remove(routes: &mut Item, added: &AddedRoute) -> Option<usize> {
    let is_it = |table: &dyn TableLike| {
        let says = |key, wanted: &str| table.get(key).and_then(Item::as_str) == Some(wanted);
        says("route", &added.route) && says("function", &added.function)
    };
    if let Some(tables) = routes.as_array_of_tables_mut() {
        let index = tables.iter().position(|table| is_it(table))?;
        tables.remove(index);
        return Some(tables.len());
    }
    let list = routes.as_array_mut()?;
    let index = list.iter().position(|value| value.as_inline_table().is_some_and(|table| is_it(table)))?;
    list_edit::remove(list, index);
    Some(list.len())
}

fn remove_api(edit: &mut Edit, name: &str) {
    let Some(apis) = edit.document.get_mut(APIS) else { return };
    let is_it = |table: &dyn TableLike| table.get("name").and_then(Item::as_str) == Some(name);
    let left = if let Some(tables) = apis.as_array_of_tables_mut() {
        tables.retain(|table| !is_it(table));
        tables.len()
    } else {
        let Some(list) = apis.as_array_mut() else { return };
        let index = list.iter().position(|value| value.as_inline_table().is_some_and(|table| is_it(table)));
        index.into_iter().for_each(|index| list_edit::remove(list, index));
        list.len()
    };
    if left == 0 {
        edit.document.remove(APIS);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::workspace::FILE_NAME;

    const FUNCTION: &str = "[functions.pay]\nscript = [{ respond = 1 }] # mine\n";

    /// Adds `ANY /pay` to a file; what the file is then, and after an undo when something was written below it meanwhile.
    fn added(apis: &str, api: Option<&str>) -> Result<(String, String), String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE_NAME);
        let whole = format!("{FUNCTION}{apis}");
        fs::write(&file, &whole).unwrap();
        let new = NewRoute { api: api.map(Into::into), route: "ANY /pay".into(), function: "pay".into() };
        let added = add_route(folder.path(), &new).map_err(|error| error.to_string())?;
        let held = || fs::read_to_string(&file).unwrap();
        let with_route = held();
        undo_add(folder.path(), added.clone()).unwrap();
        assert_eq!(held(), whole, "byte for byte");
        fs::write(&file, format!("{with_route}# more\n")).unwrap();
        undo_add(folder.path(), added.clone()).unwrap();
        let after = held();
        assert!(undo_add(folder.path(), added).is_err(), "once");
        Ok((with_route.strip_prefix(FUNCTION).unwrap().to_owned(), after.strip_prefix(FUNCTION).unwrap().to_owned()))
    }

    #[test]
    fn a_route_gets_an_api_of_its_own_or_stands_behind_the_others() {
        let new = "{ route = \"ANY /pay\", function = \"pay\" }";
        for (apis, api, with_route, after_undo) in [
            ("", None, format!("\n[[apis]]\nname = \"pay\"\nkind = \"http\"\nroutes = [{new}]\n"), "# more\n".to_owned()),
            (
                "[[apis]]\nname = \"shop\"\nroutes = [{ route = \"GET /\", function = \"pay\" }] # kept\n",
                Some("shop"),
                format!("[[apis]]\nname = \"shop\"\nroutes = [{{ route = \"GET /\", function = \"pay\" }}, {new}] # kept\n"),
                "[[apis]]\nname = \"shop\"\nroutes = [{ route = \"GET /\", function = \"pay\" }] # kept\n# more\n".to_owned(),
            ),
            (
                "[[apis]]\nname = \"shop\"\nroutes = [\n  { route = \"GET /\", function = \"pay\" }, # first\n]\n",
                Some("shop"),
                format!(
                    "[[apis]]\nname = \"shop\"\nroutes = [\n  {{ route = \"GET /\", function = \"pay\" }}, # first\n  {new},\n]\n"
                ),
                "[[apis]]\nname = \"shop\"\nroutes = [\n  { route = \"GET /\", function = \"pay\" }, # first\n]\n# more\n".to_owned(),
            ),
            (
                "[[apis]]\nname = \"shop\"\n[[apis.routes]]\nroute = \"GET /\"\nfunction = \"pay\"\n",
                Some("shop"),
                "[[apis]]\nname = \"shop\"\n[[apis.routes]]\nroute = \"GET /\"\nfunction = \"pay\"\n\n[[apis.routes]]\nroute = \"ANY /pay\"\nfunction = \"pay\"\n".to_owned(),
                "[[apis]]\nname = \"shop\"\n[[apis.routes]]\nroute = \"GET /\"\nfunction = \"pay\"\n# more\n".to_owned(),
            ),
        ] {
            assert_eq!(added(apis, api), Ok((with_route, after_undo)), "{apis}");
        }
    }

    #[test]
    fn what_cannot_be_a_route_changes_nothing() {
        assert_eq!(added("", Some("shop")).unwrap_err(), "there is no API shop in invokelab.toml");
        let taken = "[[apis]]\nname = \"shop\"\nroutes = [{ route = \"ANY /pay\", function = \"pay\" }]\n";
        let error = added(taken, Some("shop")).unwrap_err();
        assert!(error.starts_with("shop: ") && error.contains("ANY /pay"), "{error}");
        assert_eq!(added("[apis]\nshop = 1\n", None).unwrap_err(), "apis is no list of tables in the file; repair that first");
    }
}
