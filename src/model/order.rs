//! The order in which lanes stand, which no run and no step changes: functions as the workspace lists them, each under the
//! queues that feed it; then the queues that functions and queues give up into; then all others by name.

use std::collections::BTreeSet;

use super::Model;
use super::timeline::LaneKey;
use crate::service::configuration::Target;
use crate::service::ids::{FunctionName, QueueName};

/// Whose lanes come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    Function(&'a FunctionName),
    Queue(&'a QueueName),
}

impl Model {
    /// Every function and queue that is configured or has a lane, once.
    #[must_use]
    pub fn lane_order(&self) -> Vec<Place<'_>> {
        let (mut order, mut told) = (Vec::new(), BTreeSet::new());
        let functions = self.functions_in_order();
        let mut queue = |order: &mut Vec<_>, name| {
            if told.insert(name) {
                order.push(Place::Queue(name));
            }
        };
        for function in &functions {
            self.sources_of(function).for_each(|source| queue(&mut order, source));
            order.push(Place::Function(function));
        }
        for function in &functions {
            self.outlets_of(function).for_each(|target| queue(&mut order, target));
        }
        let known = self.queues.keys().chain(self.timeline.lanes().filter_map(|(key, _, _)| match key {
            LaneKey::Messages(name) => Some(name),
            LaneKey::Clients | LaneKey::Events(_) | LaneKey::Environment(..) => None,
        }));
        let others: BTreeSet<&QueueName> = known.collect();
        others.into_iter().for_each(|name| queue(&mut order, name));
        order
    }

    /// As the workspace lists them, then those that it does not have any more, by name.
    fn functions_in_order(&self) -> Vec<&FunctionName> {
        let listed = self.workspace.functions.iter().map(|view| &view.configuration.name);
        let (mut order, mut told) = (Vec::new(), BTreeSet::new());
        for name in listed.chain(self.functions.keys()) {
            if self.functions.contains_key(name) && told.insert(name) {
                order.push(name);
            }
        }
        order
    }

    /// Queues that its mappings read.
    fn sources_of<'a>(&'a self, function: &str) -> impl Iterator<Item = &'a QueueName> {
        self.functions.get(function).into_iter().flat_map(|function| &function.mappings).map(|mapping| &mapping.queue)
    }

    /// Queues that its records and given up events go to, and those that messages go to which it could not process.
    fn outlets_of<'a>(&'a self, function: &str) -> impl Iterator<Item = &'a QueueName> {
        let configuration = self.functions.get(function).and_then(|function| function.configuration.as_deref());
        let own = configuration.into_iter().flat_map(|function| {
            let settings = &function.event_invoke;
            [settings.on_success.as_ref(), settings.on_failure.as_ref(), function.dead_letter.as_ref()]
        });
        let own = own.flatten().filter_map(|target| match target {
            Target::Queue(queue) => Some(queue),
            Target::Function(_) => None,
        });
        let redriven = self.sources_of(function).filter_map(|source| {
            let configuration = self.queues.get(source)?.configuration.as_ref()?;
            configuration.redrive.as_ref().map(|redrive| &redrive.target)
        });
        own.chain(redriven)
    }
}
