//! The daily reconciliation: what a gateway says it charged and refunded on a day, held against our attempts, refunds and
//! ledger. It finds and tells; it moves no money.

mod books;
mod compare;
mod find;
mod resolve;
mod run;
