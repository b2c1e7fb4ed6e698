//! Links of a page to the sign-in and sign-out routes, and the answer that goes there.

use super::handle::Auth;
use crate::request::is_htmx;
use crate::respond::SignIn;
use crate::sign_in::SignInUrl;
use crate::sign_out::SignOutUrl;

impl Auth {
    /// Where to sign in, for a link in the page that this request asks for: it comes back to that page, where HTMX asks
    /// for a fragment to the page around it, and from a form's answer to the page of the form.
    pub fn sign_in_url(&self) -> SignInUrl {
        let client = self.client();
        client.sign_in_url().back_to(self.asked.head().return_url(client))
    }

    /// The answer that sends the browser to sign in, from where it comes back as from [`Auth::sign_in_url`].
    pub fn sign_in(&self) -> SignIn {
        SignIn::from(self.sign_in_url()).by_htmx(is_htmx(&self.asked.parts.headers))
    }

    /// Where to sign up, for a link in the page that this request asks for: it comes back to that page.
    pub fn sign_up_url(&self) -> SignInUrl {
        let client = self.client();
        client.sign_up_url().back_to(self.asked.head().return_url(client))
    }

    /// Where to sign out, for a link.
    pub fn sign_out_url(&self) -> SignOutUrl {
        self.client().sign_out_url()
    }
}
