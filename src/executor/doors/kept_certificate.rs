//! A certificate that outlives the program, where the workspace asks for it: in the platform's data folder, which is the
//! person's own, so that it is trusted once and not at every start.
//!
//! `key.pem` holds both, so that they always belong together, and only its owner may read it; `certificate.pem` is what
//! may be handed to a browser.

use std::io;
use std::path::{Path, PathBuf};
use std::{fmt, fs};

use super::certificate::{Pair, PairText, lacks_a_host, made};
use super::certificate_end::end_of;
use crate::service::time::{Micros, Timestamp};
use crate::workspace::atomic;

/// A certificate that ends sooner is replaced: there is time to trust the next one.
const RENEWED_BEFORE_END: Micros = Micros::from_secs(30 * 24 * 3_600);

/// The file of the key and the certificate.
const BOTH: &str = "key.pem";

/// A pair that is kept.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) pair: Pair,
    /// The certificate alone.
    pub(super) path: PathBuf,
    /// Why it is not that of last time; `None` for the first one too.
    pub(super) renewed: Option<Renewed>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Renewed {
    Ends,
    Exposed,
    Unreadable,
    Lacks,
}

impl fmt::Display for Renewed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ends => "the one before ends within 30 days",
            Self::Exposed => "others than its owner could read the key of the one before",
            Self::Unreadable => "the one before could not be read",
            Self::Lacks => "the one before lacks some of the names under which the doors are reached",
        })
    }
}

/// The pair in `folder`, or a new one that is written there.
///
/// # Errors
/// The folder or a file in it cannot be read or written.
pub(super) fn kept(folder: &Path, now: Timestamp) -> io::Result<Kept> {
    let both = folder.join(BOTH);
    let renewed = match fs::read(&both) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
        Ok(bytes) => match usable(&both, &bytes, now) {
            Ok((pair, certificate)) => return shown(folder, pair, &certificate, None),
            Err(renewed) => Some(renewed),
        },
    };
    renew(folder, now, renewed)
}

/// Writes a new pair, the first one or in the place of what cannot be used.
fn renew(folder: &Path, now: Timestamp, renewed: Option<Renewed>) -> io::Result<Kept> {
    private_folder(folder)?;
    let both = folder.join(BOTH);
    let PairText { certificate, key } = made(now)?;
    let text = format!("{key}{certificate}");
    match renewed {
        Some(_) => atomic::write_private(&both, text.as_bytes())?,
        None => match atomic::write_new_private(&both, text.as_bytes()) {
            // Two programs start for the first time: both use the pair of the quicker one.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            written => written?,
        },
    }
    let text = fs::read_to_string(&both)?;
    let certificate = certificate_in(&text).ok_or(io::ErrorKind::InvalidData)?;
    shown(folder, Pair::read(&text)?, &certificate, renewed)
}

/// Sees to it that the file that may be handed out holds the certificate of the pair.
fn shown(folder: &Path, pair: Pair, certificate: &str, renewed: Option<Renewed>) -> io::Result<Kept> {
    let path = folder.join("certificate.pem");
    if fs::read(&path).ok().as_deref() != Some(certificate.as_bytes()) {
        atomic::write_private(&path, certificate.as_bytes())?;
    }
    Ok(Kept { pair, path, renewed })
}

/// The pair in a file, and the text of the certificate, if both may go on being used.
fn usable(file: &Path, bytes: &[u8], now: Timestamp) -> Result<(Pair, String), Renewed> {
    let text = std::str::from_utf8(bytes).map_err(|_| Renewed::Unreadable)?;
    let pair = Pair::read(text).map_err(|_| Renewed::Unreadable)?;
    pair.acceptor().map_err(|_| Renewed::Unreadable)?;
    let certificate = certificate_in(text).ok_or(Renewed::Unreadable)?;
    if others_may_read(file) {
        return Err(Renewed::Exposed);
    }
    let end = end_of(&pair.certificate).ok_or(Renewed::Unreadable)?;
    if end < now + RENEWED_BEFORE_END {
        return Err(Renewed::Ends);
    }
    if lacks_a_host(&pair.certificate) {
        return Err(Renewed::Lacks);
    }
    Ok((pair, certificate))
}

/// The first certificate in a text and nothing behind it: in somebody's own pair the key may follow.
fn certificate_in(text: &str) -> Option<String> {
    let from = &text[text.find("-----BEGIN CERTIFICATE-----")?..];
    let (certificate, _) = from.split_once("-----END CERTIFICATE-----")?;
    Some(format!("{certificate}-----END CERTIFICATE-----\n"))
}

fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(unix)]
fn others_may_read(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(file).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

/// Elsewhere the data folder belongs to its person alone.
#[cfg(not(unix))]
fn others_may_read(_file: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::super::certificate::{NAME, made_for};
    use super::*;

    const NOW: Timestamp = Timestamp(1_773_342_238_000_000);
    const DAY: u64 = 24 * 3_600 * 1_000_000;

    fn at(folder: &Path, days: u64) -> (Vec<u8>, Option<Renewed>) {
        let kept = kept(folder, Timestamp(NOW.0 + days * DAY)).unwrap();
        let shown = fs::read_to_string(&kept.path).unwrap();
        assert!(shown.starts_with("-----BEGIN CERTIFICATE-----") && !shown.contains("PRIVATE"), "{shown}");
        kept.pair.acceptor().map(drop).unwrap();
        (kept.pair.certificate.to_vec(), kept.renewed)
    }

    #[test]
    fn it_is_the_same_until_shortly_before_its_end() {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join("https");
        let (first, renewed) = at(&folder, 0);
        assert_eq!(renewed, None);
        fs::remove_file(folder.join("certificate.pem")).unwrap();
        assert_eq!(at(&folder, 366), (first.clone(), None));
        let (next, renewed) = at(&folder, 368);
        assert_eq!((next != first, renewed), (true, Some(Renewed::Ends)));
        assert_eq!(at(&folder, 369), (next, None));
    }

    #[test]
    fn what_cannot_be_used_is_replaced() {
        let data = tempfile::tempdir().unwrap();
        let (first, _) = at(data.path(), 0);
        let both = data.path().join("key.pem");
        let of_another = format!("{}{}", made(NOW).unwrap().key, made(NOW).unwrap().certificate);
        for text in ["", "-----BEGIN CERTIFICATE-----", &of_another] {
            fs::write(&both, text).unwrap();
            let (next, renewed) = at(data.path(), 0);
            assert_eq!((next != first, renewed), (true, Some(Renewed::Unreadable)), "{text}");
        }
        fs::write(data.path().join("file"), "").unwrap();
        assert!(kept(&data.path().join("file"), NOW).is_err());
    }

    #[test]
    fn one_of_an_earlier_version_without_a_present_name_is_replaced_and_a_pair_of_ones_own_is_not() {
        let data = tempfile::tempdir().unwrap();
        let earlier = made_for(&["localhost", "127.0.0.1", "*.lambda-url.localhost", "*.execute-api.localhost"], NAME, NOW);
        let own = made_for(&["localhost"], "mine", NOW);
        for (pair, expected) in [(earlier, Some(Renewed::Lacks)), (own, None)] {
            let PairText { certificate, key } = pair.unwrap();
            fs::write(data.path().join(BOTH), format!("{key}{certificate}")).unwrap();
            #[cfg(unix)]
            fs::set_permissions(data.path().join(BOTH), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            let (next, renewed) = at(data.path(), 0);
            let before = Pair::read(&(certificate + &key)).unwrap().certificate;
            assert_eq!((next != before.to_vec(), renewed), (expected.is_some(), expected));
            assert_eq!(at(data.path(), 0), (next, None));
        }
    }

    #[test]
    fn of_two_first_starts_the_quicker_one_makes_the_pair() {
        let data = tempfile::tempdir().unwrap();
        let (first, _) = at(data.path(), 0);
        // The slower one looked before there was a pair.
        let slower = renew(data.path(), NOW, None).unwrap();
        assert_eq!(slower.pair.certificate.to_vec(), first);
        assert_eq!(at(data.path(), 0), (first, None));
        let shown = fs::read_to_string(slower.path).unwrap();
        assert!(fs::read_to_string(data.path().join(BOTH)).unwrap().ends_with(&shown));
    }

    #[test]
    fn a_pair_of_ones_own_is_used_and_its_key_is_not_handed_out() {
        let data = tempfile::tempdir().unwrap();
        at(data.path(), 0);
        let text = made(NOW).unwrap();
        for own in [format!("{}{}", text.certificate, text.key), format!("{}\n{}", text.key, text.certificate)] {
            fs::write(data.path().join("key.pem"), &own).unwrap();
            assert_eq!(at(data.path(), 0), (Pair::read(&own).unwrap().certificate.to_vec(), None));
            assert_eq!(fs::read_to_string(data.path().join("certificate.pem")).unwrap(), text.certificate);
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_key_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join("https");
        let (first, _) = at(&folder, 0);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let both = folder.join("key.pem");
        assert_eq!((mode(&folder), mode(&both)), (0o700, 0o600));
        fs::set_permissions(&both, fs::Permissions::from_mode(0o640)).unwrap();
        let (next, renewed) = at(&folder, 0);
        assert_eq!((next != first, renewed, mode(&both)), (true, Some(Renewed::Exposed), 0o600));
    }

    #[test]
    fn it_has_no_authority_over_other_names() {
        let text = made(NOW).unwrap();
        let certificate = Pair::read(&(text.certificate + &text.key)).unwrap().certificate;
        // basicConstraints, critical, CA false (an empty sequence).
        let leaf = [0x55, 0x1d, 0x13, 0x01, 0x01, 0xff, 0x04, 0x02, 0x30, 0x00];
        assert!(certificate.windows(leaf.len()).any(|bytes| bytes == leaf));
    }
}
