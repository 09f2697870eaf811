//! Request to event, one file a door, and the rules they share.

mod body;
mod built;
mod function_url;
mod headers;
mod http_api;
mod load_balancer;
mod payload_one;
mod payload_two;
mod query;
mod rest_api;

pub(super) use body::media_type_matches;
pub use body::{BodyEncoding, EncodingReason, for_load_balancer, for_url_or_http_api};
pub use built::{EVENT_LIMIT, EventTooLarge};
pub use function_url::function_url_event;
pub use http_api::{HttpApiMatch, PayloadFormat, http_api_event};
pub use load_balancer::{LoadBalancerTarget, load_balancer_event};
pub use rest_api::{RestMatch, rest_api_event};

#[cfg(test)]
mod tests;
