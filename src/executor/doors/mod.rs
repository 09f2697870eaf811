//! The doors that browsers may use: function URLs, APIs and load balancers, with a port of their own.
//!
//! A connection's task reads a request and hands it to the loop, which decides by the rules of [`crate::http_model`], has
//! the function run, and answers. Only the pieces of a streamed response pass the loop by.

mod api_entrance;
mod body;
mod browse;
mod certificate;
mod certificate_end;
mod connection;
mod departure;
mod entrance;
mod https;
mod kept_certificate;
mod names_as_sent;
mod streaming;
mod table;
mod test_page;

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::response_body::ResponseBody;
use super::streams::StreamReader;
use crate::event::{Door, Exchange};
use crate::http_model::door::{self, AnswerContext};
use crate::http_model::field_note::FieldNote;
use crate::http_model::message::{HeaderList, HttpRequest, HttpResponse};
use crate::service::ids::RequestId;
use crate::service::random::Random;

pub use connection::serve;
pub use entrance::Waiting;
pub use https::Https;
pub use table::DoorTable;

/// Where HTTP clients knock unless somebody says otherwise.
pub const DEFAULT_DOORS_PORT: u16 = 9_002;
/// Bytes of a body that an exchange keeps for showing.
const SHOWN: usize = 256 << 10;

/// A port that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenPort {
    pub port: u16,
    /// The one that was wanted, if it was in use and this is the next free one.
    pub moved_from: Option<u16>,
}

/// What a connection asks the loop for.
pub enum DoorCall {
    Request {
        request: Box<HttpRequest>,
        /// The body passed what any door takes; nothing of it was kept.
        too_large: bool,
        answer: oneshot::Sender<DoorAnswer>,
    },
    /// A streamed response is over; the exchange as it began, and what the client got.
    Streamed { exchange: Box<Exchange>, response: HttpResponse, notes: Vec<FieldNote> },
}

/// What a connection is told.
pub enum DoorAnswer {
    Whole(hyper::Response<ResponseBody>),
    Streaming(Box<StreamingAnswer>),
}

/// A response that may come in pieces.
pub struct StreamingAnswer {
    door: door::Door,
    context: AnswerContext,
    /// What the service adds to the head.
    cors: HeaderList,
    reader: StreamReader<Ended>,
}

/// The invocation behind a streamed response is over.
pub struct Ended {
    /// It failed: a response that had begun breaks off.
    failed: bool,
    /// The answer for a client that has got nothing yet.
    instead: Option<HttpResponse>,
    exchange: Box<Exchange>,
}

/// The doors as the loop keeps them.
pub struct Doors {
    table: DoorTable,
    /// The way of connections to the loop.
    calls: mpsc::Sender<DoorCall>,
    /// Ids of requests, made here because an event carries its own.
    random: Random,
    last_exchange: u64,
    http: Option<OpenPort>,
    https: Option<OpenPort>,
    /// The file with the certificate of the HTTPS port, if it is kept.
    certificate: Option<Arc<str>>,
    /// Opened when the first test page is asked for.
    test_page: Option<test_page::TestPage>,
    /// Addresses that the listener knows.
    told: BTreeSet<Arc<str>>,
}

impl Doors {
    #[must_use]
    pub fn new(calls: mpsc::Sender<DoorCall>, seed: u64, http: Option<OpenPort>, https: Option<OpenPort>) -> Self {
        let random = Random::new(seed ^ 0x646f_6f72_735f_6964);
        Self {
            table: DoorTable::default(),
            calls,
            random,
            last_exchange: 0,
            http,
            https,
            certificate: None,
            test_page: None,
            told: BTreeSet::new(),
        }
    }

    /// Names the file with the certificate of the HTTPS port.
    #[must_use]
    pub fn with_certificate(self, certificate: Option<Arc<str>>) -> Self {
        Self { certificate, ..self }
    }

    /// The id of an invocation that has to be known before the service is asked.
    pub fn new_request_id(&mut self) -> RequestId {
        RequestId(self.random.uuid())
    }

    pub fn change_table(&mut self, table: DoorTable) {
        self.table = table;
    }

    /// Every door that was not told before.
    pub fn new_doors(&mut self) -> Vec<Door> {
        let open = [("http", self.http), ("https", self.https)];
        let all = open.into_iter().filter_map(|(scheme, open)| Some((scheme, open?))).flat_map(|(scheme, open)| {
            let doors = self.table.addresses(scheme, open.port).into_iter();
            let certificate = self.certificate.clone().filter(|_| scheme == "https");
            doors.map(move |(kind, address)| Door {
                kind,
                address,
                moved_from: open.moved_from,
                certificate: certificate.clone(),
            })
        });
        let all: Vec<Door> = all.collect();
        all.into_iter().filter(|door| self.told.insert(door.address.clone())).collect()
    }
}
