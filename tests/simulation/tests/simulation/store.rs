//! The way of a process to the store that all share: it has to be waited for, and calls get lost on it.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use monocloud_runtime::store::{
    BoxFuture, Claim, Coordinated, Created, Denial, Exchange, IndexKey, Lease, Listed, MemoryStore,
    NewRecord, Owner, Record, Revision, SessionStore, SharedLog, StoreError, StoreKey, Stored, Strangers,
    Updated,
};

use crate::process::Life;
use crate::trouble::{Call, Mishap};
use crate::watch::Watch;
use crate::world::World;

pub(crate) struct Shared {
    pub(crate) world: Arc<World>,
    pub(crate) watch: Arc<Watch>,
    pub(crate) life: Life,
}

pub(crate) type Answer<T> = Result<T, StoreError>;

impl Shared {
    pub(crate) fn new(world: Arc<World>, watch: Arc<Watch>, life: Life) -> Self {
        Self { world, watch, life }
    }

    fn memory(&self) -> Arc<MemoryStore> {
        self.watch.memory.clone()
    }

    /// Asks the store, as the plan has it.
    pub(crate) fn ask<T: Send + 'static>(
        &self,
        call: Call,
        real: impl Future<Output = Answer<T>> + Send + 'static,
    ) -> BoxFuture<'_, Answer<T>> {
        Box::pin(self.life.within(self.through(call, real)))
    }

    fn mishap(&self, call: Call) -> Mishap {
        let is_of_log = matches!(call, Call::Append | Call::Read);
        if is_of_log && self.life.is_silent() {
            return Mishap::Lost { done: false };
        }
        // It is read all the time, and what goes wrong is not to be over at once.
        if call == Call::Read && self.world.chance.below(4) > 0 {
            return Mishap::None;
        }
        self.world.next_mishap(call)
    }

    async fn through<T: Send + 'static>(
        &self,
        call: Call,
        real: impl Future<Output = Answer<T>> + Send + 'static,
    ) -> Answer<T> {
        let (world, life) = (&self.world, &self.life);
        let is_paced = matches!(call, Call::Begin | Call::Commit);
        if is_paced {
            world.chance.pace().await;
        }
        let mishap = self.mishap(call);
        world.chance.dither().await;
        let answer = match mishap {
            Mishap::None => real.await,
            Mishap::Lost { done } => {
                self.note(call, mishap);
                if done {
                    drop(real.await);
                }
                Err(StoreError::unreachable("a mishap of the plan"))
            }
            Mishap::Late(after) => {
                self.note(call, mishap);
                if let Some(after) = after {
                    let life = life.clone();
                    tokio::spawn(async move {
                        tokio::time::sleep(Duration::from_millis(after.into())).await;
                        let _ = real.await;
                        life.troubled();
                    });
                }
                std::future::pending().await
            }
        };
        if mishap != Mishap::None {
            life.troubled();
        }
        world.chance.dither().await;
        if is_paced || answer.is_err() {
            world.chance.pace().await;
        }
        answer
    }

    fn note(&self, call: Call, mishap: Mishap) {
        self.life.troubled();
        let number = self.life.number();
        self.world
            .ledger
            .note(format_args!("       store {call:?} of p{number} {mishap:?}"));
    }
}

fn shared(memory: &MemoryStore) -> &dyn Coordinated {
    memory.coordinated().expect("memory decides in one step")
}

impl SessionStore for Shared {
    fn get(&self, key: StoreKey) -> BoxFuture<'_, Answer<Option<Stored>>> {
        let memory = self.memory();
        self.ask(Call::Get, async move { memory.get(key).await })
    }

    fn create(&self, key: StoreKey, new: NewRecord) -> BoxFuture<'_, Answer<Created>> {
        let (memory, watch) = (self.memory(), self.watch.clone());
        let ledger = self.world.ledger.clone();
        self.ask(Call::Create, async move {
            let created = memory.create(key, new.clone()).await?;
            match created {
                Created::Created { .. } => watch.created(&new),
                Created::Denied => ledger.saw("a session is denied before it is created"),
                _ => ledger.saw("a session is created twice"),
            }
            Ok(created)
        })
    }

    fn update(&self, key: StoreKey, expected: Revision, record: Record) -> BoxFuture<'_, Answer<Updated>> {
        let (memory, watch) = (self.memory(), self.watch.clone());
        let ledger = self.world.ledger.clone();
        self.ask(Call::Update, async move {
            let updated = memory.update(key, expected, record).await?;
            match updated {
                Updated::Updated => watch.wrote(key),
                Updated::Conflict(_) => ledger.saw("a write meets another"),
                _ => ledger.saw("a session is written that has ended"),
            }
            Ok(updated)
        })
    }

    fn delete(&self, key: StoreKey, at_least: Duration) -> BoxFuture<'_, Answer<()>> {
        let memory = self.memory();
        self.ask(Call::Delete, async move { memory.delete(key, at_least).await })
    }

    fn check(&self) -> BoxFuture<'_, Answer<()>> {
        let memory = self.memory();
        self.ask(Call::Check, async move { memory.check().await })
    }

    fn coordinated(&self) -> Option<&dyn Coordinated> {
        Some(self)
    }
}

impl Coordinated for Shared {
    fn begin(&self, key: StoreKey, expected: Revision, lease: Lease) -> BoxFuture<'_, Answer<Exchange>> {
        let (memory, watch, life) = (self.memory(), self.watch.clone(), self.life.clone());
        let ledger = self.world.ledger.clone();
        self.ask(Call::Begin, async move {
            let exchange = shared(&memory).begin(key, expected, lease).await?;
            match exchange {
                Exchange::Begun { taken_over, unclear } => {
                    watch.begun(key, &life, taken_over);
                    if unclear {
                        ledger.saw("an exchange is begun that was unclear");
                    }
                }
                Exchange::Busy { .. } => ledger.saw("an exchange is under way elsewhere"),
                Exchange::Newer(_) => ledger.saw("an exchange was done elsewhere"),
                _ => {}
            }
            Ok(exchange)
        })
    }

    fn commit(
        &self,
        key: StoreKey,
        expected: Revision,
        owner: Owner,
        record: Record,
    ) -> BoxFuture<'_, Answer<Updated>> {
        let (memory, watch) = (self.memory(), self.watch.clone());
        let ledger = self.world.ledger.clone();
        self.ask(Call::Commit, async move {
            let updated = shared(&memory).commit(key, expected, owner, record).await?;
            match updated {
                Updated::Updated => watch.wrote(key),
                Updated::NotOwner => ledger.saw("an exchange is committed too late"),
                Updated::Gone => ledger.saw("a session is refreshed that has ended"),
                _ => {}
            }
            Ok(updated)
        })
    }

    fn abandon(&self, key: StoreKey, owner: Owner, unclear: bool) -> BoxFuture<'_, Answer<()>> {
        let memory = self.memory();
        self.ask(Call::Abandon, async move {
            shared(&memory).abandon(key, owner, unclear).await
        })
    }

    fn end_all(
        &self,
        whose: Vec<IndexKey>,
        denial: Denial,
        strangers: Strangers,
        lifetime: Duration,
    ) -> BoxFuture<'_, Answer<Vec<StoreKey>>> {
        let (memory, watch) = (self.memory(), self.watch.clone());
        self.ask(Call::EndAll, async move {
            let ended = shared(&memory)
                .end_all(whose.clone(), denial, strangers, lifetime)
                .await?;
            if strangers == Strangers::Deny {
                watch.denied(&whose, denial, lifetime);
            }
            Ok(ended)
        })
    }

    fn list(&self, sub: Vec<IndexKey>) -> BoxFuture<'_, Answer<Vec<Listed>>> {
        let memory = self.memory();
        self.ask(Call::List, async move { shared(&memory).list(sub).await })
    }

    fn touch(&self, key: StoreKey, summary: Bytes) -> BoxFuture<'_, Answer<()>> {
        let memory = self.memory();
        self.ask(
            Call::Touch,
            async move { shared(&memory).touch(key, summary).await },
        )
    }

    fn claim(&self, name: IndexKey, lease: Lease) -> BoxFuture<'_, Answer<Claim>> {
        let memory = self.memory();
        let ledger = self.world.ledger.clone();
        self.ask(Call::Claim, async move {
            let claim = shared(&memory).claim(name, lease).await?;
            match claim {
                Claim::InProgress => ledger.saw("a logout is under way elsewhere"),
                Claim::Done => ledger.saw("a logout was done elsewhere"),
                _ => {}
            }
            Ok(claim)
        })
    }

    fn settle(&self, name: IndexKey, owner: Owner, keep: Option<Duration>) -> BoxFuture<'_, Answer<bool>> {
        let memory = self.memory();
        self.ask(Call::Settle, async move {
            shared(&memory).settle(name, owner, keep).await
        })
    }

    fn log(&self) -> Option<&dyn SharedLog> {
        self.watch.log.is_some().then_some(self)
    }
}
