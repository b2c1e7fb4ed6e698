//! What a tab does, step by step.

use std::time::Duration;

use futures_util::future::{join, join_all};
use url::form_urlencoded;

use crate::browser::{Ask, Browser};
use crate::invariants::Kind;
use crate::plan::{ACCOUNTS, Act, RESOURCES, Step, Wanted};

impl Browser {
    /// All steps of a tab.
    pub(crate) async fn run(self, steps: Vec<Step>) {
        for step in &steps {
            tokio::time::sleep(Duration::from_millis(step.wait.into())).await;
            self.act(step).await;
        }
    }

    async fn act(&self, step: &Step) {
        match step.act {
            Act::Page => drop(self.send(Ask::new(Kind::Handler, "/page").of(step)).await),
            Act::Tokens(wanted) => self.tokens("/tokens", wanted, step).await,
            Act::Stream(wanted) => self.tokens("/stream", wanted, step).await,
            Act::Burst(count, wanted) => {
                join_all((0..count).map(|_| self.tokens("/tokens", wanted, step))).await;
            }
            Act::Write => drop(self.send(Ask::new(Kind::Handler, "/write").of(step)).await),
            Act::UserInfo => {
                let path = "/api/auth/userinfo?refetch=true";
                self.send(Ask::new(Kind::UserInfo, path).of(step)).await;
            }
            Act::Revoke => drop(self.send(Ask::new(Kind::Handler, "/revoke").of(step)).await),
            Act::SignOut => self.sign_out(step).await,
            Act::SignOutEverywhere => self.sign_out_everywhere(step).await,
            Act::SignIn { account, again, out } => {
                self.sign_in(account, again, Some(step)).await;
                if out {
                    self.sign_out(step).await;
                }
            }
            Act::Wait(seconds) => tokio::time::sleep(Duration::from_secs(seconds.into())).await,
        }
    }

    async fn tokens(&self, of: &str, wanted: Wanted, step: &Step) {
        let path = path(of, wanted);
        let ask = Ask {
            resource: wanted.resource,
            ..Ask::new(Kind::Handler, &path).of(step)
        };
        self.send(ask).await;
    }

    async fn sign_out(&self, step: &Step) {
        let held = self.jar().held.map(|held| held.session);
        let ledger = &self.world.ledger;
        if let Some(session) = held {
            ledger.may_end(session, "somebody signs out");
        }
        let ask = Ask {
            ends: held.into_iter().collect(),
            ..Ask::new(Kind::SignOut, "/api/auth/signout").of(step)
        };
        self.send(ask).await;
    }

    async fn sign_out_everywhere(&self, step: &Step) {
        let ledger = &self.world.ledger;
        let held = self.jar().held.map(|held| held.session);
        let sub = held.and_then(|session| Some(ledger.state().sessions.get(&session)?.sub));
        let Some(sub) = sub else { return };
        let kept = ledger.kept_of(sub, self.world.now());
        for session in ledger.all_of(sub) {
            ledger.is_named(session, "its account signs out everywhere");
        }
        self.world.logouts.everywhere_begins(sub);
        let ask = Ask {
            ends: kept,
            ..Ask::new(Kind::Everywhere, "/everywhere").of(step)
        };
        self.send(ask).await;
        self.world.logouts.everywhere_ends(&self.world, sub);
    }

    /// The whole sign-in. Nobody hangs up but in its last step, which comes once more after so many milliseconds.
    pub(crate) async fn sign_in(&self, account: usize, again: Option<u32>, step: Option<&Step>) {
        let mut replaces: Vec<u32> = self.jar().held.map(|held| held.session).into_iter().collect();
        let begun = self.send(Ask::new(Kind::SignIn, "/api/auth/signin")).await;
        let issuer = &self.world.issuer;
        let callback = begun
            .and_then(|answer| answer.location)
            .and_then(|location| issuer.authorize(&location, ACCOUNTS[account]));
        let Some(callback) = callback else { return };
        self.world.chance.dither().await;
        replaces.extend(self.jar().held.map(|held| held.session));
        let ledger = &self.world.ledger;
        for session in &replaces {
            ledger.may_end(*session, "another sign-in takes its place");
        }
        let ask = Ask {
            ends: replaces,
            begins: Some(ACCOUNTS[account]),
            ..Ask::new(Kind::Callback, &callback)
        };
        let ask = match step {
            Some(step) => ask.of(step),
            None => ask,
        };
        let (first, ()) = join(self.send(ask), async {
            if let Some(after) = again {
                tokio::time::sleep(Duration::from_millis(after.into())).await;
                self.once_more(account, &callback).await;
            }
        })
        .await;
        // Whoever is asked to try again in a moment does.
        let mut left = if first.is_some_and(|answer| answer.status == 503) {
            3
        } else {
            0
        };
        while left > 0 {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let answer = self.once_more(account, &callback).await;
            left = if answer == Some(503) { left - 1 } else { 0 };
        }
    }

    /// The callback again. Which of them is done first has no say in what another has ended.
    async fn once_more(&self, account: usize, callback: &str) -> Option<u16> {
        if let Some(held) = self.jar().held {
            let ledger = &self.world.ledger;
            ledger.may_end(held.session, "a sign-in comes once more, and takes its place");
        }
        let ask = Ask {
            begins: Some(ACCOUNTS[account]),
            ..Ask::new(Kind::Callback, callback)
        };
        self.send(ask).await.map(|answer| answer.status)
    }
}

fn path(of: &str, wanted: Wanted) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if wanted.force {
        query.append_pair("force", "");
    }
    if wanted.user_info {
        query.append_pair("user_info", "");
    }
    if let Some(number) = wanted.resource {
        query.append_pair("resource", RESOURCES[number]);
    }
    format!("{of}?{}", query.finish())
}
