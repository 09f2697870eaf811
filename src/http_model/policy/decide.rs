//! The decision: an explicit deny wins, then an allow, else nothing allows it.

use std::fmt;

use super::caller::{AccessRequest, IdentityPolicy, Principal};
use super::condition::{Condition, ConditionResult};
use super::document::{Effect, Policy, PrincipalPattern, Statement};
use super::pattern::{action_matches, matches};

pub const INVOKE_FUNCTION: &str = "lambda:InvokeFunction";
pub const INVOKE_FUNCTION_URL: &str = "lambda:InvokeFunctionUrl";

/// What a request to a URL needs: both permissions since late 2025 (`cors.md`, fact 25), one for URLs made before.
#[must_use]
pub fn actions_of_function_url(require_both: bool) -> Vec<String> {
    let actions: &[&str] = if require_both { &[INVOKE_FUNCTION_URL, INVOKE_FUNCTION] } else { &[INVOKE_FUNCTION_URL] };
    actions.iter().map(|action| (*action).to_owned()).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Allow,
    /// A statement says no.
    ExplicitDeny,
    /// No statement says yes.
    ImplicitDeny,
}

/// What settled it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecidedBy {
    /// Index and Sid of the statement.
    Statement {
        index: usize,
        sid: String,
    },
    /// The caller's own policies, which are enough within the account.
    IdentityPolicy,
    /// The resource allows it, but a caller of another account needs its own policies to allow it too.
    MissingIdentityPolicy,
    Nothing,
}

/// A statement held against the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementResult {
    pub index: usize,
    pub sid: String,
    pub effect: Effect,
    /// Why it does not apply, in words; `None` if it does.
    pub mismatch: Option<String>,
    /// Held against the request only if principal, action and resource fit.
    pub conditions: Vec<ConditionResult>,
}

/// The decision on one action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionDecision {
    pub action: String,
    pub verdict: Verdict,
    pub decided_by: DecidedBy,
    /// Every statement, in order.
    pub statements: Vec<StatementResult>,
}

/// The decision on all actions together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub verdict: Verdict,
    pub actions: Vec<ActionDecision>,
}

impl fmt::Display for Decision {
    /// What settled it, as a sentence without its full stop.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.verdict, self.deciding_action()) {
            (Verdict::Allow, _) => f.write_str("the policy allows it"),
            (Verdict::ExplicitDeny, Some(action)) => write!(f, "a statement of the policy denies {}", action.action),
            (Verdict::ImplicitDeny, Some(action)) => write!(f, "no statement of the policy allows {}", action.action),
            (Verdict::ExplicitDeny | Verdict::ImplicitDeny, None) => f.write_str("the policy allows nothing"),
        }
    }
}

impl Decision {
    /// The action that settled it: the first that is denied, else the first.
    #[must_use]
    pub fn deciding_action(&self) -> Option<&ActionDecision> {
        let denied = self.actions.iter().find(|action| action.verdict == self.verdict && action.verdict != Verdict::Allow);
        denied.or_else(|| self.actions.first())
    }
}

/// Whether the policy lets the caller do all the actions. [`decide`] says the same with reasons, which cost more than the
/// verdict.
#[must_use]
pub fn verdict(policy: &Policy, request: &AccessRequest) -> Verdict {
    let of_action = |action: &String| settle(policy, request, |_, statement| mismatch(statement, request, action).is_none()).0;
    together(request.actions.iter().map(of_action))
}

/// Whether the policy lets the caller do all the actions, and why.
#[must_use]
pub fn decide(policy: &Policy, request: &AccessRequest) -> Decision {
    let actions: Vec<ActionDecision> = request.actions.iter().map(|action| decide_action(policy, request, action)).collect();
    Decision { verdict: together(actions.iter().map(|decision| decision.verdict)), actions }
}

/// A deny of one action is a deny of all; no action at all is nothing that was allowed.
fn together(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let severity = |verdict: &Verdict| match verdict {
        Verdict::Allow => 0,
        Verdict::ImplicitDeny => 1,
        Verdict::ExplicitDeny => 2,
    };
    verdicts.max_by_key(severity).unwrap_or(Verdict::ImplicitDeny)
}

fn decide_action(policy: &Policy, request: &AccessRequest, action: &str) -> ActionDecision {
    let judged = policy.statements.iter().enumerate().map(|(index, statement)| judge(index, statement, request, action));
    let statements: Vec<StatementResult> = judged.collect();
    let (verdict, decided_by) = settle(policy, request, |index, _| statements[index].mismatch.is_none());
    ActionDecision { action: action.to_owned(), verdict, decided_by, statements }
}

/// The verdict on one action, by the statements that apply.
fn settle(policy: &Policy, request: &AccessRequest, applies: impl Fn(usize, &Statement) -> bool) -> (Verdict, DecidedBy) {
    let first = |effect| {
        let mut statements = policy.statements.iter().enumerate();
        statements.find(|(index, statement)| statement.effect == effect && applies(*index, statement))
    };
    let by = |(index, statement): (usize, &Statement)| DecidedBy::Statement { index, sid: statement.sid.clone() };
    if let Some(deny) = first(Effect::Deny) {
        return (Verdict::ExplicitDeny, by(deny));
    }
    let own = request.identity().map(|(account_id, ..)| account_id == request.account_id);
    let identity_allows = request.identity_policy == IdentityPolicy::Allows;
    match (first(Effect::Allow), own) {
        (Some(_), Some(false)) if !identity_allows => (Verdict::ImplicitDeny, DecidedBy::MissingIdentityPolicy),
        (Some(allow), _) => (Verdict::Allow, by(allow)),
        (None, Some(true)) if identity_allows => (Verdict::Allow, DecidedBy::IdentityPolicy),
        (None, _) => (Verdict::ImplicitDeny, DecidedBy::Nothing),
    }
}

/// Why a statement does not apply.
#[derive(Clone, Copy)]
enum Mismatch<'a> {
    Principal,
    Action,
    Resource,
    Condition(&'a Condition),
}

fn mismatch<'a>(statement: &'a Statement, request: &AccessRequest, action: &str) -> Option<Mismatch<'a>> {
    if !statement.principals.iter().any(|pattern| principal_fits(pattern, &request.principal)) {
        return Some(Mismatch::Principal);
    }
    if !statement.actions.iter().any(|pattern| action_matches(pattern, action)) {
        return Some(Mismatch::Action);
    }
    if !statement.resources.iter().any(|pattern| matches(pattern, &request.resource)) {
        return Some(Mismatch::Resource);
    }
    statement.conditions.iter().find(|condition| !condition.holds(request)).map(Mismatch::Condition)
}

fn judge(index: usize, statement: &Statement, request: &AccessRequest, action: &str) -> StatementResult {
    let all = || statement.conditions.iter().map(|condition| condition.judge(request)).collect();
    let (mismatch, conditions) = match mismatch(statement, request, action) {
        None => (None, all()),
        Some(Mismatch::Condition(failed)) => (Some(failed.judge(request).sentence()), all()),
        Some(Mismatch::Principal) => {
            (Some(format!("is about another principal than {}", principal_words(&request.principal))), Vec::new())
        }
        Some(Mismatch::Action) => (Some(format!("is about {}, not {action}", statement.actions.join(", "))), Vec::new()),
        Some(Mismatch::Resource) => {
            (Some(format!("is about {}, not {}", statement.resources.join(", "), request.resource)), Vec::new())
        }
    };
    StatementResult { index, sid: statement.sid.clone(), effect: statement.effect, mismatch, conditions }
}

fn principal_fits(pattern: &PrincipalPattern, principal: &Principal) -> bool {
    match (pattern, principal) {
        (PrincipalPattern::Everyone, _) => true,
        (PrincipalPattern::Service(wanted), Principal::Service { name, .. }) => wanted == name,
        (PrincipalPattern::Aws(wanted), Principal::Identity { account_id, arn, .. }) => {
            wanted == account_id
                || *wanted == format!("arn:aws:iam::{account_id}:root")
                || wanted == arn
                || role_of_session(arn).is_some_and(|(account, role)| names_role(wanted, account, role))
        }
        (PrincipalPattern::Service(_), Principal::Anonymous | Principal::Identity { .. })
        | (PrincipalPattern::Aws(_), Principal::Anonymous | Principal::Service { .. }) => false,
    }
}

/// Account and role of `arn:aws:sts::123456789012:assumed-role/Reader/session`.
fn role_of_session(arn: &str) -> Option<(&str, &str)> {
    let (account, resource) = arn.strip_prefix("arn:aws:sts::")?.split_once(':')?;
    let (role, _session) = resource.strip_prefix("assumed-role/")?.split_once('/')?;
    Some((account, role))
}

/// Whether an ARN is that of the role; it may have a path, which a session does not tell.
fn names_role(arn: &str, account: &str, role: &str) -> bool {
    let path_and_name = arn.strip_prefix("arn:aws:iam::").and_then(|rest| rest.strip_prefix(account)?.strip_prefix(":role/"));
    path_and_name.is_some_and(|path_and_name| path_and_name.rsplit('/').next() == Some(role))
}

fn principal_words(principal: &Principal) -> String {
    match principal {
        Principal::Anonymous => "an unsigned request".to_owned(),
        Principal::Identity { arn, .. } => arn.clone(),
        Principal::Service { name, .. } => name.clone(),
    }
}
