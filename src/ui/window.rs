//! The real window, and the pictures that are made of it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};

use egui::{ScreenshotCallback, Ui, ViewportCommand};

use super::action::{Action, ComposerTab};
use super::app::{App, Preferences};
use super::beginning::{Begin, Begun, Shell};
use crate::command::Command;
use crate::model::Model;
use crate::model::selection::Selection;
use crate::service::time::Timestamp;

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub enum WindowError {
    #[error(
        "no window could be opened ({reason}). On Debian the window needs: libx11-6 libx11-xcb1 libxcursor1 libxi6 libxkbcommon-x11-0 libgl1. \
         Without a display there are invokelab serve, run, invoke, event and cors; invokelab screenshots needs one, such as xvfb-run gives"
    )]
    NoDisplay { reason: String },
}

/// A picture to be taken once the window has settled.
#[derive(Clone, Debug)]
pub struct Picture {
    pub file: PathBuf,
    pub theme: egui::Theme,
    pub size: [f32; 2],
    pub tab: ComposerTab,
    pub function: &'static str,
    /// Sent one after the other once the window is set up; the last one stays in the form.
    pub requests: &'static [TypedRequest],
    /// Sent one a frame once the window is set up, before it has settled; they stay done for the pictures after it.
    pub commands: Vec<Command>,
    /// What is selected, once the window is set up; `None` leaves what is.
    pub selects: Option<fn(&Model) -> Selection>,
}

/// A page's request as a person types it.
#[derive(Clone, Copy, Debug)]
pub struct TypedRequest {
    pub origin: &'static str,
    pub method: &'static str,
    pub path: &'static str,
    pub headers: &'static str,
    pub body: &'static str,
}

/// Pictures still to be taken.
pub struct Pictures {
    pub left: Vec<Picture>,
    /// Frames drawn since the present one was set up.
    frames: u32,
    asked: bool,
    taken: Arc<AtomicBool>,
    done: mpsc::Sender<Result<PathBuf, String>>,
    /// What is to be seen has happened.
    ready: Arc<AtomicBool>,
}

impl Pictures {
    #[must_use]
    pub fn new(mut left: Vec<Picture>, done: mpsc::Sender<Result<PathBuf, String>>, ready: Arc<AtomicBool>) -> Self {
        left.reverse();
        Self { left, frames: 0, asked: false, taken: Arc::default(), done, ready }
    }
}

/// Frames until sizes, fonts and scroll positions have settled.
const SETTLED: u32 = 12;

/// Opens the window and runs it until it is closed. `begin` starts the executor, once more where a person wants it otherwise.
///
/// # Errors
/// There is no display, or a library of it is missing.
pub fn run(storage: PathBuf, wall: fn() -> Timestamp, pictures: Option<Pictures>, begin: Begin) -> Result<(), WindowError> {
    let taking = pictures.is_some();
    let viewport = egui::ViewportBuilder::default()
        .with_title("Invokelab")
        .with_app_id("invokelab")
        .with_inner_size([1_440.0, 900.0])
        .with_min_inner_size([960.0, 640.0]);
    let options = eframe::NativeOptions {
        viewport,
        renderer: eframe::Renderer::Glow,
        persist_window: !taking,
        persistence_path: Some(storage),
        ..eframe::NativeOptions::default()
    };
    let create =
        move |cc: &eframe::CreationContext<'_>| -> Result<Box<dyn eframe::App>, Box<dyn std::error::Error + Send + Sync>> {
            let kept = cc.storage.filter(|_| !taking).and_then(|storage| storage.get_string("preferences"));
            let preferences: Preferences = kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
            let mut pictures = pictures;
            let open = move |ctx: &egui::Context, begun: Begun| {
                let mut app = App::new(ctx, begun.events, begun.commands, preferences.clone(), wall);
                app.pictures = pictures.take();
                app.tells_frames = std::env::var_os("INVOKELAB_TELL_FRAMES").is_some();
                app
            };
            Ok(Box::new(Shell::new(&cc.egui_ctx, begin, open)?))
        };
    // winit panics where xkbcommon is missing.
    let outcome =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| eframe::run_native("Invokelab", options, Box::new(create))));
    match outcome {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(WindowError::NoDisplay { reason: error.to_string() }),
        Err(_) => Err(WindowError::NoDisplay { reason: "a library of the display is missing".into() }),
    }
}

impl App {
    /// Sets up one picture after the other, waits until the window has settled, and takes it.
    pub(super) fn take_pictures(&mut self, ui: &Ui) {
        let Some(pictures) = &mut self.pictures else { return };
        let ctx = ui.ctx().clone();
        ctx.request_repaint();
        if !pictures.ready.load(Ordering::Acquire) {
            return;
        }
        let Some(picture) = pictures.left.last().cloned() else {
            ctx.send_viewport_cmd(ViewportCommand::Close);
            return;
        };
        let first = pictures.frames == 0;
        if first {
            ctx.set_theme(picture.theme);
            ctx.send_viewport_cmd(ViewportCommand::InnerSize(picture.size.into()));
        }
        let command = picture.commands.get(pictures.frames as usize).cloned();
        pictures.frames += 1;
        if pictures.frames == SETTLED && !pictures.asked {
            pictures.asked = true;
            let (done, file, ctx_of) = (pictures.done.clone(), picture.file.clone(), ctx.clone());
            let taken = Arc::clone(&pictures.taken);
            ctx.send_viewport_cmd(ViewportCommand::Screenshot(ScreenshotCallback::new(move |image| {
                let result = write_png(&file, &image).map(|()| file.clone());
                // Whoever asked for pictures waits for each of them.
                let _ = done.send(result);
                taken.store(true, Ordering::Release);
                ctx_of.request_repaint();
            })));
        }
        if pictures.taken.swap(false, Ordering::AcqRel) {
            pictures.left.pop();
            pictures.frames = 0;
            pictures.asked = false;
        }
        if first {
            self.show(picture.function, picture.tab);
            for request in picture.requests {
                self.ask(&ctx, request);
            }
            let chosen = picture.selects.map(|selects| selects(&self.model));
            self.act(&ctx, chosen.map(Action::Select).into_iter().collect());
        }
        self.act(&ctx, command.map(Action::Command).into_iter().collect());
    }
}

fn write_png(file: &PathBuf, image: &egui::ColorImage) -> Result<(), String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let out = std::fs::File::create(file).map_err(|error| failed(&error))?;
    let size = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
    let mut encoder = png::Encoder::new(std::io::BufWriter::new(out), size(image.size[0]), size(image.size[1]));
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(|error| failed(&error))?;
    let bytes: Vec<u8> = image.pixels.iter().flat_map(|pixel| [pixel.r(), pixel.g(), pixel.b()]).collect();
    writer.write_image_data(&bytes).map_err(|error| failed(&error))
}
