//! The numbered steps that lead to a verdict, and which rule book they follow.

use serde::Serialize;

/// Which rules decide where Chromium and the Fetch standard differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RuleSet {
    #[default]
    Chromium,
    Standard,
}

/// One rule that was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Number of the rule in `cors.md`, such as `1.5-5`.
    pub rule: &'static str,
    /// Number of redirects that were followed before.
    pub hop: usize,
    /// What was asked and what came of it.
    pub sentence: String,
    /// What the page or the browser has; empty when nothing was compared.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub left: String,
    /// What it was compared with.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub right: String,
    pub passed: bool,
}

/// A place where Chromium leaves the standard and it mattered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deviation {
    /// `Access-Control-Allow-Headers: *` covers `Authorization`.
    WildcardCoversAuthorization,
    /// A header that the standard does not know as safelisted.
    MoreSafelistedNames,
    /// `User-Agent` set by a page.
    UserAgentIgnored,
    /// `Available-Dictionary` set by a page.
    AvailableDictionaryRefused,
    /// The lines of a repeated header are judged as one value.
    RepeatedHeaderJoined,
    /// A `Range` beyond 64 bits.
    LargeRange,
    /// The listener on `upload` of a request without a body.
    UploadWithoutBody,
    /// A redirect's status without a `Location`, with redirect mode `error`.
    RedirectWithoutLocation,
}

impl Deviation {
    /// What Chromium does and what the standard says.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::WildcardCoversAuthorization => {
                "by the standard `*` in Access-Control-Allow-Headers never covers Authorization; Chromium lets it pass"
            }
            Self::MoreSafelistedNames => {
                "Chromium counts client hints, Save-Data and Intervention as safelisted; the standard asks for a preflight"
            }
            Self::UserAgentIgnored => "Chromium ignores a User-Agent set by a page; by the standard it needs a preflight",
            Self::AvailableDictionaryRefused => {
                "Chromium sends no request on which a page sets Available-Dictionary; by the standard it needs a preflight"
            }
            Self::RepeatedHeaderJoined => {
                "Chromium joins the lines of a repeated header before it judges them; the standard judges each line"
            }
            Self::LargeRange => "Chromium reads a Range as 64-bit numbers; the standard knows no limit",
            Self::UploadWithoutBody => {
                "by the standard a listener on upload forces a preflight; Chromium asks for none when there is no body"
            }
            Self::RedirectWithoutLocation => {
                "with redirect: 'error' the standard refuses a redirect's status even without Location; Chromium hands it out"
            }
        }
    }
}

/// What happened so far: steps, and the places where Chromium left the standard.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    pub steps: Vec<Step>,
    pub deviations: Vec<Deviation>,
    /// Number of redirects followed, given to every new step.
    pub hop: usize,
}

impl Trace {
    /// Writes down a rule that compared nothing.
    pub fn note(&mut self, rule: &'static str, passed: bool, sentence: impl Into<String>) {
        self.compare(rule, passed, sentence, "", "");
    }

    /// Writes down a rule together with the two values it compared.
    pub fn compare(
        &mut self,
        rule: &'static str,
        passed: bool,
        sentence: impl Into<String>,
        left: impl Into<String>,
        right: impl Into<String>,
    ) {
        let (left, right, sentence) = (left.into(), right.into(), sentence.into());
        self.steps.push(Step { rule, hop: self.hop, sentence, left, right, passed });
    }

    /// Writes down a place where Chromium left the standard.
    pub fn deviates(&mut self, deviation: Deviation) {
        if !self.deviations.contains(&deviation) {
            self.deviations.push(deviation);
        }
    }
}
