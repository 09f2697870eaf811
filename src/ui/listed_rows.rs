//! Rows of functions and queues: how each stands, in two lines or in one.

use egui::{Color32, Id, Response, Ui};

use super::composer::UnsavedMark;
use super::icons;
use super::list_row::{Chosen, ListRow};
use super::listed::{Composed, Listed};
use super::status_bar::whole_seconds;
use super::theme::Palette;
use crate::event::FunctionView;
use crate::model::Model;
use crate::service::ids::{FunctionName, QueueName};
use crate::service::time::Timestamp;

/// What the rows are drawn from.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    pub model: &'a Model,
    pub composed: Composed<'a>,
    pub now: Timestamp,
    /// There is room for one line a row.
    pub compact: bool,
}

pub fn function_row(ui: &mut Ui, id: Id, view: &FunctionView, look: Look<'_>) -> Response {
    let palette = Palette::of(ui);
    let name = &view.configuration.name;
    let Standing { icon, colour, words: last, short } = standing(look.model, view, &palette);
    let runtime = view.runtime_found.as_deref().unwrap_or(&view.runtime);
    let long = if last.is_empty() { runtime.to_owned() } else { format!("{runtime} · {last}") };
    let unsaved = look.composed.unsaved.get(name);
    let second = match unsaved {
        Some(_) if look.compact => UnsavedMark::Edited.words().to_owned(),
        Some(mark @ UnsavedMark::BroughtBack) => mark.words().to_owned(),
        _ if look.compact && !short.is_empty() => short,
        _ => long.clone(),
    };
    let dots = dots(look.model, name, &palette);
    let chosen = look.composed.is(&Listed::Function(name.clone()));
    let marked = unsaved.is_some();
    let row = ListRow { name, second: &second, least: "", icon, colour, chosen, marked, dots: &dots, compact: look.compact };
    let response = row.show(ui, id);
    let target = (chosen == Chosen::Target).then_some("What you send goes to this function, or to the chosen queue.");
    let tips = [view.broken.as_deref(), unsaved.map(|mark| mark.sentence()), target];
    let compact = look.compact.then(|| format!("{name}\n{long}"));
    let tips: Vec<&str> = compact.as_deref().into_iter().chain(tips.into_iter().flatten()).collect();
    if tips.is_empty() { response } else { response.on_hover_text(tips.join("\n")) }
}

/// How it last went: an icon, its colour, a few words, and fewer where the icon says the rest.
struct Standing {
    icon: &'static str,
    colour: Color32,
    words: String,
    short: String,
}

fn standing(model: &Model, view: &FunctionView, palette: &Palette) -> Standing {
    let told = |icon, colour, words: String| Standing { icon, colour, short: words.clone(), words };
    if view.broken.is_some() {
        return told(icons::WARNING, palette.error, "cannot run".into());
    }
    let function = model.functions.get(&view.configuration.name);
    if function.is_some_and(|function| function.is_stopped_loop) {
        return told(icons::FAILED, palette.error, "recursive loop".into());
    }
    let last = function.and_then(|function| function.last);
    let last = last.and_then(|id| model.invocations.get(&id));
    let Some((attempt, ended)) = last.and_then(|invocation| invocation.last_ended()) else {
        return told(icons::CIRCLE, palette.third, String::new());
    };
    if let Some(failed) = last.and_then(|invocation| model.failed_words(invocation)) {
        return told(icons::FAILED, palette.error, failed);
    }
    match &ended.result {
        Ok(_) => told(icons::OK, palette.ok, ended.duration.to_string()),
        Err(_) => Standing {
            short: format!("attempt {}", attempt.number),
            ..told(icons::FAILED, palette.error, format!("attempt {} failed", attempt.number))
        },
    }
}

fn dots(model: &Model, name: &FunctionName, palette: &Palette) -> Vec<(Color32, bool)> {
    let own = model.environments.values().filter(|environment| environment.function == *name);
    own.map(|environment| match (environment.ready, environment.running) {
        (true, Some(id)) => {
            (model.invocations.get(&id).map_or(palette.second, |invocation| palette.model(invocation.model())), true)
        }
        (true, None) => (palette.ok, true),
        (false, _) => (palette.third, false),
    })
    .collect()
}

pub fn queue_row(ui: &mut Ui, id: Id, name: &QueueName, look: Look<'_>) -> Response {
    let palette = Palette::of(ui);
    let (waiting, invisible) = look.model.queues.get(name).map_or((0, 0), |queue| queue.depth());
    let oldest = look.model.queues.get(name).and_then(|queue| queue.oldest());
    let long = match (waiting, invisible, oldest) {
        (0, 0, _) => "SQS · empty".to_owned(),
        (waiting, 0, Some(oldest)) => {
            format!("SQS · {waiting} waiting, oldest {}", whole_seconds(look.now.since(oldest)))
        }
        (waiting, invisible, _) => format!("SQS · {waiting} waiting, {invisible} invisible"),
    };
    let short = match (waiting, invisible) {
        (0, 0) => "empty".to_owned(),
        (waiting, 0) => format!("{waiting} waiting"),
        (0, invisible) => format!("{invisible} invisible"),
        (waiting, invisible) => format!("{waiting} + {invisible}"),
    };
    let dead = look.model.is_dead_letter_queue(name);
    let icon = if dead { icons::DEAD_LETTER } else { icons::QUEUE };
    let colour = if dead && waiting > 0 { palette.error } else { palette.second };
    let chosen = look.composed.is(&Listed::Queue(name.clone()));
    let second = if look.compact { &short } else { &long };
    let least = if waiting + invisible == 0 { String::new() } else { (waiting + invisible).to_string() };
    let row = ListRow { name, second, least: &least, icon, colour, chosen, marked: false, dots: &[], compact: look.compact };
    let response = row.show(ui, id);
    if look.compact { response.on_hover_text(format!("{name}\n{long}")) } else { response }
}
