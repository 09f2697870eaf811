//! Resource-based policies: who may invoke a function, and which statement says so.

mod asked;
mod caller;
mod condition;
mod decide;
mod default_statements;
mod document;
mod half_open;
mod operator;
mod pattern;

pub use asked::Asked;
pub use caller::{AccessRequest, IdentityPolicy, Principal, is_known_key};
pub use condition::{Condition, ConditionResult};
pub use decide::{
    ActionDecision, DecidedBy, Decision, INVOKE_FUNCTION, INVOKE_FUNCTION_URL, StatementResult, Verdict, actions_of_function_url,
    decide, verdict,
};
pub use default_statements::{AddPermission, closed_statement, public_url_statements};
pub use document::{Effect, Policy, PolicyError, PrincipalPattern, Statement};
pub use half_open::half_open;
pub use operator::Operator;

#[cfg(test)]
mod tests;
