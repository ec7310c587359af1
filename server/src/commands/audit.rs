//! `stockgraph audit`: what happened to accounts.

use std::{
    io::{self, Write as _},
    process::ExitCode,
    str::FromStr,
};

use anyhow::Context;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use comfy_table::{Table, presets::UTF8_FULL_CONDENSED};
use serde_json::{Value, json};
use stockgraph_kit::{
    clock::Clock,
    id::{Id, UserId},
};
use stockgraph_users::{
    domain::{audit::SecurityEvent, origin::Actor},
    service::{EventFilter, Users},
};

use super::user::users;
use crate::{
    cli::AuditOptions,
    config::{Config, SubgraphName},
    databases::connect_migrated,
};

/// From when on events are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// This instant.
    Instant(DateTime<Utc>),
    /// So long before now.
    Ago(TimeDelta),
}

impl FromStr for Since {
    type Err = String;

    /// Reads an instant of RFC 3339, or a time such as `2h`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
            return Ok(Self::Instant(instant.to_utc()));
        }
        let ago = humantime::parse_duration(text)
            .ok()
            .and_then(|ago| TimeDelta::from_std(ago).ok())
            .ok_or("neither an instant like 2026-11-26T09:00:00Z nor a time like 2h")?;
        Ok(Self::Ago(ago))
    }
}

impl Since {
    fn instant(self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::Instant(instant) => instant,
            Self::Ago(ago) => now
                .checked_sub_signed(ago)
                .map_or(DateTime::UNIX_EPOCH, |since| {
                    since.max(DateTime::UNIX_EPOCH)
                }),
        }
    }
}

/// Prints the newest events.
///
/// # Errors
///
/// There is no such account, or the database cannot be read.
pub async fn run(config: &Config, options: &AuditOptions) -> anyhow::Result<ExitCode> {
    let database = connect_migrated(config, SubgraphName::Users).await?;
    let users = users(config, &database)?;
    let filter = EventFilter {
        user: match &options.user {
            Some(text) => Some(find(&users, text).await?),
            None => None,
        },
        kinds: options.kind.clone(),
        since: options
            .since
            .map(|since| since.instant(Clock::system().now())),
    };
    let events = users
        .security_events(&filter, options.limit)
        .await
        .map_err(|error| anyhow::anyhow!("{}", error.message()))?;
    database.close().await?;
    let text = if options.json {
        events
            .iter()
            .map(|event| format!("{}\n", json(event)))
            .collect()
    } else if events.is_empty() {
        "Nothing of that kind has happened.\n".to_owned()
    } else {
        format!("{}\n", table(&events))
    };
    match io::stdout().write_all(text.as_bytes()) {
        // Whoever reads it, such as `head`, has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        written => written?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn find(users: &Users, text: &str) -> anyhow::Result<UserId> {
    if let Ok(id) = UserId::parse(text) {
        return Ok(id);
    }
    let found = users.find_account(text).await;
    let user = found.map_err(|error| anyhow::anyhow!("{}", error.message()))?;
    Ok(user
        .with_context(|| format!("--user: there is no account `{text}`"))?
        .id)
}

fn json(event: &SecurityEvent) -> Value {
    json!({
        "id": event.id.to_string(),
        "occurred_at": event.occurred_at.to_rfc3339_opts(SecondsFormat::Micros, true),
        "kind": event.kind.as_str(),
        "user_id": event.user.map(|user| user.to_string()),
        "actor": actor(&event.actor),
        "session_id": event.session.map(|session| session.to_string()),
        "address": event.address.map(|address| address.to_string()),
        "detail": event.detail,
    })
}

fn actor(actor: &Actor) -> Option<String> {
    match actor {
        Actor::Anonymous => None,
        Actor::User(id) => Some(id.to_string()),
        Actor::Service(name) => Some(name.clone()),
    }
}

fn table(events: &[SecurityEvent]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header([
        "When",
        "What",
        "Whose account",
        "By",
        "From",
        "Details",
    ]);
    for event in events {
        let own = |user| event.actor == Actor::User(user);
        let by = if event.user.is_some_and(own) {
            Some("the same".to_owned())
        } else {
            actor(&event.actor)
        };
        table.add_row([
            event.occurred_at.to_rfc3339_opts(SecondsFormat::Secs, true),
            event.kind.to_string(),
            event.user.map(|user| user.to_string()).unwrap_or_default(),
            by.unwrap_or_default(),
            event
                .address
                .map(|address| address.to_string())
                .unwrap_or_default(),
            event.detail.as_ref().map(details).unwrap_or_default(),
        ]);
    }
    table
}

/// `name: value`, without the quotes and brackets of JSON. The hash of an identifier is for programs: it is left out.
fn details(detail: &Value) -> String {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            let values: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
            values.join(" ")
        }
        other => other.to_string(),
    };
    let members = detail.as_object().into_iter().flatten();
    let told: Vec<String> = members
        .filter(|(name, _)| *name != "identifier_hash")
        .map(|(name, value)| format!("{name}: {}", text(value)))
        .collect();
    told.join(", ")
}

#[cfg(test)]
mod tests {
    use stockgraph_kit::{id::IdSource, random::Random};
    use stockgraph_users::domain::audit::EventKind;

    use super::*;

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    #[test]
    fn since_is_an_instant_or_a_time_ago() {
        let read = |text: &str| text.parse::<Since>().map(|since| since.instant(noon()));
        assert_eq!(read("2h"), Ok(noon() - TimeDelta::hours(2)));
        assert_eq!(read("7d"), Ok(noon() - TimeDelta::days(7)));
        assert_eq!(read("2027-01-15T09:00:00+01:00"), Ok(noon()));
        assert_eq!(read("100000y").unwrap(), DateTime::UNIX_EPOCH);
        for text in ["", "yesterday", "2h ago", "-2h", "2027-01-15"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn events_are_a_table_for_people_and_objects_for_programs() {
        let ids = IdSource::new(Clock::manual(noon()), Random::seeded(7));
        let user = ids.next();
        let changed = SecurityEvent {
            id: ids.next(),
            occurred_at: noon(),
            kind: EventKind::RolesChanged,
            user: Some(user),
            actor: Actor::Service("command-line".into()),
            session: None,
            address: None,
            detail: Some(json!({ "before": ["CUSTOMER"], "after": ["STAFF", "ADMIN"] })),
        };
        let logged_in = SecurityEvent {
            kind: EventKind::LoggedIn,
            actor: Actor::User(user),
            session: Some(ids.next()),
            address: Some([192, 0, 2, 1].into()),
            detail: None,
            ..changed.clone()
        };
        let failed = SecurityEvent {
            kind: EventKind::LogInFailed,
            user: None,
            actor: Actor::Anonymous,
            session: None,
            detail: Some(json!({ "reason": "unknown_identifier", "identifier_hash": "ab12" })),
            ..logged_in.clone()
        };
        let events = [changed, logged_in, failed];
        let lines: Vec<String> = events.iter().map(|event| json(event).to_string()).collect();
        let told = format!("{}\n{}", table(&events), lines.join("\n"));
        insta::assert_snapshot!(told, @r#"
        ┌──────────────────────┬───────────────┬─────────────────────────────────┬──────────────┬───────────┬──────────────────────────────────────┐
        │ When                 ┆ What          ┆ Whose account                   ┆ By           ┆ From      ┆ Details                              │
        ╞══════════════════════╪═══════════════╪═════════════════════════════════╪══════════════╪═══════════╪══════════════════════════════════════╡
        │ 2027-01-15T08:00:00Z ┆ roles_changed ┆ user_01mcc5rm00fvxtgtq9w310f1jz ┆ command-line ┆           ┆ before: CUSTOMER, after: STAFF ADMIN │
        │ 2027-01-15T08:00:00Z ┆ logged_in     ┆ user_01mcc5rm00fvxtgtq9w310f1jz ┆ the same     ┆ 192.0.2.1 ┆                                      │
        │ 2027-01-15T08:00:00Z ┆ log_in_failed ┆                                 ┆              ┆ 192.0.2.1 ┆ reason: unknown_identifier           │
        └──────────────────────┴───────────────┴─────────────────────────────────┴──────────────┴───────────┴──────────────────────────────────────┘
        {"id":"event_01mcc5rm00f0t9tkpdqj5gyhhj","occurred_at":"2027-01-15T08:00:00.000000Z","kind":"roles_changed","user_id":"user_01mcc5rm00fvxtgtq9w310f1jz","actor":"command-line","session_id":null,"address":null,"detail":{"before":["CUSTOMER"],"after":["STAFF","ADMIN"]}}
        {"id":"event_01mcc5rm00f0t9tkpdqj5gyhhj","occurred_at":"2027-01-15T08:00:00.000000Z","kind":"logged_in","user_id":"user_01mcc5rm00fvxtgtq9w310f1jz","actor":"user_01mcc5rm00fvxtgtq9w310f1jz","session_id":"session_01mcc5rm00f6g9z9g5d3h8ndh1","address":"192.0.2.1","detail":null}
        {"id":"event_01mcc5rm00f0t9tkpdqj5gyhhj","occurred_at":"2027-01-15T08:00:00.000000Z","kind":"log_in_failed","user_id":null,"actor":null,"session_id":null,"address":"192.0.2.1","detail":{"reason":"unknown_identifier","identifier_hash":"ab12"}}
        "#);
    }
}
