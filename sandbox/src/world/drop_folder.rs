//! The folder into which Aquaria drops its bills: one CSV file for each month of issue, always a picture of the books.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use chrono::{Datelike, NaiveDate};

use super::bill::{Bill, BillStatus, LineKind, decimal, month_back};
use super::faults::{Fault, Mishaps};
use super::{Provider, SandboxState};
use crate::SandboxError;

/// How large the file is that stands for one without an end.
const ENDLESS_BYTES: usize = 64 << 20;
const HEADER: &str = "contrato;factura;emitida;vence;desde;hasta;m3;importe;moneda;estado;consumo;cuota_fija;bonificacion;iva\n";

/// The months for which there is a file, oldest first.
pub(crate) fn drop_months(state: &SandboxState) -> Vec<NaiveDate> {
    let books = state.inner.books.lock();
    let bills = books.get(&Provider::Aquaria).into_iter().flat_map(|b| b.values()).flat_map(|a| &a.bills);
    bills.map(|b| month_back(b.issued_on, 0)).collect::<BTreeSet<_>>().into_iter().collect()
}

/// A month's file as text, with what is wrong with its facts, but whole.
pub(crate) fn drop_file(state: &SandboxState, month: NaiveDate) -> String {
    let mut out = String::from(HEADER);
    for summary in state.accounts(Provider::Aquaria, usize::MAX) {
        let mishaps = state.standing_mishaps(Provider::Aquaria, Some(&summary.account));
        let missing = |f: &Fault| !spoils_bytes(f);
        if mishaps.transport.as_ref().is_some_and(missing) {
            continue;
        }
        for bill in state.bills(Provider::Aquaria, &summary.account).into_iter().filter(|b| month_back(b.issued_on, 0) == month) {
            push_row(&mut out, &mishaps.wrong.account(&summary.account), &mishaps.wrong.apply(bill));
        }
    }
    out
}

fn push_row(out: &mut String, account: &str, bill: &Bill) {
    let day = |d: NaiveDate| d.format("%d-%m-%Y").to_string();
    let comma = |minor: i64| decimal(minor).replace('.', ",");
    let of = |kind: LineKind| comma(bill.lines.iter().filter(|l| l.kind == kind).map(|l| l.amount_minor).sum());
    let state = match bill.status {
        BillStatus::Open => "PENDIENTE",
        BillStatus::Paid => "PAGADA",
        BillStatus::Cancelled => "ANULADA",
    };
    let fields = [
        account.to_owned(),
        bill.number.clone(),
        day(bill.issued_on),
        day(bill.due_on),
        day(bill.period_start),
        day(bill.period_end),
        bill.usage().replace('.', ","),
        comma(bill.amount_minor),
        bill.currency.clone(),
        state.to_owned(),
        of(LineKind::Usage),
        of(LineKind::Fixed),
        of(LineKind::Credit),
        of(LineKind::Tax),
    ];
    let _ = writeln!(out, "{}", fields.join(";"));
}

const fn spoils_bytes(fault: &Fault) -> bool {
    matches!(fault, Fault::Truncated | Fault::CutShort | Fault::NotJson | Fault::Endless | Fault::GzipBomb)
}

impl SandboxState {
    /// Writes the drop folder anew. Only files that differ are touched, each by a rename, so that nobody reads half of one.
    pub(crate) fn write_drop(&self) -> Result<(), SandboxError> {
        let _one_at_a_time = self.inner.drop_lock.lock();
        let folder = self.inner.drop_root.join("aquaria");
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| SandboxError::Drop { path, source }
        };
        std::fs::create_dir_all(&folder).map_err(failed(&folder))?;
        let months = drop_months(self);
        let mishaps = self.standing_mishaps(Provider::Aquaria, None);
        let mut wanted = BTreeSet::new();
        for month in months {
            let Some(bytes) = spoil(drop_file(self, month), &mishaps) else { continue };
            let name = format!("aquaria-{}-{:02}.csv", month.year(), month.month());
            let path = folder.join(&name);
            wanted.insert(name);
            if std::fs::read(&path).is_ok_and(|present| present == bytes) {
                continue;
            }
            let part = path.with_extension("part");
            std::fs::write(&part, &bytes).and_then(|()| std::fs::rename(&part, &path)).map_err(failed(&path))?;
        }
        for entry in std::fs::read_dir(&folder).map_err(failed(&folder))? {
            let entry = entry.map_err(failed(&folder))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with("aquaria-") && name.ends_with(".csv") && !wanted.contains(&name) {
                std::fs::remove_file(entry.path()).map_err(failed(&entry.path()))?;
            }
        }
        Ok(())
    }
}

/// What a fault of the whole provider makes of a file; none when the file does not come at all.
fn spoil(text: String, mishaps: &Mishaps) -> Option<Vec<u8>> {
    match &mishaps.transport {
        None => Some(text.into_bytes()),
        Some(Fault::Truncated | Fault::CutShort) => Some(text.as_bytes()[..text.len() * 2 / 3].to_vec()),
        Some(Fault::NotJson) => Some(crate::providers::MAINTENANCE_PAGE.into()),
        Some(Fault::Endless | Fault::GzipBomb) => {
            let mut bytes = text.into_bytes();
            bytes.resize(ENDLESS_BYTES, b'0');
            Some(bytes)
        }
        Some(_) => None,
    }
}
