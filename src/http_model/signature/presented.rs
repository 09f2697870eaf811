//! The signature as it stands in a request: in `Authorization` or in the query.

use jiff::Timestamp;
use percent_encoding::percent_decode_str;

use super::super::message::HttpRequest;
use super::error::SignatureError;

pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Where the signature stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    Header,
    /// A presigned URL.
    Query,
}

/// What the key was derived for: `20260312/us-east-1/lambda/aws4_request`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialScope {
    /// `20260312`.
    pub date: String,
    pub region: String,
    pub service: String,
}

/// A signature with everything that it claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentedSignature {
    pub location: Location,
    pub access_key: String,
    pub scope: CredentialScope,
    /// In lower case, in the order of the request.
    pub signed_headers: Vec<String>,
    /// 64 hexadecimal digits if it is well formed.
    pub signature: String,
    pub signed_at: Timestamp,
    /// Presigned URLs only, in seconds.
    pub expires_in_secs: Option<u32>,
    pub security_token: Option<String>,
}

/// Whether a request carries any signature at all.
#[must_use]
pub fn is_signed(request: &HttpRequest) -> bool {
    request.headers.contains("authorization") || query_value(request, "X-Amz-Signature").is_some()
}

impl PresentedSignature {
    /// Reads the signature of a request.
    ///
    /// # Errors
    /// In AWS's words, if there is none or it is incomplete.
    pub fn read(request: &HttpRequest) -> Result<Self, SignatureError> {
        match request.headers.get("authorization") {
            Some(authorization) => Self::from_header(request, authorization),
            None if query_value(request, "X-Amz-Algorithm").is_some() || query_value(request, "X-Amz-Signature").is_some() => {
                Self::from_query(request)
            }
            None => Err(SignatureError::Missing),
        }
    }

    fn from_header(request: &HttpRequest, authorization: &str) -> Result<Self, SignatureError> {
        let fields = authorization.trim().strip_prefix(ALGORITHM).unwrap_or_default();
        let field = |name: &str| {
            let pairs = fields.split(',').filter_map(|field| field.trim().split_once('='));
            pairs
                .into_iter()
                .find(|(other, _)| *other == name)
                .map(|(_, value)| value.to_owned())
                .filter(|value| !value.is_empty())
        };
        let date = request.headers.get("x-amz-date").or_else(|| request.headers.get("date"));
        let (Some(credential), Some(signature), Some(signed_headers), Some(date)) =
            (field("Credential"), field("Signature"), field("SignedHeaders"), date)
        else {
            let missing = ["Credential", "Signature", "SignedHeaders"].into_iter().filter(|name| field(name).is_none());
            let message = incomplete_header(missing, date.is_some(), authorization);
            return Err(SignatureError::Incomplete { message });
        };
        let (access_key, scope) = credential_scope(&credential)?;
        Ok(Self {
            location: Location::Header,
            access_key,
            scope,
            signed_headers: header_names(&signed_headers),
            signature,
            signed_at: date_time(date)?,
            expires_in_secs: None,
            security_token: request.headers.get("x-amz-security-token").map(str::to_owned),
        })
    }

    fn from_query(request: &HttpRequest) -> Result<Self, SignatureError> {
        let value = |name: &str| query_value(request, name).filter(|value| !value.is_empty());
        let names =
            ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date", "X-Amz-Expires"];
        let (Some(algorithm), Some(credential), Some(signature), Some(signed_headers), Some(date), Some(expires)) =
            (value(names[0]), value(names[1]), value(names[2]), value(names[3]), value(names[4]), value(names[5]))
        else {
            let wanted = names.into_iter().filter(|name| value(name).is_none());
            let sentences: Vec<_> = wanted.map(|name| format!("AWS query-string parameters must include '{name}'.")).collect();
            return Err(SignatureError::Incomplete { message: sentences.join(" ") });
        };
        let expires_in_secs = expires.parse::<u32>().ok().filter(|secs| (1..=604_800).contains(secs));
        if algorithm != ALGORITHM || expires_in_secs.is_none() {
            let message = format!("X-Amz-Algorithm must be {ALGORITHM} and X-Amz-Expires a number of seconds from 1 to 604800");
            return Err(SignatureError::Incomplete { message });
        }
        let (access_key, scope) = credential_scope(&credential)?;
        Ok(Self {
            location: Location::Query,
            access_key,
            scope,
            signed_headers: header_names(&signed_headers),
            signature,
            signed_at: date_time(&date)?,
            expires_in_secs,
            security_token: value("X-Amz-Security-Token"),
        })
    }
}

/// One sentence for each part that is missing, then the header itself.
fn incomplete_header<'a>(missing: impl Iterator<Item = &'a str>, dated: bool, authorization: &str) -> String {
    let sentence = |name| format!("Authorization header requires '{name}' parameter. ");
    let mut message: String = missing.map(sentence).collect();
    if !dated {
        message.push_str("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
    }
    message + "Authorization=" + authorization
}

/// `20260312T190358Z`.
pub(super) fn basic_format(moment: Timestamp) -> String {
    moment.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// The decoded value of a query parameter.
fn query_value(request: &HttpRequest, name: &str) -> Option<String> {
    let mut pairs = request.query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(other, _)| *other == name)?;
    Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
}

fn credential_scope(credential: &str) -> Result<(String, CredentialScope), SignatureError> {
    let parts: Vec<&str> = credential.split('/').collect();
    match parts[..] {
        [access_key, date, region, service, "aws4_request"] => {
            let scope = CredentialScope { date: date.to_owned(), region: region.to_owned(), service: service.to_owned() };
            Ok((access_key.to_owned(), scope))
        }
        [_, _, _, _, terminator] => Err(SignatureError::Terminator { terminator: terminator.to_owned() }),
        _ => Err(SignatureError::Credential { credential: credential.to_owned() }),
    }
}

fn header_names(list: &str) -> Vec<String> {
    list.split(';').filter(|name| !name.is_empty()).map(str::to_ascii_lowercase).collect()
}

/// The date of `X-Amz-Date`, or that of `Date` in the form of RFC 9110, 5.6.7.
fn date_time(text: &str) -> Result<Timestamp, SignatureError> {
    let bad = || SignatureError::DateFormat { date: text.to_owned() };
    let is_basic = text.len() == 16 && text.is_ascii() && text.ends_with('Z');
    let zoned =
        if is_basic { format!("{} +0000", &text[..15]) } else { format!("{} +0000", text.strip_suffix(" GMT").ok_or_else(bad)?) };
    let format = if is_basic { "%Y%m%dT%H%M%S %z" } else { "%a, %d %b %Y %H:%M:%S %z" };
    Timestamp::strptime(format, &zoned).map_err(|_| bad())
}
