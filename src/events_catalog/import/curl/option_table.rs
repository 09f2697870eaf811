//! The options of curl, and what each means for the request.

/// What an option means for the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Method,
    Header,
    /// `@` begins the name of a file.
    Data,
    DataRaw,
    DataUrlEncoded,
    Json,
    Form,
    FormText,
    DataAsQuery,
    Head,
    User,
    Bearer,
    Cookie,
    UserAgent,
    Referer,
    Range,
    Url,
    UrlQuery,
    Compressed,
    /// Brackets and braces of the URL stand for themselves.
    NoGlobs,
    Protocol(&'static str),
    /// Says nothing about the request.
    Silent,
    SilentWithValue,
    /// Cannot be followed; what to do instead.
    Refused(&'static str),
}

/// Short name (a blank where there is none), long name, meaning.
const OPTIONS: &[(char, &str, Meaning)] = &[
    ('X', "request", Meaning::Method),
    ('H', "header", Meaning::Header),
    ('d', "data", Meaning::Data),
    (' ', "data-ascii", Meaning::Data),
    (' ', "data-binary", Meaning::Data),
    (' ', "data-raw", Meaning::DataRaw),
    (' ', "data-urlencode", Meaning::DataUrlEncoded),
    (' ', "json", Meaning::Json),
    ('F', "form", Meaning::Form),
    (' ', "form-string", Meaning::FormText),
    ('G', "get", Meaning::DataAsQuery),
    ('I', "head", Meaning::Head),
    ('u', "user", Meaning::User),
    (' ', "oauth2-bearer", Meaning::Bearer),
    ('b', "cookie", Meaning::Cookie),
    ('A', "user-agent", Meaning::UserAgent),
    ('e', "referer", Meaning::Referer),
    ('r', "range", Meaning::Range),
    (' ', "url", Meaning::Url),
    (' ', "url-query", Meaning::UrlQuery),
    (' ', "compressed", Meaning::Compressed),
    ('g', "globoff", Meaning::NoGlobs),
    ('0', "http1.0", Meaning::Protocol("HTTP/1.0")),
    (' ', "http1.1", Meaning::Protocol("HTTP/1.1")),
    (' ', "http2", Meaning::Protocol("HTTP/2.0")),
    (' ', "http2-prior-knowledge", Meaning::Protocol("HTTP/2.0")),
    (' ', "http3", Meaning::Protocol("HTTP/3.0")),
    (' ', "http3-only", Meaning::Protocol("HTTP/3.0")),
    ('T', "upload-file", Meaning::Refused("Write the file's text as --data-raw and give -X PUT.")),
    ('K', "config", Meaning::Refused("Write the options of that file into the command.")),
    (':', "next", Meaning::Refused("Paste one request at a time.")),
    (' ', "aws-sigv4", Meaning::Refused("Leave it and -u away; set the caller on the front door instead.")),
    (' ', "digest", Meaning::Refused("Leave it away; Lambda's front doors know no digest authentication.")),
    (' ', "ntlm", Meaning::Refused("Leave it away; Lambda's front doors know no NTLM.")),
];

/// Options that say nothing about the request: long name, and short name behind a slash.
const SILENT: &str = "\
    insecure/k location/L location-trusted silent/s show-error/S verbose/v include/i show-headers fail/f \
    fail-with-body no-buffer/N remote-name/O remote-header-name/J remote-time/R junk-session-cookies/j \
    disable/q progress-bar/# ipv4/4 ipv6/6 tlsv1/1 tlsv1.2 tlsv1.3 basic anyauth path-as-is no-progress-meter \
    no-keepalive create-dirs ssl-no-revoke tcp-nodelay retry-all-errors raw";

/// The same with a value.
const SILENT_WITH_VALUE: &str = "\
    output/o write-out/w dump-header/D cookie-jar/c max-time/m proxy/x proxy-user/U cert/E \
    key cacert capath ciphers \
    connect-timeout connect-to resolve interface limit-rate max-redirs noproxy retry retry-delay retry-max-time \
    socks5 trace-ascii stderr unix-socket speed-limit/Y speed-time/y";

impl Meaning {
    /// The meaning of a long name, or of a short name of one letter.
    pub(super) fn of(long: Option<&str>, short: Option<char>) -> Option<Self> {
        let is_meant = |(letter, name, _): &&(char, &str, Self)| {
            short.is_some_and(|short| short == *letter && short != ' ') || long == Some(*name)
        };
        let silent = |names: &str| {
            names.split(' ').any(|entry| {
                let (name, letter) = entry.split_once('/').unwrap_or((entry, ""));
                long == Some(name) || short.is_some_and(|short| letter.starts_with(short))
            })
        };
        let listed = OPTIONS.iter().find(is_meant).map(|(.., meaning)| *meaning);
        let without = || silent(SILENT).then_some(Self::Silent);
        listed.or_else(without).or_else(|| silent(SILENT_WITH_VALUE).then_some(Self::SilentWithValue))
    }

    /// Whether the option's value is the rest of its word, or the next word.
    pub(super) fn takes_value(self) -> bool {
        let silent = matches!(self, Self::Silent | Self::Refused(_) | Self::Protocol(_));
        !silent && !matches!(self, Self::DataAsQuery | Self::Head | Self::Compressed | Self::NoGlobs)
    }
}
