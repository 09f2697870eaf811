//! Who may sign requests.

use std::fmt;
use std::sync::Arc;

use super::super::door::CallerIdentity;

/// An access key that the workspace knows, and whose it is.
#[derive(Clone, PartialEq, Eq)]
pub struct KnownCredential {
    pub secret_key: String,
    /// Temporary credentials only.
    pub session_token: Option<String>,
    /// `identity.access_key` is the access key.
    pub identity: CallerIdentity,
}

impl fmt::Debug for KnownCredential {
    /// Without the secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KnownCredential").field("identity", &self.identity).finish_non_exhaustive()
    }
}

/// Every access key of a workspace. Whoever holds this can check a signature, but not read a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signers(Arc<[KnownCredential]>);

impl Signers {
    /// Whose the keys are, in the order of the file; a key that is known with and without a token is one.
    #[must_use]
    pub fn identities(&self) -> Vec<&CallerIdentity> {
        let mut identities: Vec<_> = self.0.iter().map(|known| &known.identity).collect();
        identities.dedup();
        identities
    }

    pub(super) fn known(&self) -> &[KnownCredential] {
        &self.0
    }
}

impl FromIterator<KnownCredential> for Signers {
    fn from_iter<I: IntoIterator<Item = KnownCredential>>(known: I) -> Self {
        Self(known.into_iter().collect())
    }
}
