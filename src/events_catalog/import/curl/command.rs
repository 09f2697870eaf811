//! What the options of a command say together.

use super::super::error::ImportError;
use super::data;
use super::option_table::Meaning;
use super::options::Given;
use super::word::Word;

/// A command whose options are sorted.
#[derive(Clone, Debug, Default)]
pub(super) struct Command {
    pub url: Option<Word>,
    pub method: Option<String>,
    /// In order; `None` takes a header away that curl would add.
    pub headers: Vec<(String, Option<String>)>,
    /// Headers of other options; `-H` of the same name goes before them.
    pub implied: Vec<(&'static str, String)>,
    pub data: Option<Vec<u8>>,
    pub is_json: bool,
    pub form: Vec<u8>,
    pub head: bool,
    pub data_as_query: bool,
    pub cookies: Vec<String>,
    pub query: Vec<Vec<u8>>,
    pub user: Option<String>,
    /// Brackets and braces of the URL stand for themselves.
    pub no_globs: bool,
    pub protocol: Option<&'static str>,
}

impl Command {
    /// Sorts the options.
    ///
    /// # Errors
    /// A value that cannot be followed, such as the name of a file.
    pub(super) fn of(text: &str, options: &[Given]) -> Result<Self, ImportError> {
        let mut command = Self::default();
        for given in options {
            command.take(text, given)?;
        }
        Ok(command)
    }

    fn take(&mut self, text: &str, given: &Given) -> Result<(), ImportError> {
        let value = given.value.text();
        match given.meaning {
            Meaning::Method => self.method = Some(value.into_owned()),
            Meaning::Header => self.header(text, given)?,
            Meaning::Data | Meaning::DataRaw | Meaning::DataUrlEncoded | Meaning::Json => self.data(text, given)?,
            Meaning::Form => self.form.extend(data::form_part(text, given, true)?),
            Meaning::FormText => self.form.extend(data::form_part(text, given, false)?),
            Meaning::DataAsQuery => self.data_as_query = true,
            Meaning::Head => self.head = true,
            Meaning::User => self.user = Some(with_password(text, given)?),
            Meaning::Bearer => self.implied.push(("Authorization", format!("Bearer {value}"))),
            Meaning::Cookie => self.cookies.push(cookie(text, given)?),
            Meaning::UserAgent => self.implied.push(("User-Agent", value.into_owned())),
            Meaning::Referer => self.implied.push(("Referer", value.trim_end_matches(";auto").to_owned())),
            Meaning::Range => self.implied.push(("Range", format!("bytes={value}"))),
            Meaning::Url => self.url(text, given)?,
            Meaning::UrlQuery => self.query.push(data::url_encoded(text, given)?),
            Meaning::Compressed => self.implied.push(("Accept-Encoding", "deflate, gzip, br, zstd".into())),
            Meaning::NoGlobs => self.no_globs = true,
            Meaning::Protocol(protocol) => self.protocol = Some(protocol),
            Meaning::Silent | Meaning::SilentWithValue | Meaning::Refused(_) => {}
        }
        Ok(())
    }

    fn url(&mut self, text: &str, given: &Given) -> Result<(), ImportError> {
        if self.url.is_some() {
            let problem = format!("`{}` is a second URL.", given.value.text());
            let repair = "Paste one request at a time; put values with blanks in quotes.";
            return Err(ImportError::at(text, given.value.offset, problem, repair));
        }
        self.url = Some(given.value.clone());
        Ok(())
    }

    /// `Name: value`, `Name;` for an empty value, `Name:` to leave the header away.
    fn header(&mut self, text: &str, given: &Given) -> Result<(), ImportError> {
        data::refuse_file(text, given)?;
        let written = given.value.text();
        let line = match written.split_once(':') {
            Some((name, value)) if value.trim().is_empty() => Some((name, None)),
            Some((name, value)) => Some((name, Some(value.trim().to_owned()))),
            None => written.trim_end().strip_suffix(';').map(|name| (name, Some(String::new()))),
        };
        let Some((name, value)) = line.filter(|(name, _)| crate::http_model::browser::is_token(name.trim())) else {
            let problem = format!("`{written}` is no header.");
            return Err(ImportError::at(text, given.value.offset, problem, "Write NAME: VALUE in quotes."));
        };
        self.headers.push((name.trim().to_owned(), value));
        Ok(())
    }

    fn data(&mut self, text: &str, given: &Given) -> Result<(), ImportError> {
        let is_json = given.meaning == Meaning::Json;
        if is_json || given.meaning == Meaning::Data {
            data::refuse_file(text, given)?;
        }
        let piece = match given.meaning {
            Meaning::DataUrlEncoded => data::url_encoded(text, given)?,
            _ => given.value.bytes.clone(),
        };
        self.is_json |= is_json;
        match &mut self.data {
            None => self.data = Some(piece),
            Some(before) => {
                before.extend_from_slice(if is_json { b"" } else { b"&" });
                before.extend(piece);
            }
        }
        Ok(())
    }

    /// Whether `-H` says something about a header.
    pub(super) fn says(&self, name: &str) -> bool {
        self.headers.iter().any(|(said, _)| said.eq_ignore_ascii_case(name))
    }
}

fn with_password(text: &str, given: &Given) -> Result<String, ImportError> {
    let value = given.value.text();
    if value.contains(':') {
        return Ok(value.into_owned());
    }
    let problem = format!("{} names no password, so curl would ask for it.", given.name);
    Err(ImportError::at(text, given.value.offset, problem, "Write NAME:PASSWORD."))
}

fn cookie(text: &str, given: &Given) -> Result<String, ImportError> {
    let value = given.value.text();
    if value.contains('=') {
        return Ok(value.trim_end_matches([';', ' ']).to_owned());
    }
    let problem = format!("{} takes cookies from the file `{value}`, which is not read here.", given.name);
    Err(ImportError::at(text, given.value.offset, problem, "Write NAME=VALUE pairs with ; between them."))
}
