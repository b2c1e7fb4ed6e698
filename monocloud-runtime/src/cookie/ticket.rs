//! The ticket of a session that lies in a store: what the session's cookie has in place of the session.
//!
//! It has the envelope of all cookies, and a purpose of its own: neither is ever taken for the other.

use super::read::Sent;
use super::sealed::{Chunked, Seal, TooMany};
use crate::config::CookieAttributes;
use crate::crypto::{Purpose, TICKET, Ticket};

const FORMAT: u8 = 1;

/// A browser has one. With more than these, some of them planted by a sibling domain, nobody is looked up.
const MAX_TICKETS: usize = 4;

/// A ticket that a request carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SentTicket {
    pub(crate) ticket: Ticket,
    /// It was sealed with an earlier cookie secret.
    pub(crate) reseal: bool,
}

impl Seal<'_> {
    /// The cookie with a ticket. `None` where the attributes leave no room for it.
    pub(crate) fn seal_ticket(&self, attributes: &CookieAttributes, ticket: &Ticket) -> Option<Chunked> {
        let mut front = [FORMAT; 1 + TICKET];
        front[1..].copy_from_slice(ticket.as_bytes());
        self.seal(attributes, (Purpose::Ticket, &front), (Purpose::Ticket, &[]))
    }

    /// The tickets that were sent under this name, each once, and whether they are all and few enough to be looked up.
    pub(crate) fn open_tickets(&self, sent: &Sent<'_>) -> (Vec<SentTicket>, Result<(), TooMany>) {
        let mut found: Vec<SentTicket> = Vec::new();
        let tried = self.open(Purpose::Ticket, sent, |front| {
            let ticket = ticket_of(front.buffer.get(front.plaintext())?)?;
            let reseal = !self.keys.is_current(front.key);
            if let Some(known) = found.iter_mut().find(|known| known.ticket == ticket) {
                known.reseal |= reseal;
            } else {
                found.push(SentTicket { ticket, reseal });
            }
            None::<()>
        });
        let are_few = match tried {
            Ok(_) if found.len() <= MAX_TICKETS => Ok(()),
            _ => Err(TooMany),
        };
        (found, are_few)
    }
}

fn ticket_of(front: &[u8]) -> Option<Ticket> {
    let (format, bytes) = front.split_first()?;
    (*format == FORMAT).then_some(Ticket::from_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use http::header::{COOKIE, SET_COOKIE};
    use http::{HeaderMap, HeaderValue};

    use super::{FORMAT, MAX_TICKETS, SentTicket, TooMany};
    use crate::clock::Clock;
    use crate::config::{CookieAttributes, SameSite};
    use crate::cookie::{Chunked, Cookies, Seal};
    use crate::crypto::{KeyRing, Purpose, Ticket};

    const NAME: &str = "session";
    const SECRET: &str = "a secret of the tests, 32 bytes long";
    const NOW: i64 = 20_000 * DAY;
    const DAY: i64 = 86_400;
    const LONGEST: i64 = 7 * DAY;

    fn ring(clock: &Clock) -> KeyRing {
        KeyRing::new(&["app"], SECRET, [], clock.clone(), LONGEST)
    }

    fn rotated(clock: &Clock) -> KeyRing {
        let secret = "another secret of the tests, longer";
        KeyRing::new(&["app"], secret, [SECRET], clock.clone(), LONGEST)
    }

    fn seal(keys: &KeyRing, now: i64) -> Seal<'_> {
        Seal {
            keys,
            name: NAME,
            now,
        }
    }

    fn attributes() -> CookieAttributes {
        CookieAttributes {
            name: NAME.to_owned(),
            path: "/".to_owned(),
            domain: None,
            http_only: true,
            secure: true,
            same_site: SameSite::Lax,
            persistent: true,
        }
    }

    /// What a browser sends of it.
    fn header(sealed: &Chunked) -> String {
        let mut headers = HeaderMap::new();
        headers.extend(sealed.set(&attributes(), 1).map(|cookie| (SET_COOKIE, cookie)));
        let pairs = headers.values().map(|cookie| {
            let cookie = cookie.to_str().expect("text");
            cookie.split(';').next().expect("it has a pair").to_owned()
        });
        pairs.collect::<Vec<_>>().join("; ")
    }

    fn cookies(header: &str) -> Cookies {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_str(header).expect("text"));
        Cookies::take(&mut headers)
    }

    fn sealed(seal: Seal<'_>, ticket: &Ticket) -> String {
        header(&seal.seal_ticket(&attributes(), ticket).expect("it is small"))
    }

    fn opened(seal: Seal<'_>, header: &str) -> Result<Vec<SentTicket>, TooMany> {
        let (found, are_all) = seal.open_tickets(&cookies(header).named(NAME));
        are_all.map(|()| found)
    }

    fn one(ticket: &Ticket, reseal: bool) -> Vec<SentTicket> {
        let ticket = ticket.clone();
        vec![SentTicket { ticket, reseal }]
    }

    #[test]
    fn a_ticket_is_opened_as_it_was_sealed_and_is_one_small_cookie() {
        let keys = ring(&Clock::fixed(NOW));
        let ticket = Ticket::random();
        let sent = sealed(seal(&keys, NOW), &ticket);
        assert_eq!(opened(seal(&keys, NOW), &sent), Ok(one(&ticket, false)));
        assert!(
            sent.len() < 130 && !sent.contains(';'),
            "{} characters",
            sent.len()
        );
        let other_name = Seal {
            name: "sessio",
            ..seal(&keys, NOW)
        };
        let moved = sent.replace("session=", "sessio=");
        let moved = other_name.open_tickets(&cookies(&moved).named("sessio"));
        assert_eq!(moved, (Vec::new(), Ok(())));
    }

    #[test]
    fn a_ticket_is_never_a_session_and_the_other_way_round() {
        let keys = ring(&Clock::fixed(NOW));
        let seal = seal(&keys, NOW);
        let front = [&[FORMAT][..], &[7; 32]].concat();
        for purpose in [
            Purpose::Session,
            Purpose::SessionContents,
            Purpose::SessionSummary,
            Purpose::Transaction,
        ] {
            let other = seal.seal(&attributes(), (purpose, &front), (purpose, &[]));
            let other = header(&other.expect("it is small"));
            assert_eq!(opened(seal, &other), Ok(Vec::new()), "{purpose:?}");
            let ticket = sealed(seal, &Ticket::from_bytes([7; 32]));
            let taken = seal.open(purpose, &cookies(&ticket).named(NAME), |_| Some(()));
            assert_eq!(taken, Ok(None), "{purpose:?}");
            assert!(seal.is_ours(&cookies(&ticket).named(NAME)));
        }
    }

    #[test]
    fn a_ticket_dies_with_the_longest_session_life() {
        let clock = Clock::fixed(NOW);
        let keys = ring(&clock);
        let ticket = Ticket::random();
        let sent = sealed(seal(&keys, NOW), &ticket);
        let last = NOW + LONGEST + DAY - 1;
        assert_eq!(opened(seal(&keys, last), &sent), Ok(one(&ticket, false)));
        assert_eq!(opened(seal(&keys, last + 1), &sent), Ok(Vec::new()));
    }

    #[test]
    fn an_earlier_secret_opens_and_is_told() {
        let clock = Clock::fixed(NOW);
        let (before, after) = (ring(&clock), rotated(&clock));
        let ticket = Ticket::random();
        let earlier = sealed(seal(&before, NOW), &ticket);
        let later = sealed(seal(&after, NOW), &ticket);
        assert_eq!(opened(seal(&after, NOW), &earlier), Ok(one(&ticket, true)));
        assert_eq!(opened(seal(&after, NOW), &later), Ok(one(&ticket, false)));
        assert_eq!(opened(seal(&before, NOW), &later), Ok(Vec::new()));
        let both = format!("{later}; {earlier}");
        assert_eq!(opened(seal(&after, NOW), &both), Ok(one(&ticket, true)));
    }

    #[test]
    fn copies_count_once_and_more_than_a_few_are_too_many() {
        let keys = ring(&Clock::fixed(NOW));
        let seal = seal(&keys, NOW);
        let tickets: Vec<_> = (0..=MAX_TICKETS).map(|_| Ticket::random()).collect();
        let header = |tickets: &[Ticket]| {
            let twice = tickets.iter().chain(tickets);
            let pairs: Vec<_> = twice.map(|ticket| sealed(seal, ticket)).collect();
            pairs.join("; ")
        };
        let found = opened(seal, &header(&tickets[1..])).expect("as many as are looked up");
        let found: Vec<_> = found.into_iter().map(|sent| sent.ticket).collect();
        assert_eq!(found, tickets[1..]);
        let cookies = cookies(&header(&tickets));
        let (found, are_all) = seal.open_tickets(&cookies.named(NAME));
        assert_eq!(
            (found.len(), are_all),
            (MAX_TICKETS + 1, Err(TooMany)),
            "each can be ended"
        );
    }

    #[test]
    fn another_format_or_length_is_none() {
        let keys = ring(&Clock::fixed(NOW));
        let seal = seal(&keys, NOW);
        for front in [
            &[FORMAT + 1; 33][..],
            &[FORMAT; 32],
            &[FORMAT; 34],
            &[FORMAT],
            &[],
        ] {
            let sent = seal.seal(&attributes(), (Purpose::Ticket, front), (Purpose::Ticket, &[]));
            let sent = header(&sent.expect("it is small"));
            assert_eq!(opened(seal, &sent), Ok(Vec::new()), "{front:?}");
        }
    }
}
