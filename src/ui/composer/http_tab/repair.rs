//! A repair as a change of `invokelab.toml`: the line as it is, the line as it will be, and the command for it.

use super::target::{cors_key, kind_words};
use crate::command::{Command, SettingChange, SettingOwner};
use crate::http_model::configuration::ApiKind;
use crate::http_model::cors::{CorsConfiguration, Setting};
use crate::http_model::cors_case::Judged;
use crate::http_model::cors_messages::{Code, Fix, Message};

/// One changed line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    pub setting: Setting,
    /// `allow_methods = ["GET", "POST"]`; `None` when the setting is not written yet.
    pub before: Option<String>,
    /// Empty when the setting is not written any more.
    pub after: String,
    /// What the configuration is afterwards.
    pub changed: CorsConfiguration,
}

impl Repair {
    /// `Set max_age = 3600`, `Remove allow_credentials`.
    #[must_use]
    pub fn words(&self) -> String {
        if self.after.is_empty() { format!("Remove {}", self.setting.key()) } else { format!("Set {}", self.after) }
    }

    /// The command that makes the change in the file, at the owner that [`super::target::TargetDoor::cors_owner`] names.
    #[must_use]
    pub fn command(&self, owner: SettingOwner) -> Command {
        let key = cors_key(&owner, self.setting);
        Command::ChangeSetting(SettingChange { owner, key, value: value(&self.changed, self.setting) })
    }
}

/// The repair of what a verdict is about, where a setting repairs it. A door without any CORS configuration gets one.
#[must_use]
pub fn repair(judged: &Judged, cors: Option<&CorsConfiguration>, origin: &str) -> Option<Repair> {
    let message = judged.message.as_ref()?;
    let missing = matches!(message.code, Code::PfAcaoMissing | Code::AcaoMissing | Code::PfStatus);
    let first = (cors.is_none() && missing && origin != "null")
        .then(|| Fix::AddToList { setting: Setting::AllowOrigins, value: origin.to_owned() });
    of_fix(message.repair.as_ref().or(first.as_ref())?, cors)
}

/// What the function has to return at a door that adds no CORS headers; `None` at one that does, and where the browser
/// asked nobody.
#[must_use]
pub fn in_the_function(message: &Message, api: Option<ApiKind>, function: &str, origin: &str) -> Option<String> {
    let kind = api.filter(|kind| *kind != ApiKind::Http)?;
    if message.code.is_of_request() {
        return None;
    }
    let door = kind_words(kind);
    match message.code {
        Code::PfAcaoMissing | Code::AcaoMissing => Some(format!(
            "Let {function} return `access-control-allow-origin: {origin}`, to OPTIONS too. A {door} adds no CORS headers."
        )),
        _ => Some(format!("{} The headers come from {function}: a {door} adds none.", message.fix)),
    }
}

/// The changed line of a fix; `None` when no setting repairs it, or nothing would change.
#[must_use]
pub fn of_fix(fix: &Fix, cors: Option<&CorsConfiguration>) -> Option<Repair> {
    let setting = fix.setting()?;
    let before = cors.cloned().unwrap_or_default();
    let changed = fix.apply(&before);
    (changed != before).then(|| Repair {
        setting,
        before: line(&before, setting),
        after: line(&changed, setting).unwrap_or_default(),
        changed,
    })
}

/// An origin that is allowed from now on.
#[must_use]
pub fn allow_origin(origin: &str, cors: Option<&CorsConfiguration>) -> Option<Repair> {
    of_fix(&Fix::AddToList { setting: Setting::AllowOrigins, value: origin.to_owned() }, cors)
}

/// A setting as a line of the file; `None` when it is not written.
#[must_use]
pub fn line(cors: &CorsConfiguration, setting: Setting) -> Option<String> {
    value(cors, setting).map(|value| format!("{} = {value}", setting.key()))
}

/// The TOML value of a setting.
#[must_use]
pub fn value(cors: &CorsConfiguration, setting: Setting) -> Option<String> {
    match setting {
        Setting::MaxAge => cors.max_age.map(|age| age.to_string()),
        Setting::AllowCredentials => cors.allow_credentials.then(|| "true".to_owned()),
        Setting::AllowOrigins | Setting::AllowMethods | Setting::AllowHeaders | Setting::ExposeHeaders => {
            let list = cors.list(setting);
            let quoted: Vec<_> = list.iter().map(|entry| serde_json::Value::String(entry.clone()).to_string()).collect();
            (!list.is_empty()).then(|| format!("[{}]", quoted.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cors() -> CorsConfiguration {
        CorsConfiguration { allow_methods: vec!["GET".into(), "POST".into()], ..CorsConfiguration::default() }
    }

    #[test]
    fn a_fix_is_a_line_before_and_a_line_after() {
        let fix = Fix::AddToList { setting: Setting::AllowMethods, value: "PUT".into() };
        let repair = of_fix(&fix, Some(&cors())).expect("a repair");
        assert_eq!(repair.before.as_deref(), Some(r#"allow_methods = ["GET", "POST"]"#));
        assert_eq!(repair.after, r#"allow_methods = ["GET", "POST", "PUT"]"#);
        let Command::ChangeSetting(change) = repair.command(SettingOwner::Function("shop-api".into())) else {
            panic!("another command")
        };
        assert_eq!(change.key, "url.cors.allow_methods");
        assert_eq!(change.value.as_deref(), Some(r#"["GET", "POST", "PUT"]"#));
    }

    #[test]
    fn only_an_answer_is_repaired_in_the_function() {
        let message = |code| Message {
            code,
            hop: 0,
            message: String::new(),
            rule: "",
            fix: "Do this.".into(),
            repair: None,
            function_ran: None,
        };
        let words = |code| in_the_function(&message(code), Some(ApiKind::Rest), "echo", "https://app.test");
        assert_eq!(words(Code::BodyNotAllowed), None, "a GET with a body is not sent");
        let said = "Do this. The headers come from echo: a REST API adds none.";
        assert_eq!(words(Code::PfMethod).as_deref(), Some(said));
    }

    #[test]
    fn what_changes_nothing_is_no_repair() {
        let fix = Fix::AddToList { setting: Setting::AllowMethods, value: "GET".into() };
        assert_eq!(of_fix(&fix, Some(&cors())), None);
        assert_eq!(of_fix(&Fix::RemoveFunctionHeader { name: "vary".into() }, Some(&cors())), None);
    }

    #[test]
    fn a_setting_that_goes_is_named() {
        let allowing = CorsConfiguration { allow_credentials: true, ..cors() };
        let words = |fix: Fix| of_fix(&fix, Some(&allowing)).map(|repair| repair.words());
        assert_eq!(words(Fix::SetAllowCredentials(false)).as_deref(), Some("Remove allow_credentials"));
        assert_eq!(words(Fix::SetMaxAge(60)).as_deref(), Some("Set max_age = 60"));
    }

    #[test]
    fn numbers_and_switches_are_written_plainly() {
        let line_of = |fix: Fix| of_fix(&fix, None).map(|repair| (repair.before, repair.after));
        assert_eq!(line_of(Fix::SetMaxAge(3_600)), Some((None, "max_age = 3600".into())));
        assert_eq!(line_of(Fix::SetAllowCredentials(true)), Some((None, "allow_credentials = true".into())));
    }
}
