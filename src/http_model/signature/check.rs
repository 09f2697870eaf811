//! Checks a signature, in the order in which AWS does: form, scope, key, time, and the signature itself.

use jiff::{SignedDuration, Timestamp};
use subtle::ConstantTimeEq;

use super::super::door::{CallerIdentity, Door};
use super::super::message::HttpRequest;
use super::error::SignatureError;
use super::presented::{Location, PresentedSignature, basic_format};
use super::sign_again::{SignedAgain, query_to_sign, sign_again};
use super::signers::{KnownCredential, Signers};

/// What is said of a query whose plus sign was not signed as the space that AWS reads in it.
const PLUS_HINT: &str = "a bare + in the query counts as a space and is signed as %20; a plus sign is sent and signed as %2B";

/// How far the clocks of signer and service may differ, in seconds.
pub const CLOCK_SKEW_SECS: i64 = 300;

/// What the scope of the credential must name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedScope {
    pub region: String,
    /// `lambda` for function URLs and the Lambda API, `execute-api` for APIs.
    pub service: String,
}

impl ExpectedScope {
    #[must_use]
    pub fn of(door: Door, region: &str) -> Self {
        let service = match door {
            Door::FunctionUrl => "lambda",
            Door::RestApi | Door::HttpApi | Door::LoadBalancer => "execute-api",
        };
        Self { region: region.to_owned(), service: service.to_owned() }
    }
}

/// A signature that is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    pub identity: CallerIdentity,
    pub presented: PresentedSignature,
}

/// Checks the signature of a request. Path and query must be as the client sent them.
///
/// # Errors
/// In AWS's words; `refusal` makes the 403 of a door from it.
pub fn verify(
    request: &HttpRequest,
    expected: &ExpectedScope,
    signers: &Signers,
    now: Timestamp,
) -> Result<Verified, SignatureError> {
    let presented = PresentedSignature::read(request)?;
    if !presented.signed_headers.iter().any(|name| name == "host" || name == ":authority") {
        return Err(SignatureError::HostNotSigned);
    }
    check_scope(&presented, expected)?;
    let mut known = signers.known().iter().filter(|known| known.identity.access_key == presented.access_key);
    let known = known.find(|known| same_token(known, &presented)).ok_or(SignatureError::UnknownKey)?;
    check_time(&presented, now)?;
    check_signature(request, &presented, &known.secret_key)?;
    Ok(Verified { identity: known.identity.clone(), presented })
}

fn check_scope(presented: &PresentedSignature, expected: &ExpectedScope) -> Result<(), SignatureError> {
    let scope = &presented.scope;
    if scope.service != expected.service {
        return Err(SignatureError::Service { service: expected.service.clone() });
    }
    if scope.region != expected.region {
        return Err(SignatureError::Region { region: scope.region.clone() });
    }
    let date_time = basic_format(presented.signed_at);
    let date = date_time.chars().take(8).collect::<String>();
    if scope.date != date {
        return Err(SignatureError::ScopeDate { scope: scope.date.clone(), date, date_time });
    }
    Ok(())
}

fn same_token(known: &KnownCredential, presented: &PresentedSignature) -> bool {
    match (&known.session_token, &presented.security_token) {
        (None, None) => true,
        (Some(known), Some(presented)) => known.as_bytes().ct_eq(presented.as_bytes()).into(),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// A signature is good for five minutes, a presigned URL for as long as it says.
fn check_time(presented: &PresentedSignature, now: Timestamp) -> Result<(), SignatureError> {
    let lifetime = presented.expires_in_secs.map_or(CLOCK_SKEW_SECS, i64::from);
    let shifted = |secs: i64| now.checked_add(SignedDuration::from_secs(secs)).unwrap_or(now);
    let signed_at = basic_format(presented.signed_at);
    if presented.signed_at < shifted(-lifetime) {
        let (earliest, minutes) = (basic_format(shifted(-lifetime)), (lifetime + 59) / 60);
        return Err(SignatureError::Expired { signed_at, earliest, now: basic_format(now), minutes });
    }
    if presented.signed_at > shifted(CLOCK_SKEW_SECS) {
        let (latest, minutes) = (basic_format(shifted(CLOCK_SKEW_SECS)), CLOCK_SKEW_SECS / 60);
        return Err(SignatureError::NotYetCurrent { signed_at, latest, now: basic_format(now), minutes });
    }
    Ok(())
}

fn check_signature(request: &HttpRequest, presented: &PresentedSignature, secret_key: &str) -> Result<(), SignatureError> {
    let mut hints = hints(request, presented);
    let query = query_to_sign(request, presented);
    let is_right = |again: &SignedAgain| again.signature.as_bytes().ct_eq(presented.signature.as_bytes()).into();
    match sign_again(request, presented, secret_key, &query) {
        Ok(again) if is_right(&again) => return Ok(()),
        Ok(again) => hints.extend(again.content_hash.and_then(|hash| body_hint(request, &hash))),
        Err(hint) => hints.push(hint),
    }
    if query.contains('+') {
        hints.push(PLUS_HINT.to_owned());
    }
    hints.dedup();
    Err(SignatureError::Mismatch { hints })
}

fn hints(request: &HttpRequest, presented: &PresentedSignature) -> Vec<String> {
    let absent = |name: &&String| name.as_str() != "host" && !request.headers.contains(name);
    let mut hints: Vec<String> = presented
        .signed_headers
        .iter()
        .filter(absent)
        .map(|name| format!("the header {name} is signed, but the request has none"))
        .collect();
    if presented.location == Location::Header && !presented.signed_headers.iter().any(|name| name == "x-amz-date") {
        hints.push("x-amz-date is not signed".to_owned());
    }
    if !presented.signed_headers.is_sorted() {
        hints.push("the signed headers are not in alphabetical order".to_owned());
    }
    hints
}

fn body_hint(request: &HttpRequest, hash: &str) -> Option<String> {
    let claimed = request.headers.get("x-amz-content-sha256")?;
    (claimed != hash).then(|| format!("x-amz-content-sha256 says {claimed}, but the body has {hash}"))
}
