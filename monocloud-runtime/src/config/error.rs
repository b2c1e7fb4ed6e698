//! What is wrong with the settings.

/// Everything that is wrong with the settings, at once.
///
/// `Debug` prints what `Display` does, so that it can be read where `main` returns it.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError {
    pub(super) problems: Vec<String>,
}

impl ConfigError {
    /// There is one at least.
    pub(crate) fn of(problems: Vec<String>) -> Self {
        Self { problems }
    }

    /// One sentence for each problem: the setting, what is wrong, what to write.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the settings of MonoCloud cannot be used:")?;
        for problem in &self.problems {
            write!(f, "\n  - {problem}")?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ConfigError {}
