//! The kinds of values that settings have: how a variable is read, and what no value of the kind may be.
//!
//! What cannot be read is never repeated: it may be a secret that stands under the wrong name.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::str::FromStr;
use std::time::Duration;

use super::suspicious;
use crate::jose::PrivateKey;

pub(crate) trait Kind {
    type Value: Debug;

    /// Whether `Debug` keeps it to itself.
    const HIDDEN: bool = false;

    /// From a variable, which is neither empty nor quoted.
    fn read(text: &str) -> Result<Self::Value, String>;

    /// Whether nothing stands there, as where a program passes a variable on that is not set.
    fn is_empty(_: &Self::Value) -> bool {
        false
    }

    /// What is wrong whatever the setting is for.
    fn inspect(_: &Self::Value) -> Result<(), String> {
        Ok(())
    }

    /// What can be meant and hardly is.
    fn doubt(_: &Self::Value) -> Option<&'static str> {
        None
    }
}

/// What was given for a setting, in `Debug` output.
pub(crate) struct Shown<'a, K: Kind>(pub(crate) Option<&'a K::Value>);

impl<K: Kind> Debug for Shown<'_, K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if K::HIDDEN {
            self.0.map(|_| "[redacted]").fmt(f)
        } else {
            self.0.fmt(f)
        }
    }
}

/// A name or an address.
pub(crate) struct Text;

/// Text that is for nobody's eyes.
pub(crate) struct Hidden;

/// Text for nobody's eyes, or a key, which may have lines.
pub(crate) struct Credential;

/// Text that people read.
pub(crate) struct Prose;

/// Texts, separated by spaces.
pub(crate) struct Texts;

/// Yes or no, in the spellings that operators use.
pub(crate) struct Flag;

/// A duration whose variable is in seconds.
pub(crate) struct Seconds;

/// A duration whose variable is in milliseconds.
pub(crate) struct Milliseconds;

/// A number.
pub(crate) struct Number<T>(PhantomData<T>);

/// One of few words.
pub(crate) struct Choice<T>(PhantomData<T>);

impl Kind for Text {
    type Value = String;

    fn read(text: &str) -> Result<String, String> {
        Ok(text.to_owned())
    }

    fn is_empty(value: &String) -> bool {
        value.trim().is_empty()
    }

    fn inspect(value: &String) -> Result<(), String> {
        suspicious::text(value)
    }

    fn doubt(value: &String) -> Option<&'static str> {
        suspicious::doubt(value)
    }
}

impl Kind for Hidden {
    type Value = String;

    const HIDDEN: bool = true;

    fn read(text: &str) -> Result<String, String> {
        Ok(text.to_owned())
    }

    fn is_empty(value: &String) -> bool {
        value.trim().is_empty()
    }

    fn inspect(value: &String) -> Result<(), String> {
        suspicious::secret(value)
    }
}

impl Kind for Credential {
    type Value = String;

    const HIDDEN: bool = true;

    fn read(text: &str) -> Result<String, String> {
        Ok(text.to_owned())
    }

    fn is_empty(value: &String) -> bool {
        value.trim().is_empty()
    }

    fn inspect(value: &String) -> Result<(), String> {
        if PrivateKey::is_meant_by(value) {
            return Ok(());
        }
        suspicious::secret(value)
    }
}

impl Kind for Prose {
    type Value = String;

    fn read(text: &str) -> Result<String, String> {
        Ok(text.to_owned())
    }

    fn is_empty(value: &String) -> bool {
        value.trim().is_empty()
    }

    fn inspect(value: &String) -> Result<(), String> {
        suspicious::prose(value)
    }
}

impl Kind for Texts {
    type Value = Vec<String>;

    fn read(text: &str) -> Result<Vec<String>, String> {
        Ok(text.split_whitespace().map(str::to_owned).collect())
    }

    // As for secrets, since the list may hold some.
    fn inspect(values: &Vec<String>) -> Result<(), String> {
        values.iter().try_for_each(|value| suspicious::secret(value))
    }

    fn doubt(values: &Vec<String>) -> Option<&'static str> {
        suspicious::doubt(&values.join(" "))
    }
}

impl Kind for Flag {
    type Value = bool;

    fn read(text: &str) -> Result<bool, String> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(true),
            "false" | "0" | "no" | "off" => Ok(false),
            _ => Err("it is neither yes nor no; write true or false".to_owned()),
        }
    }
}

impl Kind for Seconds {
    type Value = Duration;

    fn read(text: &str) -> Result<Duration, String> {
        whole(text, "seconds").map(Duration::from_secs)
    }
}

impl Kind for Milliseconds {
    type Value = Duration;

    fn read(text: &str) -> Result<Duration, String> {
        whole(text, "milliseconds").map(Duration::from_millis)
    }
}

impl<T: FromStr + Debug> Kind for Number<T> {
    type Value = T;

    fn read(text: &str) -> Result<T, String> {
        text.parse()
            .map_err(|_| "it is not a number that can be used; write a whole number".to_owned())
    }
}

impl<T: FromStr<Err = String> + Debug> Kind for Choice<T> {
    type Value = T;

    fn read(text: &str) -> Result<T, String> {
        text.parse()
    }
}

fn whole(text: &str, unit: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| format!("it is not a number; write a whole number of {unit}"))
}
