//! Servers that speak TLS, also among themselves, and know who asks.

use crate::tls::Certificates;

/// A user, and the password.
pub(crate) type Login = [&'static str; 2];

/// At the servers.
pub(crate) const LOGIN: Login = ["default", "servers-word"];

/// At Sentinel, where nobody else is let in.
pub(crate) const AT_SENTINEL: Login = ["watcher", "sentinel-word"];

/// What they are configured with.
#[derive(Debug)]
pub(crate) struct Secured {
    files: String,
    pub(crate) ca: String,
}

impl Secured {
    pub(crate) fn by(certificates: &Certificates) -> Self {
        Self {
            // The bus wants one of whoever connects.
            files: format!(
                "{}tls-client-cert-file {}\ntls-client-key-file {}\n",
                certificates.lines(),
                certificates.path("client.crt").display(),
                certificates.path("client.key").display()
            ),
            ca: certificates.path("ca.crt").display().to_string(),
        }
    }

    pub(crate) fn of_server(&self, tls_port: u16) -> String {
        let [_, password] = LOGIN;
        format!(
            "{}requirepass {password}\nmasterauth {password}\n",
            self.tls(tls_port)
        )
    }

    pub(crate) fn of_sentinel(&self, tls_port: u16) -> String {
        let [user, password] = AT_SENTINEL;
        let [_, of_servers] = LOGIN;
        format!(
            "{}user default off\n\
             user {user} on >{password} ~* &* +@all\n\
             sentinel auth-pass main {of_servers}\n",
            self.tls(tls_port)
        )
    }

    fn tls(&self, tls_port: u16) -> String {
        let files = &self.files;
        format!("tls-port {tls_port}\n{files}tls-auth-clients no\ntls-replication yes\n")
    }
}
