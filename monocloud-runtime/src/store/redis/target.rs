//! How a connection is made, and what is asked of the servers before it is used.

use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::sentinel::{SentinelClientBuilder, SentinelServerType};
use redis::{
    Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo as _, RedisConnectionInfo, RedisError,
    RedisResult, TlsCertificates,
};

use super::connection::{Connection, Role, limits};
use super::failed::store_error;
use super::policy::{Policy, is_not_allowed};
use super::tls::{certificates, name_the_provider};
use crate::config::redis::{Login, RedisAddress, Topology};
use crate::store::StoreError;

#[derive(Debug)]
pub(super) struct Target {
    pub(super) address: RedisAddress,
    /// Whether a server that does not tell its eviction policy is believed to have the right one.
    pub(super) assume_noeviction: bool,
}

impl Target {
    /// Whether somebody else may be asked where the servers are.
    pub(super) fn has_others(&self) -> bool {
        !matches!(self.address.topology, Topology::One { .. })
    }

    /// A connection to a server, or servers, that are fit for sessions.
    pub(super) async fn open(&self) -> Result<Connection, StoreError> {
        let failed = |error: RedisError| store_error(&error, self.address.timeout);
        match &self.address.topology {
            Topology::One { database } => {
                let client = self.server(*database)?;
                self.checked(&client).await
            }
            Topology::Sentinel {
                service,
                database,
                login,
            } => {
                let mut sentinel = self.sentinel(service, *database, login)?;
                let client = sentinel.async_get_client().await.map_err(failed)?;
                self.checked(&client).await
            }
            Topology::Cluster => {
                let client = self.cluster()?;
                let mut connection =
                    Connection::Cluster(client.get_async_connection().await.map_err(failed)?);
                let policy = Policy::of(&mut connection).await.map_err(failed)?;
                policy.check(self.assume_noeviction)?;
                Ok(connection)
            }
        }
    }

    async fn checked(&self, client: &Client) -> Result<Connection, StoreError> {
        let failed = |error: RedisError| store_error(&error, self.address.timeout);
        let limits = limits(self.address.timeout);
        let connection = client.get_multiplexed_async_connection_with_config(&limits);
        let mut connection = Connection::One {
            connection: connection.await.map_err(failed)?,
            role: Role::Role,
        };
        let told = match connection.ask_masters(Role::Role.command()).await {
            Err(error) if is_not_allowed(&error) => {
                if let Connection::One { role, .. } = &mut connection {
                    *role = Role::Info;
                }
                connection.ask_masters(Role::Info.command()).await
            }
            told => told,
        };
        if !Role::is_master(&told.map_err(failed)?) {
            return Err(not_master());
        }
        let policy = Policy::of(&mut connection).await.map_err(failed)?;
        policy.check(self.assume_noeviction)?;
        Ok(connection)
    }

    fn server(&self, database: u16) -> Result<Client, StoreError> {
        let info = |address: ConnectionAddr| address.into_connection_info();
        let address = self.addresses().into_iter().next();
        let address = address.ok_or_else(|| StoreError::other("no host"))?;
        let info = info(address).map_err(|error| StoreError::other(error.to_string()))?;
        let info = info.set_redis_settings(settings(&self.address.login).set_db(database.into()));
        let client = match self.certificates()? {
            Some(certificates) => Client::build_with_tls(info, certificates),
            None => Client::open(info),
        };
        client.map_err(|error| StoreError::other(error.to_string()))
    }

    fn sentinel(
        &self,
        service: &str,
        database: u16,
        login: &Login,
    ) -> Result<redis::sentinel::SentinelClient, StoreError> {
        let build = |certificates: Option<TlsCertificates>| -> RedisResult<_> {
            let mut builder =
                SentinelClientBuilder::new(self.addresses(), service, SentinelServerType::Master)?
                    .set_client_to_redis_db(database.into());
            if let Some(certificates) = certificates {
                builder = builder
                    .set_client_to_redis_tls_mode(redis::TlsMode::Secure)
                    .set_client_to_redis_certificates(certificates.clone())
                    .set_client_to_sentinel_tls_mode(redis::TlsMode::Secure)
                    .set_client_to_sentinel_certificates(certificates);
            }
            if let Some(user) = &self.address.login.user {
                builder = builder.set_client_to_redis_username(user);
            }
            if let Some(password) = &self.address.login.password {
                builder = builder.set_client_to_redis_password(password.reveal());
            }
            if let Some(user) = &login.user {
                builder = builder.set_client_to_sentinel_username(user);
            }
            if let Some(password) = &login.password {
                builder = builder.set_client_to_sentinel_password(password.reveal());
            }
            builder.build()
        };
        build(self.certificates()?).map_err(|error| StoreError::other(error.to_string()))
    }

    /// Without its retries: they would carry out twice what was carried out, and whose answer was lost.
    fn cluster(&self) -> Result<ClusterClient, StoreError> {
        let login = settings(&self.address.login);
        let build = |certificates: Option<TlsCertificates>| -> RedisResult<_> {
            let nodes: Vec<ConnectionInfo> = self
                .addresses()
                .into_iter()
                .map(|address| Ok(address.into_connection_info()?.set_redis_settings(login.clone())))
                .collect::<RedisResult<_>>()?;
            let mut builder = ClusterClientBuilder::new(nodes)
                .retries(0)
                .connection_timeout(self.address.timeout)
                .response_timeout(self.address.timeout);
            if let Some(certificates) = certificates {
                builder = builder.certs(certificates);
            }
            builder.build()
        };
        build(self.certificates()?).map_err(|error| StoreError::other(error.to_string()))
    }

    fn addresses(&self) -> Vec<ConnectionAddr> {
        let address = |(host, port): &(String, u16)| match self.address.tls {
            Some(_) => ConnectionAddr::TcpTls {
                host: host.clone(),
                port: *port,
                insecure: false,
                tls_params: None,
            },
            None => ConnectionAddr::Tcp(host.clone(), *port),
        };
        self.address.hosts.iter().map(address).collect()
    }

    fn certificates(&self) -> Result<Option<TlsCertificates>, StoreError> {
        let Some(files) = &self.address.tls else {
            return Ok(None);
        };
        name_the_provider();
        certificates(files).map(Some).map_err(StoreError::other)
    }
}

pub(super) fn not_master() -> StoreError {
    StoreError::Unfit("the server is a replica: what it has may be old".to_owned())
}

fn settings(login: &Login) -> RedisConnectionInfo {
    let mut settings = RedisConnectionInfo::default();
    if let Some(user) = &login.user {
        settings = settings.set_username(user);
    }
    if let Some(password) = &login.password {
        settings = settings.set_password(password.reveal());
    }
    settings
}
