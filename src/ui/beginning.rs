//! The window before there is anything to show: where the program cannot begin with the history that is there, it says why and
//! what can be done.

use std::path::PathBuf;

use egui::{Align2, Context, Frame, Key, Label, RichText, TextEdit, Ui, ViewportCommand};

use super::add_function::browse;
use super::app::App;
use super::theme::{self, Palette, SMALL};
use super::{fonts, icons, widgets};
use crate::channel::{CommandSender, EventReceiver};
use crate::event::NoticeLevel;

/// Width of what is said, in points.
const WIDTH: f32 = 560.0;

/// How the program is to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// As it was asked for on the command line.
    AsAsked,
    /// With a new database; the one that is there is set aside.
    WithNewDatabase,
    /// With what is kept in this folder.
    InDataFolder(PathBuf),
}

/// The ends of the executor, and what is to be said first.
pub struct Begun {
    pub events: EventReceiver,
    pub commands: CommandSender,
    pub notice: Option<String>,
}

/// Why the program did not begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotBegun {
    /// The history was written by a newer version; it can be set aside, or left where it is.
    NewerDatabase { sentence: String },
    /// Nothing can be done about it here.
    Failed { sentence: String },
}

impl NotBegun {
    #[must_use]
    pub fn sentence(&self) -> &str {
        match self {
            Self::NewerDatabase { sentence } | Self::Failed { sentence } => sentence,
        }
    }
}

/// Starts the executor, which gets a way to wake the window.
pub type Begin = Box<dyn FnMut(&Context, &Beginning) -> Result<Begun, NotBegun>>;

/// What a person is asked when the program cannot begin.
pub(super) struct Question {
    sentence: String,
    /// What came of the last answer, if that was of no use.
    refused: Option<String>,
    folder: String,
    picked: Option<crossbeam_channel::Receiver<Option<PathBuf>>>,
}

impl Question {
    pub fn new(sentence: String) -> Self {
        Self { sentence, refused: None, folder: String::new(), picked: None }
    }

    /// Draws it; how to begin once somebody has decided.
    pub fn ui(&mut self, ui: &mut Ui) -> Option<Beginning> {
        if let Some(path) = self.picked.as_ref().and_then(|picked| picked.try_recv().ok()) {
            self.picked = None;
            self.folder = path.map_or_else(|| std::mem::take(&mut self.folder), |path| path.display().to_string());
        }
        let palette = Palette::of(ui);
        let ground = Frame::new().fill(palette.ground);
        egui::CentralPanel::default()
            .frame(ground)
            .show(ui, |ui| {
                let top = (ui.available_height() * 0.2).max(24.0);
                let left = ((ui.available_width() - WIDTH) / 2.0).max(16.0);
                ui.add_space(top);
                ui.horizontal(|ui| {
                    ui.add_space(left);
                    ui.vertical(|ui| {
                        ui.set_width(WIDTH.min(ui.available_width() - 16.0));
                        self.contents(ui)
                    })
                    .inner
                })
                .inner
            })
            .inner
    }

    fn contents(&mut self, ui: &mut Ui) -> Option<Beginning> {
        let palette = Palette::of(ui);
        let second = |text: &str| Label::new(RichText::new(text).size(SMALL).color(palette.second)).wrap();
        ui.label(RichText::new(icons::WARNING).font(theme::icon(28.0)).color(palette.throttle));
        ui.label(RichText::new("A newer Invokelab wrote this history").font(theme::semibold(theme::TITLE)));
        ui.add(Label::new(&self.sentence).wrap().selectable(true));
        ui.add_space(16.0);
        let mut wanted = None;
        if widgets::filled_button(ui, "Set it aside and begin a new one", "", palette.text, true).clicked() {
            wanted = Some(Beginning::WithNewDatabase);
        }
        ui.add(second(
            "It gets another name in the same folder. Events and messages that wait in it wait there; nothing is deleted.",
        ));
        ui.add_space(16.0);
        wanted = wanted.or(self.folder_ui(ui));
        ui.add(second("For this time; the variable INVOKELAB_DATA_DIR makes it so every time."));
        if let Some(refused) = &self.refused {
            ui.add_space(8.0);
            ui.add(Label::new(RichText::new(refused).color(palette.error)).wrap().selectable(true));
        }
        ui.add_space(16.0);
        if ui.button("Quit").clicked() {
            ui.ctx().send_viewport_cmd(ViewportCommand::Close);
        }
        wanted
    }

    fn folder_ui(&mut self, ui: &mut Ui) -> Option<Beginning> {
        ui.horizontal(|ui| {
            let field = TextEdit::singleline(&mut self.folder).hint_text("Another data folder").align(Align2::LEFT_CENTER);
            let response = ui.add(field.desired_width(WIDTH - 260.0)).accessible_name("Data folder");
            let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if ui.button("Browse…").clicked() && self.picked.is_none() {
                self.picked = browse(ui.ctx().clone());
            }
            let folder = self.folder.trim();
            let pressed = ui.add_enabled(!folder.is_empty(), egui::Button::new("Use this folder")).clicked();
            (!folder.is_empty() && (pressed || entered)).then(|| Beginning::InDataFolder(folder.into()))
        })
        .inner
    }
}

enum Stage {
    Asking(Question),
    Running(Box<App>),
}

/// The window from its first frame on.
pub(super) struct Shell<F> {
    begin: Begin,
    /// Makes the window's contents of what has begun.
    open: F,
    stage: Stage,
}

impl<F: FnMut(&Context, Begun) -> App> Shell<F> {
    /// Begins as asked.
    ///
    /// # Errors
    /// Nothing can be done about it here; as a sentence.
    pub fn new(ctx: &Context, mut begin: Begin, mut open: F) -> Result<Self, String> {
        let stage = match begin(ctx, &Beginning::AsAsked) {
            Ok(begun) => Stage::Running(Box::new(opened(ctx, begun, &mut open))),
            Err(NotBegun::Failed { sentence }) => return Err(sentence),
            Err(NotBegun::NewerDatabase { sentence }) => {
                fonts::install(ctx);
                theme::apply(ctx);
                Stage::Asking(Question::new(sentence))
            }
        };
        Ok(Self { begin, open, stage })
    }

    /// The program, once it has begun.
    pub fn app(&mut self) -> Option<&mut App> {
        match &mut self.stage {
            Stage::Asking(_) => None,
            Stage::Running(app) => Some(app),
        }
    }

    /// Asks, as long as the program has not begun.
    pub fn ask(&mut self, ui: &mut Ui) {
        let Stage::Asking(question) = &mut self.stage else { return };
        let Some(beginning) = question.ui(ui) else { return };
        let ctx = ui.ctx().clone();
        match (self.begin)(&ctx, &beginning) {
            Ok(begun) => self.stage = Stage::Running(Box::new(opened(&ctx, begun, &mut self.open))),
            Err(error) => question.refused = Some(error.sentence().to_owned()),
        }
        ctx.request_repaint();
    }
}

fn opened(ctx: &Context, mut begun: Begun, open: &mut impl FnMut(&Context, Begun) -> App) -> App {
    let notice = begun.notice.take();
    let mut app = open(ctx, begun);
    if let Some(notice) = notice {
        app.say(ctx, NoticeLevel::Warning, &notice);
    }
    app
}

impl<F: FnMut(&Context, Begun) -> App> eframe::App for Shell<F> {
    fn logic(&mut self, ctx: &Context, frame: &mut eframe::Frame) {
        if let Some(app) = self.app() {
            app.logic(ctx, frame);
        }
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut eframe::Frame) {
        match &mut self.stage {
            Stage::Asking(_) => self.ask(ui),
            Stage::Running(app) => app.ui(ui, frame),
        }
    }

    fn on_exit(&mut self, gl: Option<&eframe::glow::Context>) {
        if let Some(app) = self.app() {
            app.on_exit(gl);
        }
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        if let Some(app) = self.app() {
            app.save(storage);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use egui::accesskit::Role;
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable;

    use super::*;
    use crate::channel;
    use crate::service::time::Timestamp;
    use crate::ui::Preferences;

    type Asked = Arc<Mutex<Vec<Beginning>>>;

    /// A window whose history is from a newer version; only a new database helps.
    fn window(asked: &Asked) -> Harness<'static, Shell<impl FnMut(&Context, Begun) -> App + 'static>> {
        let asked = Arc::clone(asked);
        let begin = move |_: &Context, beginning: &Beginning| {
            asked.lock().unwrap().push(beginning.clone());
            if *beginning != Beginning::WithNewDatabase {
                return Err(NotBegun::NewerDatabase { sentence: format!("not {beginning:?}") });
            }
            let (_, events) = channel::events(Arc::new(|| {}));
            let (commands, _) = channel::commands(Arc::new(|| {}));
            Ok(Begun { events, commands, notice: Some("It is kept.".into()) })
        };
        let open =
            |ctx: &Context, begun: Begun| App::new(ctx, begun.events, begun.commands, Preferences::default(), Timestamp::default);
        let Ok(shell) = Shell::new(&Context::default(), Box::new(begin), open) else { panic!("it asks") };
        let setup = |ctx: &Context| {
            fonts::install(ctx);
            theme::apply(ctx);
        };
        let draw = |ui: &mut Ui, shell: &mut Shell<_>| match shell.app() {
            Some(app) => app.draw(ui),
            None => shell.ask(ui),
        };
        Harness::builder().with_size([1_024.0, 700.0]).with_context_setup(setup).build_ui_state(draw, shell)
    }

    #[test]
    fn a_newer_history_is_set_aside_or_left_and_never_the_end_without_a_word() {
        let asked = Asked::default();
        let mut window = window(&asked);
        window.run_ok();
        window.get_by_label("not AsAsked");
        window.get_by_role_and_label(Role::TextInput, "Data folder").focus();
        window.run_ok();
        window.input_mut().events.push(egui::Event::Text("/other".into()));
        window.run_ok();
        window.get_by_role_and_label(Role::Button, "Use this folder").click();
        window.run_ok();
        window.get_by_label("not InDataFolder(\"/other\")");
        window.get_by_role_and_label(Role::Button, "Set it aside and begin a new one").click();
        window.run_ok();
        let asked = asked.lock().unwrap().clone();
        assert_eq!(asked, [Beginning::AsAsked, Beginning::InDataFolder("/other".into()), Beginning::WithNewDatabase]);
        window.get_by_role_and_label(Role::Button, "Notices").click();
        window.run_ok();
        window.get_by_label("It is kept.");
    }

    #[test]
    fn what_nobody_can_do_anything_about_here_ends_the_program_as_before() {
        let begin = |_: &Context, _: &Beginning| Err(NotBegun::Failed { sentence: "the port is in use".into() });
        let open =
            |ctx: &Context, begun: Begun| App::new(ctx, begun.events, begun.commands, Preferences::default(), Timestamp::default);
        let shell = Shell::new(&Context::default(), Box::new(begin), open);
        assert_eq!(shell.err().as_deref(), Some("the port is in use"));
    }
}
