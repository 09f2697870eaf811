//! Signature Version 4: reads a signature from a request and checks it by signing the request again.

mod check;
mod error;
mod presented;
mod sign_again;
mod signers;

pub use check::{CLOCK_SKEW_SECS, ExpectedScope, Verified, verify};
pub use error::{SignatureError, refusal};
pub use presented::{CredentialScope, Location, PresentedSignature, is_signed};
pub use signers::{KnownCredential, Signers};

#[cfg(test)]
mod tests;
