//! Policies that let somebody in at a URL by one of the two permissions that its requests need.

use super::decide::{INVOKE_FUNCTION, INVOKE_FUNCTION_URL};
use super::document::{Effect, PrincipalPattern, Statement};
use super::pattern::action_matches;

/// Those who are allowed `lambda:InvokeFunctionUrl` and never `lambda:InvokeFunction`, so that a URL lets them in nowhere
/// (semantics 5.1). Who belongs to the function's account may have the other permission from policies of its own.
#[must_use]
pub fn half_open<'a>(statements: &'a [Statement], account_id: &str) -> Vec<&'a PrincipalPattern> {
    let own = format!(":{account_id}:");
    let allowed = |action| {
        let allowing = statements.iter().filter(move |statement| {
            statement.effect == Effect::Allow && statement.actions.iter().any(|pattern| action_matches(pattern, action))
        });
        allowing.flat_map(|statement| &statement.principals)
    };
    let may_invoke = |principal: &PrincipalPattern| {
        allowed(INVOKE_FUNCTION).any(|other| other == principal || *other == PrincipalPattern::Everyone)
    };
    let mut found: Vec<&PrincipalPattern> = Vec::new();
    for principal in allowed(INVOKE_FUNCTION_URL) {
        let is_own = matches!(principal, PrincipalPattern::Aws(arn) if arn == account_id || arn.contains(&own));
        if !is_own && !may_invoke(principal) && !found.contains(&principal) {
            found.push(principal);
        }
    }
    found
}
