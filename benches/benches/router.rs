//! The parts of the router, each by itself, for the first query of the README with 20 products.
//!
//! `project` is not called by itself: over one subgraph that has everything, a request is one fetch and the answer written out, so
//! twenty products less none of them are what writing twenty costs.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use stockgraph_bench::overhead::Overhead;
use tokio::runtime::Runtime;

fn router(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("the system gives a runtime");
    let made = |overhead: anyhow::Result<Overhead>| overhead.expect("the router answers");
    let shop = made(runtime.block_on(Overhead::of_the_shop()));
    let whole = made(runtime.block_on(Overhead::of_one_subgraph(20)));
    let empty = made(runtime.block_on(Overhead::of_one_subgraph(0)));

    criterion.bench_function("parse, guard, validate", |b| {
        b.iter(|| shop.parse_and_validate());
    });
    criterion.bench_function("parse to plan, cold", |b| b.iter(|| shop.plan_cold()));
    criterion.bench_function("plan, kept", |b| {
        b.iter_custom(|times| runtime.block_on(find_plan(&shop, times)));
    });
    criterion.bench_function("cost", |b| b.iter(|| black_box(shop.cost())));
    criterion.bench_function("execute and project, two subgraphs", |b| {
        b.iter_custom(|times| runtime.block_on(shop.run(times)));
    });
    criterion.bench_function("request in process", |b| {
        b.iter_custom(|times| runtime.block_on(shop.request(times)));
    });
    for (name, overhead) in [("project, 20 products", &whole), ("project, none", &empty)] {
        timed(criterion, &runtime, name, overhead);
    }
}

fn timed(criterion: &mut Criterion, runtime: &Runtime, name: &str, overhead: &Overhead) {
    criterion.bench_function(name, |b| {
        b.iter_custom(|times| runtime.block_on(overhead.run(times)));
    });
}

async fn find_plan(overhead: &Overhead, times: u64) -> std::time::Duration {
    let begin = std::time::Instant::now();
    for _ in 0..times {
        overhead.find_plan().await;
    }
    begin.elapsed()
}

criterion_group!(benches, router);
criterion_main!(benches);
