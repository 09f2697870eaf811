//! A question that was put to a policy, to be explained when somebody looks.

use std::sync::{Arc, OnceLock};

use super::caller::AccessRequest;
use super::decide::{Decision, Verdict, decide, verdict};
use super::document::Policy;

/// Policy and question as they were when a request came.
#[derive(Clone, Debug)]
pub struct Asked {
    policy: Arc<Policy>,
    question: Box<AccessRequest>,
    decision: OnceLock<Decision>,
}

impl Asked {
    #[must_use]
    pub fn new(policy: Arc<Policy>, question: AccessRequest) -> Self {
        Self { policy, question: Box::new(question), decision: OnceLock::new() }
    }

    #[must_use]
    pub fn verdict(&self) -> Verdict {
        verdict(&self.policy, &self.question)
    }

    /// The verdict with its reasons, which are put into words on the first call.
    pub fn decision(&self) -> &Decision {
        self.decision.get_or_init(|| decide(&self.policy, &self.question))
    }
}
