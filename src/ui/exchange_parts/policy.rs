//! The resource-based policy: its statements, which of them let the last request in or kept it out, and what another caller
//! would get.

use egui::{ComboBox, Label, RichText, Ui};

use super::field_notes::word_chip;
use crate::event::{Exchange, ExchangeDoor, FunctionView};
use crate::http_model::admission::AuthType;
use crate::http_model::policy::{
    AccessRequest, ActionDecision, DecidedBy, Decision, Effect, IdentityPolicy, Policy, Principal, PrincipalPattern, Statement,
    Verdict, actions_of_function_url, decide,
};
use crate::model::Model;
use crate::service::ids::FunctionName;
use crate::ui::action::Action;
use crate::ui::icons;
use crate::ui::theme::{self, BODY, Palette, SMALL, TINY};
use crate::ui::widgets;

/// The caller that a person imagines; 0 is nobody, the others are the workspace's signers.
#[derive(Default)]
pub struct PolicyPart {
    caller: usize,
}

impl PolicyPart {
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        model: &Model,
        function: Option<&FunctionName>,
        exchange: Option<&Exchange>,
        actions: &mut Vec<Action>,
    ) {
        let palette = Palette::of(ui);
        let view = function.and_then(|name| model.workspace.functions.iter().find(|view| view.configuration.name == *name));
        let Some(view) = view else {
            ui.label(RichText::new("No function stands behind this request, so no policy was asked.").color(palette.second));
            return;
        };
        statements_ui(ui, view, actions);
        if let Some(asked) = exchange.and_then(|exchange| exchange.access.as_ref()) {
            ui.add_space(8.0);
            widgets::section(ui, "The last request", |_| {});
            decision_ui(ui, asked.decision());
        }
        // An API asks as a service, whoever the caller is.
        if !exchange.is_some_and(|exchange| matches!(exchange.door, ExchangeDoor::Api { .. })) {
            ui.add_space(8.0);
            self.what_if(ui, model, view);
        }
    }

    fn what_if(&mut self, ui: &mut Ui, model: &Model, view: &FunctionView) {
        let palette = Palette::of(ui);
        let Some(url) = &view.access.url else { return };
        widgets::section(ui, "What if the caller were", |_| {});
        let signers = &model.workspace.signers;
        let name = |index: usize| match index.checked_sub(1).and_then(|index| signers.get(index)) {
            Some((key, arn)) => format!("{arn} ({key})"),
            None => "anonymous".into(),
        };
        self.caller = self.caller.min(signers.len());
        let width = ui.available_width();
        let combo = ComboBox::from_id_salt("caller").width(width).truncate().selected_text(name(self.caller));
        let chosen = combo.show_ui(ui, |ui| {
            for index in 0..=signers.len() {
                ui.selectable_value(&mut self.caller, index, name(index));
            }
        });
        chosen.response.accessible_name("Imagined caller");
        let signer = self.caller.checked_sub(1).and_then(|index| signers.get(index)).map(|(_, arn)| arn.as_str());
        if signer.is_none() && url.auth_type == AuthType::AwsIam {
            let text = "Unsigned at a URL with AWS_IAM: 403 before any statement is read.";
            ui.label(RichText::new(text).size(SMALL).color(palette.error));
            return;
        }
        let now = model.clock.map_or(0, |clock| clock.now.0);
        decision_ui(ui, &imagined(view, url.auth_type, signer, now));
    }
}

/// What the policy says to a request that nobody has made. Account and ARN are those that the statements are about.
#[must_use]
pub fn imagined(view: &FunctionView, auth_type: AuthType, signer: Option<&str>, now_micros: u64) -> Decision {
    // AuthType NONE looks at no signature, so everybody is nobody.
    let principal = match signer.filter(|_| auth_type == AuthType::AwsIam) {
        None => Principal::Anonymous,
        Some(arn) => Principal::Identity { account_id: account(arn), arn: arn.to_owned(), org_id: None },
    };
    let name = format!(":function:{}", view.configuration.name);
    let written = view.access.statements.iter().flat_map(|statement| &statement.resources).find(|arn| arn.ends_with(&name));
    let resource = written.cloned().unwrap_or_else(|| {
        let account = signer.map(account).unwrap_or_default();
        format!("arn:aws:lambda::{account}{name}")
    });
    let now = i64::try_from(now_micros).ok().and_then(|micros| jiff::Timestamp::from_microsecond(micros).ok());
    let request = AccessRequest {
        principal,
        identity_policy: IdentityPolicy::Allows,
        actions: actions_of_function_url(true),
        account_id: account(&resource),
        resource,
        function_url_auth_type: Some(auth_type.name().to_owned()),
        invoked_via_function_url: true,
        source_ip: Some("127.0.0.1".into()),
        secure_transport: true,
        user_agent: None,
        now: now.unwrap_or_default(),
    };
    decide(&Policy { statements: view.access.statements.clone() }, &request)
}

/// The account of an ARN.
fn account(arn: &str) -> String {
    arn.split(':').nth(4).unwrap_or_default().to_owned()
}

fn statements_ui(ui: &mut Ui, view: &FunctionView, actions: &mut Vec<Action>) {
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
    if statements.is_empty() {
        ui.label(RichText::new("None: nobody but the account's own identities gets in.").size(SMALL).color(palette.second));
    }
    for (index, statement) in statements.iter().enumerate() {
        statement_ui(ui, index, statement, &palette);
    }
}

fn statement_ui(ui: &mut Ui, index: usize, statement: &Statement, palette: &Palette) {
    let (word, colour) = match statement.effect {
        Effect::Allow => ("Allow", palette.ok),
        Effect::Deny => ("Deny", palette.error),
    };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        word_chip(ui, word, colour);
        ui.label(RichText::new(sid(index, &statement.sid)).font(theme::medium(SMALL)));
    });
    let who: Vec<_> = statement.principals.iter().map(principal_words).collect();
    small(ui, &format!("{} may {}", who.join(", "), statement.actions.join(", ")), palette.second);
    for condition in &statement.conditions {
        let text = format!("if {} {} {}", condition.name, condition.key, condition.values.join(" or "));
        small(ui, &text, palette.third);
    }
}

fn decision_ui(ui: &mut Ui, decision: &Decision) {
    let palette = Palette::of(ui);
    let (icon, colour, words) = match decision.verdict {
        Verdict::Allow => (icons::OK, palette.ok, "gets in"),
        Verdict::ExplicitDeny => (icons::FAILED, palette.error, "is kept out by a statement: 403"),
        Verdict::ImplicitDeny => (icons::FAILED, palette.error, "is kept out, since nothing lets it in: 403"),
    };
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(icon).font(theme::icon(BODY)).color(colour));
        ui.label(RichText::new(words).font(theme::medium(SMALL)).color(colour));
    });
    for action in &decision.actions {
        action_ui(ui, action, &palette);
    }
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
