//! The contract of `ports::Gateway`: each case against the sandbox's card network and, where it is able, against localstripe, which
//! was written by others. What localstripe lacks is told beside the cases that are not for it.

mod charges;
mod debits;
mod faults;
mod finding;
mod keys;
mod localstripe;
mod pages;
mod refunds;
mod rig;
mod setups;
#[path = "../support/mod.rs"]
mod support;
mod webhooks;

/// Makes a test of each case, on the simulator or on both.
macro_rules! on {
    (both: $($file:ident::$case:ident),+ $(,)?) => {
        mod both {
            $(mod $case {
                #[tokio::test]
                async fn on_the_simulator() {
                    crate::$file::$case(&crate::rig::Rig::simulator().await).await;
                }

                #[tokio::test]
                async fn on_localstripe() {
                    if let Some(rig) = crate::rig::Rig::localstripe().await {
                        crate::$file::$case(&rig).await;
                    }
                }
            })+
        }
    };
    (simulator: $($file:ident::$case:ident, $lacks:literal);+ $(;)?) => {
        mod simulator {
            $(
                #[doc = concat!("Not on localstripe: ", $lacks)]
                #[tokio::test]
                async fn $case() {
                    crate::$file::$case(&crate::rig::Rig::simulator().await).await;
                }
            )+
        }
    };
}

on! { both:
    charges::a_saved_card_is_charged_and_told_with_our_ids,
    charges::a_decline_is_an_answer,
    charges::a_payment_nobody_knows_is_refused,
    charges::a_payment_that_waits_for_its_customer_can_be_called_off,
    charges::a_payment_that_succeeded_cannot_be_called_off,
    charges::a_method_nobody_knows_is_refused,
    charges::a_wrong_key_is_refused_and_told_to_nobody,
    finding::a_charge_is_found_by_its_attempt,
    finding::the_charges_of_a_time_are_listed,
    refunds::money_is_given_back_in_parts,
    refunds::a_declined_payment_has_nothing_to_give_back,
}

on! { simulator:
    charges::each_decline_has_its_kind, "it has two declining cards";
    charges::a_card_that_asks_is_declined_without_its_owner_and_confirmed_with_them, "it has no page to confirm on";
    charges::a_currency_that_is_counted_otherwise_is_not_charged, "it takes any amount of any currency";
    debits::a_debit_is_processing_for_days_and_then_paid, "its debits answer by its own clock";
    debits::a_debit_can_fail_after_days, "its debits answer by its own clock";
    debits::a_debit_is_set_up_with_a_mandate, "its setups have no mandates and are not confirmed when they are made";
    faults::an_answer_lost_after_the_fact_is_unknown_and_found_again, "it fails only when it is wrong";
    faults::a_request_lost_on_its_way_is_unknown_and_was_not_done, "it fails only when it is wrong";
    faults::answers_that_cannot_be_read_are_unknown, "it fails only when it is wrong";
    faults::a_late_answer_is_unknown, "it fails only when it is wrong";
    faults::being_told_to_wait_is_not_asked, "it never asks anybody to wait";
    faults::nobody_listening_is_not_asked, "a port nobody listens on is the same for all";
    faults::faults_never_tell_the_secret_key, "it fails only when it is wrong";
    finding::a_search_that_lags_finds_later, "it has no search";
    finding::many_charges_come_in_pages, "it knows no bounds of time, and its order is another";
    finding::a_page_nobody_paid_on_is_found, "it has no pages";
    keys::the_account_of_a_key_is_read, "it has no accounts";
    keys::the_same_call_twice_is_one_charge, "it has no idempotency keys";
    keys::a_key_with_other_content_is_refused, "it has no idempotency keys";
    keys::a_key_in_use_is_unknown, "it has no idempotency keys";
    keys::a_kept_server_error_stays_one, "it has no idempotency keys";
    keys::a_refused_call_keeps_nothing, "it has no idempotency keys";
    keys::customers_setups_and_refunds_are_made_once, "it has no idempotency keys";
    pages::a_page_is_paid_on, "it has no pages";
    pages::a_page_on_which_the_bank_declined_has_failed, "it has no pages";
    pages::a_page_somebody_left_stays_open_until_it_is_called_off, "it has no pages";
    pages::a_page_ends_by_itself, "it has no pages";
    pages::a_page_takes_a_card_that_asks, "it has no pages";
    refunds::more_than_was_paid_is_not_given_back, "it gives back any amount";
    refunds::a_refund_can_take_days_and_can_come_back, "its refunds succeed at once";
    setups::a_card_is_saved_by_its_token, "its setups are not confirmed when they are made";
    setups::a_card_that_is_refused_cannot_be_saved, "its setups are not confirmed when they are made";
    setups::a_setup_that_asks_waits_for_its_owner, "it has no page to confirm on";
    setups::a_card_is_saved_on_a_page, "it has no pages";
    setups::a_page_that_ends_saved_nothing, "it has no pages";
    setups::a_method_is_forgotten_once_and_for_all, "its methods are attached again after that";
    webhooks::what_happens_is_told_and_believed_by_its_signature, "see the test of its own";
    webhooks::webhooks_can_come_twice_late_and_in_any_order, "it sends each once";
}
