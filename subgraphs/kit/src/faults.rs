//! Faults on demand, for tests of the running binary: a process that dies at a named place, calls that are made twice, and known
//! bugs. All of it is compiled under the feature `faults` alone.
//!
//! | variable | what happens |
//! |---|---|
//! | `FAULTS_CRASH_FILE=PATH` | the process dies at the [`crash_point!`](crate::crash_point) that the file names, such as `after place order`; it takes the file away first, so that it dies once |
//! | `FAULTS_TWICE=1` | every call to another subgraph is made twice |
//! | `FAULTS_PLANTED=late money dropped` | this [`planted!`](crate::planted) bug is in force |

#[cfg(feature = "faults")]
use std::{env, fs, path::PathBuf, process, sync::LazyLock};

/// A place at which a test can let the process die: right `before` or right `after` a step that has a name, such as a commit or a call.
#[cfg(feature = "faults")]
#[macro_export]
macro_rules! crash_point {
    (before $step:expr) => {
        $crate::faults::pass("before", $step)
    };
    (after $step:expr) => {
        $crate::faults::pass("after", $step)
    };
}

/// A place at which a test can let the process die: nothing, without the feature `faults`.
#[cfg(not(feature = "faults"))]
#[macro_export]
macro_rules! crash_point {
    ($side:ident $step:expr) => {
        // Names the step, so that it is used with and without the feature.
        let _: &str = $step;
    };
}

/// Whether a test has planted this bug, to see whether it is caught.
#[cfg(feature = "faults")]
#[macro_export]
macro_rules! planted {
    ($bug:literal) => {
        $crate::faults::is_planted($bug)
    };
}

/// Whether a test has planted this bug: never, without the feature `faults`.
#[cfg(not(feature = "faults"))]
#[macro_export]
macro_rules! planted {
    ($bug:literal) => {
        false
    };
}

#[cfg(feature = "faults")]
static CRASH_FILE: LazyLock<Option<PathBuf>> =
    LazyLock::new(|| env::var_os("FAULTS_CRASH_FILE").map(PathBuf::from));

#[cfg(feature = "faults")]
static PLANTED: LazyLock<Option<String>> = LazyLock::new(|| env::var("FAULTS_PLANTED").ok());

#[cfg(feature = "faults")]
static TWICE: LazyLock<bool> = LazyLock::new(|| env::var_os("FAULTS_TWICE").is_some());

/// Dies if it is here that the process is to die.
#[cfg(feature = "faults")]
#[doc(hidden)]
pub fn pass(side: &str, step: &str) {
    let Some(file) = CRASH_FILE.as_deref() else {
        return;
    };
    let here = fs::read_to_string(file).is_ok_and(|point| point == format!("{side} {step}"));
    // Of several at this place, the one dies that takes the file away.
    if here && fs::remove_file(file).is_ok() {
        eprintln!("died {side} {step}");
        // As sudden as SIGKILL: nothing is unwound, flushed or closed.
        process::abort();
    }
}

/// Whether this bug is planted.
#[cfg(feature = "faults")]
#[doc(hidden)]
pub fn is_planted(bug: &str) -> bool {
    PLANTED.as_deref() == Some(bug)
}

/// Whether calls to other subgraphs are to be made twice.
#[must_use]
pub fn calls_are_doubled() -> bool {
    #[cfg(feature = "faults")]
    {
        *TWICE
    }
    #[cfg(not(feature = "faults"))]
    {
        false
    }
}
