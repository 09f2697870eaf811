//! Event templates by source (semantics 4.13, 5.2, 6.2, 7.1); their variables are filled in when an event is sent.

use crate::workspace::nearest;

/// An event as its service sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its name on the command line: `sqs`.
    pub kind: &'static str,
    pub title: &'static str,
    pub service: &'static str,
    pub summary: &'static str,
    /// JSON; may hold `{{variables}}` inside strings.
    pub text: &'static str,
}

/// Where the events of the templates come from; no other word of theirs is written alike.
const REGION: &str = "us-east-1";
const ACCOUNT: &str = "000000000000";

impl Template {
    /// The text with ARNs, regions and host names of another region and account.
    #[must_use]
    pub fn text_from(&self, region: &str, account_id: &str) -> String {
        self.text.replace(ACCOUNT, account_id).replace(REGION, region)
    }
}

/// There is no such kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no template {kind:?}{}; `invokelab event --list` names them all", self.suggestion())]
pub struct UnknownKind {
    pub kind: String,
    /// The kind that was probably meant, if any is near.
    pub nearest: Option<&'static str>,
}

impl UnknownKind {
    fn suggestion(&self) -> String {
        self.nearest.map(|nearest| format!("; did you mean {nearest:?}?")).unwrap_or_default()
    }
}

macro_rules! templates {
    ($($kind:literal, $title:literal, $service:literal, $summary:literal;)*) => {
        &[$(Template {
            kind: $kind,
            title: $title,
            service: $service,
            summary: $summary,
            text: include_str!(concat!("../../assets/templates/", $kind, ".json")),
        }),*]
    };
}

const TEMPLATES: &[Template] = templates![
    "function-url", "Function URL request", "Lambda", "A POST to a function URL, payload 2.0";
    "http-api", "HTTP API request", "API Gateway", "A POST through an HTTP API, payload 2.0";
    "rest-api", "REST API request", "API Gateway", "A POST through a REST API, payload 1.0";
    "sqs", "Queue batch", "SQS", "One record, as an event source mapping sends it";
    "sns", "Topic notification", "SNS", "One notification with an attribute";
    "s3", "Object created", "S3", "ObjectCreated:Put for one key";
    "dynamodb", "Table stream", "DynamoDB", "MODIFY with new and old image";
    "kinesis", "Stream batch", "Kinesis", "One record; data is base64";
    "eventbridge", "Event bus", "EventBridge", "An event of one's own with a detail";
    "schedule", "Scheduled event", "EventBridge", "What a rule with a schedule sends";
    "kafka", "Topic batch", "MSK", "One record of one partition; key and value are base64";
    "documentdb", "Change stream", "DocumentDB", "An insert with its full document";
];

/// All of them.
#[must_use]
pub fn templates() -> &'static [Template] {
    TEMPLATES
}

/// The template of a kind.
///
/// # Errors
/// There is none; the error names the nearest, if one is near.
pub fn find(kind: &str) -> Result<&'static Template, UnknownKind> {
    let exact = TEMPLATES.iter().find(|template| template.kind == kind);
    exact.ok_or_else(|| {
        let nearest = nearest(kind, TEMPLATES.iter().map(|template| template.kind));
        UnknownKind { kind: kind.to_owned(), nearest }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events_catalog::variables::{Expansion, NO_VARIABLES, expand};
    use crate::service::time::Timestamp;

    #[test]
    fn every_template_is_json_with_known_variables() {
        let now = Timestamp(1_772_359_200_000_000);
        let expansion = Expansion { now, seq: 1, seed: 1, environment: &|_| None, variables: &NO_VARIABLES };
        for template in templates() {
            let text = expand(template.text, &expansion).unwrap();
            assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{}", template.kind);
        }
        assert_eq!(templates().len(), 12);
    }

    #[test]
    fn templates_come_from_the_region_and_account_of_the_workspace() {
        for template in templates() {
            let text = template.text_from("eu-central-1", "123456789012");
            assert!(!text.contains(REGION) && !text.contains(ACCOUNT), "{}", template.kind);
            assert_eq!(text.contains("eu-central-1"), template.text.contains(REGION));
        }
        let text = find("sqs").unwrap().text_from("eu-central-1", "123456789012");
        assert!(text.contains("\"arn:aws:sqs:eu-central-1:123456789012:incoming\""), "{text}");
        assert!(text.contains("\"awsRegion\": \"eu-central-1\""), "{text}");
    }

    #[test]
    fn a_slip_is_told_the_nearest_kind() {
        assert_eq!(find("sqs").unwrap().service, "SQS");
        assert_eq!(find("dynamo").unwrap_err().nearest, Some("dynamodb"));
        assert_eq!(find("sq").unwrap_err().nearest, Some("sqs"), "s3 is as near, but does not begin with it");
        assert_eq!(find("event-bridge").unwrap_err().nearest, Some("eventbridge"));
        let error = find("websocket").unwrap_err().to_string();
        assert_eq!(error, "there is no template \"websocket\"; `invokelab event --list` names them all");
    }
}
