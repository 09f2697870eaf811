//! `invokelab event`: a template on standard output.

use std::process::ExitCode;

use super::arguments::Event;
use super::{Failure, output};
use crate::events_catalog::variables::{Expansion, NO_VARIABLES, expand};
use crate::events_catalog::{Template, find, set_pointers, templates};
use crate::executor::clock;

pub fn event(task: &Event) -> Result<ExitCode, Failure> {
    if task.list {
        let line = |template: &Template| format!("{:<14} {:<12} {}\n", template.kind, template.service, template.summary);
        output::print(templates().iter().map(line).collect::<String>());
        return Ok(ExitCode::SUCCESS);
    }
    let template = find(task.kind.as_deref().unwrap_or_default()).map_err(Failure::wrong)?;
    let now = clock::wall();
    let environment = |name: &str| std::env::var(name).ok();
    let expansion = Expansion { now, seq: 1, seed: now.0, environment: &environment, variables: &NO_VARIABLES };
    let text = expand(template.text, &expansion);
    let text = text.map_err(|error| Failure::wrong(error.message))?;
    if task.set.is_empty() {
        output::print(text);
        return Ok(ExitCode::SUCCESS);
    }
    let mut assignments = Vec::with_capacity(task.set.len());
    for assignment in &task.set {
        let (pointer, value) = assignment
            .split_once('=')
            .ok_or_else(|| Failure::wrong(format!("--set {assignment}: write POINTER=VALUE, such as /Records/0/body=hello")))?;
        assignments.push((pointer.to_owned(), value.to_owned()));
    }
    output::print(format!("{}\n", set_pointers(&text, &assignments).map_err(Failure::wrong)?));
    Ok(ExitCode::SUCCESS)
}
