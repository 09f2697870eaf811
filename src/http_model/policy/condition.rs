//! A condition of a statement and what became of it.

use std::borrow::Cow;

use super::caller::AccessRequest;
use super::operator::Operator;

/// `"StringEquals": { "lambda:FunctionUrlAuthType": "NONE" }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// As written: `StringNotEqualsIfExists`.
    pub name: String,
    pub operator: Operator,
    pub negated: bool,
    pub if_exists: bool,
    pub key: String,
    /// One of them must fit; of a negated condition none may.
    pub values: Vec<String>,
}

/// A condition held against a request, with both values for the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionResult {
    pub name: String,
    pub key: String,
    pub wanted: Vec<String>,
    /// `None`: the request has no such key.
    pub actual: Option<String>,
    pub holds: bool,
}

impl ConditionResult {
    /// `StringEquals lambda:FunctionUrlAuthType: wants "NONE", the request has "AWS_IAM"`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let wanted: Vec<_> = self.wanted.iter().map(|value| format!("\"{value}\"")).collect();
        let actual = self.actual.as_ref().map_or_else(|| "no such key".to_owned(), |value| format!("\"{value}\""));
        format!("{} {}: wants {}, the request has {actual}", self.name, self.key, wanted.join(" or "))
    }
}

impl Condition {
    pub(super) fn holds(&self, request: &AccessRequest) -> bool {
        self.fits(request.value_of(&self.key).as_deref())
    }

    pub(super) fn judge(&self, request: &AccessRequest) -> ConditionResult {
        let actual = request.value_of(&self.key).map(Cow::into_owned);
        let holds = self.fits(actual.as_deref());
        ConditionResult { name: self.name.clone(), key: self.key.clone(), wanted: self.values.clone(), actual, holds }
    }

    fn fits(&self, actual: Option<&str>) -> bool {
        match (actual, self.operator) {
            (_, Operator::Null) => self.values.iter().any(|value| value.eq_ignore_ascii_case("true") == actual.is_none()),
            // A key that is missing fails a comparison, except a negated one or one that asks for it only if it exists.
            (None, _) => self.negated || self.if_exists,
            (Some(actual), operator) => self.values.iter().any(|wanted| operator.fits(wanted, actual)) != self.negated,
        }
    }
}
