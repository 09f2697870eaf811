//! A mapping whose function fails for real: it sends less at once until the code is mended.

use std::fs;

use invokelab::command::{ClockMode, Command};
use invokelab::event::Event;
use invokelab::service::happened::{Happened, ScalingReason};
use invokelab::service::input::InvocationSource;

use crate::program::workspace;
use crate::workbench::Workbench;

const SETTINGS: &str = "
[functions.f]
runtime = 'javascript'
code = 'f.mjs'
[queues.q]
[[event_source_mappings]]
function = 'f'
source = 'queue:q'
batch_size = 1
";

fn scaled(event: &Event) -> Option<(u32, ScalingReason)> {
    match event {
        Event::Service(event) => match &event.what {
            Happened::MappingScaled { concurrency, reason, .. } => Some((*concurrency, *reason)),
            _ => None,
        },
        _ => None,
    }
}

#[test]
fn a_mapping_backs_off_from_code_that_throws_and_starts_anew_when_it_is_mended() {
    let folder =
        workspace(&[("invokelab.toml", SETTINGS), ("f.mjs", "export const handler = () => { throw new Error('no'); };")]);
    let bench = Workbench::open(folder.path());
    let bodies = (0..12).map(|number| number.to_string().into()).collect();
    bench.send(Command::SendMessages { queue: "q".into(), bodies, source: InvocationSource::Workbench });
    let mut down = Vec::new();
    while down.len() < 2 {
        down.extend(bench.next_turn().iter().filter_map(scaled));
    }
    assert_eq!(down, [(2, ScalingReason::FunctionErrors), (1, ScalingReason::FunctionErrors)]);
    fs::write(folder.path().join("f.mjs"), "export const handler = () => 1;").unwrap();
    bench.send(Command::SetClock(ClockMode::Fast(600.0)));
    let at_the_end = bench.wait(|event| scaled(event).filter(|(_, reason)| *reason == ScalingReason::Quiet));
    assert_eq!(at_the_end, (5, ScalingReason::Quiet));
}
