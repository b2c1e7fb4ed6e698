//! An app under test on a real listener, and a user-agent to visit it.
