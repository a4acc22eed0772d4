//! Stands in for `binary-install`: names programs that are installed, and downloads none.

use anyhow::{Result, ensure};
use std::path::{Path, PathBuf};

/// Where downloads would be kept.
#[derive(Debug)]
pub struct Cache(PathBuf);

impl Cache {
    /// A folder of this name that nothing makes.
    ///
    /// # Errors
    /// Never.
    pub fn new(name: &str) -> Result<Self> {
        Ok(Self::at(&std::env::temp_dir().join(name)))
    }

    /// This folder.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// A path in it.
    #[must_use]
    pub fn join(&self, path: &Path) -> PathBuf {
        self.0.join(path)
    }

    /// Finds nothing.
    ///
    /// # Errors
    /// Never.
    pub fn download(&self, _: bool, _: &str, _: &[&str], _: &str) -> Result<Option<Download>> {
        Ok(None)
    }
}

/// A folder with programs.
#[derive(Clone, Debug)]
pub struct Download(PathBuf);

impl Download {
    /// This folder.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// A program in it.
    ///
    /// # Errors
    /// Where there is none of this name.
    pub fn binary(&self, name: &str) -> Result<PathBuf> {
        let program = self.0.join(name);
        ensure!(program.is_file(), "{} does not exist", program.display());
        Ok(program)
    }
}
