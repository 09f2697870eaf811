//! A curl command, a HAR document or a raw request that is pasted: its diagnosis, and the request to go on with.

use egui::{Label, Modal, RichText, ScrollArea, TextEdit, Ui};

use super::draft::RequestDraft;
use crate::events_catalog::import::{Diagnosis, Imported, Source, diagnosis, read};
use crate::http_model::HeaderList;
use crate::http_model::cors_case::CaseRequest;
use crate::ui::theme::{self, LARGE, Palette, SMALL};
use crate::ui::widgets;

/// A longer text is not read: the window must not stand still over it.
const LONGEST: usize = 4 << 20;
/// Headers that whoever sends a request writes by himself.
const OF_THE_WIRE: [&str; 8] =
    ["host", "content-length", "connection", "user-agent", "accept-encoding", "origin", "referer", "cookie"];

/// What was pressed.
pub enum Pasted {
    /// Fill the form with it.
    Request(Box<Imported>),
    /// Make it the event that the URL would pass on.
    Event(Box<Imported>),
}

/// A text that was read: the request, and what the CORS rules say about it or why they say nothing.
type Understood = (Box<Imported>, Result<Diagnosis, String>);

/// The dialog, while it is open.
#[derive(Default)]
pub struct PasteDialog {
    text: String,
    /// What the text was read as; made anew when it changes.
    read: Option<Result<Understood, String>>,
}

impl PasteDialog {
    /// Draws it; `true` when it is to be closed.
    pub fn ui(&mut self, ui: &Ui) -> (Option<Pasted>, bool) {
        let mut pasted = None;
        let mut close = false;
        let modal = Modal::new(egui::Id::unique("paste request")).show(ui.ctx(), |ui| {
            ui.set_width(620.0);
            ui.label(RichText::new("Paste a request").font(theme::semibold(LARGE)));
            let colour = Palette::of(ui).second;
            ui.label(
                RichText::new("A curl command, a HAR document of the browser's network panel (with the preflight, if there was one), or a raw HTTP request.")
                    .color(colour),
            );
            ScrollArea::vertical().max_height(180.0).show(ui, |ui| {
                let field = TextEdit::multiline(&mut self.text).font(theme::mono(SMALL)).desired_width(f32::INFINITY).desired_rows(8);
                let response = widgets::field(ui, field).accessible_name("Pasted request");
                if self.read.is_none() {
                    response.request_focus();
                }
                if response.changed() || self.read.is_none() {
                    self.read = Some(understood(&self.text));
                }
            });
            ui.add_space(6.0);
            self.result_ui(ui);
            ui.add_space(8.0);
            ui.horizontal(|ui| {
                let imported = self.read.as_ref().and_then(|read| read.as_ref().ok()).map(|(imported, _)| imported);
                let accent = Palette::of(ui).http;
                if widgets::filled_button(ui, "Use this request", "", accent, imported.is_some()).clicked() {
                    pasted = imported.cloned().map(Pasted::Request);
                }
                if ui.add_enabled(imported.is_some(), egui::Button::new("Make it the event")).clicked() {
                    pasted = imported.cloned().map(Pasted::Event);
                }
                if ui.button("Cancel").clicked() {
                    close = true;
                }
            });
        });
        close |= modal.should_close() || pasted.is_some();
        (pasted, close)
    }

    fn result_ui(&self, ui: &mut Ui) {
        let palette = Palette::of(ui);
        match &self.read {
            _ if self.text.trim().is_empty() => {}
            Some(Err(error)) => drop(ui.label(RichText::new(error).color(palette.error))),
            Some(Ok((imported, found))) => {
                let source = match imported.source {
                    Source::Curl => "curl command",
                    Source::Har => "HAR document",
                    Source::RawHttp => "HTTP request",
                };
                widgets::figure(ui, format!("{source}: {} {}", imported.request.method, imported.request.path));
                match found {
                    Err(why) => drop(ui.add(Label::new(RichText::new(why).color(palette.second)).wrap())),
                    Ok(found) => diagnosis_ui(ui, found),
                }
            }
            None => {}
        }
    }
}

fn diagnosis_ui(ui: &mut Ui, found: &Diagnosis) {
    let palette = Palette::of(ui);
    let readable = found.code == "READABLE";
    let colour = if readable { palette.ok } else { palette.error };
    ui.label(RichText::new(&found.code).font(theme::mono(SMALL)).color(colour));
    ui.add(Label::new(RichText::new(&found.sentence).font(theme::medium(theme::BODY))).wrap().selectable(true));
    if !found.fix.is_empty() {
        ui.add(Label::new(&found.fix).wrap().selectable(true));
    }
    for unknown in &found.unknown {
        ui.add(Label::new(RichText::new(unknown).color(palette.second)).wrap());
    }
}

fn understood(text: &str) -> Result<Understood, String> {
    if text.len() > LONGEST {
        return Err(format!("This is longer than {} MB; save the one entry that matters.", LONGEST >> 20));
    }
    let imported = read(text).map_err(|error| error.to_string())?;
    let found = diagnosis(&imported).map_err(|error| error.to_string());
    Ok((Box::new(imported), found))
}

impl RequestDraft {
    /// Fills the form with a pasted request; the door stays.
    pub fn take(&mut self, imported: &Imported) {
        let request = &imported.request;
        self.method.clone_from(&request.method);
        self.path = if request.query.is_empty() { request.path.clone() } else { format!("{}?{}", request.path, request.query) };
        self.body = String::from_utf8_lossy(&request.body).into_owned();
        if let Some(origin) = &imported.page_origin {
            self.origin.clone_from(origin);
        }
        let step = imported.case.as_ref();
        let asked: Option<&CaseRequest> = step.and_then(|step| step.req.as_ref());
        self.headers = match asked {
            // Every browser adds this one by itself.
            Some(asked) => asked
                .headers
                .0
                .iter()
                .filter(|(name, value)| !(name.eq_ignore_ascii_case("accept") && value == "*/*"))
                .map(|(name, value)| format!("{name}: {value}\n"))
                .collect(),
            None => of_a_page(&request.headers),
        };
        self.credentials = asked.and_then(|asked| asked.credentials).unwrap_or_default();
        self.mode = asked.and_then(|asked| asked.mode).unwrap_or_default();
        let cookies = step.map(|step| step.cookies.as_slice()).unwrap_or_default();
        let cookies: Vec<String> = cookies.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        self.cookies = cookies.join("; ");
    }
}

/// Header lines that a page sets, without those that clients add by themselves.
pub fn of_a_page(headers: &HeaderList) -> String {
    let own = |name: &str| {
        OF_THE_WIRE.iter().any(|other| name.eq_ignore_ascii_case(other)) || name.to_ascii_lowercase().starts_with("sec-")
    };
    headers.iter().filter(|(name, _)| !own(name)).map(|(name, value)| format!("{name}: {value}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curl_command_fills_the_form() {
        let text = "curl 'https://x.on.aws/orders?a=1' -X PUT -H 'Origin: https://app.example.com' -H 'content-type: application/json' -H 'User-Agent: x' --data-raw '{\"n\":1}'";
        let (imported, found) = understood(text).unwrap();
        let mut draft = RequestDraft::of(None);
        draft.take(&imported);
        assert_eq!((draft.method.as_str(), draft.path.as_str()), ("PUT", "/orders?a=1"));
        assert_eq!((draft.origin.as_str(), draft.body.as_str()), ("https://app.example.com", "{\"n\":1}"));
        assert_eq!(draft.headers.trim().to_ascii_lowercase(), "content-type: application/json");
        assert!(found.is_ok());
        assert!(understood("fetch('x')").unwrap_err().contains("Copy as cURL"));
    }
}
