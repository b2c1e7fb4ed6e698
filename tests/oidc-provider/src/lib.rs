//! `oidc-provider` from npm as a peer.
