//! As many arguments as axum takes.

/// Calls `$each` with the names of the arguments behind the first, for each number of them.
macro_rules! for_each_arity {
    ($each:ident) => {
        $each!();
        $each!(A2);
        $each!(A2 A3);
        $each!(A2 A3 A4);
        $each!(A2 A3 A4 A5);
        $each!(A2 A3 A4 A5 A6);
        $each!(A2 A3 A4 A5 A6 A7);
        $each!(A2 A3 A4 A5 A6 A7 A8);
        $each!(A2 A3 A4 A5 A6 A7 A8 A9);
        $each!(A2 A3 A4 A5 A6 A7 A8 A9 A10);
        $each!(A2 A3 A4 A5 A6 A7 A8 A9 A10 A11);
        $each!(A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12);
        $each!(A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13);
        $each!(A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14);
        $each!(A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15);
        $each!(A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 A16);
    };
}
pub(super) use for_each_arity;
