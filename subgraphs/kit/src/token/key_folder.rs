//! A folder with the private keys of one graph, a file for each.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use chrono::{DateTime, NaiveDateTime, Utc};

use super::{DatedKey, KeyError, SigningKey};
use crate::random::Random;

/// The file of the key that a graph begins with.
const FIRST: &str = "signing.pem";

/// The files of later keys: `signing-20261126T143955Z.pem` signs from that instant, in UTC.
const DATED: &str = "signing-%Y%m%dT%H%M%SZ.pem";

/// The private keys of one graph, which all its processes that sign may share: PKCS #8 PEM in `signing.pem` and
/// `signing-YYYYMMDDTHHMMSSZ.pem`, the instant from which the key signs. Other files are passed over.
#[derive(Clone, Debug)]
pub struct KeyFolder(PathBuf);

impl KeyFolder {
    /// The keys in this folder.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Reads all keys, the oldest first; none where there is no folder.
    ///
    /// # Errors
    ///
    /// [`KeyError`].
    pub fn load(&self) -> Result<Vec<DatedKey>, KeyError> {
        let mut keys = Vec::new();
        for (signs_from, file) in self.files()? {
            match fs::read_to_string(&file) {
                Ok(pem) => keys.push(DatedKey {
                    key: SigningKey::from_pem(&pem).map_err(|error| error.of_file(&file))?,
                    signs_from,
                }),
                // Taken away since the folder was listed.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(KeyError::Io(file, error)),
            }
        }
        Ok(keys)
    }

    /// Reads all keys; where there is none, makes the first. The answer's second part tells whether it did.
    ///
    /// # Errors
    ///
    /// [`KeyError`].
    pub fn load_or_create(&self, random: &Random) -> Result<(Vec<DatedKey>, bool), KeyError> {
        let keys = self.load()?;
        if !keys.is_empty() {
            return Ok((keys, false));
        }
        // Where another process was faster, its key is the one.
        let made = self.write(&self.0.join(FIRST), random)?;
        Ok((self.load()?, made))
    }

    /// Makes a key that signs from this instant on, in whole seconds; `false` where there is one of that instant already.
    ///
    /// # Errors
    ///
    /// [`KeyError`].
    pub fn add(&self, signs_from: DateTime<Utc>, random: &Random) -> Result<bool, KeyError> {
        let file = self.0.join(signs_from.format(DATED).to_string());
        self.write(&file, random)
    }

    /// Deletes the key that signs from this instant on.
    ///
    /// # Errors
    ///
    /// [`KeyError::Io`].
    pub fn remove(&self, signs_from: DateTime<Utc>) -> Result<(), KeyError> {
        for (dated, file) in self.files()? {
            if dated == signs_from {
                fs::remove_file(&file).map_err(|error| KeyError::Io(file, error))?;
            }
        }
        Ok(())
    }

    fn files(&self) -> Result<Vec<(DateTime<Utc>, PathBuf)>, KeyError> {
        let failed = |error| KeyError::Io(self.0.clone(), error);
        let entries = match fs::read_dir(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            if let Some(signs_from) = name.and_then(signs_from) {
                files.push((signs_from, path));
            }
        }
        files.sort();
        Ok(files)
    }

    /// Writes a new key into a file that was not there; `false` where it was.
    fn write(&self, file: &Path, random: &Random) -> Result<bool, KeyError> {
        let pem = SigningKey::generate_pem(random)?;
        match write_new_secret(file, &pem) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(KeyError::Io(file.to_owned(), error)),
        }
    }
}

/// From when on the key in the file of this name signs; `None` for a name that is no key's.
fn signs_from(name: &str) -> Option<DateTime<Utc>> {
    if name == FIRST {
        return Some(DateTime::UNIX_EPOCH);
    }
    let instant = NaiveDateTime::parse_from_str(name, DATED).ok()?;
    Some(instant.and_utc())
}

/// Writes a file that was not there, readable by its owner alone. It appears with its whole content or not at all.
fn write_new_secret(path: &Path, content: &str) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| *folder != Path::new(""))
        .unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    // tempfile makes its files with mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, KeyFolder) {
        let parent = tempfile::tempdir().unwrap();
        let folder = KeyFolder::new(parent.path().join("keys"));
        (parent, folder)
    }

    fn ids(keys: &[DatedKey]) -> Vec<String> {
        keys.iter().map(|dated| dated.key.id.clone()).collect()
    }

    #[test]
    fn a_key_is_made_once_and_found_again() {
        let (_parent, folder) = folder();
        let (made, new) = folder.load_or_create(&Random::seeded(1)).unwrap();
        assert!(new);
        let (found, new) = folder.load_or_create(&Random::seeded(2)).unwrap();
        assert!(!new);
        assert_eq!(ids(&made), ids(&found));
    }

    #[test]
    fn a_later_key_is_found_with_its_instant_and_goes_alone() {
        let (_parent, folder) = folder();
        folder.load_or_create(&Random::seeded(1)).unwrap();
        let noon = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        assert!(folder.add(noon, &Random::seeded(2)).unwrap());
        assert!(!folder.add(noon, &Random::seeded(3)).unwrap());
        let keys = folder.load().unwrap();
        assert_eq!(keys[0].signs_from, DateTime::UNIX_EPOCH);
        assert_eq!(keys[1].signs_from, noon);
        folder.remove(DateTime::UNIX_EPOCH).unwrap();
        assert_eq!(ids(&folder.load().unwrap()), ids(&keys[1..]));
    }

    #[test]
    fn other_files_are_passed_over_and_a_spoilt_key_is_named() {
        let (_parent, folder) = folder();
        folder.load_or_create(&Random::seeded(1)).unwrap();
        for name in ["README", "signing-soon.pem", "tls.pem"] {
            fs::write(folder.path().join(name), "anything").unwrap();
        }
        assert_eq!(folder.load().unwrap().len(), 1);
        fs::write(folder.path().join(FIRST), "anything").unwrap();
        let error = folder.load().unwrap_err().to_string();
        assert!(error.contains(FIRST), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_may_read_a_key() {
        use std::os::unix::fs::PermissionsExt;
        let (_parent, folder) = folder();
        folder.load_or_create(&Random::seeded(1)).unwrap();
        let file = folder.path().join(FIRST);
        let mode = fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
