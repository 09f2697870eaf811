//! A policy as a document: read strictly from JSON and written back in Lambda's own form.

use std::fmt::{self, Display};

use serde_json::{Map, Value, json};

use super::condition::Condition;
use super::operator::Operator;

/// A policy that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct PolicyError {
    /// `Statement[0].Effect`.
    pub place: String,
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Allow,
    Deny,
}

/// Whom a statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrincipalPattern {
    /// `*`, alone or under `AWS`.
    Everyone,
    /// An account id, its root ARN, or the ARN of a user, role or session.
    Aws(String),
    /// `s3.amazonaws.com`.
    Service(String),
}

impl Display for PrincipalPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Everyone => "everyone",
            Self::Aws(text) | Self::Service(text) => text,
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Empty if it has none.
    pub sid: String,
    pub effect: Effect,
    pub principals: Vec<PrincipalPattern>,
    pub actions: Vec<String>,
    pub resources: Vec<String>,
    /// All of them must hold.
    pub conditions: Vec<Condition>,
}

/// The resource-based policy of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    pub statements: Vec<Statement>,
}

impl Policy {
    /// Reads a policy document, alone or as `aws lambda get-policy` prints it: as the text of a member `Policy`.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place and what to write in its place.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let document: Value = serde_json::from_str(text).map_err(|error| wrong("policy", format!("is not JSON: {error}")))?;
        if let Some(Value::String(inner)) = document.get("Policy") {
            return Self::parse(inner);
        }
        let statements = document.get("Statement").ok_or_else(|| wrong("policy", "has no \"Statement\""))?;
        let statements = match statements {
            Value::Array(statements) => statements.iter().collect(),
            single => vec![single],
        };
        let parsed =
            statements.into_iter().enumerate().map(|(index, value)| parse_statement(&format!("Statement[{index}]"), value));
        Ok(Self { statements: parsed.collect::<Result<_, _>>()? })
    }

    /// The document as `GetPolicy` gives it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let statements: Vec<Value> = self.statements.iter().map(Statement::to_json).collect();
        json!({ "Version": "2012-10-17", "Id": "default", "Statement": statements })
    }
}

impl Statement {
    fn to_json(&self) -> Value {
        let mut members = Map::new();
        members.insert("Sid".into(), self.sid.clone().into());
        members.insert("Effect".into(), format!("{:?}", self.effect).into());
        members.insert("Principal".into(), principals_to_json(&self.principals));
        members.insert("Action".into(), one_or_many(&self.actions));
        members.insert("Resource".into(), one_or_many(&self.resources));
        let mut conditions = Map::new();
        for condition in &self.conditions {
            let of_operator = conditions.entry(condition.name.clone()).or_insert_with(|| json!({}));
            of_operator[&condition.key] = one_or_many(&condition.values);
        }
        if !conditions.is_empty() {
            members.insert("Condition".into(), conditions.into());
        }
        members.into()
    }
}

fn parse_statement(place: &str, value: &Value) -> Result<Statement, PolicyError> {
    let Value::Object(members) = value else { return Err(wrong(place, "is not an object")) };
    const KNOWN: [&str; 6] = ["Sid", "Effect", "Principal", "Action", "Resource", "Condition"];
    if let Some(name) = members.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(wrong(&format!("{place}.{name}"), format!("is not supported; a statement has {}", KNOWN.join(", "))));
    }
    let effect = match members.get("Effect").and_then(Value::as_str) {
        Some("Allow") => Effect::Allow,
        Some("Deny") => Effect::Deny,
        _ => return Err(wrong(&format!("{place}.Effect"), "must be \"Allow\" or \"Deny\"")),
    };
    let required = |name: &str| members.get(name).ok_or_else(|| wrong(place, format!("has no \"{name}\"")));
    let conditions =
        members.get("Condition").map_or(Ok(Vec::new()), |value| parse_conditions(&format!("{place}.Condition"), value));
    Ok(Statement {
        sid: members.get("Sid").and_then(Value::as_str).unwrap_or_default().to_owned(),
        effect,
        principals: parse_principals(&format!("{place}.Principal"), required("Principal")?)?,
        actions: texts(&format!("{place}.Action"), required("Action")?)?,
        resources: texts(&format!("{place}.Resource"), required("Resource")?)?,
        conditions: conditions?,
    })
}

fn parse_principals(place: &str, value: &Value) -> Result<Vec<PrincipalPattern>, PolicyError> {
    let members = match value {
        Value::String(text) if text == "*" => return Ok(vec![PrincipalPattern::Everyone]),
        Value::Object(members) => members,
        _ => return Err(wrong(place, "must be \"*\" or an object such as { \"Service\": \"s3.amazonaws.com\" }")),
    };
    let mut principals = Vec::new();
    for (kind, value) in members {
        let place = format!("{place}.{kind}");
        for text in texts(&place, value)? {
            principals.push(match kind.as_str() {
                "AWS" if text == "*" => PrincipalPattern::Everyone,
                "AWS" => PrincipalPattern::Aws(text),
                "Service" => PrincipalPattern::Service(text),
                _ => return Err(wrong(&place, "is not supported; write AWS or Service")),
            });
        }
    }
    Ok(principals)
}

fn parse_conditions(place: &str, value: &Value) -> Result<Vec<Condition>, PolicyError> {
    let Value::Object(operators) = value else { return Err(wrong(place, "is not an object")) };
    let mut conditions = Vec::new();
    for (name, keys) in operators {
        let place = format!("{place}.{name}");
        let (plain, if_exists) = name.strip_suffix("IfExists").map_or((name.as_str(), false), |plain| (plain, true));
        let (operator, negated) = Operator::parse(plain).ok_or_else(|| {
            let names: Vec<_> = Operator::names().collect();
            wrong(&place, format!("is not a supported operator; known are {}", names.join(", ")))
        })?;
        let Value::Object(keys) = keys else { return Err(wrong(&place, "is not an object")) };
        for (key, values) in keys {
            let values = texts(&format!("{place}.{key}"), values)?;
            conditions.push(Condition { name: name.clone(), operator, negated, if_exists, key: key.clone(), values });
        }
    }
    Ok(conditions)
}

/// A text or an array of texts; numbers and booleans count as their text.
fn texts(place: &str, value: &Value) -> Result<Vec<String>, PolicyError> {
    let text = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(wrong(place, "must be a text or an array of texts")),
    };
    match value {
        Value::Array(values) => values.iter().map(text).collect(),
        single => Ok(vec![text(single)?]),
    }
}

fn principals_to_json(principals: &[PrincipalPattern]) -> Value {
    let (mut aws, mut services) = (Vec::new(), Vec::new());
    for principal in principals {
        match principal {
            PrincipalPattern::Everyone if principals.len() == 1 => return "*".into(),
            PrincipalPattern::Everyone => aws.push("*".to_owned()),
            PrincipalPattern::Aws(text) => aws.push(text.clone()),
            PrincipalPattern::Service(text) => services.push(text.clone()),
        }
    }
    let groups = [("AWS", aws), ("Service", services)];
    let filled = groups.into_iter().filter(|(_, texts)| !texts.is_empty());
    Value::Object(filled.map(|(kind, texts)| (kind.to_owned(), one_or_many(&texts))).collect())
}

fn one_or_many(texts: &[String]) -> Value {
    match texts {
        [single] => single.clone().into(),
        many => many.to_vec().into(),
    }
}

fn wrong(place: &str, message: impl Into<String>) -> PolicyError {
    PolicyError { place: place.to_owned(), message: message.into() }
}
