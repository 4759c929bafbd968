//! The billow binary: configuration, wiring and commands.
