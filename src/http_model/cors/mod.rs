//! The service's side of CORS: what a function URL or an HTTP API answers by its configuration (`cors.md`, 2 and 3).
//!
//! Every header that the service adds says which setting made it and on which fact it rests; facts carry their confidence,
//! so that a reader sees what is certain. Where the evidence allows two readings, [`Switches`] chooses.

mod configuration;
mod facts;
mod function_url;
mod http_api;

pub use configuration::{ConfigurationProblem, CorsConfiguration, Setting, check_configuration};
pub use facts::{Confidence, Fact, fact};
pub use function_url::{FrontDoor, ProducedHeader, ServiceAnswer, Switches, add_headers, answer, is_preflight, preflight_answer};
pub use http_api::{add_http_api_headers, check_http_api_configuration, http_api_answer, http_api_preflight_answer};
