//! Files of a workspace that the window edits while others write into them, through the executor.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use invokelab::command::{ClockMode, Command, NewRoute, RequestDoor};
use invokelab::event::{Event, NoticeLevel};
use invokelab::executor::Database;
use invokelab::http_model::message::HttpRequest;
use invokelab::model::Model;
use invokelab::service::input::InvocationType;

use crate::workbench::Workbench;

/// A workspace with one function, `f`, whose handler is `f.mjs`.
struct Editing {
    workbench: Workbench,
    folder: tempfile::TempDir,
}

impl Editing {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("invokelab.toml"), "[functions.f]\nruntime = \"javascript\"\ncode = \"f.mjs\"\n").unwrap();
        fs::write(folder.path().join("f.mjs"), "export const handler = () => 1;\n").unwrap();
        let editing = Self { workbench: Workbench::open(folder.path()), folder };
        // Once the doors are told, the session has begun.
        editing.wait(|event| matches!(event, Event::Door(_)).then_some(()));
        editing
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn code(&self) -> String {
        self.wait(|event| match event {
            Event::Code { text, .. } => Some(text.clone()),
            _ => None,
        })
    }
}

impl std::ops::Deref for Editing {
    type Target = Workbench;

    fn deref(&self) -> &Workbench {
        &self.workbench
    }
}

#[test]
fn a_handler_that_somebody_else_changed_is_told_and_not_saved_over() {
    let workbench = Editing::open();
    workbench.send(Command::LoadCode("f".into()));
    let loaded = workbench.code();
    fs::write(workbench.file("f.mjs"), "export const handler = () => 2;\n").unwrap();
    let path = workbench.wait(|event| match event {
        Event::CodeChanged { function, path } if **function == *"f" => Some(path.clone()),
        _ => None,
    });
    assert_eq!(path.file_name().unwrap(), "f.mjs");
    let save = |replaces: &str| Command::SaveCode {
        function: "f".into(),
        text: "export const handler = () => 3;\n".into(),
        replaces: replaces.into(),
    };
    workbench.send(save(&loaded));
    let mut theirs = String::new();
    let told = workbench.wait(|event| match event {
        Event::CodeNotSaved { held: Some((_, text)), .. } => {
            theirs.clone_from(text);
            None
        }
        Event::Notice(notice) if notice.level == NoticeLevel::Error => Some(notice.text.clone()),
        _ => None,
    });
    assert!(told.contains("holds another text by now, so it was not saved over"), "{told}");
    assert_eq!(theirs, "export const handler = () => 2;\n", "its text comes before the sentence");
    assert_eq!(fs::read_to_string(workbench.file("f.mjs")).unwrap(), theirs);
    workbench.send(save(&theirs));
    workbench.wait(|event| matches!(event, Event::CodeSaved { .. }).then_some(()));
    assert_eq!(fs::read_to_string(workbench.file("f.mjs")).unwrap(), "export const handler = () => 3;\n");
}

#[test]
fn a_removed_event_is_put_back() {
    let workbench = Editing::open();
    let (function, name) = (Arc::<str>::from("f"), "one".to_owned());
    let text = "{\"a\":1}".to_owned();
    workbench.send(Command::SaveEvent { function: function.clone(), name: name.clone(), text, replaces: None, copy_of: None });
    workbench.send(Command::RemoveSavedEvent { function, name });
    workbench.send(Command::UndoRemoveSavedEvent);
    let text = workbench.wait(|event| match event {
        Event::SavedEvent { name, text, .. } if name == "one" => Some(text.clone()),
        _ => None,
    });
    assert_eq!(text, "{\"a\":1}");
    assert_eq!(fs::read_to_string(workbench.file("events/f/one.json")).unwrap(), text);
}

#[test]
fn what_belongs_to_an_event_belongs_to_its_copy_and_is_listed_where_it_is_wrong() {
    let workbench = Editing::open();
    let meta = workbench.file("events/f/one.meta.toml");
    fs::create_dir_all(meta.parent().unwrap()).unwrap();
    fs::write(&meta, "invocation_type = \"Event\"\nvariable = 1\n").unwrap();
    let save = |name: &str, copy_of: Option<&str>| Command::SaveEvent {
        function: "f".into(),
        name: name.to_owned(),
        text: "{}".to_owned(),
        replaces: None,
        copy_of: copy_of.map(str::to_owned),
    };
    let mut listed = Vec::new();
    let mut list = |event: &Event| {
        if let Event::Workspace(view) = event {
            listed = view.problems.iter().map(invokelab::event::Problem::place).collect();
        }
        listed.clone()
    };
    for (name, copy_of) in [("one", None), ("two", Some("one"))] {
        workbench.send(save(name, copy_of));
        let saved = workbench.wait(|event| {
            list(event);
            match event {
                Event::EventSaved { name: saved, meta, .. } if saved == name => Some(meta.invocation_type),
                _ => None,
            }
        });
        assert_eq!(saved, Some(InvocationType::Event), "{name}");
    }
    let both = list(&Event::Stopped);
    assert_eq!(both, ["one.meta.toml:2:1", "two.meta.toml:2:1"]);
    for name in ["one", "two"] {
        fs::write(workbench.file(&format!("events/f/{name}.meta.toml")), "invocation_type = \"Event\"\n").unwrap();
    }
    workbench.wait(|event| list(event).is_empty().then_some(()));
}

#[test]
fn a_folder_becomes_a_workspace_and_is_opened() {
    let workbench = Editing::open();
    let folder = workbench.file("new shop");
    workbench.send(Command::CreateWorkspace(folder.clone()));
    let name = workbench.wait(|event| match event {
        Event::Workspace(view) if view.folder.ends_with("new shop") => Some(view.name.clone()),
        _ => None,
    });
    assert_eq!(name, "new-shop");
    workbench.send(Command::CreateWorkspace(folder));
    let told = workbench.wait(|event| match event {
        Event::WorkspaceNotOpened(reason) => Some(reason.clone()),
        _ => None,
    });
    assert!(told.contains("there is a workspace already"), "{told}");
}

#[test]
fn another_workspace_is_shown_whole_and_what_is_none_changes_nothing() {
    let workbench = Editing::open();
    let shop = workbench.file("shop");
    fs::create_dir(&shop).unwrap();
    fs::write(shop.join("invokelab.toml"), "[queues.incoming]\n").unwrap();
    workbench.send(Command::SetClock(ClockMode::Paused));
    workbench.send(Command::OpenWorkspace(workbench.file("nowhere")));
    let mut model = Model::default();
    let mut told = String::new();
    while told.is_empty() {
        let turn = workbench.next_turn();
        for event in &turn {
            model.apply(event);
            assert!(!matches!(event, Event::Door(_)), "no door is opened anew");
            if let Event::WorkspaceNotOpened(reason) = event {
                told.clone_from(reason);
            }
        }
    }
    assert!(told.contains("was not opened") && model.clock.is_some_and(|clock| clock.mode == ClockMode::Paused), "{told}");
    workbench.send(Command::OpenWorkspace(shop));
    while model.queues.is_empty() {
        let turn = workbench.next_turn();
        turn.iter().for_each(|event| model.apply(event));
    }
    // What is told at the end of the same turn leaves them where they are.
    workbench.send(Command::SearchHistory { text: String::new(), limit: 1 });
    loop {
        let turn = workbench.next_turn();
        turn.iter().for_each(|event| model.apply(event));
        if turn.iter().any(|event| matches!(event, Event::History { .. })) {
            break;
        }
    }
    assert_eq!(model.queues.keys().map(|queue| &**queue).collect::<Vec<_>>(), ["incoming"]);
}

#[test]
fn another_workspace_has_the_ports_of_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, doors_port: u16| {
        let workspace = folder.path().join(name);
        fs::create_dir(&workspace).unwrap();
        let text = format!(
            "[workspace]\ndoors_port = {doors_port}\n[functions.f]\nscript = [{{ return = {{}} }}]\n[functions.f.url]\nauth_type = \"NONE\"\n"
        );
        fs::write(workspace.join("invokelab.toml"), text).unwrap();
        workspace
    };
    let port = |event: &Event| match event {
        Event::Door(door) if door.kind.starts_with("url") => {
            Some(door.address.split(':').nth(2)?.split('/').next()?.parse::<u16>().unwrap())
        }
        _ => None,
    };
    let workbench = Workbench::open(&write("one", 0));
    let first = workbench.wait(port);
    for name in ["two", "three"] {
        workbench.send(Command::OpenWorkspace(write(name, first)));
        assert_eq!(workbench.wait(port), first, "{name}");
    }
}

#[test]
fn a_saved_event_that_somebody_else_changed_is_told_and_not_saved_over() {
    let workbench = Editing::open();
    let file = workbench.file("events/f/hello.json");
    let save = |text: &str, replaces: Option<&str>| Command::SaveEvent {
        function: "f".into(),
        name: "hello".into(),
        text: text.into(),
        replaces: replaces.map(Into::into),
        copy_of: None,
    };
    let saved = |event: &Event| matches!(event, Event::EventSaved { .. }).then_some(());
    for (text, replaces) in [("1", None), ("2", Some("1"))] {
        workbench.send(save(text, replaces));
        workbench.wait(saved);
    }
    fs::write(&file, "theirs").unwrap();
    workbench.wait(|event| matches!(event, Event::SavedEventChanged { name, .. } if name == "hello").then_some(()));
    workbench.send(save("3", Some("2")));
    let mut read = String::new();
    let told = workbench.wait(|event| match event {
        Event::EventNotSaved { held: Some(text), .. } => {
            read.clone_from(text);
            None
        }
        Event::Notice(notice) if notice.level == NoticeLevel::Error => Some(notice.text.clone()),
        _ => None,
    });
    assert!(told.contains("“hello” holds another text by now, so it was not saved over"), "{told}");
    assert_eq!(read, "theirs", "its text comes before the sentence");
    assert_eq!(fs::read_to_string(&file).unwrap(), "theirs");
    workbench.send(save("3", Some("theirs")));
    workbench.wait(saved);
    assert_eq!(fs::read_to_string(&file).unwrap(), "3");
}

#[test]
fn every_save_is_answered_with_the_name_that_files_have() {
    let workbench = Editing::open();
    fs::create_dir_all(workbench.file("events/f")).unwrap();
    fs::write(workbench.file("events/f/a-b.json"), "theirs").unwrap();
    fs::write(workbench.file("events/f/bytes.json"), [0xff]).unwrap();
    for (asked, listed, holds) in [("a:b", "a-b", Some("theirs")), ("x/y", "x/y", None), ("bytes", "bytes", None)] {
        let (function, name, text) = ("f".into(), asked.to_owned(), "mine".to_owned());
        workbench.send(Command::SaveEvent { function, name, text, replaces: None, copy_of: None });
        let answer = workbench.wait(|event| match event {
            Event::EventNotSaved { asked, name, text, held, .. } => {
                Some((asked.clone(), name.clone(), text.clone(), held.clone()))
            }
            _ => None,
        });
        assert_eq!(answer, (asked.to_owned(), listed.to_owned(), "mine".to_owned(), holds.map(str::to_owned)));
    }
    workbench.send(Command::LoadSavedEvent { function: "f".into(), name: "a:b".to_owned() });
    let name = workbench.wait(|event| match event {
        Event::SavedEvent { name, .. } => Some(name.clone()),
        _ => None,
    });
    assert_eq!(name, "a-b");
    fs::write(workbench.file("f.mjs"), [0xff]).unwrap();
    workbench.send(Command::SaveCode { function: "f".into(), text: "mine".to_owned(), replaces: "".into() });
    let held = workbench.wait(|event| match event {
        Event::CodeNotSaved { text, held, .. } if text == "mine" => Some(held.clone()),
        _ => None,
    });
    assert_eq!(held, None, "a file that is not text is not shown, and the save is answered");
}

#[test]
fn the_workspaces_that_were_opened_last_are_listed_with_the_newest_first() {
    let folder = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(folder.path()).unwrap();
    for name in ["one", "two"] {
        fs::create_dir(root.join(name)).unwrap();
        fs::write(root.join(name).join("invokelab.toml"), "[queues.q]\n").unwrap();
    }
    let workbench = Workbench::with(&root.join("one"), Database::Folder(root.join("data")), None);
    let listed = || {
        workbench.send(Command::ListWorkspaces);
        workbench.wait(|event| match event {
            Event::RecentWorkspaces(recent) => Some(recent.iter().map(|recent| recent.folder.clone()).collect::<Vec<_>>()),
            _ => None,
        })
    };
    assert!(listed().is_empty(), "the program that is started with one remembers it");
    for name in ["two", "one"] {
        workbench.send(Command::OpenWorkspace(root.join(name)));
        workbench.wait(|event| matches!(event, Event::Workspace(view) if view.folder.ends_with(name)).then_some(()));
    }
    assert_eq!(listed(), [root.join("one"), root.join("two")]);
}

#[test]
fn a_route_is_added_answers_and_is_taken_out_again() {
    let workbench = Editing::open();
    let before = fs::read_to_string(workbench.file("invokelab.toml")).unwrap();
    let new = NewRoute { api: None, route: "ANY /f".into(), function: "f".into() };
    workbench.send(Command::AddRoute(new.clone()));
    let told = workbench.wait(|event| match event {
        Event::Added(sentence) => Some(sentence.clone()),
        _ => None,
    });
    assert_eq!(told, "ANY /f of the new HTTP API f leads to f from now on.");
    let request = Box::new(HttpRequest { method: "GET".into(), path: "/f".into(), ..HttpRequest::default() });
    workbench.send(Command::Request { ticket: 5, door: RequestDoor::Api("f".into()), request });
    let body = workbench.wait(|event| match event {
        Event::Exchange(exchange) if exchange.ticket == Some(5) => Some(exchange.response.body.clone()),
        _ => None,
    });
    assert_eq!(&body[..], b"1");
    workbench.send(Command::AddRoute(new));
    let told = workbench.wait(|event| match event {
        Event::Notice(notice) if notice.level == NoticeLevel::Error => Some(notice.text.clone()),
        _ => None,
    });
    assert!(told.starts_with("No route was added: "), "{told}");
    workbench.send(Command::UndoAdd);
    workbench.wait(|event| matches!(event, Event::Notice(notice) if notice.text == "ANY /f of f is gone again.").then_some(()));
    assert_eq!(fs::read_to_string(workbench.file("invokelab.toml")).unwrap(), before);
}

#[test]
fn files_of_the_workspace_are_shown_but_for_those_of_secrets() {
    let workbench = Editing::open();
    let path = |name: &str| fs::canonicalize(workbench.folder.path()).unwrap().join(name);
    fs::write(path("keys"), "[a]\n").unwrap();
    let text = format!("[workspace]\ncredentials_file = \"keys\"\n{}", fs::read_to_string(path("invokelab.toml")).unwrap());
    fs::write(path("invokelab.toml"), &text).unwrap();
    workbench.wait(|event| matches!(event, Event::Workspace(view) if view.credentials_file.is_some()).then_some(()));
    for (file, expected) in [
        (path("invokelab.toml"), Ok(text.as_str())),
        (path("keys"), Err("holds secrets")),
        (path("nothing.json"), Err("cannot be read")),
        (PathBuf::from("/etc/hostname"), Err("is no file of this workspace")),
    ] {
        workbench.send(Command::LoadFile(file.clone()));
        let answer = workbench.wait(|event| match event {
            Event::File { path, text } if *path == file => Some(Ok(text.clone())),
            Event::NoFile { path, reason } if *path == file => Some(Err(reason.clone())),
            _ => None,
        });
        match (answer, expected) {
            (Ok(text), Ok(expected)) => assert_eq!(text, expected),
            (Err(reason), Err(expected)) => assert!(reason.contains(expected), "{reason}"),
            (answer, _) => panic!("{}: {answer:?}", file.display()),
        }
    }
}
