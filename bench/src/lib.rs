//! The load driver and the peers it is measured against.
