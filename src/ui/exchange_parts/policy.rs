//! The resource-based policy: its statements, which of them let the last request in or kept it out, and what another caller
//! would get.

use egui::{ComboBox, Label, RichText, Ui};

use super::field_notes::word_chip;
use crate::event::{Exchange, FunctionView};
use crate::http_model::configuration::ApiKind;
use crate::http_model::policy::{ActionDecision, DecidedBy, Decision, Effect, Policy, PrincipalPattern, Statement, Verdict};
use crate::model::Model;
use crate::model::callers::{ImaginedCaller, LookedAt, Welcome, caller_through};
use crate::service::ids::FunctionName;
use crate::service::time::Timestamp;
use crate::ui::action::Action;
use crate::ui::icons;
use crate::ui::theme::{self, BODY, Palette, SMALL, TINY};
use crate::ui::widgets;

/// The caller that a person imagines, by its place among those who can come.
#[derive(Default)]
pub struct PolicyPart {
    /// `None`: the one that comes through the door that is looked at.
    chosen: Option<usize>,
    /// Who that was last.
    looked_at: usize,
}

impl PolicyPart {
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        model: &Model,
        function: Option<&FunctionName>,
        (door, exchange): (LookedAt<'_>, Option<&Exchange>),
        actions: &mut Vec<Action>,
    ) {
        let palette = Palette::of(ui);
        let view = function.and_then(|name| model.workspace.functions.iter().find(|view| view.configuration.name == *name));
        let Some(view) = view else {
            ui.label(RichText::new("No function stands behind this request, so no policy was asked.").color(palette.second));
            return;
        };
        let callers = model.imaginable_callers(view);
        let looked_at = caller_through(&callers, door);
        if std::mem::replace(&mut self.looked_at, looked_at) != looked_at {
            self.chosen = None;
        }
        let now = model.clock.map_or_else(Timestamp::default, |clock| clock.now);
        let welcome = callers.get(looked_at).map(|caller| model.welcome(view, *caller, now));
        let asked = exchange.and_then(|exchange| Some((exchange, exchange.access.as_ref()?)));
        let decision = asked.map(|(_, asked)| asked.decision()).or(match &welcome {
            Some(Welcome::Decided(decision)) => Some(decision),
            _ => None,
        });
        let by_console = match &welcome {
            Some(Welcome::ByConsole(statement)) => Some(statement),
            _ => None,
        };
        statements_ui(ui, view, decision, by_console, actions);
        if let Some((exchange, asked)) = asked {
            ui.add_space(8.0);
            widgets::section(ui, "The last request", |_| {});
            decision_ui(ui, asked.decision(), &exchange.response.status.to_string());
        }
        self.what_if(ui, model, view, &callers);
    }

    fn what_if(&mut self, ui: &mut Ui, model: &Model, view: &FunctionView, callers: &[ImaginedCaller<'_>]) {
        let palette = Palette::of(ui);
        let mut index = self.chosen.unwrap_or(self.looked_at).min(callers.len().saturating_sub(1));
        let Some(before) = callers.get(index) else { return };
        ui.add_space(8.0);
        widgets::section(ui, "What if the caller were", |_| {});
        let width = ui.available_width();
        let combo = ComboBox::from_id_salt("caller").width(width).truncate().selected_text(before.words());
        let shown = combo.show_ui(ui, |ui| {
            for (other, caller) in callers.iter().enumerate() {
                if ui.selectable_value(&mut index, other, caller.words()).clicked() {
                    self.chosen = Some(other);
                }
            }
        });
        shown.response.accessible_name("Imagined caller");
        let now = model.clock.map_or_else(Timestamp::default, |clock| clock.now);
        match model.welcome(view, callers[index], now) {
            Welcome::NotSigned => {
                let text = "Unsigned at a URL with AWS_IAM: 403 before any statement is read.";
                ui.label(RichText::new(text).size(SMALL).color(palette.error));
            }
            Welcome::ByConsole(_) => {
                verdict_ui(ui, Verdict::Allow, "");
                small(ui, "by the statement that the console adds with a route, since the file has no policy", palette.text);
            }
            Welcome::Decided(decision) => {
                let status = match callers[index] {
                    ImaginedCaller::Anonymous | ImaginedCaller::Signer(_) => "403",
                    ImaginedCaller::Gateway(api, _) if api.kind == ApiKind::LoadBalancer => "502",
                    ImaginedCaller::Gateway(..) => "500",
                };
                decision_ui(ui, &decision, status);
            }
        }
    }
}

/// The statements; what decides for the door that is looked at stands first.
fn statements_ui(
    ui: &mut Ui,
    view: &FunctionView,
    decision: Option<&Decision>,
    by_console: Option<&Statement>,
    actions: &mut Vec<Action>,
) {
    let palette = Palette::of(ui);
    ui.spacing_mut().interact_size.y = theme::LINE;
    let statements = &view.access.statements;
    let document = Policy { statements: statements.clone() };
    let title = if view.access.statements_are_default { "Statements, as the console makes them" } else { "Statements" };
    widgets::section(ui, title, |ui| {
        if !statements.is_empty() && widgets::small_button(ui, "Copy policy").clicked() {
            actions.push(Action::Copy(format!("{:#}", document.to_json())));
        }
    });
    if let Some(statement) = by_console {
        statement_ui(ui, 0, statement, true);
    } else if statements.is_empty() {
        ui.label(RichText::new("None: nobody but the account's own identities gets in.").size(SMALL).color(palette.second));
    }
    let deciding = decision.map(deciding).unwrap_or_default();
    for index in &deciding {
        statements.get(*index).into_iter().for_each(|statement| statement_ui(ui, *index, statement, true));
    }
    for (index, statement) in statements.iter().enumerate().filter(|(index, _)| !deciding.contains(index)) {
        statement_ui(ui, index, statement, false);
    }
}

/// The statements that settled something, the one that settled it all first.
fn deciding(decision: &Decision) -> Vec<usize> {
    let mut deciding = Vec::new();
    for action in decision.deciding_action().into_iter().chain(&decision.actions) {
        if let DecidedBy::Statement { index, .. } = &action.decided_by
            && !deciding.contains(index)
        {
            deciding.push(*index);
        }
    }
    deciding
}

/// `decides`: it settles what is looked at.
pub fn statement_ui(ui: &mut Ui, index: usize, statement: &Statement, decides: bool) {
    let palette = Palette::of(ui);
    let (word, colour) = match statement.effect {
        Effect::Allow => ("Allow", palette.ok),
        Effect::Deny => ("Deny", palette.error),
    };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        word_chip(ui, word, colour);
        ui.label(RichText::new(sid(index, &statement.sid)).font(theme::medium(SMALL)));
        if decides {
            word_chip(ui, "decides", palette.second).on_hover_text("It settles what comes through the door that is looked at");
        }
    });
    let who: Vec<_> = statement.principals.iter().map(principal_words).collect();
    small(ui, &format!("{} may {}", who.join(", "), statement.actions.join(", ")), palette.second);
    for condition in &statement.conditions {
        let text = format!("if {} {} {}", condition.name, condition.key, condition.values.join(" or "));
        small(ui, &text, palette.third);
    }
}

fn decision_ui(ui: &mut Ui, decision: &Decision, status: &str) {
    verdict_ui(ui, decision.verdict, status);
    let palette = Palette::of(ui);
    for action in &decision.actions {
        action_ui(ui, action, &palette);
    }
}

/// `status`: what the client of a caller who is kept out gets.
fn verdict_ui(ui: &mut Ui, verdict: Verdict, status: &str) {
    let palette = Palette::of(ui);
    let (icon, colour, words) = match verdict {
        Verdict::Allow => (icons::OK, palette.ok, "gets in".to_owned()),
        Verdict::ExplicitDeny => (icons::FAILED, palette.error, format!("is kept out by a statement: {status}")),
        Verdict::ImplicitDeny => (icons::FAILED, palette.error, format!("is kept out, since nothing lets it in: {status}")),
    };
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(icon).font(theme::icon(BODY)).color(colour));
        ui.label(RichText::new(words).font(theme::medium(SMALL)).color(colour));
    });
}

fn action_ui(ui: &mut Ui, action: &ActionDecision, palette: &Palette) {
    let by = match &action.decided_by {
        DecidedBy::Statement { index, sid: name } => format!("by {}", sid(*index, name)),
        DecidedBy::IdentityPolicy => "by the caller's own policies".into(),
        DecidedBy::MissingIdentityPolicy => "the caller's own policies do not allow it".into(),
        DecidedBy::Nothing => "by no statement".into(),
    };
    small(ui, &format!("{}: {by}", action.action), palette.text);
    for statement in &action.statements {
        let text = match &statement.mismatch {
            Some(why) => format!("{}: {why}", sid(statement.index, &statement.sid)),
            None => format!("{}: applies", sid(statement.index, &statement.sid)),
        };
        small(ui, &text, if statement.mismatch.is_some() { palette.third } else { palette.second });
        for condition in &statement.conditions {
            let sign = if condition.holds { "=" } else { "≠" };
            let found = condition.actual.as_deref().unwrap_or("no such key");
            let colour = if condition.holds { palette.ok } else { palette.error };
            small(ui, &format!("{}: {} {sign} {found}", condition.key, condition.wanted.join(" or ")), colour);
        }
    }
}

fn small(ui: &mut Ui, text: &str, colour: egui::Color32) {
    ui.horizontal_top(|ui| {
        ui.add_space(10.0);
        ui.add(Label::new(RichText::new(text).font(theme::mono(TINY)).color(colour)).wrap().selectable(true));
    });
}

fn sid(index: usize, sid: &str) -> String {
    if sid.is_empty() { format!("statement {}", index + 1) } else { sid.to_owned() }
}

fn principal_words(principal: &PrincipalPattern) -> String {
    match principal {
        PrincipalPattern::Everyone => "everyone".into(),
        PrincipalPattern::Aws(name) | PrincipalPattern::Service(name) => name.clone(),
    }
}
