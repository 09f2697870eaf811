//! What goes over the wire, and who answers it.

use serde::{Deserialize, Serialize};

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
    pub status: u16,
    pub headers: HeaderList,
    pub body: String,
}

impl Default for WireResponse {
    fn default() -> Self {
        Self { status: 200, headers: HeaderList::default(), body: String::new() }
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
