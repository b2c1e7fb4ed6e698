//! Nothing but its tests: refresh and sign-out, simulated on one thread in virtual time.
