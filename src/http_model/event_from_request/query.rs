//! Query strings: pairs in order, decoded or as sent.

use std::borrow::Cow;
use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

/// The pairs of a query as sent, in order. A name without `=` has the empty value; empty pieces are skipped.
pub(super) fn raw_pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter(|piece| !piece.is_empty()).map(|piece| piece.split_once('=').unwrap_or((piece, "")))
}

/// The pairs of a query with `%xx` and `+` decoded; what is not UTF-8 becomes U+FFFD.
pub(super) fn decoded_pairs(query: &str) -> Vec<(String, String)> {
    raw_pairs(query).map(|(name, value)| (decoded(name), decoded(value))).collect()
}

/// Each name once, in order of first appearance, with all its values.
pub(super) fn grouped<N: Clone + Ord, V>(pairs: impl IntoIterator<Item = (N, V)>) -> Vec<(N, Vec<V>)> {
    let mut groups: Vec<(N, Vec<V>)> = Vec::new();
    let mut places = BTreeMap::new();
    for (name, value) in pairs {
        let place = *places.entry(name.clone()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, values)) => values.push(value),
            None => groups.push((name, vec![value])),
        }
    }
    groups
}

fn decoded(text: &str) -> String {
    let spaced: Cow<'_, str> = if text.contains('+') { text.replace('+', " ").into() } else { text.into() };
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}
