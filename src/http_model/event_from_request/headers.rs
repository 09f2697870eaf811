//! The headers of an event: what clients sent, what the service adds, in the case that the door uses.

use serde_json::{Map, Value};

use super::super::door::DoorContext;
use super::super::field_note::{Change, Trace, header_words, pointer};
use super::super::message::{HeaderList, HttpRequest};

/// How a door writes names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum NameCase {
    AsSent,
    Lower,
    /// HTTP APIs with payload 1.0: well-known names like `Host`, the rest in lower case (OBSERVED).
    KnownCapitalized,
}

/// Which of the service's headers a door adds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Added {
    /// Trace id, x-forwarded-* and TLS (semantics 5.2).
    UrlHeaders,
    /// Trace id and x-forwarded-*.
    GatewayHeaders,
}

const KNOWN: [&str; 7] =
    ["Content-Length", "Host", "User-Agent", "X-Amzn-Trace-Id", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto"];

/// One header of the event with all its values.
pub(super) struct EventHeader {
    pub(super) name: String,
    pub(super) values: Vec<String>,
    /// As the client wrote it; `None` if the service added it.
    sent_as: Option<String>,
}

/// All headers of the event, the client's first.
pub(super) fn event_headers(
    request: &HttpRequest,
    context: &DoorContext,
    case: NameCase,
    added: Added,
    trace: &mut Trace,
) -> Vec<EventHeader> {
    let mut sent = request.headers.clone();
    if !sent.contains("host") && !request.authority.is_empty() {
        sent.push("Host", &request.authority); // HTTP/2 clients send `:authority` in its place.
    }
    let service = service_headers(request, context, added);
    drop_replaced(&mut sent, &service, trace);
    let of_client = sent.grouped().into_iter().map(|(name, values)| (name.to_owned(), values, true));
    let of_service = service.grouped().into_iter().map(|(name, values)| (name.to_owned(), values, false));
    of_client
        .chain(of_service)
        .map(|(name, values, sent)| EventHeader {
            values: values.into_iter().map(str::to_owned).collect(),
            sent_as: sent.then(|| name.clone()),
            name: cased(name, case),
        })
        .collect()
}

/// Takes out what the service does not pass on or writes itself.
fn drop_replaced(sent: &mut HeaderList, service: &HeaderList, trace: &mut Trace) {
    const REPLACED: [&str; 5] =
        ["x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "x-amzn-tls-version", "x-amzn-tls-cipher-suite"];
    let replaced = REPLACED.into_iter().filter(|name| service.contains(name));
    for name in ["connection"].into_iter().chain(replaced) {
        let lines = sent.get_all(name).count();
        let why = match name {
            "connection" => "not passed on",
            "x-forwarded-for" => "the service appends the address of the client",
            _ => "replaced by the service",
        };
        if lines > 0 {
            trace.add(Change::Dropped, header_words(name, lines), "", why);
            sent.remove(name);
        }
    }
}

/// `headers` with one text a name: repeats joined by a comma.
pub(super) fn joined(headers: &[EventHeader], trace: &mut Trace) -> Value {
    let mut members = Map::new();
    for header in headers {
        let change = if header.values.len() > 1 { Change::Joined } else { header.plain_change() };
        header.trace(change, "/headers", if change == Change::Joined { "joined by a comma" } else { "" }, trace);
        members.insert(header.name.clone(), header.values.join(",").into());
    }
    Value::Object(members)
}

/// `headers` with one text a name: the last line wins.
pub(super) fn last_wins(headers: &[EventHeader], trace: &mut Trace) -> Map<String, Value> {
    let mut members = Map::new();
    for header in headers {
        let note = if header.values.len() > 1 { "the last line wins" } else { "" };
        header.trace(header.plain_change(), "/headers", note, trace);
        members.insert(header.name.clone(), header.values.last().cloned().unwrap_or_default().into());
    }
    members
}

/// `multiValueHeaders`.
pub(super) fn multi_value(headers: &[EventHeader], trace: &mut Trace) -> Map<String, Value> {
    let mut members = Map::new();
    for header in headers {
        header.trace(header.plain_change(), "/multiValueHeaders", "", trace);
        members.insert(header.name.clone(), header.values.clone().into());
    }
    members
}

impl EventHeader {
    fn plain_change(&self) -> Change {
        match &self.sent_as {
            None => Change::Added,
            Some(sent) if *sent == self.name => Change::Kept,
            Some(sent) if sent.to_ascii_lowercase() == self.name => Change::LowerCased,
            Some(_) => Change::Renamed,
        }
    }

    fn trace(&self, change: Change, parent: &str, note: &'static str, trace: &mut Trace) {
        let from = self.sent_as.as_ref().map(|name| header_words(name, self.values.len())).unwrap_or_default();
        trace.add(change, from, pointer(parent, &self.name), note);
    }
}

fn service_headers(request: &HttpRequest, context: &DoorContext, added: Added) -> HeaderList {
    let mut list = HeaderList::new();
    let earlier = request.headers.get_all("x-forwarded-for");
    let path: Vec<&str> = earlier.chain([request.source_ip.as_str()]).filter(|hop| !hop.is_empty()).collect();
    list.push("X-Forwarded-For", &path.join(", "));
    list.push("X-Forwarded-Port", &context.forwarded_port(request).to_string());
    list.push("X-Forwarded-Proto", context.forwarded_proto(request));
    if !request.headers.contains("x-amzn-trace-id") && !context.trace_id.is_empty() {
        list.push("X-Amzn-Trace-Id", &context.trace_id);
    }
    if added == Added::UrlHeaders && context.presented_as_tls {
        list.push("x-amzn-tls-version", "TLSv1.3");
        list.push("x-amzn-tls-cipher-suite", "TLS_AES_128_GCM_SHA256");
    }
    list
}

fn cased(name: String, case: NameCase) -> String {
    match case {
        NameCase::AsSent => name,
        NameCase::Lower => name.to_ascii_lowercase(),
        NameCase::KnownCapitalized => {
            let known = KNOWN.iter().find(|known| known.eq_ignore_ascii_case(&name));
            known.map_or_else(|| name.to_ascii_lowercase(), |known| (*known).to_owned())
        }
    }
}
