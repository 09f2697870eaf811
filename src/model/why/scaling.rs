//! With how many batches at once a mapping invokes its function, and how that changes.

use super::super::Model;
use crate::service::configuration::MappingConfiguration;
use crate::service::happened::ScalingReason;
use crate::service::limits::{MAPPING_CEILING, MAPPING_GROWTH_A_MINUTE, MAPPING_START};

/// A sentence with a blank before it: ` It sends up to 5 at once, and up to 300 more each minute while messages wait.`
pub(super) fn words(model: &Model, mapping: &MappingConfiguration) -> String {
    let scaled = model.functions.get(&mapping.function).and_then(|function| function.scaling.get(&mapping.queue));
    let (concurrency, reason) = scaled.copied().unwrap_or((MAPPING_START, ScalingReason::Quiet));
    if let Some(maximum) = mapping.maximum_concurrency.filter(|maximum| *maximum <= concurrency) {
        return format!(" It sends up to {maximum} at once (maximum_concurrency).");
    }
    match reason {
        ScalingReason::Quiet | ScalingReason::Backlog if concurrency >= MAPPING_CEILING => {
            format!(" It sends up to {concurrency} at once, the most there can be.")
        }
        ScalingReason::Quiet | ScalingReason::Backlog => {
            format!(
                " It sends up to {concurrency} at once, and up to {MAPPING_GROWTH_A_MINUTE} more each minute while messages wait."
            )
        }
        ScalingReason::Throttled => {
            format!(
                " *The function was not free, so it sends up to {concurrency} at once;* that doubles each minute while messages wait."
            )
        }
        ScalingReason::FunctionErrors => format!(
            " *After function errors it sends up to {concurrency} at once;* when a batch has succeeded, that doubles each minute while messages wait."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::service::happened::{Happened, ServiceEvent};
    use crate::service::time::Timestamp;

    #[test]
    fn a_mapping_says_how_many_batches_it_sends_at_once_and_why() {
        let mapping = MappingConfiguration::new("billing", "incoming");
        let limited = MappingConfiguration { maximum_concurrency: Some(3), ..mapping.clone() };
        let mut model = Model::default();
        let start = " It sends up to 5 at once, and up to 300 more each minute while messages wait.";
        assert_eq!(words(&model, &mapping), start);
        for (concurrency, reason, expected, expected_of_limited) in [
            (305, ScalingReason::Backlog, "up to 305 at once, and up to 300 more", "up to 3 at once (maximum_concurrency)"),
            (1_250, ScalingReason::Backlog, "the most there can be", "up to 3 at once (maximum_concurrency)"),
            (2, ScalingReason::FunctionErrors, "*After function errors it sends up to 2", "*After function errors"),
            (2, ScalingReason::Throttled, "*The function was not free, so it sends up to 2", "*The function was not free"),
            (5, ScalingReason::Quiet, start, "up to 3 at once (maximum_concurrency)"),
        ] {
            let what = Happened::MappingScaled { function: "billing".into(), queue: "incoming".into(), concurrency, reason };
            model.apply(&Event::Service(ServiceEvent { at: Timestamp(0), what }.into()));
            let found = [words(&model, &mapping), words(&model, &limited)];
            assert!(found[0].contains(expected) && found[1].contains(expected_of_limited), "{found:?}");
        }
    }
}
