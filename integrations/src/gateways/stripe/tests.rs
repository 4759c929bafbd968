//! What no server has to be asked for.
