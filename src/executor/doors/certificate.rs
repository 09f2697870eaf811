//! The certificate of the HTTPS doors: for this machine's own names, no authority over others, trusted by nobody until a
//! person says so.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::service::time::Timestamp;

/// The hosts under which doors are reached. A wildcard covers one label, which is what every door has.
const HOSTS: [&str; 5] = ["localhost", "127.0.0.1", "::1", "*.lambda-url.localhost", "*.execute-api.localhost"];
/// What a certificate that was made here says of itself.
pub(super) const NAME: &str = "Invokelab on this machine";
const DAY: Duration = Duration::from_hours(24);
/// Browsers take no certificate that is valid for longer than 398 days; yesterday counts, and one day stays free.
const VALID_DAYS: u32 = 396;

/// A certificate and its private key.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

/// A new pair as text: the certificate, and its key. The key is never printed or logged.
pub(super) struct PairText {
    pub(super) certificate: String,
    pub(super) key: String,
}

/// Makes a pair that is valid from yesterday on, for clocks that differ.
pub(super) fn made(now: Timestamp) -> io::Result<PairText> {
    made_for(&HOSTS, NAME, now)
}

/// The same for other hosts, such as those of an earlier version.
pub(super) fn made_for(hosts: &[&str], name: &str, now: Timestamp) -> io::Result<PairText> {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let mut wanted = CertificateParams::new(hosts).map_err(io::Error::other)?;
    let now = rcgen::date_time_ymd(1970, 1, 1) + Duration::from_micros(now.0);
    (wanted.not_before, wanted.not_after) = (now - DAY, now + DAY * VALID_DAYS);
    // Whoever trusts it trusts these names only: it can sign no other certificate.
    wanted.is_ca = IsCa::ExplicitNoCa;
    wanted.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    wanted.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    wanted.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let certificate = wanted.self_signed(&key).map_err(io::Error::other)?;
    Ok(PairText { certificate: certificate.pem(), key: key.serialize_pem() })
}

/// Whether a certificate that was made here, by an earlier version, does not name every host; one of a person's own is theirs.
pub(super) fn lacks_a_host(certificate: &CertificateDer<'_>) -> bool {
    let holds = |wanted: &[u8]| certificate.windows(wanted.len()).any(|bytes| bytes == wanted);
    holds(NAME.as_bytes()) && !HOSTS.iter().all(|host| holds(&general_name(host)))
}

/// A host as it stands in a certificate: `[2]` and the name, or `[7]` and the address (RFC 5280, 4.2.1.6).
fn general_name(host: &str) -> Vec<u8> {
    let (tag, content) = match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => (0x87, address.octets().to_vec()),
        Ok(IpAddr::V6(address)) => (0x87, address.octets().to_vec()),
        Err(_) => (0x82, host.as_bytes().to_vec()),
    };
    // Every one of them is shorter than the 128 bytes from which a length is written in another way.
    [vec![tag, content.len() as u8], content].concat()
}

impl Pair {
    /// Reads both out of one text.
    pub(super) fn read(text: &str) -> io::Result<Self> {
        let certificate = CertificateDer::from_pem_slice(text.as_bytes()).map_err(io::Error::other)?;
        let key = PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(io::Error::other)?;
        Ok(Self { certificate, key })
    }

    /// What turns a connection into an encrypted one.
    ///
    /// # Errors
    /// The key is not the certificate's.
    pub(super) fn acceptor(&self) -> io::Result<TlsAcceptor> {
        let configuration = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.clone()], self.key.clone_key())
            .map_err(io::Error::other)?;
        Ok(TlsAcceptor::from(Arc::new(configuration)))
    }
}
