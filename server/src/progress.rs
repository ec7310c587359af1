//! Shows how far a command has come that takes its time: a bar on standard error, where that is a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar. Nothing is shown where standard error is no terminal, so that logs stay readable.
#[derive(Clone, Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// A bar that has not come anywhere yet, and does not know how far it is.
    #[must_use]
    pub fn start() -> Self {
        let bar = ProgressBar::no_length();
        if let Ok(style) =
            ProgressStyle::with_template("{bar:32} {percent:>3} % {elapsed:>4}  {wide_msg}")
        {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(250));
        Self(bar)
    }

    /// So much of `total` is done; what is being done now.
    pub fn set(&self, done: u64, total: u64, what: &'static str) {
        self.0.set_length(total);
        self.0.set_position(done);
        self.0.set_message(what);
    }

    /// Takes the bar away.
    pub fn finish(self) {
        self.0.finish_and_clear();
    }
}
