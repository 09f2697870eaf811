//! The operators of a pattern: an object in the list of a field.

use serde_json::value::RawValue;

use super::json::{self, Scalar, Value};
use super::number::Millionths;
use super::parse::{Parser, PatternError};
use super::pattern::{Bound, Comparison, Test};

/// Those that Lambda lists for mappings (semantics 4.9).
const LISTED: &str = "anything-but, equals-ignore-case, exists, numeric, prefix and suffix";

pub(super) fn read(parser: &Parser<'_>, name: &str, value: &RawValue) -> Result<Test, PatternError> {
    match name {
        "prefix" => text(parser, name, value).map(Test::Prefix),
        "suffix" => text(parser, name, value).map(Test::Suffix),
        "equals-ignore-case" => text(parser, name, value).map(Test::IgnoringCase),
        "exists" => match json::read(value) {
            Some(Value::Scalar(Scalar::Boolean(exists))) => Ok(Test::Exists(exists)),
            _ => Err(parser.error(value, "exists takes true or false".to_owned())),
        },
        "anything-but" => anything_but(parser, value).map(Test::AnythingBut),
        "numeric" => numeric(parser, value).map(Test::Numeric),
        // EventBridge has them; whether mappings do is said nowhere.
        "cidr" | "wildcard" => {
            Err(parser.error(value, format!("{name} is an operator of EventBridge; Lambda lists {LISTED} for mappings")))
        }
        _ => Err(parser.error(value, format!("\"{name}\" is no operator; there are {LISTED}"))),
    }
}

fn text(parser: &Parser<'_>, name: &str, value: &RawValue) -> Result<String, PatternError> {
    match json::read(value) {
        Some(Value::Scalar(Scalar::Text(text))) => Ok(text),
        Some(_) => Err(parser.error(value, format!("{name} takes a text, such as {{\"{name}\":\"a\"}}"))),
        None => Err(parser.unreadable(value)),
    }
}

fn anything_but(parser: &Parser<'_>, value: &RawValue) -> Result<Vec<Scalar>, PatternError> {
    let shape = || parser.error(value, "anything-but takes a text or a number, or a list of either".to_owned());
    let unwanted = match json::read(value) {
        Some(Value::Scalar(scalar)) => vec![scalar],
        Some(Value::List(items)) => {
            let scalar = |item| match json::read(item) {
                Some(Value::Scalar(scalar)) => Ok(scalar),
                _ => Err(shape()),
            };
            items.into_iter().map(scalar).collect::<Result<_, _>>()?
        }
        Some(Value::Object(_)) => {
            let reason = "anything-but with an operator in it is of EventBridge; Lambda lists it with texts and numbers only";
            return Err(parser.error(value, reason.to_owned()));
        }
        None => return Err(parser.unreadable(value)),
    };
    let texts = unwanted.iter().all(|scalar| matches!(scalar, Scalar::Text(_)));
    let numbers = unwanted.iter().all(|scalar| matches!(scalar, Scalar::Number(_)));
    if unwanted.is_empty() || !(texts || numbers) { Err(shape()) } else { Ok(unwanted) }
}

fn numeric(parser: &Parser<'_>, value: &RawValue) -> Result<Vec<(Comparison, Bound)>, PatternError> {
    let shape = || {
        let reason =
            "numeric takes one comparison, such as [\">\",10], or a lower and an upper one, such as [\">\",10,\"<=\",20]";
        parser.error(value, reason.to_owned())
    };
    let Some(Value::List(items)) = json::read(value) else { return Err(shape()) };
    let (pairs, []) = items.as_chunks::<2>() else { return Err(shape()) };
    let mut bounds = Vec::new();
    for [symbol, number] in pairs {
        let comparison = comparison(symbol).ok_or_else(shape)?;
        let Some(Value::Scalar(Scalar::Number(text))) = json::read(number) else { return Err(shape()) };
        let value = Millionths::parse(&text).map_err(|reason| parser.error(number, reason.to_owned()))?;
        bounds.push((comparison, Bound { text, value }));
    }
    match &bounds[..] {
        [_] => Ok(bounds),
        [(low, from), (high, to)] if low.is_lower() && high.is_upper() => match from.value < to.value {
            true => Ok(bounds),
            false => Err(parser.error(value, format!("The lower bound {} is not below the upper one, {}", from.text, to.text))),
        },
        _ => Err(shape()),
    }
}

fn comparison(symbol: &RawValue) -> Option<Comparison> {
    let Some(Value::Scalar(Scalar::Text(symbol))) = json::read(symbol) else { return None };
    Comparison::ALL.into_iter().find(|comparison| comparison.symbol() == symbol)
}
