//! The scheduler: sends the configured mutations to the graph when they are due, with a service token.
//!
//! Any number of processes may do so at once: what makes a job safe is in the mutation, not here. A job that still runs is not
//! started a second time by the same process, and one that fails is logged and tried at its next time.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, Utc};
use croner::Cron;
use serde_json::Value;
use stockgraph_kit::{clock::Clock, rights::ServiceName, token::Issuer};
use stockgraph_router::{GraphQLRequest, LiveRouter, Router};
use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    config::{Config, JobConfig},
    foundation::Foundation,
    metrics::Metrics,
    service_token::ServiceToken,
};

/// How long a job that has more to do rests after each round, as a part of the round's time.
const REST: f64 = 0.75;

/// How often in a row a job is run that says it has more to do.
const MOST_ROUNDS: usize = 1_000;

/// A job, ready to run.
pub struct Job {
    name: String,
    schedule: Cron,
    mutation: String,
    variables: Value,
    token: ServiceToken,
}

impl Job {
    /// The job of this name and configuration.
    ///
    /// # Errors
    ///
    /// Its schedule, its scopes or its mutation are none.
    pub fn new(
        name: &str,
        config: &JobConfig,
        issuer: Issuer,
        clock: Clock,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            schedule: config.schedule()?,
            mutation: config.mutation.clone(),
            variables: config.variables()?.into(),
            token: ServiceToken::with_scopes(
                ServiceName::Scheduler,
                config.scopes()?,
                issuer,
                clock,
            ),
        })
    }
}

/// Takes out the jobs whose mutation this graph does not have: a supergraph may be any shop's, or no shop's.
pub async fn leave_out_foreign(jobs: &mut BTreeMap<String, JobConfig>, router: &Router) {
    let mut foreign = Vec::new();
    for (name, job) in jobs.iter() {
        let request = GraphQLRequest::new(&job.mutation).of_this_process();
        if router.prepare(&request).await.is_err() {
            tracing::info!(
                name,
                "the graph does not have this job's mutation; it does not run"
            );
            foreign.push(name.clone());
        }
    }
    jobs.retain(|name, _| !foreign.contains(name));
}

/// Runs the jobs of the configuration that are enabled on this graph until `stop`.
///
/// # Errors
///
/// A job's schedule, scopes or mutation are none.
pub fn start(
    config: &Config,
    foundation: &Foundation,
    router: impl Into<LiveRouter>,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) -> anyhow::Result<()> {
    let clock = foundation.clock.clone();
    let jobs = config
        .jobs
        .iter()
        .filter(|(_, job)| job.enabled)
        .map(|(name, job)| Job::new(name, job, foundation.issuer.clone(), clock.clone()))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let scheduler = Scheduler {
        router: router.into(),
        clock,
        metrics: foundation.metrics.clone(),
    };
    scheduler.start(jobs, stop, tasks);
    Ok(())
}

/// What runs jobs.
#[derive(Clone)]
pub struct Scheduler {
    /// The graph they are sent to.
    pub router: LiveRouter,
    /// Tells when a job is due.
    pub clock: Clock,
    /// Counts what jobs do.
    pub metrics: Metrics,
}

impl Scheduler {
    /// Runs each job at its times until `stop`. A run under way then is finished.
    pub fn start(&self, jobs: Vec<Job>, stop: &CancellationToken, tasks: &TaskTracker) {
        for job in jobs {
            self.metrics.job_exists(&job.name);
            let scheduler = self.clone();
            let stop = stop.clone();
            tasks.spawn(async move {
                while let Some(wait) = scheduler.until_due(&job) {
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = tokio::time::sleep(wait) => scheduler.run(&job).await,
                    }
                }
                tracing::warn!(job = job.name, "the schedule has no next time");
            });
        }
    }

    fn until_due(&self, job: &Job) -> Option<Duration> {
        let now: DateTime<Utc> = self.clock.now();
        let next = job.schedule.find_next_occurrence(&now, false).ok()?;
        (next - now).to_std().ok()
    }

    /// Runs a job now, and again as long as its answer says `hasMore`.
    pub async fn run(&self, job: &Job) {
        let mut done = 0;
        match self.work_off(job, &mut done).await {
            Ok(()) => {
                self.metrics.job_ran(&job.name, done, self.clock.now());
                if done > 0 {
                    tracing::info!(job = job.name, done, "job ran");
                } else {
                    tracing::debug!(job = job.name, "job ran, nothing was due");
                }
            }
            Err(cause) => {
                self.metrics.job_failed(&job.name, done);
                tracing::error!(job = job.name, done, %cause, "job failed; it is tried again at its next time");
            }
        }
    }

    async fn work_off(&self, job: &Job, done: &mut usize) -> anyhow::Result<()> {
        for _ in 0..MOST_ROUNDS {
            let begun = Instant::now();
            let answer = self.send(job).await?;
            let items = answered_items(&answer);
            *done += items;
            if items == 0 || !has_more(&answer) {
                break;
            }
            // A backlog is worked off in short bursts, with rests in which customers find the machine free.
            tokio::time::sleep(begun.elapsed().mul_f64(REST)).await;
        }
        Ok(())
    }

    async fn send(&self, job: &Job) -> anyhow::Result<Value> {
        let headers = job
            .token
            .headers()
            .map_err(|error| anyhow::anyhow!("no token: {}", error.message()))?;
        let request = GraphQLRequest::new(&job.mutation)
            .variables(job.variables.clone())
            .of_this_process();
        let mut answer = self
            .router
            .current()
            .execute(request, &headers)
            .await
            .to_json();
        if let Some(errors) = answer.get("errors") {
            anyhow::bail!("{errors}");
        }
        Ok(answer["data"].take())
    }
}

/// How many objects the payloads list.
fn answered_items(data: &Value) -> usize {
    payloads(data)
        .flat_map(|payload| payload.values().filter_map(Value::as_array))
        .map(Vec::len)
        .sum()
}

fn has_more(data: &Value) -> bool {
    payloads(data).any(|payload| payload.get("hasMore") == Some(&Value::Bool(true)))
}

fn payloads(data: &Value) -> impl Iterator<Item = &serde_json::Map<String, Value>> {
    data.as_object()
        .into_iter()
        .flat_map(serde_json::Map::values)
        .filter_map(Value::as_object)
}

#[cfg(test)]
mod tests;
