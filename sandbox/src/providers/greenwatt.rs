//! Greenwatt: a Green Button (ESPI) feed. Money in hundred-thousandths, time in seconds since 1970, energy in watt-hours.

use std::fmt::Write as _;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{Response, StatusCode};
use axum::routing::get;
use chrono::{Days, Duration, NaiveDate, NaiveTime, TimeZone as _};
use chrono_tz::America::New_York;
use uuid::Uuid;

use super::answer::{Answer, Call, Told};
use super::gasline::escape;
use crate::definitions::secrets;
use crate::server::Site;
use crate::world::{Bill, BillStatus, LineKind, Provider};

/// From cents to hundred-thousandths.
const PER_CENT: i64 = 1_000;

pub(super) fn routes() -> Router<Site> {
    Router::new().route("/Batch/Subscription/{number}", get(batch))
}

async fn batch(call: Call, Path(number): Path<String>) -> Response<Body> {
    call.answer(Provider::Greenwatt, Some(&number), "bills", |call, mishaps| {
        if call.bearer() != Some(secrets::GREENWATT) {
            return Answer::text(StatusCode::UNAUTHORIZED, "text/plain", "unauthorized\n");
        }
        match call.tell(Provider::Greenwatt, &number, mishaps.wrong) {
            None => Answer::text(StatusCode::NOT_FOUND, "text/plain", "no such subscription\n"),
            Some(_) if mishaps.needs_customer => Answer::text(StatusCode::FORBIDDEN, "text/plain", "the authorization was withdrawn\n"),
            Some(told) => Answer::text(StatusCode::OK, "application/atom+xml; charset=utf-8", feed(&call.site, &told)),
        }
    })
    .await
}

fn feed(site: &Site, told: &Told) -> String {
    let base = format!("{}/greenwatt/espi/1_1/resource/Subscription/{}/UsagePoint/1", site.state.http_url(), escape(&told.name));
    let updated = site.state.now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let name = |what: &str| Uuid::from_u128(spread(&told.name, what));
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:espi=\"http://naesb.org/espi\">
  <id>urn:uuid:{id}</id>
  <title>Greenwatt usage and bills</title>
  <updated>{updated}</updated>
  <link rel=\"self\" href=\"{base}\"/>
  <entry>
    <id>urn:uuid:{point}</id>
    <link rel=\"self\" href=\"{base}\"/>
    <title>Front meter</title>
    <updated>{updated}</updated>
    <content><espi:UsagePoint><espi:ServiceCategory><espi:kind>0</espi:kind></espi:ServiceCategory></espi:UsagePoint></content>
  </entry>
",
        id = name("feed"),
        point = name("point"),
    );
    // A feed has no word for a bill that was withdrawn: it is not in it any more.
    for bill in told.bills().filter(|b| b.status != BillStatus::Cancelled) {
        push_summary(&mut out, &base, name(&bill.number), bill, &updated);
    }
    out.push_str("</feed>\n");
    out
}

fn push_summary(out: &mut String, base: &str, id: Uuid, bill: &Bill, updated: &str) {
    let start = seconds(bill.period_start, 0);
    let duration = seconds(bill.period_end + Days::new(1), 0) - start;
    let mut details = String::new();
    for line in &bill.lines {
        let kind = match line.kind {
            LineKind::Usage => 2,
            LineKind::Fixed => 4,
            LineKind::Tax => 5,
            LineKind::Credit => 6,
        };
        let _ = write!(
            details,
            "
      <espi:costAdditionalDetailLastPeriod>
        <espi:amount>{}</espi:amount>
        <espi:note>{}</espi:note>
        <espi:itemKind>{kind}</espi:itemKind>
      </espi:costAdditionalDetailLastPeriod>",
            line.amount_minor * PER_CENT,
            escape(&line.label),
        );
    }
    let currency = if bill.currency == "USD" { 840 } else { 978 };
    let _ = write!(
        out,
        "  <entry>
    <id>urn:uuid:{id}</id>
    <link rel=\"self\" href=\"{base}/UsageSummary/{number}\"/>
    <link rel=\"up\" href=\"{base}/UsageSummary\"/>
    <title>Bill {number}</title>
    <published>{issued}T12:00:00Z</published>
    <updated>{updated}</updated>
    <content><espi:UsageSummary>
      <espi:billingPeriod>
        <espi:duration>{duration}</espi:duration>
        <espi:start>{start}</espi:start>
      </espi:billingPeriod>
      <espi:billLastPeriod>{total}</espi:billLastPeriod>
      <espi:billToDate>0</espi:billToDate>{details}
      <espi:currency>{currency}</espi:currency>
      <espi:overallConsumptionLastPeriod>
        <espi:powerOfTenMultiplier>0</espi:powerOfTenMultiplier>
        <espi:uom>72</espi:uom>
        <espi:value>{watt_hours}</espi:value>
      </espi:overallConsumptionLastPeriod>
      <espi:statusTimeStamp>{stamp}</espi:statusTimeStamp>
      <espi:commodity>1</espi:commodity>
    </espi:UsageSummary></content>
  </entry>
",
        number = escape(&bill.number),
        issued = bill.issued_on,
        total = bill.amount_minor * PER_CENT,
        watt_hours = bill.usage_tenths * 100,
        stamp = seconds(bill.issued_on, 12),
    );
}

/// The instant at which the clocks in New York show so many hours on a day.
fn seconds(day: NaiveDate, hours: i64) -> i64 {
    let local = day.and_time(NaiveTime::MIN) + Duration::hours(hours);
    // New York changes its clocks at two in the morning, so that midnight and noon come once each day.
    New_York.from_local_datetime(&local).earliest().map_or(0, |at| at.timestamp())
}

/// Always the same for the same account and thing (two rounds of FNV-1a).
fn spread(account: &str, what: &str) -> u128 {
    let round =
        |seed: u64| account.bytes().chain([0]).chain(what.bytes()).fold(seed, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    u128::from(round(0xcbf2_9ce4_8422_2325)) << 64 | u128::from(round(0x9e37_79b9_7f4a_7c15))
}
