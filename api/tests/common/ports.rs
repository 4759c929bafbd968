//! Ports that take everything, and a provider that answers what it was told.

use std::collections::VecDeque;

use async_trait::async_trait;
use billow_billing::ports::{
    Connector, DefinitionProblem, FetchOutcome, FetchReply, FetchRequest, FetchedAmount, FetchedBill, Mail, Mailer, MessageContext,
    PushMessage, PushSender, Rendered, Renderer, SendOutcome, Sms, SmsSender, Waker, Wakeup,
};
use billow_billing::providers::ProviderDefinition;
use parking_lot::Mutex;

/// Every port in one.
#[derive(Default)]
pub struct FakePorts {
    /// Given to fetches in turn; `NoneDue` when there is nothing more.
    pub replies: Mutex<VecDeque<FetchReply>>,
}

impl FakePorts {
    fn reply(&self) -> FetchReply {
        self.replies.lock().pop_front().unwrap_or_else(|| FetchReply::of(FetchOutcome::NoneDue))
    }

    /// The next fetch brings one bill.
    pub fn next_bill(&self, number: &str, account: Option<&str>, amount_minor: i64) {
        let bill = FetchedBill {
            number: number.into(),
            amount: FetchedAmount::Minor { minor: amount_minor },
            currency: None,
            issued_on: None,
            due_on: "2026-12-05".parse().ok(),
            period_start: None,
            period_end: None,
            usage: None,
            lines: Vec::new(),
            min_amount: None,
            max_amount: None,
            account: account.map(str::to_owned),
            status: None,
            replaces: None,
            former_number: None,
        };
        self.replies.lock().push_back(FetchReply::of(FetchOutcome::Bills(vec![bill])));
    }
}

#[async_trait]
impl Connector for FakePorts {
    fn check(&self, _definition: &ProviderDefinition) -> Result<(), Vec<DefinitionProblem>> {
        Ok(())
    }

    async fn fetch(&self, _request: FetchRequest) -> FetchReply {
        self.reply()
    }

    async fn read_pushed(&self, _definition: &ProviderDefinition, _content_type: &str, _body: bytes::Bytes) -> FetchReply {
        self.reply()
    }
}

#[async_trait]
impl PushSender for FakePorts {
    fn check_endpoint(&self, _endpoint: &str) -> Result<(), String> {
        Ok(())
    }

    fn public_key(&self) -> Option<String> {
        Some("BFake".into())
    }

    async fn send(&self, _message: PushMessage) -> SendOutcome {
        SendOutcome::Sent
    }
}

#[async_trait]
impl Mailer for FakePorts {
    async fn send(&self, _mail: Mail) -> SendOutcome {
        SendOutcome::Sent
    }
}

#[async_trait]
impl SmsSender for FakePorts {
    fn available(&self) -> bool {
        true
    }

    async fn send(&self, _sms: Sms) -> SendOutcome {
        SendOutcome::Sent
    }
}

impl Renderer for FakePorts {
    fn render(&self, message: &MessageContext) -> Result<Rendered, String> {
        let text = message.template.clone();
        Ok(Rendered { title: text.clone(), body: text.clone(), text: text.clone(), html: text.clone(), sms: text })
    }
}

#[async_trait]
impl Waker for FakePorts {
    async fn wake(&self, _wakeup: Wakeup) {}
}
