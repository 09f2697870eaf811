//! The page that asks: its origin, and what its kind makes of that.

use serde::{Deserialize, Serialize};
use url::Url;

use super::sites;

/// How a page was loaded, as far as its origin depends on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageKind {
    #[default]
    Plain,
    /// Served with `Content-Security-Policy: sandbox`: opaque origin.
    SandboxCsp,
    /// `<iframe sandbox>` without `allow-same-origin`: opaque origin.
    SandboxIframe,
    /// An iframe with a `data:` URL: opaque origin.
    DataIframe,
    /// Opened from a file: opaque origin.
    File,
    /// `<iframe srcdoc>`: the origin of the page around it.
    SrcdocIframe,
}

impl PageKind {
    /// Whether its origin is opaque, wherever it was loaded from.
    #[must_use]
    pub fn is_opaque(self) -> bool {
        !matches!(self, Self::Plain | Self::SrcdocIframe)
    }
}

/// Why a page cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    #[error("neither page nor origin is given, and page_kind says no origin by itself")]
    Nothing,
    #[error("page is no URL: {0}")]
    BadUrl(String),
    #[error("origin is neither null nor scheme://host[:port]: {0}")]
    BadOrigin(String),
}

/// A page, as the CORS protocol sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    origin: String,
    url: Option<Url>,
    kind: PageKind,
}

impl Page {
    /// Makes a page from its URL, its kind, or its serialised origin; the origin wins when both are given.
    ///
    /// # Errors
    /// Nothing is given, or something is no URL.
    pub fn new(url: Option<&str>, kind: PageKind, origin: Option<&str>) -> Result<Self, PageError> {
        let parse = |text: &str| Url::parse(text).map_err(|_| PageError::BadUrl(text.to_owned()));
        let url = url.map(parse).transpose()?;
        let origin = match (origin, &url) {
            (Some("null"), _) => "null".to_owned(),
            (Some(origin), _) => Self::parse_origin(origin)?.origin().ascii_serialization(),
            (None, _) if kind.is_opaque() => "null".to_owned(),
            (None, None) => return Err(PageError::Nothing),
            (None, Some(url)) => url.origin().ascii_serialization(),
        };
        let own = |url: &Url| origin == "null" || url.origin().ascii_serialization() == origin;
        let url = url.filter(own).or_else(|| Url::parse(&origin).ok());
        Ok(Self { origin, url, kind })
    }

    fn parse_origin(text: &str) -> Result<Url, PageError> {
        let bad = || PageError::BadOrigin(text.to_owned());
        let url = Url::parse(text).map_err(|_| bad())?;
        if url.origin().is_tuple() { Ok(url) } else { Err(bad()) }
    }

    /// The serialised origin, `null` when it is opaque.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    #[must_use]
    pub fn kind(&self) -> PageKind {
        self.kind
    }

    #[must_use]
    pub fn is_opaque(&self) -> bool {
        self.origin == "null"
    }

    /// What a relative URL is resolved against.
    #[must_use]
    pub fn base(&self) -> Option<&Url> {
        self.url.as_ref()
    }

    /// Whether scheme, host and port are equal; an opaque origin equals nothing, not even its own host.
    #[must_use]
    pub fn is_same_origin(&self, url: &Url) -> bool {
        !self.is_opaque() && self.origin == url.origin().ascii_serialization()
    }

    /// Whether cookies treat a request to `url` as made by its own site.
    #[must_use]
    pub fn is_same_site(&self, url: &Url) -> bool {
        !self.is_opaque() && self.url.as_ref().is_some_and(|page| sites::same_site(page, url))
    }

    /// Whether plain http is kept from the page: it, or the page around it, came over https.
    #[must_use]
    pub fn restricts_mixed_content(&self) -> bool {
        self.url.as_ref().is_some_and(|url| url.scheme() == "https")
    }

    /// What stored responses are kept apart by; `None` when the page's are not kept at all.
    #[must_use]
    pub fn storage_partition(&self) -> Option<String> {
        if self.kind == PageKind::File {
            return Some("file://".into());
        }
        let keeps = matches!(self.kind, PageKind::Plain | PageKind::SrcdocIframe) && !self.is_opaque();
        let url = self.url.as_ref().filter(|_| keeps)?;
        Some(format!("{}://{}", url.scheme(), sites::site(url)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_of_every_kind_of_page() {
        let page = |url, kind, origin| Page::new(url, kind, origin).map(|page| page.origin().to_owned());
        let plain = PageKind::Plain;
        assert_eq!(page(Some("https://App.Test:443/x"), plain, None).as_deref(), Ok("https://app.test"));
        assert_eq!(page(Some("http://app.test:8080/x"), PageKind::SrcdocIframe, None).as_deref(), Ok("http://app.test:8080"));
        for kind in [PageKind::SandboxCsp, PageKind::SandboxIframe, PageKind::DataIframe, PageKind::File] {
            assert_eq!(page(Some("https://app.test/"), kind, None).as_deref(), Ok("null"), "{kind:?}");
            assert_eq!(page(None, kind, None).as_deref(), Ok("null"), "{kind:?}");
        }
        assert_eq!(page(Some("https://app.test/"), plain, Some("http://b.test")).as_deref(), Ok("http://b.test"));
        assert_eq!(page(None, plain, None), Err(PageError::Nothing));
        assert_eq!(page(None, PageKind::SrcdocIframe, None), Err(PageError::Nothing));
        assert_eq!(page(None, plain, Some("b.test")), Err(PageError::BadOrigin("b.test".into())));
    }

    #[test]
    fn an_opaque_origin_equals_nothing() {
        let page = Page::new(Some("http://app.test/"), PageKind::SandboxIframe, None).unwrap();
        let url = Url::parse("http://app.test/").unwrap();
        assert!(!page.is_same_origin(&url));
        assert!(!page.is_same_site(&url));
    }
}
