//! Functions as they come, change and go, and who may run how often (semantics 8.1).

use std::collections::BTreeSet;
use std::sync::Arc;

use super::LambdaService;
use super::configuration::FunctionConfiguration;
use super::effect::StopReason;
use super::error::ThrottleReason;
use super::happened::Happened;
use super::state::Function;

impl LambdaService {
    pub(super) fn configure_function(&mut self, configuration: Arc<FunctionConfiguration>) {
        let name = configuration.name.clone();
        let arn = self.arn(&name).into();
        let function = self.functions.entry(name.clone()).or_insert_with(|| Function {
            configuration: configuration.clone(),
            arn,
            warm: Vec::new(),
            environments: BTreeSet::new(),
            numbers: BTreeSet::new(),
            resets: Vec::new(),
            executing: 0,
            leaving: false,
            url_requests: std::collections::VecDeque::new(),
        });
        let changed = function.configuration.revision != configuration.revision;
        function.configuration = configuration.clone();
        self.publish(Happened::FunctionConfigured(configuration));
        if changed {
            self.replace_idle_environments(&name);
        }
        self.poll_mappings_of(&name);
    }

    pub(super) fn remove_function(&mut self, name: &str) {
        if !self.functions.contains_key(name) {
            return;
        }
        if let Some(function) = self.functions.get_mut(name) {
            function.leaving = true;
        }
        self.drop_batches_of_function(name);
        self.replace_idle_environments(name);
        // What waited for an environment that goes gets another one, which goes, too.
        while let Some(environment) = self.functions.get(name).and_then(|function| function.environments.first().copied()) {
            self.end_environment_of_removed_function(environment);
        }
        if let Some(function) = self.functions.remove(name) {
            self.publish(Happened::FunctionRemoved(function.configuration.name.clone()));
        }
    }

    /// Free environments of an older revision take no further event; busy ones end with their attempt.
    fn replace_idle_environments(&mut self, name: &str) {
        let Some(function) = self.functions.get_mut(name) else { return };
        function.resets.clear();
        for environment in std::mem::take(&mut function.warm) {
            self.stop_environment(environment, StopReason::Replaced);
        }
    }

    /// Whether one more execution may begin (semantics 1.5).
    pub(super) fn admit(&self, name: &str) -> Result<(), ThrottleReason> {
        let Some(function) = self.functions.get(name) else { return Ok(()) };
        if let Some(reserved) = function.configuration.reserved_concurrency {
            return match function.executing < reserved {
                true => Ok(()),
                false => Err(ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded),
            };
        }
        let (mut reserved, mut unreserved) = (0, 0);
        for function in self.functions.values() {
            match function.configuration.reserved_concurrency {
                Some(limit) => reserved += limit,
                None => unreserved += function.executing,
            }
        }
        match unreserved < self.settings.account_concurrency.saturating_sub(reserved) {
            true => Ok(()),
            false => Err(ThrottleReason::ConcurrentInvocationLimitExceeded),
        }
    }

    /// `arn:aws:lambda:REGION:ACCOUNT:function:NAME`.
    pub(super) fn arn(&self, name: &str) -> String {
        format!("arn:aws:lambda:{}:{}:function:{name}", self.settings.region, self.settings.account_id)
    }
}
