//! What the doors will do with a request before any function runs, as the workspace stands.

use crate::command::RequestDoor;
use crate::event::FunctionView;
use crate::http_model::admission::UrlAccess;
use crate::http_model::configuration::ApiConfiguration;
use crate::http_model::door::{AnswerContext, Door, moment};
use crate::http_model::entry::{self, Refusal, Routed};
use crate::http_model::gateway::Place;
use crate::http_model::message::{HttpRequest, HttpResponse};
use crate::http_model::routes::ApiRoutes;
use crate::http_model::url_id::{self, Addressee};
use crate::service::ids::FunctionName;
use crate::service::time::Timestamp;

use super::Model;

/// When a request comes: policies go by service time, signatures by the wall clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    pub service: Timestamp,
    pub wall: Timestamp,
}

/// What a door will do with a request.
#[derive(Clone, Debug)]
pub enum Foreseen {
    /// This function runs.
    Runs(FunctionName),
    /// It answers by itself. The function is the one that the request would have reached, where that is known.
    Refused { door: Door, refusal: Refusal, function: Option<FunctionName> },
}

impl Foreseen {
    /// What the door will answer by itself, without what a CORS configuration adds, and without what only the moment of the
    /// answer gives: date, ids and the state of the connection.
    #[must_use]
    pub fn answer(&self, at: Moment) -> Option<HttpResponse> {
        let Self::Refused { door, refusal, .. } = self else { return None };
        let mut answer = refusal.response(*door, &AnswerContext::new("", "", moment(at.service)));
        for name in ["date", "connection", "x-amzn-requestid", "apigw-requestid"] {
            answer.headers.remove(name);
        }
        Some(answer)
    }
}

impl Model {
    /// What a door will do with a request that is in the form in which its client sends it; `None` when there is no such door.
    #[must_use]
    pub fn foresee(&self, door: &RequestDoor, request: &HttpRequest, at: Moment) -> Option<Foreseen> {
        match door {
            RequestDoor::Url(function) => self.at_url(function, request, at),
            RequestDoor::Api(name) => {
                let api = self.api(name)?;
                let mut request = request.clone();
                if let Addressee::Api { path, .. } = url_id::resolve(&request.authority, &request.path) {
                    request.path = path;
                }
                Some(self.at_api(api, &request, at))
            }
        }
    }

    fn at_url(&self, function: &FunctionName, request: &HttpRequest, at: Moment) -> Option<Foreseen> {
        let view = self.function_view(function)?;
        let access = UrlAccess::of(function, &view.access, self.place(), self.workspace.signers.clone())?;
        let found = entry::at_url(request, &access, moment(at.service), moment(at.wall));
        let found = found.and_then(|_| entry::reserved(view.configuration.reserved_concurrency));
        Some(match found {
            Ok(()) => Foreseen::Runs(function.clone()),
            Err(refusal) => Foreseen::Refused { door: Door::FunctionUrl, refusal, function: Some(function.clone()) },
        })
    }

    fn at_api(&self, api: &ApiConfiguration, request: &HttpRequest, at: Moment) -> Foreseen {
        let door = api.kind.door();
        let access_of = |function: &str| self.function_view(function).map(|view| &*view.access);
        let routes = ApiRoutes::of(api);
        match entry::at_api(request, (api, &routes), access_of, self.place(), moment(at.service)) {
            Ok(Routed { route, .. }) => {
                let function = route.configuration.function;
                let reserved = self.function_view(&function).and_then(|view| view.configuration.reserved_concurrency);
                match entry::reserved(reserved) {
                    Ok(()) => Foreseen::Runs(function),
                    Err(refusal) => Foreseen::Refused { door, refusal, function: Some(function) },
                }
            }
            Err(refusal) => {
                let function = match &refusal {
                    Refusal::Gateway { route, .. } => Some(route.configuration.function.clone()),
                    Refusal::Limit(..) | Refusal::Url(_) | Refusal::NoRoute { .. } | Refusal::Throttled => None,
                };
                Foreseen::Refused { door, refusal, function }
            }
        }
    }

    /// The API or load balancer with this name.
    #[must_use]
    pub fn api(&self, name: &str) -> Option<&ApiConfiguration> {
        self.workspace.apis.iter().find(|api| *api.name == *name)
    }

    /// Region and account of everything in the workspace.
    #[must_use]
    pub fn place(&self) -> Place<'_> {
        Place { region: &self.workspace.region, account_id: &self.workspace.account_id }
    }

    fn function_view(&self, name: &str) -> Option<&FunctionView> {
        self.workspace.functions.iter().find(|view| *view.configuration.name == *name)
    }
}
