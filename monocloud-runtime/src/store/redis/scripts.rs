//! The scripts: each is one step of the server's, on keys of one slot.

use std::fmt::{Display, Write as _};
use std::sync::OnceLock;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use bytes::Bytes;
use redis::Cmd;

pub(super) static ABANDON: Script = Script::new(include_str!("scripts/abandon.lua"));
pub(super) static ADD: Script = Script::new(include_str!("scripts/add.lua"));
pub(super) static APPEND: Script = Script::new(include_str!("scripts/append.lua"));
pub(super) static BEGIN: Script = Script::new(include_str!("scripts/begin.lua"));
pub(super) static CLAIM: Script = Script::new(include_str!("scripts/claim.lua"));
pub(super) static CREATE: Script = Script::new(include_str!("scripts/create.lua"));
pub(super) static DELETE: Script = Script::new(include_str!("scripts/delete.lua"));
pub(super) static DENY: Script = Script::new(include_str!("scripts/deny.lua"));
pub(super) static RENAME: Script = Script::new(include_str!("scripts/rename.lua"));
pub(super) static SETTLE: Script = Script::new(include_str!("scripts/settle.lua"));
pub(super) static TOUCH: Script = Script::new(include_str!("scripts/touch.lua"));
pub(super) static TRIM: Script = Script::new(include_str!("scripts/trim.lua"));
pub(super) static UPDATE: Script = Script::new(include_str!("scripts/update.lua"));

pub(super) struct Script {
    text: &'static str,
    hash: OnceLock<String>,
}

impl Script {
    const fn new(text: &'static str) -> Self {
        Self {
            text,
            hash: OnceLock::new(),
        }
    }

    /// What the server calls it.
    fn hash(&self) -> &str {
        self.hash.get_or_init(|| {
            let digest = digest(&SHA1_FOR_LEGACY_USE_ONLY, self.text.as_bytes());
            let mut hex = String::new();
            for byte in digest.as_ref() {
                // Writing to a string does not fail.
                let _ = write!(hex, "{byte:02x}");
            }
            hex
        })
    }

    pub(super) fn on(&'static self, keys: impl IntoIterator<Item = String>) -> Call {
        Call {
            script: self,
            keys: keys.into_iter().collect(),
            arguments: Vec::new(),
        }
    }
}

/// A script with what it is about.
#[derive(Clone)]
pub(super) struct Call {
    script: &'static Script,
    keys: Vec<String>,
    arguments: Vec<Bytes>,
}

impl Call {
    pub(super) fn bytes(mut self, argument: Bytes) -> Self {
        self.arguments.push(argument);
        self
    }

    pub(super) fn arg(self, argument: impl Display) -> Self {
        self.bytes(argument.to_string().into())
    }

    /// All keys are in its slot.
    pub(super) fn key(&self) -> &str {
        self.keys.first().map_or("", String::as_str)
    }

    /// By the hash of the script, which the server may not know.
    pub(super) fn short(&self) -> Cmd {
        self.command("EVALSHA", self.script.hash())
    }

    /// With its text.
    pub(super) fn full(&self) -> Cmd {
        self.command("EVAL", self.script.text)
    }

    fn command(&self, name: &str, script: &str) -> Cmd {
        let mut command = redis::cmd(name);
        command.arg(script).arg(self.keys.len()).arg(&self.keys);
        for argument in &self.arguments {
            command.arg(&argument[..]);
        }
        command
    }
}
