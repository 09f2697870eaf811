//! An ARN that names another account or another region: AWS does not find such a function here (semantics 1.4).

use std::sync::Arc;

use super::ApiView;
use crate::service::ids::{is_account_id, is_region};

/// Where a function is, as an ARN says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// A partial ARN names none.
    pub region: Option<Arc<str>>,
    pub account_id: Arc<str>,
}

/// AWS's words, and how the request reaches a function of this workspace.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Elsewhere {
    #[error(
        "Functions from '{asked}' are not reachable in this region ('{here}'). Write region = \"{asked}\" in invokelab.toml, or ask for {function} alone."
    )]
    Region { asked: Arc<str>, here: Arc<str>, function: Arc<str> },
    #[error(
        "User: arn:aws:iam::{here}:root is not authorized to perform: lambda:{action} on resource: {arn} because no resource-based policy allows the lambda:{action} action. Write account_id = \"{asked}\" in invokelab.toml, or ask for {function} alone."
    )]
    Account { asked: Arc<str>, here: Arc<str>, function: Arc<str>, action: &'static str, arn: String },
}

impl Elsewhere {
    /// The HTTP status and the name of the exception.
    #[must_use]
    pub fn status_and_name(&self) -> (u16, &'static str) {
        match self {
            Self::Region { .. } => (404, "ResourceNotFoundException"),
            Self::Account { .. } => (403, "AccessDeniedException"),
        }
    }
}

impl Place {
    /// Reads region and account of an ARN; `None` where they are none.
    #[must_use]
    pub fn of(region: Option<&str>, account_id: &str) -> Option<Self> {
        (is_account_id(account_id) && region.is_none_or(is_region))
            .then(|| Self { region: region.map(Into::into), account_id: account_id.into() })
    }

    /// Whether a function of this workspace is meant.
    ///
    /// # Errors
    /// What AWS answers to `action` on a function of another account, else of another region.
    pub fn check(&self, view: &ApiView, function: &Arc<str>, action: &'static str) -> Result<(), Elsewhere> {
        let function = Arc::clone(function);
        let region = self.region.as_ref().unwrap_or(&view.region);
        if self.account_id != view.account_id {
            let arn = format!("arn:aws:lambda:{region}:{}:function:{function}", self.account_id);
            let (asked, here) = (Arc::clone(&self.account_id), Arc::clone(&view.account_id));
            return Err(Elsewhere::Account { asked, here, function, action, arn });
        }
        if *region != view.region {
            return Err(Elsewhere::Region { asked: Arc::clone(region), here: Arc::clone(&view.region), function });
        }
        Ok(())
    }
}
