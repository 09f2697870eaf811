//! What a function says of the records of its batch: `batchItemFailures` (semantics 4.7).

use serde_json::Value;

use super::super::ids::MessageId;

/// The messages that failed; none when the whole batch succeeded.
///
/// # Errors
/// The response cannot be used, so the whole batch failed; the text says why.
pub(super) fn failed_items(payload: &[u8], batch: &[MessageId]) -> Result<Vec<MessageId>, String> {
    let value: Value = serde_json::from_slice(payload).map_err(|_| "the response is not JSON".to_owned())?;
    let object = match &value {
        Value::Null => return Ok(Vec::new()),
        Value::Object(object) if object.is_empty() => return Ok(Vec::new()),
        Value::Object(object) => object,
        _ => return Err("the response is no object".into()),
    };
    let items = match object.get("batchItemFailures") {
        None => return Err("the response has no batchItemFailures".into()),
        Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(_) => return Err("batchItemFailures is no array".into()),
    };
    let mut failed = Vec::new();
    for item in items {
        let id = failed_item(item, batch)?;
        // One that is named twice failed once.
        if !failed.contains(&id) {
            failed.push(id);
        }
    }
    Ok(failed)
}

fn failed_item(item: &Value, batch: &[MessageId]) -> Result<MessageId, String> {
    let text = match item.get("itemIdentifier") {
        Some(Value::String(text)) if !text.is_empty() => text,
        Some(Value::String(_) | Value::Null) => return Err("an itemIdentifier is empty".into()),
        Some(_) => return Err("an itemIdentifier is no string".into()),
        None => return Err("an entry of batchItemFailures has no itemIdentifier".into()),
    };
    let id = text.parse::<MessageId>().ok().filter(|id| batch.contains(id));
    id.ok_or_else(|| format!("itemIdentifier {text} is no message of the batch"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table() {
        let id = MessageId(7);
        let name = format!("{{\"batchItemFailures\":[{{\"itemIdentifier\":\"{id}\"}}]}}");
        for (text, expected) in [
            ("null", Ok(0)),
            ("{}", Ok(0)),
            ("{\"batchItemFailures\":[]}", Ok(0)),
            ("{\"batchItemFailures\":null}", Ok(0)),
            (&name, Ok(1)),
            (&name.replace("}]}", &format!("}},{{\"itemIdentifier\":\"{id}\"}}]}}")), Ok(1)),
            ("{\"batchItemFailures\":[{\"itemIdentifier\":\"\"}]}", Err("an itemIdentifier is empty")),
            ("{\"batchItemFailures\":[{\"itemIdentifier\":null}]}", Err("an itemIdentifier is empty")),
            ("{\"batchItemFailures\":[{\"id\":\"x\"}]}", Err("an entry of batchItemFailures has no itemIdentifier")),
            ("{\"batchItemFailures\":[{\"itemIdentifier\":\"x\"}]}", Err("itemIdentifier x is no message of the batch")),
            ("{\"failures\":[]}", Err("the response has no batchItemFailures")),
            ("\"done\"", Err("the response is no object")),
            ("oops", Err("the response is not JSON")),
        ] {
            let found = failed_items(text.as_bytes(), &[id]).map(|failed| failed.len());
            assert_eq!(found, expected.map_err(str::to_owned), "{text}");
        }
    }
}
