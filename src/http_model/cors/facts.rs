//! What is known about the service's answers, and how well (`cors.md`, 2.2 and 3).

use serde::Serialize;

/// How well a fact is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Confidence {
    /// Stated by the owner's documentation.
    Doc,
    /// Seen in transcripts of users.
    Seen,
    /// Follows from the two above.
    Inferred,
    /// No good public evidence.
    Unverified,
}

impl Confidence {
    /// The mark that is shown.
    #[must_use]
    pub fn mark(self) -> &'static str {
        match self {
            Self::Doc => "DOC",
            Self::Seen => "SEEN",
            Self::Inferred => "INFERRED",
            Self::Unverified => "UNVERIFIED",
        }
    }
}

/// A numbered fact: `2.2-14` for function URLs, `3-2` for HTTP APIs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    pub number: &'static str,
    pub confidence: Confidence,
    pub sentence: &'static str,
}

const FACTS: &[Fact] = &[
    Fact {
        number: "2.2-1",
        confidence: Confidence::Doc,
        sentence: "Without a CORS configuration the function answers everything, OPTIONS too.",
    },
    Fact {
        number: "2.2-2",
        confidence: Confidence::Doc,
        sentence: "A preflight is answered by the service; the function does not run.",
    },
    Fact { number: "2.2-3", confidence: Confidence::Seen, sentence: "A preflight is answered with 200 and an empty body." },
    Fact { number: "2.2-4", confidence: Confidence::Seen, sentence: "The lists are the configured ones, no echo." },
    Fact {
        number: "2.2-6",
        confidence: Confidence::Unverified,
        sentence: "OPTIONS without Origin and Access-Control-Request-Method reaches the function.",
    },
    Fact {
        number: "2.2-7",
        confidence: Confidence::Inferred,
        sentence: "Any other request runs the function, whatever its origin.",
    },
    Fact {
        number: "2.2-8",
        confidence: Confidence::Doc,
        sentence: "The service adds its headers next to those of the function and replaces nothing.",
    },
    Fact {
        number: "2.2-11",
        confidence: Confidence::Unverified,
        sentence: "Where exactly Access-Control-Expose-Headers appears is not known.",
    },
    Fact {
        number: "2.2-13",
        confidence: Confidence::Inferred,
        sentence: "A request without Origin gets no CORS headers from the service.",
    },
    Fact {
        number: "2.2-14",
        confidence: Confidence::Seen,
        sentence: "With * and credentials the service sends back whatever origin asks.",
    },
    Fact {
        number: "2.2-15",
        confidence: Confidence::Unverified,
        sentence: "With * and no credentials the value is a literal *; it may be the asking origin.",
    },
    Fact {
        number: "2.2-16",
        confidence: Confidence::Inferred,
        sentence: "Of several origins the one that asks is sent back, alone.",
    },
    Fact {
        number: "2.2-18",
        confidence: Confidence::Unverified,
        sentence: "An origin that is not listed gets no Access-Control-Allow-Origin; the rest of the answer is not known.",
    },
    Fact {
        number: "2.2-20",
        confidence: Confidence::Unverified,
        sentence: "A configured * in a list is sent as it is; it may be an echo of what was asked.",
    },
    Fact {
        number: "2.2-22",
        confidence: Confidence::Inferred,
        sentence: "Access-Control-Max-Age is sent when it is set, and not otherwise.",
    },
    Fact {
        number: "2.2-23",
        confidence: Confidence::Unverified,
        sentence: "Whether the service's own error answers carry CORS headers is not known.",
    },
    Fact {
        number: "2.2-24",
        confidence: Confidence::Unverified,
        sentence: "With AWS_IAM a preflight, which browsers never sign, is answered before anything is authorised.",
    },
    Fact {
        number: "5.6",
        confidence: Confidence::Unverified,
        sentence: "A preflight that asks for more than is allowed gets the whole lists; it may get none of them.",
    },
    Fact {
        number: "3-1",
        confidence: Confidence::Doc,
        sentence: "With a CORS configuration an HTTP API answers preflights itself, even without an OPTIONS route.",
    },
    Fact {
        number: "3-2",
        confidence: Confidence::Doc,
        sentence: "CORS headers of the integration are replaced by the configured ones.",
    },
    Fact { number: "3-3", confidence: Confidence::Doc, sentence: "CORS headers are sent only to requests with Origin." },
    Fact { number: "3-4", confidence: Confidence::Doc, sentence: "Origins are exact ones, *, https://* and http://*." },
    Fact { number: "3-8", confidence: Confidence::Unverified, sentence: "The status of a preflight is 204." },
];

/// The fact with this number.
#[must_use]
pub fn fact(number: &str) -> Option<&'static Fact> {
    FACTS.iter().find(|fact| fact.number == number)
}

/// The facts with these numbers; an unknown number is left out, which a test rules out.
pub(super) fn facts(numbers: &[&str]) -> Vec<&'static Fact> {
    numbers.iter().filter_map(|number| fact(number)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_and_stand_once() {
        for known in FACTS {
            assert_eq!(fact(known.number), Some(known), "{}", known.number);
        }
        assert_eq!(fact("9-9"), None);
    }
}
