//! Whom the demo knows. Nobody is real; the numbers are ones the sandbox made up.

use billow_sandbox::Provider;

/// Everybody's password.
pub const PASSWORD: &str = billow_billing::identity::DEMO_PASSWORD;

/// Everybody's sign-in, in the order in which they are printed.
pub const ALL_EMAILS: [&str; 5] = ["anna@example.com", "ben@example.com", "clara@example.com", "operator@example.com", "admin@example.com"];

/// A home of the demo.
pub struct Home {
    pub name: &'static str,
    pub address: &'static str,
    pub city: &'static str,
    pub postal_code: &'static str,
    pub country: &'static str,
    pub time_zone: &'static str,
    /// Accounts in it, as (provider, number, label).
    pub accounts: &'static [(Provider, &'static str, &'static str)],
    /// Who shares it.
    pub shared_with: Option<&'static str>,
}

/// A customer of the demo.
pub struct Person {
    pub email: &'static str,
    pub name: &'static str,
    pub mobile: &'static str,
    pub locale: &'static str,
    pub time_zone: &'static str,
    pub homes: &'static [Home],
    /// Accounts that belong to no home.
    pub accounts: &'static [(Provider, &'static str, &'static str)],
}

/// The customers.
pub const PEOPLE: [Person; 3] = [
    Person {
        email: "clara@example.com",
        name: "Clara Winkler",
        mobile: "+4915111100003",
        locale: "de-DE",
        time_zone: "Europe/Berlin",
        homes: &[],
        accounts: &[(Provider::Chirp, "+491713920003", "Clara's phone")],
    },
    Person {
        email: "anna@example.com",
        name: "Anna Winkler",
        mobile: "+4915111100001",
        locale: "en-GB",
        time_zone: "Europe/Berlin",
        homes: &[
            Home {
                name: "Maple Street",
                address: "Ahornstraße 12",
                city: "Berlin",
                postal_code: "12163",
                country: "DE",
                time_zone: "Europe/Berlin",
                accounts: &[
                    (Provider::Voltara, "VT10000001", "Electricity"),
                    (Provider::Gasline, "110000000001", "Gas heating"),
                    (Provider::Aquaria, "AQ100001", "Water"),
                ],
                shared_with: Some("clara@example.com"),
            },
            Home {
                name: "Cabin by the lake",
                address: "Seeweg 4",
                city: "Templin",
                postal_code: "17268",
                country: "DE",
                time_zone: "Europe/Berlin",
                accounts: &[(Provider::Voltara, "VT10000002", "Cabin electricity")],
                shared_with: None,
            },
        ],
        accounts: &[(Provider::Ringo, "+33639980001", "Anna's mobile"), (Provider::Chirp, "+491713920001", "Tablet")],
    },
    Person {
        email: "ben@example.com",
        name: "Ben Okafor",
        mobile: "+33611110002",
        locale: "fr-FR",
        time_zone: "Europe/Paris",
        homes: &[Home {
            name: "Rue des Lilas",
            address: "27 rue des Lilas",
            city: "Lyon",
            postal_code: "69003",
            country: "FR",
            time_zone: "Europe/Paris",
            accounts: &[(Provider::Voltara, "VT10000003", "Electricity"), (Provider::Aquaria, "AQ100002", "Water")],
            shared_with: None,
        }],
        accounts: &[(Provider::Ringo, "+33639980002", "Mobile")],
    },
];
