//! Repairs that are a setting, so that a button can carry them out.

use serde::Serialize;

use super::super::cors::{CorsConfiguration, Setting};

/// A change of a function URL's `cors` table, or of what the function returns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fix {
    /// Adds an entry to a list.
    AddToList {
        setting: Setting,
        value: String,
    },
    /// Takes an entry out of a list.
    RemoveFromList {
        setting: Setting,
        value: String,
    },
    /// Puts one or more entries in the place of one.
    ReplaceInList {
        setting: Setting,
        value: String,
        with: Vec<String>,
    },
    /// In seconds.
    SetMaxAge(i64),
    SetAllowCredentials(bool),
    /// A header that the function must no longer return; no setting repairs that.
    RemoveFunctionHeader {
        name: String,
    },
}

impl Fix {
    /// The configuration with the repair made; unchanged when the repair is in the function's code.
    #[must_use]
    pub fn apply(&self, configuration: &CorsConfiguration) -> CorsConfiguration {
        let mut changed = configuration.clone();
        match self {
            Self::AddToList { setting, value } => {
                if let Some(list) = list_mut(&mut changed, *setting).filter(|list| !list.contains(value)) {
                    list.push(value.clone());
                }
            }
            Self::RemoveFromList { setting, value } => replace(&mut changed, *setting, value, &[]),
            Self::ReplaceInList { setting, value, with } => replace(&mut changed, *setting, value, with),
            Self::SetMaxAge(seconds) => changed.max_age = Some(*seconds),
            Self::SetAllowCredentials(allowed) => changed.allow_credentials = *allowed,
            Self::RemoveFunctionHeader { .. } => {}
        }
        changed
    }

    /// The setting that is changed; `None` when the repair is in the function's code.
    #[must_use]
    pub fn setting(&self) -> Option<Setting> {
        match self {
            Self::AddToList { setting, .. } | Self::RemoveFromList { setting, .. } | Self::ReplaceInList { setting, .. } => {
                Some(*setting)
            }
            Self::SetMaxAge(_) => Some(Setting::MaxAge),
            Self::SetAllowCredentials(_) => Some(Setting::AllowCredentials),
            Self::RemoveFunctionHeader { .. } => None,
        }
    }
}

fn replace(configuration: &mut CorsConfiguration, setting: Setting, value: &str, with: &[String]) {
    let Some(list) = list_mut(configuration, setting) else { return };
    if let Some(index) = list.iter().position(|entry| entry == value) {
        list.splice(index..=index, with.iter().cloned());
        let mut seen = Vec::new();
        list.retain(|entry| {
            !seen.contains(entry) && {
                seen.push(entry.clone());
                true
            }
        });
    }
}

fn list_mut(configuration: &mut CorsConfiguration, setting: Setting) -> Option<&mut Vec<String>> {
    match setting {
        Setting::AllowOrigins => Some(&mut configuration.allow_origins),
        Setting::AllowMethods => Some(&mut configuration.allow_methods),
        Setting::AllowHeaders => Some(&mut configuration.allow_headers),
        Setting::ExposeHeaders => Some(&mut configuration.expose_headers),
        Setting::MaxAge | Setting::AllowCredentials => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repairs_change_one_setting() {
        let before = CorsConfiguration { allow_headers: vec!["a,b".into(), "a".into()], ..CorsConfiguration::default() };
        let setting = Setting::AllowHeaders;
        let with = vec!["a".to_owned(), "b".to_owned()];
        let split = Fix::ReplaceInList { setting, value: "a,b".into(), with }.apply(&before);
        assert_eq!(split.allow_headers, ["a", "b"]);
        assert_eq!(Fix::AddToList { setting, value: "a".into() }.apply(&before), before);
        assert_eq!(Fix::AddToList { setting, value: "c".into() }.apply(&before).allow_headers, ["a,b", "a", "c"]);
        assert_eq!(Fix::RemoveFromList { setting, value: "a".into() }.apply(&before).allow_headers, ["a,b"]);
        assert_eq!(Fix::SetMaxAge(9).apply(&before).max_age, Some(9));
    }
}
