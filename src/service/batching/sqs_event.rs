//! A message as a record of the event that a mapping sends (semantics 4.13).

use base64::Engine;
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};

use super::super::LambdaService;
use super::super::ids::{MessageId, QueueName};
use super::super::state::Message;

/// Bytes of `{"Records":[]}`.
pub(super) const FRAME: usize = 14;

/// The JSON text of the record of a message that is received for the `receive_count`-th time.
pub(super) fn record(
    service: &LambdaService,
    queue: &QueueName,
    message_id: MessageId,
    message: &Message,
    receive_count: u32,
) -> String {
    let first_received_at = message.first_received_at.unwrap_or(service.now);
    let mut attributes = json!({
        "ApproximateReceiveCount": receive_count.to_string(),
        "SentTimestamp": message.sent_at.millis().to_string(),
        "SenderId": "AROAINVOKELAB:invokelab",
        "ApproximateFirstReceiveTimestamp": first_received_at.millis().to_string(),
    });
    if let Some(trace_header) = &message.trace_header {
        attributes["AWSTraceHeader"] = json!(&**trace_header);
    }
    if let Some(source) = &message.came_from {
        attributes["DeadLetterQueueSourceArn"] = json!(&*service.queue_arn(source));
    }
    let message_attributes: Map<String, Value> = message
        .attributes
        .iter()
        .map(|(name, data_type, value)| {
            let value =
                json!({ "stringValue": &**value, "stringListValues": [], "binaryListValues": [], "dataType": &**data_type });
            (name.to_string(), value)
        })
        .collect();
    let mut record = json!({
        "messageId": message_id.to_string(),
        "receiptHandle": receipt_handle(message_id, receive_count),
        "body": &*message.body,
        "attributes": attributes,
        "messageAttributes": message_attributes,
        "md5OfBody": md5(message.body.as_bytes()),
    });
    if !message.attributes.is_empty() {
        record["md5OfMessageAttributes"] = json!(md5(&attribute_bytes(message)));
    }
    record["eventSource"] = json!("aws:sqs");
    record["eventSourceARN"] = json!(&*service.queue_arn(queue));
    record["awsRegion"] = json!(&**service.region());
    record.to_string()
}

fn receipt_handle(message_id: MessageId, receive_count: u32) -> String {
    base64::engine::general_purpose::STANDARD.encode(format!("{message_id}#{receive_count}"))
}

fn md5(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SQS's encoding of attributes for their digest: sorted by name, each part with its length before it.
fn attribute_bytes(message: &Message) -> Vec<u8> {
    let mut attributes: Vec<_> = message.attributes.iter().collect();
    attributes.sort();
    let mut bytes = Vec::new();
    let part = |bytes: &mut Vec<u8>, text: &str| {
        bytes.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend(text.as_bytes());
    };
    for (name, data_type, value) in attributes {
        part(&mut bytes, name);
        part(&mut bytes, data_type);
        bytes.push(1);
        part(&mut bytes, value);
    }
    bytes
}
