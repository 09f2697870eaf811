//! What the HTTPS port needs: a certificate that is kept where the workspace asks for it, else one in memory.

use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;

use super::certificate::{Pair, made};
use super::kept_certificate::{self, Kept};
use crate::event::{Notice, NoticeLevel};
use crate::service::time::Timestamp;

/// Turns connections into encrypted ones.
pub struct Https {
    pub acceptor: TlsAcceptor,
    /// The file with the certificate, if it is kept.
    pub certificate: Option<Arc<str>>,
    /// What a person should know about it.
    pub notice: Option<Notice>,
}

impl Https {
    /// With the certificate that is kept in `folder`, or a new one; that of memory does for a folder that cannot be used.
    ///
    /// # Errors
    /// No certificate can be made.
    pub fn new(folder: Option<&Path>, now: Timestamp) -> io::Result<Self> {
        let Some(folder) = folder else { return Self::in_memory(now, None) };
        match kept_certificate::kept(folder, now) {
            Ok(Kept { pair, path, renewed }) => {
                let path = path.display();
                let text = renewed.map(|why| format!("The HTTPS certificate is a new one, since {why}. Trust it again: {path}"));
                Ok(Self {
                    acceptor: pair.acceptor()?,
                    certificate: Some(path.to_string().into()),
                    notice: text.map(|text| Notice { level: NoticeLevel::Warning, text }),
                })
            }
            Err(error) => {
                let text = format!(
                    "The HTTPS certificate is not kept, since its folder cannot be used ({error}). Make it writable for you, or choose another data folder with INVOKELAB_DATA_DIR: {}",
                    folder.display()
                );
                Self::in_memory(now, Some(Notice { level: NoticeLevel::Warning, text }))
            }
        }
    }

    fn in_memory(now: Timestamp, notice: Option<Notice>) -> io::Result<Self> {
        let text = made(now)?;
        let acceptor = Pair::read(&(text.certificate + &text.key))?.acceptor()?;
        Ok(Self { acceptor, certificate: None, notice })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_cannot_be_used_is_told_and_https_is_there_all_the_same() {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("https");
        std::fs::write(&file, "").unwrap();
        let https = Https::new(Some(&file), Timestamp(1_773_342_238_000_000)).unwrap();
        let text = https.notice.map(|notice| notice.text).unwrap_or_default();
        assert!(text.contains("is not kept") && text.ends_with(&file.display().to_string()), "{text}");
        assert_eq!(https.certificate, None);
    }
}
