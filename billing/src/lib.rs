//! The business: nouns, rules, ports, ledger of events, clock.
