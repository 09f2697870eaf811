//! Which route of an API takes a request.

mod http_routes;
mod path_template;
mod rest_resources;
mod stage;

pub use http_routes::{FoundRoute, HttpRoutes};
pub use path_template::RouteError;
pub use rest_resources::{FoundMethod, RestResources};
pub use stage::split_stage;
