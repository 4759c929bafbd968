//! Texts and tables that others wrote, read the same way wherever they come in: fetched, posted, dropped or imported. Pure.

pub mod charset;
pub mod table;
