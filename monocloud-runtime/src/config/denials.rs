//! Where it is kept which sessions are over.

use std::path::PathBuf;

use super::kind::{Kind, Text};
use super::rules::{Check, optional};
use super::setting::settings;
use super::sources::Sources;

settings! {
    in denials() -> DenialRules;

    /// A file that remembers which sessions ended here and which the issuer has ended, so that a restart does not forget
    /// it. `MONOCLOUD_AUTH_DENIALS_FILE`, in memory alone.
    ///
    /// Its folder is there, on a disk of this machine, and is writable: another file stands beside it, and at times a
    /// third. One process at a time has it open. The issuer hears that a logout is done when it is on the disk. There are
    /// no names in the file, but HMACs of them, with the cookie secret.
    denials_file: Text = "MONOCLOUD_AUTH_DENIALS_FILE",
        optional(path) => Option<PathBuf>;
}

impl DenialRules {
    pub(super) fn check_together(&self, check: &mut Check, multiple_instances: bool, are_shared: bool) {
        if are_shared && self.denials_file.is_some() {
            check.problem(
                &named::denials_file,
                "processes that share what is over need no file for it (MONOCLOUD_AUTH_SESSIONS_IN=cookies beside a store); \
                 leave it out",
            );
            return;
        }
        if multiple_instances && self.denials_file.is_some() {
            check.problem(
                &named::denials_file,
                "one process alone has such a file open, and several serve this site (MONOCLOUD_AUTH_MULTIPLE_INSTANCES); \
                 keep sessions in a Redis that they share (MONOCLOUD_AUTH_REDIS_URL), or leave one of the two out",
            );
        }
    }
}

fn path(value: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(value);
    if path.file_name().is_none() || value.ends_with(std::path::is_separator) {
        return Err("it is no path of a file; write one like /var/lib/shop/denials".to_owned());
    }
    Ok(path)
}
