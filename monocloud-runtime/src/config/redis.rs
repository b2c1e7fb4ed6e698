//! The address of a Redis or Valkey: one server, several behind Sentinel, or a Cluster.
//!
//! A value is never repeated in messages: it may hold a password.

use std::fmt::{self, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use url::form_urlencoded;

use super::secret::Secret;

const EXAMPLE: &str = "write one like redis://:password@redis.example.com:6379/0";
const QUERY: [&str; 8] = [
    "ca",
    "cert",
    "key",
    "prefix",
    "replicas",
    "sentinel_password",
    "sentinel_user",
    "timeout",
];
/// More acknowledgements than this are a slip of the pen.
const MOST_REPLICAS: u32 = 16;

/// Where the servers are, and how they are spoken to.
#[derive(Clone, Debug)]
pub(crate) struct RedisAddress {
    pub(crate) topology: Topology,
    pub(crate) hosts: Vec<(String, u16)>,
    pub(crate) login: Login,
    /// None is plain TCP.
    pub(crate) tls: Option<TlsFiles>,
    /// How many replicas must have what a sign-out wrote.
    pub(crate) replicas: u32,
    /// How long an answer may take.
    pub(crate) timeout: Duration,
    /// What every key begins with.
    pub(crate) prefix: String,
}

#[derive(Clone, Debug)]
pub(crate) enum Topology {
    One {
        database: u16,
    },
    Sentinel {
        service: String,
        database: u16,
        login: Login,
    },
    Cluster,
}

/// Who the application is there. Without a password it is nobody in particular.
#[derive(Clone, Debug, Default)]
pub(crate) struct Login {
    pub(crate) user: Option<String>,
    pub(crate) password: Option<Secret>,
}

/// PEM files. Without a `ca` the platform's roots are trusted.
#[derive(Clone, Debug, Default)]
pub(crate) struct TlsFiles {
    pub(crate) ca: Option<PathBuf>,
    /// The client's own certificate, and its key.
    pub(crate) client: Option<(PathBuf, PathBuf)>,
}

impl RedisAddress {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(format!("a space or line break is in it; {EXAMPLE}"));
        }
        if text.contains('#') {
            let why = if text.ends_with("#insecure") {
                "certificates are always checked; `ca` in the query names a file with those to trust"
            } else {
                "nothing stands behind a `#`; in a password it is written %23"
            };
            return Err(why.to_owned());
        }
        let (scheme, rest) = text
            .split_once("://")
            .ok_or_else(|| format!("not a Redis address; {EXAMPLE}"))?;
        let (is_tls, kind) = match scheme {
            "redis" => (false, Kind::One),
            "rediss" => (true, Kind::One),
            "redis+sentinel" => (false, Kind::Sentinel),
            "rediss+sentinel" => (true, Kind::Sentinel),
            "redis+cluster" => (false, Kind::Cluster),
            "rediss+cluster" => (true, Kind::Cluster),
            _ => {
                return Err(
                    "not a Redis address; it begins with redis://, redis+sentinel:// or redis+cluster://, \
                     with rediss in place of redis for TLS"
                        .to_owned(),
                );
            }
        };
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let login = Login::parse(login)?;
        let hosts = hosts_of(hosts, kind)?;
        let mut query = Query::parse(query)?;
        let topology = topology_of(kind, path, &mut query)?;
        let address = Self {
            topology,
            hosts,
            login,
            tls: query.tls(is_tls)?,
            replicas: query
                .number("replicas", 0, MOST_REPLICAS)?
                .unwrap_or_else(|| kind.usual_replicas()),
            timeout: Duration::from_millis(query.number("timeout", 100, 60_000)?.unwrap_or(2_000).into()),
            prefix: query.prefix()?,
        };
        match query.left.first() {
            None => Ok(address),
            Some((name, _)) => Err(format!("`{name}` is for redis+sentinel://")),
        }
    }

    /// Whether passwords and sessions go over a network that others may listen to.
    pub(crate) fn is_exposed(&self) -> bool {
        let is_here = |host: &str| host == "localhost" || host == "::1" || host.starts_with("127.");
        self.tls.is_none() && !self.hosts.iter().all(|(host, _)| is_here(host))
    }
}

/// Without what is secret.
impl fmt::Display for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.tls.is_some() { "rediss" } else { "redis" })?;
        f.write_str(match self.topology {
            Topology::One { .. } => "://",
            Topology::Sentinel { .. } => "+sentinel://",
            Topology::Cluster => "+cluster://",
        })?;
        for (at, (host, port)) in self.hosts.iter().enumerate() {
            if at > 0 {
                f.write_char(',')?;
            }
            if host.contains(':') {
                write!(f, "[{host}]:{port}")?;
            } else {
                write!(f, "{host}:{port}")?;
            }
        }
        match &self.topology {
            Topology::One { database } => write!(f, "/{database}"),
            Topology::Sentinel {
                service, database, ..
            } => write!(f, "/{service}/{database}"),
            Topology::Cluster => Ok(()),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    One,
    Sentinel,
    Cluster,
}

impl Kind {
    fn port(self) -> u16 {
        match self {
            Self::One | Self::Cluster => 6_379,
            Self::Sentinel => 26_379,
        }
    }

    /// Where there is somebody to take over, what ended must have reached one of them.
    fn usual_replicas(self) -> u32 {
        match self {
            Self::One => 0,
            Self::Sentinel | Self::Cluster => 1,
        }
    }
}

impl Login {
    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let (user, password) = text
            .split_once(':')
            .ok_or("a user name without a password; write user:password@ or :password@ before the host")?;
        let password = decoded(password, "the password")?;
        if password.is_empty() {
            return Err("the password is empty; leave it out, with the `@`".to_owned());
        }
        Ok(Self {
            user: Some(decoded(user, "the user name")?).filter(|user| !user.is_empty()),
            password: Some(Secret::new(password)),
        })
    }
}

fn decoded(text: &str, what: &str) -> Result<String, String> {
    let text = percent_decode_str(text).decode_utf8();
    text.map(Into::into)
        .map_err(|_| format!("{what} is not UTF-8 once its %XX are read"))
}

fn hosts_of(text: &str, kind: Kind) -> Result<Vec<(String, u16)>, String> {
    let hosts: Vec<_> = text
        .split(',')
        .map(|host| host_of(host, kind))
        .collect::<Result<_, _>>()?;
    if kind == Kind::One && hosts.len() > 1 {
        return Err(
            "several hosts are for redis+sentinel:// or redis+cluster://; redis:// names one server"
                .to_owned(),
        );
    }
    Ok(hosts)
}

fn host_of(text: &str, kind: Kind) -> Result<(String, u16), String> {
    let wrong =
        || "a host is not one; write host:port, and [::1]:port for IPv6, with commas between".to_owned();
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => {
            let port = port.parse().ok().filter(|port| *port != 0).ok_or_else(wrong)?;
            (host, port)
        }
        _ => (text, kind.port()),
    };
    match url::Host::parse(host).map_err(|_| wrong())? {
        url::Host::Domain(name) => Ok((name, port)),
        url::Host::Ipv4(address) => Ok((address.to_string(), port)),
        url::Host::Ipv6(address) => Ok((address.to_string(), port)),
    }
}

fn topology_of(kind: Kind, path: &str, query: &mut Query) -> Result<Topology, String> {
    let database_of = |text: &str| match text {
        "" => Ok(0),
        number => number
            .parse::<u16>()
            .map_err(|_| "the path behind the host is the number of a database, such as /0".to_owned()),
    };
    Ok(match kind {
        Kind::One => Topology::One {
            database: database_of(path)?,
        },
        Kind::Cluster if path.is_empty() => Topology::Cluster,
        Kind::Cluster => return Err("a Cluster has one database; leave the path out".to_owned()),
        Kind::Sentinel => {
            let (service, database) = path.split_once('/').unwrap_or((path, ""));
            let service = decoded(service, "the service")?;
            if service.is_empty() {
                return Err(
                    "the name that Sentinel has for the servers is missing; write it behind the hosts, \
                     such as redis+sentinel://a,b,c/mymaster"
                        .to_owned(),
                );
            }
            let password = query.take("sentinel_password").map(Secret::new);
            let user = query.take("sentinel_user");
            if user.is_some() && password.is_none() {
                return Err("sentinel_user without sentinel_password".to_owned());
            }
            Topology::Sentinel {
                service,
                database: database_of(database)?,
                login: Login { user, password },
            }
        }
    })
}

/// What stands behind the `?`, until it is taken.
struct Query {
    left: Vec<(String, String)>,
}

impl Query {
    fn parse(text: &str) -> Result<Self, String> {
        let mut left: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            if !QUERY.contains(&&*name) {
                // An `@` of a password may have brought us here.
                return Err(format!(
                    "the query may have {}, and nothing else",
                    QUERY.join(", ")
                ));
            }
            if value.is_empty() {
                return Err(format!("`{name}` is empty"));
            }
            if left.iter().any(|(known, _)| *known == name) {
                return Err(format!("`{name}` is there twice"));
            }
            left.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self { left })
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let at = self.left.iter().position(|(known, _)| known == name)?;
        Some(self.left.swap_remove(at).1)
    }

    fn number(&mut self, name: &str, least: u32, most: u32) -> Result<Option<u32>, String> {
        let Some(text) = self.take(name) else {
            return Ok(None);
        };
        let number = text.parse().ok().filter(|number| (least..=most).contains(number));
        number
            .map(Some)
            .ok_or_else(|| format!("`{name}` is a number from {least} to {most}"))
    }

    fn prefix(&mut self) -> Result<String, String> {
        let prefix = self.take("prefix").unwrap_or_else(|| "mc".to_owned());
        let is_good = |c: char| c.is_ascii_alphanumeric() || "_-.:".contains(c);
        if prefix.len() > 64 || !prefix.chars().all(is_good) {
            return Err("`prefix` is at most 64 letters, digits and `_-.:`".to_owned());
        }
        Ok(prefix)
    }

    fn tls(&mut self, is_tls: bool) -> Result<Option<TlsFiles>, String> {
        let [ca, cert, key] = ["ca", "cert", "key"].map(|name| self.take(name).map(PathBuf::from));
        if !is_tls && (ca.is_some() || cert.is_some() || key.is_some()) {
            return Err("`ca`, `cert` and `key` are for TLS; write rediss in place of redis".to_owned());
        }
        let client = match (cert, key) {
            (Some(cert), Some(key)) => Some((cert, key)),
            (None, None) => None,
            _ => return Err("`cert` and `key` go together".to_owned()),
        };
        Ok(is_tls.then_some(TlsFiles { ca, client }))
    }
}
