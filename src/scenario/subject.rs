//! What a check is about, and which members may stand in it: one that would not be looked at is a mistake of the file.

use super::file::{Expectation, Step};

/// What a check looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject<'a> {
    /// The one with this name, else the one of this step or of the last step that had one.
    Invocation(Option<&'a str>),
    /// The one with this name, else the one of this step.
    Request(Option<&'a str>),
    Queue(&'a str),
    /// The last batch that was closed for this queue.
    Batch(&'a str),
    /// The last record that was delivered to this target.
    Record(&'a str),
    /// The clock, after the step.
    Time,
}

impl Subject<'_> {
    fn noun(self) -> &'static str {
        match self {
            Self::Invocation(_) => "an invocation",
            Self::Request(_) => "a request",
            Self::Queue(_) => "a queue",
            Self::Batch(_) => "a batch",
            Self::Record(_) => "a record",
            Self::Time => "the clock",
        }
    }

    /// The members that are compared with it.
    fn members(self) -> &'static [&'static str] {
        match self {
            Self::Invocation(_) => {
                &["status_code", "attempts", "outcome", "condition", "error_type", "service_time", "log", "pointer", "equals"]
            }
            Self::Request(_) => &[
                "status_code",
                "outcome",
                "readable",
                "cors_error",
                "answered_by",
                "header",
                "service_time",
                "pointer",
                "equals",
            ],
            Self::Queue(_) => &["depth"],
            Self::Batch(_) => &["closed_by", "records", "failed"],
            Self::Record(_) => &["pointer", "equals"],
            Self::Time => &["service_time"],
        }
    }
}

impl Expectation {
    /// What it is about in this step.
    ///
    /// # Errors
    /// It is about two things or about none, or a member does not go with what it is about.
    pub fn subject(&self, step: &Step) -> Result<Subject<'_>, String> {
        let subject = self.named()?.unwrap_or_else(|| self.unnamed(step));
        let members = self.members();
        if members.is_empty() && !matches!(subject, Subject::Batch(_) | Subject::Record(_)) {
            return Err("a check says what it expects: a status_code, a depth, a service_time and so on".to_owned());
        }
        if let Some(member) = members.iter().find(|member| !subject.members().contains(*member)) {
            let known = subject.members().join(", ");
            return Err(format!("{member} does not go with {}, of which these are checked: {known}", subject.noun()));
        }
        if subject == Subject::Request(None) && step.request.is_none() {
            return Err("the step makes no request; name the one that is meant: request = \"...\"".to_owned());
        }
        if self.equals.is_some() && self.pointer.is_none() && self.header.is_none() && self.record.is_none() {
            return Err("equals needs a pointer, or a header, of which it says the value".to_owned());
        }
        if self.header.is_some() && self.pointer.is_some() {
            return Err("header and pointer are two places; make a check of each".to_owned());
        }
        Ok(subject)
    }

    fn named(&self) -> Result<Option<Subject<'_>>, String> {
        let named = [
            self.invocation.as_deref().map(|name| Subject::Invocation(Some(name))),
            self.request.as_deref().map(|name| Subject::Request(Some(name))),
            self.queue.as_deref().map(Subject::Queue),
            self.batch.as_deref().map(Subject::Batch),
            self.record.as_deref().map(Subject::Record),
        ];
        let mut named = named.into_iter().flatten();
        match (named.next(), named.next()) {
            (Some(one), Some(other)) => {
                Err(format!("a check is about one thing, not {} and {}; make one of each", one.noun(), other.noun()))
            }
            (one, _) => Ok(one),
        }
    }

    /// Without a name a check is about what the step has done.
    fn unnamed(&self, step: &Step) -> Subject<'_> {
        let of_requests =
            self.readable.is_some() || self.cors_error.is_some() || self.answered_by.is_some() || self.header.is_some();
        match self.members()[..] {
            _ if step.request.is_some() || of_requests => Subject::Request(None),
            ["service_time"] => Subject::Time,
            _ => Subject::Invocation(None),
        }
    }

    /// The members that are there, but for those that name what it is about.
    fn members(&self) -> Vec<&'static str> {
        let all = [
            ("status_code", self.status_code.is_some()),
            ("depth", self.depth.is_some()),
            ("attempts", self.attempts.is_some()),
            ("outcome", self.outcome.is_some()),
            ("condition", self.condition.is_some()),
            ("error_type", self.error_type.is_some()),
            ("service_time", self.service_time.is_some()),
            ("pointer", self.pointer.is_some()),
            ("equals", self.equals.is_some()),
            ("closed_by", self.closed_by.is_some()),
            ("records", self.records.is_some()),
            ("failed", self.failed.is_some()),
            ("readable", self.readable.is_some()),
            ("cors_error", self.cors_error.is_some()),
            ("answered_by", self.answered_by.is_some()),
            ("header", self.header.is_some()),
            ("log", self.log.is_some()),
        ];
        all.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::file::Scenario;

    fn mistake(step: &str) -> String {
        let text = format!("title = \"x\"\n[[step]]\n{step}\n");
        Scenario::parse(&text, std::path::Path::new("s.toml")).map_or_else(|error| error.to_string(), |_| String::new())
    }

    #[test]
    fn what_would_not_be_looked_at_is_a_mistake() {
        let request = "request = { url = \"f\" }\n";
        let invoke = "invoke = { function = \"f\" }\n";
        for (step, said) in [
            (format!("{request}expect = [{{ attempts = 9 }}]"), "attempts does not go with a request"),
            (format!("{request}expect = [{{ log = \"x\" }}]"), "log does not go with a request"),
            (format!("{request}expect = [{{ depth = 5 }}]"), "depth does not go with a request"),
            (format!("{request}expect = [{{ equals = 5 }}]"), "equals needs a pointer"),
            (format!("{request}expect = [{{ header = \"a\", pointer = \"/b\" }}]"), "make a check of each"),
            (format!("{request}expect = [{{}}]"), "a check says what it expects"),
            (format!("{invoke}expect = [{{ depth = 9 }}]"), "depth does not go with an invocation"),
            (format!("{invoke}expect = [{{ readable = true }}]"), "the step makes no request"),
            (format!("{invoke}expect = [{{ queue = \"q\", batch = \"q\", depth = 1 }}]"), "not a queue and a batch"),
            (format!("{invoke}expect = [{{ queue = \"q\", attempts = 1 }}]"), "attempts does not go with a queue"),
            (format!("{request}expect = [{{ service_time = \"30s\" }}, {{ status_code = 200 }}]"), ""),
            (format!("{invoke}expect = [{{ attempts = 1, pointer = \"/a\" }}, {{ service_time = 5 }}, {{ batch = \"q\" }}]"), ""),
        ] {
            let found = mistake(&step);
            assert_eq!(found.is_empty(), said.is_empty(), "{step}: {found}");
            assert!(found.contains(said), "{step}: {found}");
        }
    }
}
