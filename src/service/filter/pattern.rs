//! What a pattern means, as a tree.

use super::json::Scalar;
use super::number::Millionths;

/// Fields of an object, all of which must match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fields(pub(super) Vec<Field>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// The body of a record, which has a format of its own.
    Body(Wanted),
    Named(String, Wanted),
    /// `$or`: one of them must match.
    Or(Vec<Fields>),
}

/// What a field must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Inside(Fields),
    AnyOf(Vec<Test>),
}

/// One entry of the list of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Test {
    Equals(Scalar),
    IgnoringCase(String),
    /// All texts, or all numbers.
    AnythingBut(Vec<Scalar>),
    /// One comparison, or a lower and an upper one.
    Numeric(Vec<(Comparison, Bound)>),
    Exists(bool),
    Prefix(String),
    Suffix(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// A number that a value is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bound {
    pub(super) text: String,
    pub(super) value: Millionths,
}

impl Comparison {
    pub(super) const ALL: [Self; 5] = [Self::Equal, Self::Greater, Self::GreaterOrEqual, Self::Less, Self::LessOrEqual];

    /// As it is written in a pattern.
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
        }
    }

    pub(super) fn is_lower(self) -> bool {
        matches!(self, Self::Greater | Self::GreaterOrEqual)
    }

    pub(super) fn is_upper(self) -> bool {
        matches!(self, Self::Less | Self::LessOrEqual)
    }

    fn holds(self, value: Millionths, bound: Millionths) -> bool {
        match self {
            Self::Equal => value == bound,
            Self::Greater => value > bound,
            Self::GreaterOrEqual => value >= bound,
            Self::Less => value < bound,
            Self::LessOrEqual => value <= bound,
        }
    }
}

impl Test {
    /// Whether a value that is there passes.
    pub(super) fn passes(&self, value: &Scalar) -> bool {
        match (self, value) {
            (Self::Exists(wanted), _) => *wanted,
            (Self::Equals(wanted), value) => wanted == value,
            (Self::AnythingBut(unwanted), value) => !unwanted.contains(value),
            (Self::IgnoringCase(wanted), Scalar::Text(text)) => wanted.to_lowercase() == text.to_lowercase(),
            (Self::Prefix(prefix), Scalar::Text(text)) => text.starts_with(&**prefix),
            (Self::Suffix(suffix), Scalar::Text(text)) => text.ends_with(&**suffix),
            (Self::Numeric(bounds), Scalar::Number(text)) => Millionths::parse(text)
                .is_ok_and(|value| bounds.iter().all(|(comparison, bound)| comparison.holds(value, bound.value))),
            (Self::IgnoringCase(_) | Self::Prefix(_) | Self::Suffix(_) | Self::Numeric(_), _) => false,
        }
    }
}
