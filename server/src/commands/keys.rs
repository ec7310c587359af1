//! `stockgraph keys`: the keys that sign access tokens.

use std::process::ExitCode;

use chrono::{DateTime, SecondsFormat, SubsecRound, TimeDelta, Utc};
use comfy_table::{Table, presets::UTF8_FULL_CONDENSED};
use stockgraph_kit::{
    clock::Clock,
    random::Random,
    token::{DatedKey, KeyFolder, KeyRing, KeyState},
};

use crate::{cli::KeysCommand, config::Config, identity};

/// Shows, rotates or deletes keys in the configured folder.
///
/// # Errors
///
/// A file cannot be read or written, or there is no such key.
pub fn run(config: &Config, command: &KeysCommand) -> anyhow::Result<ExitCode> {
    let keys = Keys {
        folder: identity::key_folder(config),
        longest_token: identity::longest_token(config),
        now: Clock::system().now(),
    };
    match command {
        KeysCommand::List => {}
        KeysCommand::Rotate { after } => keys.rotate(TimeDelta::seconds((*after).into()))?,
        KeysCommand::Remove { id } => keys.remove(id)?,
    }
    println!("{}", keys.table()?);
    Ok(ExitCode::SUCCESS)
}

struct Keys {
    folder: KeyFolder,
    longest_token: TimeDelta,
    now: DateTime<Utc>,
}

impl Keys {
    fn states(&self) -> anyhow::Result<Vec<(DatedKey, KeyState)>> {
        let ring = KeyRing::new(self.folder.load()?, self.longest_token);
        Ok(ring.states(self.now))
    }

    /// Adds a key, and deletes those whose tokens have all expired.
    fn rotate(&self, after: TimeDelta) -> anyhow::Result<()> {
        let random = Random::system();
        let (_, first) = self.folder.load_or_create(&random)?;
        if first {
            println!("There was no key yet; the first one signs at once.");
            return Ok(());
        }
        let states = self.states()?;
        let upcoming = states.iter().any(|(_, state)| *state == KeyState::Upcoming);
        anyhow::ensure!(
            !upcoming,
            "a new key waits for its time already (`stockgraph keys list`)"
        );
        // The name of its file tells the instant in whole seconds.
        let signs_from = (self.now + after).trunc_subsecs(0);
        anyhow::ensure!(
            self.folder.add(signs_from, &random)?,
            "there is a key already that signs from this very second on; try again"
        );
        for (dated, state) in states {
            if state == KeyState::Over {
                self.folder.remove(dated.signs_from)?;
            }
        }
        Ok(())
    }

    fn remove(&self, id: &str) -> anyhow::Result<()> {
        let states = self.states()?;
        let Some((stolen, state)) = states.iter().find(|(dated, _)| dated.key.id() == id) else {
            anyhow::bail!("there is no key `{id}`; `stockgraph keys list` shows those there are");
        };
        let last = states.len() == 1;
        anyhow::ensure!(
            *state != KeyState::Signs && !last,
            "this key signs; let another take over first: `stockgraph keys rotate --after 0`"
        );
        Ok(self.folder.remove(stolen.signs_from)?)
    }

    fn table(&self) -> anyhow::Result<Table> {
        let mut table = Table::new();
        table.load_style(UTF8_FULL_CONDENSED);
        table.set_header(["key", "state", "signs from"]);
        for (dated, state) in self.states()? {
            let since_ever = dated.signs_from == DateTime::UNIX_EPOCH;
            let signs_from = if since_ever {
                "the beginning".to_owned()
            } else {
                instant(dated.signs_from)
            };
            table.add_row([dated.key.id().to_owned(), Self::told(state), signs_from]);
        }
        Ok(table)
    }

    fn told(state: KeyState) -> String {
        match state {
            KeyState::Upcoming => "waits".into(),
            KeyState::Signs => "signs".into(),
            KeyState::Accepted(until) => format!("accepted until {}", instant(until)),
            KeyState::Over => "over; the next rotation deletes it".into(),
        }
    }
}

fn instant(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}
