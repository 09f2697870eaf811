//! What a page's request comes to in a browser: the Fetch standard's CORS protocol as Chromium carries it out.
//!
//! Everything here is computation over plain values. [`Browser`] keeps what a browser remembers between requests (cookies,
//! preflight results, stored responses); time is a number that the caller moves. Each rule that was applied is written
//! down as a [`Step`] with the values that were compared; rule numbers are those of `cors.md`, section 1.
//!
//! Where Chromium leaves the standard, [`RuleSet`] says which of the two is followed.

mod cookies;
mod cors_check;
mod failure;
mod fetch;
mod header_list;
mod http_cache;
mod http_date;
mod mime_type;
mod origin;
mod preflight;
mod preflight_cache;
mod readable;
mod redirect;
mod request;
mod request_headers;
mod run;
mod safelist;
mod sites;
mod step;
mod wire;

pub use cookies::{Cookie, CookieJar, SameSite};
pub use cors_check::{CheckFailure, CheckFailureKind, check_response};
pub use failure::{CorsError, Failure};
pub use fetch::{Browser, Ending, Exchange, Failed};
pub use header_list::{HeaderList, is_token, list_items};
pub use http_cache::may_be_stored;
pub use mime_type::essence;
pub use origin::{Page, PageError, PageKind};
pub use preflight::{PreflightGrant, UnsafeHeader, judge_preflight, max_age_secs, unsafe_headers};
pub use readable::readable_names;
pub use request::{Api, Body, BodyKind, CacheMode, Credentials, Mode, PageRequest, PreparedRequest, RedirectMode, prepare};
pub use request_headers::{is_forbidden_method, is_forbidden_request_header};
pub use safelist::is_safelisted_request_header;
pub use sites::{is_potentially_trustworthy, same_site};
pub use step::{Deviation, RuleSet, Step, Trace};
pub use wire::{Server, WireExchange, WireRequest, WireResponse};
