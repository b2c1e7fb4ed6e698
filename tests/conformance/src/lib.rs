//! Nothing but its tests: what a relying party must do when its issuer is right, wrong, late or away.
