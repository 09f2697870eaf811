//! Problems of the workspace's files, each told once although every view of the workspace lists them again.

use crate::event::{Problem, WorkspaceView};

/// What the last view listed.
#[derive(Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Problems that the last view did not list. One that was mended and comes back is news again.
    pub fn news(&mut self, view: &WorkspaceView) -> Vec<Problem> {
        let before = std::mem::replace(&mut self.0, view.problems.clone());
        self.0.iter().filter(|problem| !before.contains(problem)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_news_once_until_it_comes_back() {
        let view = |messages: &[&str]| {
            let problem = |message: &&str| Problem {
                file: "invokelab.toml".into(),
                line: 1,
                column: 1,
                message: (*message).to_owned(),
                not_active_yet: false,
            };
            WorkspaceView { problems: messages.iter().map(problem).collect(), ..WorkspaceView::default() }
        };
        let mut problems = Problems::default();
        let mut told = |messages: &[&str]| problems.news(&view(messages)).len();
        assert_eq!([told(&["a"]), told(&["a"]), told(&["a", "b"]), told(&["b"]), told(&["a", "b"])], [1, 0, 1, 0, 1]);
    }
}
