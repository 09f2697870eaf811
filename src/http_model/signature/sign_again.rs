//! Signs a request again as its signer must have done, with the secret key that belongs to the access key.

use std::borrow::Cow;
use std::collections::BTreeSet;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{PayloadChecksumKind, SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;

use super::super::message::HttpRequest;
use super::presented::{Location, PresentedSignature};

/// More signed headers than this are refused, since the signing library has a bound of its own.
const SIGNED_HEADERS_LIMIT: usize = 200;
const CONTENT_HASH: &str = "x-amz-content-sha256";

/// Parameters that the signing library adds to the query itself.
const SIGNATURE_PARAMETERS: [&str; 6] =
    ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature"];

pub(super) struct SignedAgain {
    pub(super) signature: String,
    /// SHA-256 of the body in hexadecimal, if the signer signed one.
    pub(super) content_hash: Option<String>,
}

/// The signature that the request should have; the error is a hint for the window.
///
/// A bare `+` of the query is signed as the space that it stands for, `%20`: botocore signs a parameter with a space so and
/// sends it as `+`, and the signing library reads it so, too.
pub(super) fn sign_again(
    request: &HttpRequest,
    presented: &PresentedSignature,
    secret_key: &str,
    query: &str,
) -> Result<SignedAgain, String> {
    if presented.signed_headers.len() > SIGNED_HEADERS_LIMIT || request.headers.len() > SIGNED_HEADERS_LIMIT * 10 {
        return Err(format!("more than {SIGNED_HEADERS_LIMIT} signed headers"));
    }
    // Without the key's session token: it stands among the signed headers or in the query already.
    let identity = Credentials::from_keys(&presented.access_key, secret_key, None).into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(&presented.scope.region)
        .name(&presented.scope.service)
        .time(presented.signed_at.try_into().map_err(|error: jiff::Error| error.to_string())?)
        .settings(settings(presented))
        .build()
        .map_err(|error| error.to_string())?
        .into();
    let signable = SignableRequest::new(
        &request.method,
        // The host is among the headers, so the one here is never looked at.
        format!("http://localhost{}{}{}", request.path, if query.is_empty() { "" } else { "?" }, query),
        signed_lines(request, presented).into_iter(),
        SignableBody::Bytes(&request.body),
    )
    .map_err(|error| format!("path or query cannot be read: {error}"))?;
    let (instructions, signature) = sign(signable, &params).map_err(|error| error.to_string())?.into_parts();
    let content_hash = instructions.headers().find(|(name, _)| *name == CONTENT_HASH).map(|(_, value)| value.to_owned());
    Ok(SignedAgain { signature, content_hash })
}

/// The query without what the signing library adds.
pub(super) fn query_to_sign(request: &HttpRequest, presented: &PresentedSignature) -> String {
    let added = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        presented.location == Location::Query && SIGNATURE_PARAMETERS.contains(&name)
    };
    request.query.split('&').filter(|pair| !added(pair)).collect::<Vec<_>>().join("&")
}

fn settings(presented: &PresentedSignature) -> SigningSettings {
    let mut settings = SigningSettings::default();
    // The signer chose the headers, so nothing is left out that it signed.
    settings.excluded_headers = None;
    if presented.location == Location::Query {
        settings.signature_location = SignatureLocation::QueryParams;
        let secs = presented.expires_in_secs.unwrap_or_default();
        settings.expires_in = Some(core::time::Duration::from_secs(secs.into()));
    } else {
        let signs = |name: &str| presented.signed_headers.iter().any(|other| other == name);
        if !signs("x-amz-date") {
            settings.excluded_headers = Some(vec![Cow::Borrowed("x-amz-date")]);
        }
        if signs(CONTENT_HASH) {
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
    }
    settings
}

/// The lines of the signed headers. A header that is not there counts as empty.
fn signed_lines<'a>(request: &'a HttpRequest, presented: &'a PresentedSignature) -> Vec<(&'a str, &'a str)> {
    let mut lines = Vec::new();
    for name in presented.signed_headers.iter().collect::<BTreeSet<_>>() {
        let values: Vec<&str> = request.headers.get_all(name).collect();
        match values[..] {
            [] if name == "host" => lines.push((name.as_str(), request.authority.as_str())),
            [] => lines.push((name.as_str(), "")),
            _ => lines.extend(values.into_iter().map(|value| (name.as_str(), value))),
        }
    }
    lines
}
