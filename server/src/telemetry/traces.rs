//! Traces: the spans of requests, fetches and resolvers, sent by OTLP over HTTP.

use anyhow::Context;
use opentelemetry::{global, trace::TracerProvider};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracerProvider},
};
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

use crate::config::TracesConfig;

/// The crates whose spans make a trace.
const OURS: [&str; 7] = [
    "stockgraph_server",
    "stockgraph_router",
    "stockgraph_kit",
    "stockgraph_users",
    "stockgraph_products",
    "stockgraph_warehouses",
    "stockgraph_orders",
];

/// What sends spans to the collector; nothing where none is set.
///
/// # Errors
///
/// The collector's address is none.
pub fn provider(config: &TracesConfig) -> anyhow::Result<Option<SdkTracerProvider>> {
    let Some(endpoint) = &config.otlp_endpoint else {
        return Ok(None);
    };
    global::set_text_map_propagator(TraceContextPropagator::new());
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()
        .with_context(|| format!("traces.otlp_endpoint: `{endpoint}`"))?;
    let share = f64::from(config.sample_percent) / 100.0;
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(share)));
    let resource = Resource::builder()
        .with_service_name(config.service_name.clone())
        .build();
    Ok(Some(
        SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(sampler)
            .with_resource(resource)
            .build(),
    ))
}

/// What makes traces of our spans.
pub fn layer<S>(provider: &SdkTracerProvider) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let ours = Targets::new().with_targets(OURS.map(|target| (target, LevelFilter::DEBUG)));
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("stockgraph"))
        .with_filter(ours)
}
