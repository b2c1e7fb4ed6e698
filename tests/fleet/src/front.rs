//! One address for several processes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{Response, StatusCode};
use reqwest::Client;
use support::Served;

use crate::forward::{Between, bad_gateway, client, forward, serve};

const ALL: usize = usize::MAX;

/// Sends each request to the next process, and to another where that one is gone. It has its address before there is
/// anybody behind it.
#[derive(Debug)]
pub struct Front {
    served: Served,
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    client: Client,
    behind: Mutex<Vec<String>>,
    only: AtomicUsize,
    next: AtomicUsize,
    /// The path of each POST that was answered with 200.
    done: Mutex<Vec<String>>,
}

impl Front {
    /// At `localhost`.
    pub async fn start() -> Self {
        let inner = Arc::new(Inner {
            client: client(),
            behind: Mutex::default(),
            only: AtomicUsize::new(ALL),
            next: AtomicUsize::new(0),
            done: Mutex::default(),
        });
        Self {
            served: serve(&inner).await,
            inner,
        }
    }

    /// The site's URL, without a slash at its end.
    pub fn url(&self) -> &str {
        &self.served.url
    }

    /// The URL of a path.
    pub fn at(&self, path: &str) -> String {
        self.served.at(path)
    }

    /// From now on these are behind it.
    pub fn lead_to(&self, urls: Vec<String>) {
        *self.inner.behind() = urls;
    }

    /// From now on only one of them is, by its number; or all are.
    pub fn only(&self, one: Option<usize>) {
        self.inner.only.store(one.unwrap_or(ALL), Ordering::Relaxed);
    }

    /// How often a POST to this path was answered with 200.
    pub fn done(&self, path: &str) -> usize {
        let done = self.inner.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.iter().filter(|done| *done == path).count()
    }
}

impl Between for Inner {
    async fn answer(&self, parts: Parts, body: Bytes) -> Response<Bytes> {
        for url in self.in_turn() {
            match forward(&self.client, &url, &parts, body.clone()).await {
                // What was sent may have been done.
                Err(error) if error.is_connect() => {}
                Err(_) => break,
                Ok(answer) => {
                    if parts.method == "POST" && answer.status() == StatusCode::OK {
                        let path = parts.uri.path().to_owned();
                        self.done
                            .lock()
                            .unwrap_or_else(PoisonError::into_inner)
                            .push(path);
                    }
                    return answer;
                }
            }
        }
        bad_gateway()
    }
}

impl Inner {
    fn in_turn(&self) -> Vec<String> {
        let mut behind = self.behind().clone();
        if let Some(only) = behind.get(self.only.load(Ordering::Relaxed)) {
            return vec![only.clone()];
        }
        if !behind.is_empty() {
            let first = self.next.fetch_add(1, Ordering::Relaxed) % behind.len();
            behind.rotate_left(first);
        }
        behind
    }

    fn behind(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.behind.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
