//! Why the filter of a mapping left a message out.

use super::super::Model;
use super::super::queues::{End, Life};
use super::Deciding;
use crate::command::SettingOwner;
use crate::service::happened::Removal;

/// Characters of the patterns that are shown.
const SHOWN: usize = 48;

/// `*body.amount is 12, the filter wants > 100.* So …`
pub(super) fn text(life: &Life) -> String {
    let queue = &life.queue;
    let Some((function, mismatches)) = life.left_out() else {
        return format!("*The filter of a mapping left it out.* It was deleted from {queue}, and no function gets it.");
    };
    let reasons: Vec<_> = mismatches.iter().map(|mismatch| mismatch.to_string().replace('*', "∗")).collect();
    format!(
        "*The mapping to {function} left it out: {}.* It was deleted from {queue} without being received, and {function} never gets it.",
        reasons.join("; ")
    )
}

/// How many messages the filter left out, as the last sentence about a queue.
pub(super) fn counted(count: u64) -> String {
    match count {
        0 => String::new(),
        1 => " The filter of its mapping left 1 message out, which was deleted.".to_owned(),
        _ => format!(" The filter of its mapping left {count} messages out, which were deleted."),
    }
}

/// The patterns as they are now, for a message that they left out.
pub(super) fn decided_by(model: &Model, life: &Life) -> Vec<Deciding> {
    let left_out = life.left_out().filter(|_| life.end == Some(End::Deleted(Removal::LeftOut)));
    let Some((function, _)) = left_out else { return Vec::new() };
    let mappings = model.functions.get(function).map(|function| function.mappings.as_slice()).unwrap_or_default();
    let Some(mapping) = mappings.iter().find(|mapping| mapping.queue == life.queue) else { return Vec::new() };
    let patterns: Vec<_> = mapping.filter_criteria.patterns().collect();
    let patterns = patterns.join(" ");
    let end = patterns.char_indices().nth(SHOWN).map(|(end, _)| end);
    let shown = end.map_or_else(|| patterns.clone(), |end| format!("{}…", &patterns[..end]));
    vec![Deciding {
        owner: SettingOwner::Mapping { function: function.clone(), queue: life.queue.clone() },
        key: Some("filter_criteria"),
        lead: String::new(),
        value: format!("filter_criteria = {shown}"),
        gloss: "Patterns of which a message must match one; all others are deleted from the queue.",
    }]
}
