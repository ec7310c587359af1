//! What a process tells of itself while it runs: the log, to standard error, and traces, to a collector of OpenTelemetry.

mod propagation;
mod traces;

use anyhow::Context;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::{EnvFilter, Layer, fmt, prelude::*};

pub use self::propagation::{inject, traced};

use crate::config::{LogConfig, LogFormat, TracesConfig};

/// The log and the traces of this process, as long as it runs.
#[must_use = "what has not been sent yet is sent by `stop`"]
#[derive(Debug)]
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
}

/// Starts the log and the traces of this process.
///
/// # Errors
///
/// The filter is not one, or the collector's address is none.
pub fn start(log: &LogConfig, traces: &TracesConfig) -> anyhow::Result<Telemetry> {
    let filter = EnvFilter::try_new(&log.filter)
        .with_context(|| format!("log.filter: `{}` is not a filter", log.filter))?;
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match log.format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let provider = traces::provider(traces)?;
    let spans = provider.as_ref().map(traces::layer);
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .with(spans)
        .try_init()
        .context("the log cannot be started")?;
    Ok(Telemetry { traces: provider })
}

impl Telemetry {
    /// Sends what has not been sent yet.
    pub async fn stop(self) {
        let Some(provider) = self.traces else {
            return;
        };
        let stopped = tokio::task::spawn_blocking(move || provider.shutdown()).await;
        if let Ok(Err(cause)) = stopped {
            tracing::warn!(%cause, "the last spans could not be sent");
        }
    }
}
