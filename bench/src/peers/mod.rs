//! What Billow is measured against and that is written in Rust; Mercurius is in `bench/peers`.

pub mod bare;
