//! Errors of Chromium that say why no answer came: those that have nothing to do with CORS.

/// Chromium's error, what it means, and what to do.
const ERRORS: &[(&str, &str, &str)] = &[
    ("net::ERR_CONNECTION_REFUSED", "Nothing listens at that host and port.", "Start the server, or correct host and port."),
    ("net::ERR_CONNECTION_RESET", "The server ended the connection.", "Look at the server's log."),
    ("net::ERR_CONNECTION_CLOSED", "The server ended the connection.", "Look at the server's log."),
    ("net::ERR_EMPTY_RESPONSE", "The server ended the connection without an answer.", "Look at the server's log."),
    ("net::ERR_CONNECTION_TIMED_OUT", "The server did not answer in time.", "Check host, port and firewall."),
    ("net::ERR_TIMED_OUT", "The server did not answer in time.", "Check host, port and firewall."),
    ("net::ERR_NAME_NOT_RESOLVED", "The host's name is not known.", "Correct the host; a deleted function URL has no name."),
    ("net::ERR_INTERNET_DISCONNECTED", "There was no network.", "Connect, and ask again."),
    ("net::ERR_ADDRESS_UNREACHABLE", "There is no way to the host.", "Check the network."),
    ("net::ERR_SSL_PROTOCOL_ERROR", "The server does not speak TLS at that port.", "Use http, or the port for https."),
    ("net::ERR_ABORTED", "The page or the browser gave the request up.", "Wait for the answer before leaving the page."),
    ("net::ERR_BLOCKED_BY_CLIENT", "An extension of the browser blocked the request.", "Allow the URL in that extension."),
    ("net::ERR_BLOCKED_BY_RESPONSE", "A policy of the response or of the page forbids it.", "Look at CORP, COEP and CSP."),
    ("net::ERR_BLOCKED_BY_ORB", "The answer was kept from an element of the page.", "Ask by fetch() with mode 'cors'."),
];

/// What an error means and what to do about it; `None` for the error that a failure of CORS has.
pub(super) fn explain(error: &str) -> Option<(String, &'static str)> {
    let certificate = error.starts_with("net::ERR_CERT_");
    let known = ERRORS.iter().find(|(name, ..)| *name == error);
    let (meaning, repair) = match known {
        Some((_, meaning, repair)) => (*meaning, *repair),
        None if certificate => {
            ("The browser does not trust the certificate.", "Open the URL in a tab and accept it, or install the certificate.")
        }
        None if error.starts_with("net::ERR_") && error != "net::ERR_FAILED" => {
            ("The network or the browser broke it off.", "Look the error up, and ask again.")
        }
        None => return None,
    };
    Some((format!("The request got no answer ({error}); this is no failure of CORS. {meaning}"), repair))
}
