//! Through the front door: requests and sockets against the real router, jobs run by hand, a manual clock, both databases.

mod admin;
mod bad_days;
mod bill_reading;
mod budgets;
mod confirmation;
mod connectors_meet_sandbox;
mod customer;
mod disk;
mod events;
mod examples;
mod hostile;
mod live;
mod migrations;
mod money;
mod operator;
mod passkeys;
mod prepaid;
mod providers;
mod reminders;
mod scheduling;
mod second_factor;
mod strangers;
mod way_in;
