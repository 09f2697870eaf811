//! What the service will refuse by itself: why, which setting decides, and what lets the request in.

use egui::{Label, RichText, Sense, Ui};

use super::target::{Target, TargetDoor};
use crate::command::SettingOwner;
use crate::http_model::admission::RefusedBy;
use crate::http_model::entry::{Decider, Refusal};
use crate::http_model::signature::SignatureError;
use crate::model::foresight::{Foreseen, Moment};
use crate::service::ids::FunctionName;
use crate::ui::action::Action;
use crate::ui::theme::{self, Palette, SMALL};

const POLICY: &str = "policy";

/// A refusal in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    /// With what comes of it: `..., so the service answers 403 by itself`.
    pub why: String,
    /// What lets the request in, as a sentence; empty when nothing is known.
    pub repair: String,
    pub decided_by: Option<DecidedBy>,
}

/// The setting that decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecidedBy {
    owner: SettingOwner,
    key: &'static str,
}

impl DecidedBy {
    /// `url.auth_type`; with its owner where the key alone does not say whose: `routes of shop`.
    fn words(&self) -> String {
        match &self.owner {
            SettingOwner::Api(name) => format!("{} of {name}", self.key),
            SettingOwner::Function(name) if self.key == POLICY => format!("{} of {name}", self.key),
            SettingOwner::Workspace => format!("{} of the workspace", self.key),
            _ => self.key.to_owned(),
        }
    }
}

impl Refused {
    /// The refusal of a request that would come to a door; `None` when the function runs.
    #[must_use]
    pub fn of(foreseen: &Foreseen, door: &TargetDoor, at: Moment) -> Option<Self> {
        let Foreseen::Refused { refusal, function, .. } = foreseen else { return None };
        let status = foreseen.answer(at)?.status;
        Some(Self {
            why: format!("{}, so the service answers {status} by itself", refusal.why()),
            repair: repair(refusal, door),
            decided_by: refusal.decided_by().and_then(|decider| decided_by(decider, door, function.as_ref())),
        })
    }

    /// `Set by` and the setting, which is a click away where it can be changed here.
    pub fn decided_by_ui(&self, ui: &mut Ui, actions: &mut Vec<Action>) {
        let Some(decided_by) = &self.decided_by else { return };
        let palette = Palette::of(ui);
        ui.label(RichText::new("Set by").size(SMALL).color(palette.second));
        let words = RichText::new(decided_by.words()).font(theme::mono(SMALL)).color(palette.text).underline();
        let label = ui.add(Label::new(words).sense(Sense::click()).selectable(false));
        if label.on_hover_text("Click to see and change it").clicked() {
            let DecidedBy { owner, key } = decided_by;
            actions.push(Action::OpenSetting { owner: owner.clone(), key: (*key).to_owned() });
        }
    }
}

fn decided_by(decider: Decider, door: &TargetDoor, function: Option<&FunctionName>) -> Option<DecidedBy> {
    let function = || function.cloned().map(SettingOwner::Function);
    let (owner, key) = match decider {
        Decider::AuthType => (function()?, "url.auth_type"),
        Decider::ReservedConcurrency => (function()?, "reserved_concurrent_executions"),
        Decider::Policy => (function()?, POLICY),
        Decider::Credentials => (SettingOwner::Workspace, "credentials_file"),
        Decider::Routes => match &door.target {
            Target::Route { api, .. } => (SettingOwner::Api(api.clone()), "routes"),
            Target::Url => return None,
        },
    };
    Some(DecidedBy { owner, key })
}

fn repair(refusal: &Refusal, door: &TargetDoor) -> String {
    match refusal {
        Refusal::Limit(..) => "Send less: no setting raises this limit.".to_owned(),
        Refusal::Url(RefusedBy::Signature(SignatureError::Missing)) => {
            "Sign the request with a key of the workspace, or set `url.auth_type` to NONE.".to_owned()
        }
        Refusal::Url(RefusedBy::Signature(SignatureError::UnknownKey)) => {
            "Sign with a key of `credentials_file`, or with `test` and the secret `test`, which every workspace knows.".to_owned()
        }
        Refusal::Url(RefusedBy::Signature(_)) => "Sign the request again as it is sent.".to_owned(),
        Refusal::Url(RefusedBy::Policy(_)) => "Let the caller in with a statement of the policy.".to_owned(),
        Refusal::Gateway { .. } => format!("Let {} in with a statement of the policy.", door.words()),
        Refusal::NoRoute { api, method, path } => {
            let below = path.strip_prefix(&door.stage).unwrap_or(path);
            format!("Add a route such as `{method} {below}` to {api} in invokelab.toml.")
        }
        Refusal::Throttled => "Set `reserved_concurrent_executions` to more than 0.".to_owned(),
    }
}
