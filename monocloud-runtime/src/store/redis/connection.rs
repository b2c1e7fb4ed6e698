//! A connection, whatever stands at the other end.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{MultipleNodeRoutingInfo, Route, RoutingInfo, SingleNodeRoutingInfo, SlotAddr};
use redis::{Cmd, Pipeline, RedisError, Value};

#[derive(Clone)]
pub(super) enum Connection {
    One {
        connection: MultiplexedConnection,
        /// What tells whether it is a master.
        role: Role,
    },
    /// Its replicas send away who asks them.
    Cluster(ClusterConnection),
}

/// How a server tells what it is: it may be a replica from one command to the next.
#[derive(Clone, Copy, Debug)]
pub(super) enum Role {
    Role,
    /// Where that is not allowed.
    Info,
}

/// Commands that go together, to where the key is.
#[derive(Clone)]
pub(super) struct Together {
    pub(super) key: String,
    pub(super) commands: Vec<Cmd>,
    /// Where the slot of the key is moving to, if a Cluster said so: host and port.
    pub(super) asked_of: Option<(String, u16)>,
    /// Whether it may be carried out twice: where the answer was lost, nobody knows.
    pub(super) may_repeat: bool,
}

impl Together {
    pub(super) fn new(key: &str, commands: Vec<Cmd>) -> Self {
        Self {
            key: key.to_owned(),
            commands,
            asked_of: None,
            may_repeat: false,
        }
    }

    pub(super) fn repeatable(self) -> Self {
        Self {
            may_repeat: true,
            ..self
        }
    }
}

pub(super) enum Sent {
    Answers(Vec<Value>),
    /// It was asked, and is no master: its answers are worth nothing.
    NotMaster,
}

impl Connection {
    /// Answers in the order of the commands. An error of one is that of all.
    pub(super) async fn send(&mut self, together: &Together) -> Result<Sent, RedisError> {
        let count = together.commands.len();
        let mut pipeline = Pipeline::with_capacity(count + 1);
        let mut answers = match self {
            Self::One { connection, role } => {
                pipeline.add_command(role.command());
                for command in &together.commands {
                    pipeline.add_command(command.clone());
                }
                let mut answers = connection
                    .send_packed_commands(&pipeline, 0, count + 1)
                    .await?
                    .into_iter();
                let told = answers.next().unwrap_or(Value::Nil).extract_error()?;
                if !Role::is_master(&told) {
                    return Ok(Sent::NotMaster);
                }
                answers
            }
            Self::Cluster(connection) => match together.asked_of.clone() {
                None => {
                    for command in &together.commands {
                        pipeline.add_command(command.clone());
                    }
                    let route = Route::with_key(&together.key, SlotAddr::Master);
                    let route = SingleNodeRoutingInfo::SpecificNode(route);
                    connection
                        .route_pipeline(pipeline, 0, count, route)
                        .await?
                        .into_iter()
                }
                Some((host, port)) => {
                    for command in &together.commands {
                        pipeline.add_command(redis::cmd("ASKING"));
                        pipeline.add_command(command.clone());
                    }
                    let route = SingleNodeRoutingInfo::ByAddress { host, port };
                    let answers = connection.route_pipeline(pipeline, 0, 2 * count, route).await?;
                    let answers: Vec<Value> = answers.into_iter().skip(1).step_by(2).collect();
                    answers.into_iter()
                }
            },
        };
        let answers = answers
            .by_ref()
            .map(Value::extract_error)
            .collect::<Result<_, _>>()?;
        Ok(Sent::Answers(answers))
    }
}

impl Connection {
    /// A Cluster's answers stand beside the addresses of its masters.
    pub(super) async fn ask_masters(&mut self, command: Cmd) -> Result<Value, RedisError> {
        let told = match self {
            Self::One { connection, .. } => connection.send_packed_command(&command).await?,
            Self::Cluster(connection) => {
                let masters = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
                connection.route_command(command, masters).await?
            }
        };
        told.extract_error()
    }
}

impl Role {
    pub(super) fn command(self) -> Cmd {
        match self {
            Self::Role => redis::cmd("ROLE"),
            Self::Info => {
                let mut info = redis::cmd("INFO");
                info.arg("replication");
                info
            }
        }
    }

    pub(super) fn is_master(told: &Value) -> bool {
        let is = |word: &Value| matches!(word, Value::BulkString(word) if &**word == b"master");
        match told {
            Value::Array(role) => role.first().is_some_and(is),
            Value::BulkString(info) => String::from_utf8_lossy(info)
                .lines()
                .any(|line| line == "role:master"),
            _ => false,
        }
    }
}

/// Servers answer sooner, or not at all.
pub(super) fn limits(timeout: Duration) -> redis::AsyncConnectionConfig {
    redis::AsyncConnectionConfig::new()
        .set_connection_timeout(Some(timeout))
        .set_response_timeout(Some(timeout))
}
