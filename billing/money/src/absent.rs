//! Ports that are not connected: for commands that move no money and make no papers, and tests of other things.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::SecretString;

use crate::gateway::*;
use crate::paper::{DocumentPaper, DocumentRenderer, ObjectStore};

/// No gateway: every request is refused.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoGateway;

fn refused<T>() -> GatewayResult<T> {
    Err(GatewayFault::Refused { code: None, message: "no gateway is connected here".into() })
}

#[async_trait]
impl Gateway for NoGateway {
    fn check(&self, _: &GatewaySettings, _: &BTreeMap<String, SecretString>) -> Result<(), Vec<String>> {
        Err(vec!["adapter: no gateway is connected here".into()])
    }
    fn mode(&self, _: &BTreeMap<String, SecretString>) -> Option<GatewayMode> {
        None
    }
    async fn account(&self, _: &GatewayAccess) -> GatewayResult<GatewayAccount> {
        refused()
    }
    async fn create_customer(&self, _: &GatewayAccess, _: &str, _: &NewGatewayCustomer) -> GatewayResult<String> {
        refused()
    }
    async fn start_setup(&self, _: &GatewayAccess, _: &str, _: &NewSetup) -> GatewayResult<Setup> {
        refused()
    }
    async fn setup_state(&self, _: &GatewayAccess, _: &str) -> GatewayResult<Setup> {
        refused()
    }
    async fn forget_method(&self, _: &GatewayAccess, _: &str) -> GatewayResult<()> {
        refused()
    }
    async fn charge(&self, _: &GatewayAccess, _: &str, _: &NewCharge) -> GatewayResult<Charge> {
        refused()
    }
    async fn charge_state(&self, _: &GatewayAccess, _: &str) -> GatewayResult<Charge> {
        refused()
    }
    async fn find_charge(&self, _: &GatewayAccess, _: &str, _: DateTime<Utc>) -> GatewayResult<Option<Charge>> {
        refused()
    }
    async fn cancel_charge(&self, _: &GatewayAccess, _: &str, _: &str) -> GatewayResult<Charge> {
        refused()
    }
    async fn refund(&self, _: &GatewayAccess, _: &str, _: &NewGatewayRefund) -> GatewayResult<GatewayRefund> {
        refused()
    }
    async fn refund_state(&self, _: &GatewayAccess, _: &str) -> GatewayResult<GatewayRefund> {
        refused()
    }
    async fn refunds_of(&self, _: &GatewayAccess, _: &str) -> GatewayResult<Vec<GatewayRefund>> {
        refused()
    }
    async fn list_charges(&self, _: &GatewayAccess, _: DateTime<Utc>, _: DateTime<Utc>, _: Option<&str>) -> GatewayResult<ChargePage> {
        refused()
    }
    fn read_webhook(&self, _: &GatewayAccess, _: Option<&str>, _: &[u8], _: DateTime<Utc>) -> Result<GatewayNotice, WebhookRefusal> {
        Err(WebhookRefusal::Forged)
    }
}

/// Nothing makes documents.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoDocuments;

#[async_trait]
impl DocumentRenderer for NoDocuments {
    async fn render(&self, _: DocumentPaper) -> Result<Vec<u8>, String> {
        Err("documents are not made here".into())
    }
}

#[async_trait]
impl ObjectStore for NoDocuments {
    async fn put(&self, _: &str, _: bytes::Bytes, _: &str) -> Result<(), String> {
        Err("documents are not kept here".into())
    }
    async fn get(&self, _: &str) -> Result<Option<bytes::Bytes>, String> {
        Ok(None)
    }
}
