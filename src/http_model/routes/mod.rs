//! Which route of an API takes a request.

mod api_routes;
mod http_routes;
mod path_template;
mod rest_resources;
mod sample;
mod stage;

pub use api_routes::{ApiRoute, ApiRoutes};
pub use http_routes::{FoundRoute, HttpRoutes};
pub use path_template::RouteError;
pub use rest_resources::{FoundMethod, RestResources};
pub use sample::sample_of;
pub use stage::split_stage;
