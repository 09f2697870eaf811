//! What goes over the wire, and who answers it.

use serde::{Deserialize, Deserializer, Serialize};

use super::header_list::HeaderList;

/// A request as it reaches the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireRequest {
    pub method: String,
    pub url: String,
    /// `Origin`, `Cookie`, the `Access-Control-Request-*` of a preflight, and what the page set.
    pub headers: HeaderList,
    pub preflight: bool,
    /// Number of redirects followed before.
    pub hop: usize,
}

/// A response as it reaches the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WireResponse {
    #[serde(deserialize_with = "final_status")]
    pub status: u16,
    pub headers: HeaderList,
    pub body: String,
}

impl Default for WireResponse {
    fn default() -> Self {
        Self { status: 200, headers: HeaderList::default(), body: String::new() }
    }
}

/// An informational status ends no exchange (RFC 9110, 15.2), and no door sends one beyond 599.
fn final_status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    match u16::deserialize(deserializer)? {
        status @ 200..=599 => Ok(status),
        status => Err(serde::de::Error::custom(format!("status {status}: a response has one from 200 to 599"))),
    }
}

/// Whoever answers; asked once for every request that leaves the browser.
pub trait Server {
    fn answer(&mut self, request: &WireRequest) -> WireResponse;
}

impl<F: FnMut(&WireRequest) -> WireResponse> Server for F {
    fn answer(&mut self, request: &WireRequest) -> WireResponse {
        self(request)
    }
}

/// One request with its response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireExchange {
    pub request: WireRequest,
    pub response: WireResponse,
    /// The HTTP cache answered; the server saw nothing.
    pub from_cache: bool,
}
