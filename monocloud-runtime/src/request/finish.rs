//! What the response of a request gets: cookies, and the headers that keep it out of caches.

use http::HeaderMap;
use http::header::SET_COOKIE;

use super::caching::{Privacy, restrict};
use super::session_cookies::Write;
use super::state::{RequestAuth, Who};

impl RequestAuth {
    /// Writes what was decided into the response's headers.
    pub(crate) fn finish(&self, headers: &mut HeaderMap) {
        let mut state = self.state();
        state.finished = true;
        let mut cookies = std::mem::take(&mut state.transactions);
        let by_token = self.access_token().was_asked();
        if cookies.is_empty() && matches!(state.who, Who::NotAsked) && !by_token {
            return;
        }
        // In a store there are none older.
        if self.client().keeping().is_none()
            && matches!(state.write, Some(Write::Set(_)))
            && let Some(record) = state.who.record()
            && let Some(newer) = self.client().refreshes().newer(record)
        {
            // Older tokens never take the place of newer ones.
            self.catch_up(&mut state, &newer);
            cookies.append(&mut state.transactions);
        }
        match state.write.take() {
            // A session that ended meanwhile is not brought back; nor is its cookie deleted, since the
            // browser may have that of a newer one by now.
            Some(Write::Set(session)) => {
                let denials = self.client().denials();
                if state.who.record().is_some_and(|record| !denials.denies(record)) {
                    cookies.extend(session);
                }
            }
            Some(Write::Delete(session)) => cookies.extend(session),
            None => {}
        }
        drop(state);
        let sets = !cookies.is_empty();
        for cookie in cookies {
            headers.append(SET_COOKIE, cookie);
        }
        let privacy = if sets {
            Privacy::SetsCookie
        } else if self.provenance().has_let_in() {
            Privacy::LetIn
        } else {
            Privacy::Depends
        };
        restrict(headers, privacy, self.client().bearer().is_some());
    }
}
