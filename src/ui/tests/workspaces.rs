//! The workspaces that were open before.

use egui_kittest::kittest::NodeT as _;

use super::*;
use crate::event::RecentWorkspace;

fn recent() -> Event {
    let one = |folder: &str, name: &str, missing: Option<&str>| RecentWorkspace {
        folder: folder.into(),
        name: name.into(),
        missing: missing.map(str::to_owned),
    };
    let gone = one("/gone", "gone", Some("the folder is gone"));
    Event::RecentWorkspaces(vec![one("/w", "orders", None), one("/b/billing", "billing", None), gone])
}

#[test]
fn workspaces_that_were_open_before_are_opened_from_the_menu() {
    let mut window = Window::bare(InvocationModel::Synchronous, [1_440.0, 900.0]);
    window.tell(vec![workspace(), Event::Clock(clock(ClockMode::Live))]);
    assert!(window.sent().iter().any(|command| matches!(command, Command::ListWorkspaces)), "they are asked for");
    window.tell(vec![recent()]);
    let sent = window.press("Workspace");
    assert!(matches!(&sent[..], [Command::ListWorkspaces]), "one may be gone by now: {sent:?}");
    let gone = window.harness.get_by_role_and_label(Role::Button, "Open gone");
    assert!(gone.accesskit_node().is_disabled());
    assert!(window.press("orders, open").is_empty(), "it is open");
    window.press("Workspace");
    let sent = window.press("Open billing");
    assert!(matches!(&sent[..], [Command::OpenWorkspace(path)] if path.ends_with("b/billing")), "{sent:?}");
    assert!(window.harness.query_by_label("Open billing").is_none(), "the menu closes");
}

#[test]
fn workspaces_that_were_open_before_are_in_the_palette() {
    let mut window = Window::open(InvocationModel::Synchronous);
    window.tell(vec![recent()]);
    let sent = window.run("workspace billing");
    assert!(matches!(&sent[..], [Command::OpenWorkspace(path)] if path.ends_with("b/billing")), "{sent:?}");
    assert!(window.run("workspace gone").is_empty(), "one that is gone is not offered");
}
