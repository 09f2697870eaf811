//! What can be done with a function.

use super::{Group, MenuItem};
use crate::command::Command;
use crate::model::Model;
use crate::model::selection::Selection;
use crate::service::ids::FunctionName;
use crate::ui::action::{Action, ComposerTab};

#[must_use]
pub fn of_function(model: &Model, name: &FunctionName) -> Vec<MenuItem> {
    let open = |tab| [Action::ChooseFunction(name.clone()), Action::OpenTab(tab)];
    let mut items = vec![
        MenuItem::new(Group::Run, "Invoke", [&open(ComposerTab::Event)[..], &[Action::Send]].concat()),
        MenuItem::new(Group::Show, "Open code", open(ComposerTab::Code)),
        MenuItem::new(Group::Show, "Edit configuration", open(ComposerTab::Configuration)),
    ];
    if let Some(last) = model.functions.get(name).and_then(|function| function.last) {
        let show = [Action::Select(Selection::Invocation(last)), Action::OpenPanel(crate::ui::docking::Pane::Inspector)];
        items.push(MenuItem::new(Group::Show, "Show the last invocation", show));
    }
    items.extend(copies(model, name));
    items.push(MenuItem::new(Group::Remove, "Remove", [Action::Command(Command::RemoveFunction(name.clone()))]));
    items
}

/// Names and addresses by which others reach it.
fn copies(model: &Model, name: &FunctionName) -> Vec<MenuItem> {
    let workspace = &model.workspace;
    let arn = format!("arn:aws:lambda:{}:{}:function:{name}", workspace.region, workspace.account_id);
    let mut items = vec![MenuItem::copy("Copy name", &**name), MenuItem::copy("Copy ARN", arn)];
    if let Some(endpoint) = model.endpoint() {
        items.push(MenuItem::copy("Copy invoke URL", format!("{endpoint}/2015-03-31/functions/{name}/invocations")));
    }
    let door = format!("url {name}");
    let of_function = model.doors.iter().filter(|found| *found.kind == *door);
    for found in of_function {
        let what = if found.is_https() { "Copy function URL (HTTPS)" } else { "Copy function URL" };
        items.push(MenuItem::copy(what, &*found.address));
    }
    if let Some(view) = workspace.functions.iter().find(|view| view.configuration.name == *name) {
        items.push(MenuItem::copy("Copy path of the code", view.code.display().to_string()));
        items.extend(view.broken.as_ref().map(|reason| MenuItem::copy("Copy why it cannot run", reason)));
    }
    items
}
