//! A CORS configuration and the limits that are checked when it is saved (`cors.md`, 2.1).

use serde::{Deserialize, Serialize};

/// Most origins, and most header names in a list.
const MOST_ENTRIES: usize = 100;
/// Longest origin, in characters.
const LONGEST_ORIGIN: usize = 253;
/// Most methods.
const MOST_METHODS: usize = 6;
/// Longest method, in characters: `OPTIONS` does not fit.
const LONGEST_METHOD: usize = 6;
/// Longest header name, in characters.
const LONGEST_HEADER: usize = 1024;
/// Longest age, in seconds.
const LONGEST_MAX_AGE_SECS: i64 = 86_400;

/// The `Cors` object of a function URL; also what an HTTP API is configured with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CorsConfiguration {
    #[serde(alias = "allow_origins", skip_serializing_if = "Vec::is_empty")]
    pub allow_origins: Vec<String>,
    #[serde(alias = "allow_methods", skip_serializing_if = "Vec::is_empty")]
    pub allow_methods: Vec<String>,
    #[serde(alias = "allow_headers", skip_serializing_if = "Vec::is_empty")]
    pub allow_headers: Vec<String>,
    #[serde(alias = "expose_headers", skip_serializing_if = "Vec::is_empty")]
    pub expose_headers: Vec<String>,
    /// In seconds.
    #[serde(alias = "max_age", skip_serializing_if = "Option::is_none")]
    pub max_age: Option<i64>,
    #[serde(alias = "allow_credentials")]
    pub allow_credentials: bool,
}

/// One setting of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    AllowOrigins,
    AllowMethods,
    AllowHeaders,
    ExposeHeaders,
    MaxAge,
    AllowCredentials,
}

impl Setting {
    /// Its key below `url.cors` in a workspace file.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::AllowOrigins => "allow_origins",
            Self::AllowMethods => "allow_methods",
            Self::AllowHeaders => "allow_headers",
            Self::ExposeHeaders => "expose_headers",
            Self::MaxAge => "max_age",
            Self::AllowCredentials => "allow_credentials",
        }
    }

    /// Its name in AWS's API.
    #[must_use]
    pub fn api_name(self) -> &'static str {
        match self {
            Self::AllowOrigins => "AllowOrigins",
            Self::AllowMethods => "AllowMethods",
            Self::AllowHeaders => "AllowHeaders",
            Self::ExposeHeaders => "ExposeHeaders",
            Self::MaxAge => "MaxAge",
            Self::AllowCredentials => "AllowCredentials",
        }
    }
}

impl CorsConfiguration {
    /// The entries of a list setting; empty for the two that are no lists.
    #[must_use]
    pub fn list(&self, setting: Setting) -> &[String] {
        match setting {
            Setting::AllowOrigins => &self.allow_origins,
            Setting::AllowMethods => &self.allow_methods,
            Setting::AllowHeaders => &self.allow_headers,
            Setting::ExposeHeaders => &self.expose_headers,
            Setting::MaxAge | Setting::AllowCredentials => &[],
        }
    }
}

/// A limit that a configuration passes; AWS would refuse to save it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {problem}", setting.api_name())]
pub struct ConfigurationProblem {
    pub setting: Setting,
    /// The entry it is about, if it is about one.
    pub entry: Option<String>,
    pub problem: String,
}

/// Every limit of function URLs that is passed.
#[must_use]
pub fn check_configuration(configuration: &CorsConfiguration) -> Vec<ConfigurationProblem> {
    let mut problems = Vec::new();
    check_list(configuration, Setting::AllowOrigins, MOST_ENTRIES, LONGEST_ORIGIN, &mut problems);
    check_list(configuration, Setting::AllowMethods, MOST_METHODS, LONGEST_METHOD, &mut problems);
    check_list(configuration, Setting::AllowHeaders, MOST_ENTRIES, LONGEST_HEADER, &mut problems);
    check_list(configuration, Setting::ExposeHeaders, MOST_ENTRIES, LONGEST_HEADER, &mut problems);
    check_max_age(configuration, 0, &mut problems);
    problems
}

fn check_list(
    configuration: &CorsConfiguration,
    setting: Setting,
    most: usize,
    longest: usize,
    problems: &mut Vec<ConfigurationProblem>,
) {
    let entries = configuration.list(setting);
    if entries.len() > most {
        let problem = format!("{} entries, at most {most}", entries.len());
        problems.push(ConfigurationProblem { setting, entry: None, problem });
    }
    for entry in entries {
        let length = entry.chars().count();
        let shortest = usize::from(setting == Setting::AllowOrigins);
        if length < shortest || length > longest {
            let problem = format!("{entry:?} has {length} characters, allowed are {shortest} to {longest}");
            problems.push(ConfigurationProblem { setting, entry: Some(entry.clone()), problem });
        }
    }
}

/// Checks the age; HTTP APIs know -1 as well.
pub(super) fn check_max_age(configuration: &CorsConfiguration, least: i64, problems: &mut Vec<ConfigurationProblem>) {
    if let Some(age) = configuration.max_age.filter(|age| !(least..=LONGEST_MAX_AGE_SECS).contains(age)) {
        let problem = format!("{age} s, allowed are {least} to {LONGEST_MAX_AGE_SECS}");
        problems.push(ConfigurationProblem { setting: Setting::MaxAge, entry: None, problem });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_names_and_our_own_are_read() {
        let aws = r#"{"AllowOrigins":["*"],"MaxAge":300,"AllowCredentials":true}"#;
        let ours = r#"{"allow_origins":["*"],"max_age":300,"allow_credentials":true}"#;
        let read = |text| serde_json::from_str::<CorsConfiguration>(text).unwrap();
        assert_eq!(read(aws), read(ours));
        assert_eq!(serde_json::to_string(&read(ours)).unwrap(), aws);
    }

    #[test]
    fn limits() {
        let problems = |change: &dyn Fn(&mut CorsConfiguration)| {
            let mut configuration = CorsConfiguration::default();
            change(&mut configuration);
            check_configuration(&configuration).into_iter().map(|problem| problem.to_string()).collect::<Vec<_>>()
        };
        assert!(problems(&|c| c.allow_methods = vec!["DELETE".into()]).is_empty());
        let options = problems(&|c| c.allow_methods = vec!["OPTIONS".into()]);
        assert_eq!(options, [r#"AllowMethods: "OPTIONS" has 7 characters, allowed are 0 to 6"#]);
        assert_eq!(problems(&|c| c.allow_origins = vec![String::new()]).len(), 1);
        assert_eq!(problems(&|c| c.allow_origins = vec!["a".repeat(254)]).len(), 1);
        assert_eq!(problems(&|c| c.allow_headers = vec!["a".into(); 101]), ["AllowHeaders: 101 entries, at most 100"]);
        assert_eq!(problems(&|c| c.max_age = Some(86_401)), ["MaxAge: 86401 s, allowed are 0 to 86400"]);
        assert_eq!(problems(&|c| c.max_age = Some(-1)).len(), 1);
    }
}
