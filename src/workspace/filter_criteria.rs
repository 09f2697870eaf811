//! Reading `filter_criteria` of a mapping: patterns as JSON texts (semantics 4.9).

use super::reader::Section;
use crate::service::filter::{Filter, FilterCriteria, PatternError};
use crate::service::limits;

const KEY: &str = "filter_criteria";

/// The filters of a mapping, none where the key is not there; `None` when Lambda would refuse the mapping for them.
pub(super) fn filter_criteria(section: &Section) -> Option<FilterCriteria> {
    if !section.has(KEY) {
        return Some(FilterCriteria::default());
    }
    let patterns = section.strings(KEY)?;
    if patterns.len() > limits::FILTERS {
        let (count, most) = (patterns.len(), limits::FILTERS);
        section.problem(KEY, format!("{count} filters, but a mapping may have {most} (AWS allows 10 on request)"));
        return None;
    }
    let filters: Vec<_> = patterns.iter().enumerate().filter_map(|(index, pattern)| filter(section, index, pattern)).collect();
    (filters.len() == patterns.len()).then(|| FilterCriteria::new(filters))
}

/// One pattern; what is wrong with it is reported where it goes wrong.
fn filter(section: &Section, index: usize, pattern: &str) -> Option<Filter> {
    let refused = |error: PatternError| {
        let written = section.item(KEY).and_then(|item| item.as_array()?.get(index)?.span());
        let place = written.map(|span| section.source.place_in_text(span, pattern, error.at));
        section.source.problem(place, error.to_string());
    };
    Filter::new(pattern).map_err(refused).ok()
}
