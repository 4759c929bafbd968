//! What Billow is measured against and that is written in Rust or run from it; Mercurius is in `bench/peers`.

pub mod bare;
pub mod pgbench;
