//! What a workspace says about its doors: function URLs, APIs, load balancers, and who may sign.

use std::sync::Arc;

pub use super::admission::AuthType;
use super::cors::CorsConfiguration;
use super::door::Door;
use super::event_from_request::PayloadFormat;
use super::policy::{Statement, closed_statement};
use crate::service::time::Micros;

/// How a function URL answers (semantics 5.1, 5.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InvokeMode {
    #[default]
    Buffered,
    ResponseStream,
}

impl InvokeMode {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Buffered => "BUFFERED",
            Self::ResponseStream => "RESPONSE_STREAM",
        }
    }
}

/// A function URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionUrlConfiguration {
    /// 32 lower-case letters and digits; follows from account, region and function, so it never changes.
    pub url_id: String,
    pub auth_type: AuthType,
    pub invoke_mode: InvokeMode,
    /// `None`: the function does all of CORS by itself.
    pub cors: Option<CorsConfiguration>,
}

/// The kinds of API that a workspace may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiKind {
    Rest,
    Http,
    LoadBalancer,
}

impl ApiKind {
    /// As in `invokelab.toml`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::Http => "http",
            Self::LoadBalancer => "load_balancer",
        }
    }

    /// The door that it is.
    #[must_use]
    pub fn door(self) -> Door {
        match self {
            Self::Rest => Door::RestApi,
            Self::Http => Door::HttpApi,
            Self::LoadBalancer => Door::LoadBalancer,
        }
    }
}

/// A route and what it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteConfiguration {
    /// `GET /items/{id}`, `ANY /{proxy+}`, `$default`.
    pub route: String,
    pub function: Arc<str>,
    /// HTTP APIs only.
    pub payload_format: PayloadFormat,
    /// `None`: the kind's own limit (semantics 6.1).
    pub timeout: Option<Micros>,
}

/// An API of API Gateway, or a load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiConfiguration {
    pub name: Arc<str>,
    pub kind: ApiKind,
    /// 10 lower-case letters and digits; follows from account, region and name.
    pub api_id: String,
    /// `$default` for HTTP APIs, `prod` for REST APIs, unless something else is written; empty for load balancers.
    pub stage: String,
    /// HTTP APIs only.
    pub cors: Option<CorsConfiguration>,
    pub routes: Vec<RouteConfiguration>,
    /// REST APIs only.
    pub binary_media_types: Vec<String>,
    pub stage_variables: Vec<(String, String)>,
    /// Load balancers only.
    pub multi_value_headers: bool,
}

/// The resource-based policy of a function and its URL: everything that decides who may come in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionAccess {
    pub url: Option<FunctionUrlConfiguration>,
    /// As written, or what the console adds to a URL with AuthType NONE.
    pub statements: Vec<Statement>,
    /// The statements are the console's, since the file has none.
    pub statements_are_default: bool,
}

impl FunctionAccess {
    /// Lets nobody in, because what was written is not known.
    pub fn close(&mut self) {
        self.statements = vec![closed_statement()];
        self.statements_are_default = false;
    }
}
