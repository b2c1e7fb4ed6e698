//! Nothing but its tests: stores of sessions, what they must hold, and a model of what is done with them.
