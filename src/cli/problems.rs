//! Problems of the workspace's files, each told once although every view of the workspace lists them again.

use crate::event::{Problem, WorkspaceView};
use crate::http_model::cors_lints::{Lint, Severity, Surroundings, lints};

/// What the last view listed.
#[derive(Default)]
pub struct Problems {
    listed: Vec<Problem>,
    warned: Vec<String>,
}

impl Problems {
    /// Problems that the last view did not list. One that was mended and comes back is news again.
    pub fn news(&mut self, view: &WorkspaceView) -> Vec<Problem> {
        let before = std::mem::replace(&mut self.listed, view.problems.clone());
        self.listed.iter().filter(|problem| !before.contains(problem)).cloned().collect()
    }

    /// The same for CORS settings that are allowed and will not do what was meant, a sentence each (`cors.md`, section 4).
    pub fn cors_news(&mut self, view: &WorkspaceView) -> Vec<String> {
        let before = std::mem::replace(&mut self.warned, cors_warnings(view));
        self.warned.iter().filter(|warning| !before.contains(warning)).cloned().collect()
    }
}

fn cors_warnings(view: &WorkspaceView) -> Vec<String> {
    let urls = view.functions.iter().filter_map(|function| {
        let cors = function.access.url.as_ref()?.cors.as_ref()?;
        Some((format!("functions.{}.url.cors", function.configuration.name), cors, false))
    });
    let apis = view.apis.iter().filter_map(|api| Some((format!("the CORS of {}", api.name), api.cors.as_ref()?, true)));
    let mut warnings = Vec::new();
    for (place, cors, is_http_api) in urls.chain(apis) {
        let found = lints(cors, Surroundings { is_http_api, ..Surroundings::default() });
        // That nothing is said of an age is no news to anybody; an age that does not do what it says is.
        let is_told = |lint: &Lint| lint.severity > Severity::Info || cors.max_age.is_some();
        warnings.extend(found.into_iter().filter(is_told).map(|lint| format!("{place}: {}", lint.sentence)));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cors_settings_that_never_match_are_told_once() {
        let text = "[functions.f]\ncode = 'f.mjs'\nurl = { cors = { allow_origins = ['https://a.example/', 'null'] } }\n";
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("invokelab.toml"), text).unwrap();
        std::fs::write(folder.path().join("f.mjs"), "").unwrap();
        let view = crate::workspace::view(&crate::workspace::load(folder.path()).unwrap(), &Default::default());
        let mut problems = Problems::default();
        let told = problems.cors_news(&view);
        assert!(
            told.iter().any(|warning| warning.starts_with("functions.f.url.cors: ") && warning.contains("https://a.example/"))
        );
        assert!(problems.cors_news(&view).is_empty());
        assert!(problems.cors_news(&WorkspaceView::default()).is_empty());
    }

    #[test]
    fn an_age_is_told_where_one_is_written() {
        for (cors, told) in [
            ("max_age = 7201", "functions.f.url.cors: 7201 s has no more effect in Chromium than 7200 s."),
            ("max_age = 0", "functions.f.url.cors: With a MaxAge of 0 s nearly every call is preceded by a preflight."),
            (
                "allow_origins = ['http://a.example']",
                "functions.f.url.cors: `http://a.example` is plain http: anybody on the way can act as it.",
            ),
            ("max_age = 60", ""),
            ("", ""),
        ] {
            let text = format!("[functions.f]\nscript = [{{ respond = 1 }}]\n[functions.f.url.cors]\n{cors}\n");
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("invokelab.toml"), text).unwrap();
            let view = crate::workspace::view(&crate::workspace::load(folder.path()).unwrap(), &Default::default());
            assert_eq!(Problems::default().cors_news(&view).join("\n"), told, "{cors}");
        }
    }

    #[test]
    fn a_problem_is_news_once_until_it_comes_back() {
        let view = |messages: &[&str]| {
            let problem = |message: &&str| Problem {
                file: "invokelab.toml".into(),
                line: 1,
                column: 1,
                message: (*message).to_owned(),
                kind: crate::event::ProblemKind::Mistake,
            };
            WorkspaceView { problems: messages.iter().map(problem).collect(), ..WorkspaceView::default() }
        };
        let mut problems = Problems::default();
        let mut told = |messages: &[&str]| problems.news(&view(messages)).len();
        assert_eq!([told(&["a"]), told(&["a"]), told(&["a", "b"]), told(&["b"]), told(&["a", "b"])], [1, 0, 1, 0, 1]);
    }
}
