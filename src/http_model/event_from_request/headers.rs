//! The headers of an event: what clients sent, what the service adds, in the case that the door uses.

use std::borrow::Cow;
use std::fmt::{self, Display};

use super::super::door::DoorContext;
use super::super::field_note::{Change, Trace, header_words, pointer};
use super::super::message::{HttpRequest, grouped_lines};
use super::super::trace_header;
use super::built::Members;

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
pub(super) struct EventHeader<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) values: Vec<&'a str>,
    /// As the client wrote it; `None` if the service added it.
    sent_as: Option<&'a str>,
    not_utf8: bool,
}

/// All headers of the event, the client's first.
pub(super) fn event_headers<'a>(
    request: &'a HttpRequest,
    service: &'a ServiceHeaders<'_>,
    case: NameCase,
    trace: &mut Trace,
) -> Vec<EventHeader<'a>> {
    let dropped = dropped(request, service, trace);
    // HTTP/2 clients send `:authority` in place of `Host`.
    let host = Some(request.authority.as_str()).filter(|host| !host.is_empty() && !request.headers.contains("host"));
    let sent = request.headers.iter().filter(|(name, _)| !dropped.iter().any(|other| other.eq_ignore_ascii_case(name)));
    let of_client = grouped_lines(sent.chain(host.map(|host| ("Host", host)))).into_iter();
    let of_client = of_client.map(|(name, values)| EventHeader {
        name: cased(name, case),
        values,
        sent_as: Some(name),
        not_utf8: request.was_not_utf8(name),
    });
    let of_service = service.0.iter().map(|(name, value)| EventHeader {
        name: cased(name, case),
        values: vec![value],
        sent_as: None,
        not_utf8: false,
    });
    of_client.chain(of_service).collect()
}

/// Names of the client's headers that the service does not pass on or writes itself.
fn dropped(request: &HttpRequest, service: &ServiceHeaders<'_>, trace: &mut Trace) -> Vec<&'static str> {
    const REPLACED: [&str; 6] = [
        "x-forwarded-for",
        "x-forwarded-port",
        "x-forwarded-proto",
        "x-amzn-tls-version",
        "x-amzn-tls-cipher-suite",
        "x-amzn-trace-id",
    ];
    let replaced = REPLACED.into_iter().filter(|name| service.contains(name));
    let mut names = Vec::new();
    for name in ["connection"].into_iter().chain(replaced) {
        let lines = request.headers.get_all(name).count();
        let why = match name {
            "connection" => "not passed on",
            "x-forwarded-for" => "the service appends the address of the client",
            "x-amzn-trace-id" => "it names no root; replaced by the service",
            _ => "replaced by the service",
        };
        if lines > 0 {
            trace.add(Change::Dropped, header_words(name, lines), "", why);
            names.push(name);
        }
    }
    names
}

/// `headers` with one text a name: repeats joined by a comma.
pub(super) fn joined<'a>(headers: &'a [EventHeader<'_>], trace: &mut Trace) -> Members<&'a str, Cow<'a, str>> {
    let member = |header: &'a EventHeader<'_>| match header.values.as_slice() {
        [value] => {
            header.trace(header.plain_change(), "/headers", "", trace);
            (&*header.name, Cow::Borrowed(*value))
        }
        values => {
            header.trace(Change::Joined, "/headers", "joined by a comma", trace);
            (&*header.name, values.join(",").into())
        }
    };
    Members(headers.iter().map(member).collect())
}

/// `headers` with one text a name: the last line wins.
pub(super) fn last_wins<'a>(headers: &'a [EventHeader<'_>], trace: &mut Trace) -> Members<&'a str, &'a str> {
    let member = |header: &'a EventHeader<'_>| {
        let note = if header.values.len() > 1 { "the last line wins" } else { "" };
        header.trace(header.plain_change(), "/headers", note, trace);
        (&*header.name, header.values.last().copied().unwrap_or_default())
    };
    Members(headers.iter().map(member).collect())
}

/// `multiValueHeaders`.
pub(super) fn multi_value<'a>(headers: &'a [EventHeader<'_>], trace: &mut Trace) -> Members<&'a str, &'a [&'a str]> {
    let member = |header: &'a EventHeader<'_>| {
        header.trace(header.plain_change(), "/multiValueHeaders", "", trace);
        (&*header.name, header.values.as_slice())
    };
    Members(headers.iter().map(member).collect())
}

impl EventHeader<'_> {
    fn plain_change(&self) -> Change {
        match self.sent_as {
            None => Change::Added,
            Some(sent) if *sent == *self.name => Change::Kept,
            Some(sent) if sent.to_ascii_lowercase() == self.name => Change::LowerCased,
            Some(_) => Change::Renamed,
        }
    }

    fn trace(&self, change: Change, parent: &str, note: &str, trace: &mut Trace) {
        let note = with_replaced(note, self.not_utf8);
        match self.sent_as {
            Some(name) => trace.add(change, header_words(name, self.values.len()), pointer(parent, &self.name), note),
            None => trace.add(change, "", pointer(parent, &self.name), note),
        }
    }
}

/// A note, with a word on what became of bytes that were no UTF-8, if there were some.
pub(super) fn with_replaced(note: impl Display, not_utf8: bool) -> impl Display {
    fmt::from_fn(move |f| {
        let note = note.to_string();
        let between = if note.is_empty() || !not_utf8 { "" } else { "; " };
        let replaced = if not_utf8 { "bytes that are no UTF-8 became \u{fffd}; what AWS makes of them is not known" } else { "" };
        write!(f, "{note}{between}{replaced}")
    })
}

/// What the service writes itself, name by name.
pub(super) struct ServiceHeaders<'a>(Vec<(&'static str, Cow<'a, str>)>);

impl<'a> ServiceHeaders<'a> {
    pub(super) fn of(request: &'a HttpRequest, context: &'a DoorContext, added: Added) -> Self {
        let earlier = request.headers.get_all("x-forwarded-for");
        let path: Vec<&str> = earlier.chain([request.source_ip.as_str()]).filter(|hop| !hop.is_empty()).collect();
        let mut lines = vec![
            ("X-Forwarded-For", path.join(", ").into()),
            ("X-Forwarded-Port", context.forwarded_port(request).to_string().into()),
            ("X-Forwarded-Proto", context.forwarded_proto(request).into()),
        ];
        let trace_id = trace_header::of_request(request, context);
        if request.headers.get("x-amzn-trace-id") != Some(trace_id) && !trace_id.is_empty() {
            lines.push(("X-Amzn-Trace-Id", trace_id.into()));
        }
        if added == Added::UrlHeaders && context.presented_as_tls {
            lines.push(("x-amzn-tls-version", "TLSv1.3".into()));
            lines.push(("x-amzn-tls-cipher-suite", "TLS_AES_128_GCM_SHA256".into()));
        }
        Self(lines)
    }

    fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|(other, _)| other.eq_ignore_ascii_case(name))
    }
}

fn cased(name: &str, case: NameCase) -> Cow<'_, str> {
    let lower = || match name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => name.to_ascii_lowercase().into(),
        false => Cow::Borrowed(name),
    };
    match case {
        NameCase::AsSent => name.into(),
        NameCase::Lower => lower(),
        NameCase::KnownCapitalized => {
            KNOWN.iter().find(|known| known.eq_ignore_ascii_case(name)).map_or_else(lower, |known| (*known).into())
        }
    }
}
