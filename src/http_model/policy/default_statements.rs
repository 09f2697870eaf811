//! Statements as the console and `AddPermission` make them.

use super::condition::Condition;
use super::decide::{INVOKE_FUNCTION, INVOKE_FUNCTION_URL};
use super::document::{Effect, PrincipalPattern, Statement};
use super::operator::Operator;

/// The two statements that the console adds to a function whose URL has AuthType NONE (`cors.md`, fact 25).
#[must_use]
pub fn public_url_statements(function_arn: &str) -> Vec<Statement> {
    let statement = |sid: &str, action: &str, condition: Condition| Statement {
        sid: sid.to_owned(),
        effect: Effect::Allow,
        principals: vec![PrincipalPattern::Everyone],
        actions: vec![action.to_owned()],
        resources: vec![function_arn.to_owned()],
        conditions: vec![condition],
    };
    vec![
        statement("FunctionURLAllowPublicAccess", INVOKE_FUNCTION_URL, url_auth_type("NONE")),
        statement("FunctionURLInvokeAllowPublicAccess", INVOKE_FUNCTION, via_function_url()),
    ]
}

/// Stands for a policy that cannot be read: it may deny somebody, so until it is repaired it denies everybody.
#[must_use]
pub fn closed_statement() -> Statement {
    Statement {
        sid: "UntilThePolicyIsRepaired".to_owned(),
        effect: Effect::Deny,
        principals: vec![PrincipalPattern::Everyone],
        actions: vec!["lambda:*".to_owned()],
        resources: vec!["*".to_owned()],
        conditions: Vec::new(),
    }
}

/// The arguments of `AddPermission`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddPermission {
    pub statement_id: String,
    pub action: String,
    /// `*`, an account id, an ARN, or a service such as `s3.amazonaws.com`.
    pub principal: String,
    pub source_arn: Option<String>,
    pub source_account: Option<String>,
    pub principal_org_id: Option<String>,
    pub function_url_auth_type: Option<String>,
    pub invoked_via_function_url: bool,
}

impl AddPermission {
    /// The statement that the service makes of them.
    #[must_use]
    pub fn statement(&self, function_arn: &str) -> Statement {
        let mut conditions = Vec::new();
        conditions.extend(self.function_url_auth_type.as_deref().map(url_auth_type));
        conditions.extend(self.invoked_via_function_url.then(via_function_url));
        let equals = |key: &str, value: &String| condition("StringEquals", Operator::StringEquals, key, value);
        conditions.extend(self.source_account.as_ref().map(|account| equals("AWS:SourceAccount", account)));
        conditions.extend(self.principal_org_id.as_ref().map(|org_id| equals("aws:PrincipalOrgID", org_id)));
        conditions.extend(self.source_arn.as_ref().map(|arn| condition("ArnLike", Operator::ArnLike, "AWS:SourceArn", arn)));
        Statement {
            sid: self.statement_id.clone(),
            effect: Effect::Allow,
            principals: vec![self.principal()],
            actions: vec![self.action.clone()],
            resources: vec![function_arn.to_owned()],
            conditions,
        }
    }

    fn principal(&self) -> PrincipalPattern {
        match self.principal.as_str() {
            "*" => PrincipalPattern::Everyone,
            service if service.ends_with(".amazonaws.com") => PrincipalPattern::Service(service.to_owned()),
            account if account.bytes().all(|byte| byte.is_ascii_digit()) => {
                PrincipalPattern::Aws(format!("arn:aws:iam::{account}:root"))
            }
            arn => PrincipalPattern::Aws(arn.to_owned()),
        }
    }
}

fn url_auth_type(auth_type: &str) -> Condition {
    condition("StringEquals", Operator::StringEquals, "lambda:FunctionUrlAuthType", auth_type)
}

fn via_function_url() -> Condition {
    condition("Bool", Operator::Bool, "lambda:InvokedViaFunctionUrl", "true")
}

fn condition(name: &str, operator: Operator, key: &str, value: &str) -> Condition {
    let values = vec![value.to_owned()];
    Condition { name: name.to_owned(), operator, negated: false, if_exists: false, key: key.to_owned(), values }
}
