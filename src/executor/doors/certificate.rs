//! HTTPS with a certificate of this machine's own: made anew at every start, kept in memory, trusted by nobody until a
//! person says so (`curl -k`, or a click in the browser).

use std::io;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// The hosts under which doors are reached. A wildcard covers one label, which is what every door has.
const HOSTS: [&str; 4] = ["localhost", "127.0.0.1", "*.lambda-url.localhost", "*.execute-api.localhost"];

/// What turns a connection into an encrypted one.
///
/// # Errors
/// The certificate cannot be made.
pub fn acceptor() -> io::Result<TlsAcceptor> {
    let made = rcgen::generate_simple_self_signed(HOSTS.map(str::to_owned)).map_err(io::Error::other)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let configuration = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .map_err(io::Error::other)?;
    Ok(TlsAcceptor::from(Arc::new(configuration)))
}
