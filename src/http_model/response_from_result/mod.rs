//! Result to response, one file a door, and the rules they share.

mod assemble;
mod function_url;
mod http_api;
mod load_balancer;
mod members;
mod outcome;
mod payload_one;
mod payload_two;
mod rest_api;
mod result_json;
mod streaming;

pub use function_url::function_url_response;
pub use http_api::http_api_response;
pub use load_balancer::load_balancer_response;
pub use outcome::{Malformed, ResponseOutcome};
pub use rest_api::rest_api_response;
pub use streaming::{INTEGRATION_RESPONSE, PRELUDE_LIMIT, StreamPart, StreamedResponse};

#[cfg(test)]
mod tests;
