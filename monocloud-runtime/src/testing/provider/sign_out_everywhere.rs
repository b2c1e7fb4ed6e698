//! A sign-out that begins at the provider, and logout tokens without one.

use super::handle::Provider;
use super::participants::LogoutAnswer;
use super::{back_channel, logout_token};

impl Provider {
    /// Ends all sessions of a user at the provider, as an administrator would, and tells every client that somebody is
    /// signed in at with them: see
    /// [`ProviderClient::back_channel_logout_uri`](super::ProviderClient::back_channel_logout_uri). The answers come
    /// back, once all are there.
    pub async fn end_sessions_of(&self, sub: &str) -> Vec<LogoutAnswer> {
        let ended = {
            let mut memory = self.core().memory();
            memory.sessions.retain(|_, session| session.sub != sub);
            memory.participants.take_of(sub)
        };
        back_channel::tell(self.core(), &ended).await
    }

    /// What clients have answered so far that were told of a logout, whatever caused it.
    pub fn logout_answers(&self) -> Vec<LogoutAnswer> {
        self.core().memory().logout_answers.clone()
    }

    /// A logout token for the default client, about all sessions of `sub` or about the one of `sid`, spoiled by the
    /// faults that are set. To be posted by the test, as the field `logout_token` of a form.
    ///
    /// ```
    /// # use monocloud_runtime::testing::{Fault, LogoutTokenFault, Provider};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder().start().await?;
    /// let good = provider.logout_token(Some("mira"), None);
    /// provider.fault(Fault::LogoutToken(LogoutTokenFault::WithNonce));
    /// assert_ne!(provider.logout_token(Some("mira"), None), good);
    /// # Ok(())
    /// # }
    /// ```
    pub fn logout_token(&self, sub: Option<&str>, sid: Option<&str>) -> String {
        logout_token::issue(self.core(), self.client(), sub, sid)
    }
}
