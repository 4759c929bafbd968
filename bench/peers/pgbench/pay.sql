-- What one payment of one bill by a saved card asks of PostgreSQL, in the order in which Billow asks it: the same reads,
-- locks, writes and three commits, without the gateway between the second and the third. `billow-bench pay` compares the
-- rows this writes with those a payment writes, and stops where they differ.
--
-- What is not the same is in its favour: updates name the columns that change where Billow names all, the provider is read
-- as a whole row, and nobody numbers the events or is woken.
\set i :i + 1
\set n (:i * :clients + :client_id) % :wishes + 1
-- Ids rise, as Billow's do, so that indexes grow at one end.
\set id ((:run * 100000 + :i) * 1000 + :client_id) * 100
\set payment :id + 1
\set allocation :id + 2
\set attempt :id + 3
\set invoice :id + 4
\set receipt :id + 5
\set entry :id + 6
\set clearing :id + 7
\set fees :id + 8
\set payable :id + 9
\set remittance :id + 10
\set asked :id + 11
\set bill_paid :id + 12
\set paid :id + 13

-- Who asks, and which bill: this read stands for that of the customer.
SELECT bill, account, customer, home, provider, gateway, method, token_hash, actor, amount, clearing_account, fees_account, payable_account FROM bench_wishes WHERE n = :n \gset
SELECT s.id, s.user_id, s.expires_at, s.last_seen_at, s.revoked_at, u.role, u.customer_id, u.disabled_at FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash = :token_hash LIMIT 1;

-- The wish is held against what there is.
SELECT * FROM payments WHERE actor = :actor AND idempotency_key = lpad(:payment, 32, '0') LIMIT 1;
SELECT * FROM bills WHERE id IN (:bill);
SELECT * FROM providers WHERE id IN (:provider);
SELECT * FROM payment_allocations WHERE bill_id IN (:bill) AND live = true;
SELECT * FROM payment_methods WHERE id = :method AND customer_id = :customer AND removed_at IS NULL LIMIT 1;
SELECT * FROM gateways ORDER BY rank, id LIMIT 100;

-- It is written down.
BEGIN;
INSERT INTO payments (id, customer_id, kind, status, status_reason, decline_kind, currency, amount_minor, wallet_minor, gateway_minor, refunded_minor, method_id, actor, idempotency_key, request_hash, attempts, check_at, checks, lease_until, fence, created_at, updated_at, settled_at)
VALUES (lpad(:payment, 32, '0')::uuid, :customer, 'BILLS', 'PENDING', NULL, NULL, 'EUR', :amount, 0, :amount, 0, :method, :actor, lpad(:payment, 32, '0'), 'b09d1c90b70f1a819294173ad3c9da8c27c74c7f12147094d2cc1055153bee78', 1, now() + interval '30 seconds', 0, NULL, 0, now(), now(), NULL) RETURNING *;
SELECT id FROM utility_accounts WHERE id IN (:account) ORDER BY id FOR NO KEY UPDATE;
SELECT * FROM bills WHERE id IN (:bill) ORDER BY id FOR NO KEY UPDATE;
INSERT INTO payment_allocations (id, payment_id, customer_id, bill_id, account_id, provider_id, property_id, utility_type, currency, amount_minor, refunded_minor, live, created_at)
VALUES (lpad(:allocation, 32, '0')::uuid, lpad(:payment, 32, '0')::uuid, :customer, :bill, :account, :provider, :home, 'ELECTRICITY', 'EUR', :amount, 0, true, now());
SELECT * FROM payment_methods WHERE id = :method LIMIT 1 FOR KEY SHARE;
INSERT INTO payment_attempts (id, payment_id, number, gateway_id, method_id, status, currency, amount_minor, gateway_key, decision, created_at, updated_at)
VALUES (lpad(:attempt, 32, '0')::uuid, lpad(:payment, 32, '0')::uuid, 1, :gateway, :method, 'CREATED', 'EUR', :amount, lpad(:attempt, 30, '0'), '{"chosen": "gw_01m7zd4df1e0080611dx4knvvm", "candidates": [{"code": "sandbox", "reason": "the saved method is there", "gateway": "gw_01m7zd4df1e0080611dx4knvvm", "verdict": "chosen"}]}', now(), now()) RETURNING *;
SELECT * FROM customers WHERE id = :customer LIMIT 1;
INSERT INTO documents (id, kind, number, customer_id, payment_id, locale, status, due_at, tries, fence, created_at)
VALUES (lpad(:invoice, 32, '0')::uuid, 'INVOICE', NULL, :customer, lpad(:payment, 32, '0')::uuid, 'en-GB', 'QUEUED', now(), 0, 0, now()) ON CONFLICT (payment_id, kind) DO NOTHING;
INSERT INTO events (id, position, kind, occurred_at, customer_id, property_id, subject, data, trace_id)
VALUES (lpad(:asked, 32, '0')::uuid, NULL, 'payment.updated', now(), :customer, NULL, lpad(:payment, 30, '0'), '{"kind": "BILLS", "what": "payment", "status": "PENDING", "currency": "EUR", "historic": false, "payment_id": "pay_01m7zd4ysae00818qqxrhgwe2j", "amount_minor": 4542}', '01a1fed2-7b0f-7000-802f-05f2b657e13a');
COMMIT;

-- It is marked as sent.
BEGIN;
SELECT * FROM payments WHERE id = lpad(:payment, 32, '0')::uuid LIMIT 1 FOR NO KEY UPDATE;
SELECT * FROM payment_attempts WHERE payment_id = lpad(:payment, 32, '0')::uuid ORDER BY number DESC LIMIT 1 FOR NO KEY UPDATE;
SELECT * FROM gateways WHERE id = :gateway LIMIT 1;
SELECT * FROM gateway_customers WHERE customer_id = :customer AND gateway_id = :gateway LIMIT 1;
SELECT * FROM payment_methods WHERE id = :method LIMIT 1;
UPDATE payment_attempts SET status = 'SENT', sent_at = now(), updated_at = now() WHERE id = lpad(:attempt, 32, '0')::uuid RETURNING *;
UPDATE payments SET fence = 1, lease_until = now() + interval '35 seconds', check_at = now() + interval '35 seconds' WHERE id = lpad(:payment, 32, '0')::uuid RETURNING *;
COMMIT;

-- The gateway took the money: it is settled.
BEGIN;
SELECT * FROM payments WHERE id = lpad(:payment, 32, '0')::uuid LIMIT 1 FOR NO KEY UPDATE;
SELECT * FROM payment_attempts WHERE id = lpad(:attempt, 32, '0')::uuid LIMIT 1 FOR NO KEY UPDATE;
UPDATE payment_attempts SET status = 'SUCCEEDED', external_id = lpad(:attempt, 23, '0'), fee_minor = 93, answered_at = now(), updated_at = now() WHERE id = lpad(:attempt, 32, '0')::uuid RETURNING *;
SELECT * FROM payment_allocations WHERE payment_id = lpad(:payment, 32, '0')::uuid ORDER BY bill_id FOR NO KEY UPDATE;
SELECT id FROM utility_accounts WHERE id IN (:account) ORDER BY id FOR NO KEY UPDATE;
SELECT * FROM bills WHERE id IN (:bill) ORDER BY id FOR NO KEY UPDATE;
SELECT * FROM providers WHERE id IN (:provider);
SELECT * FROM ledger_entries WHERE key = 'settle:' || lpad(:attempt, 30, '0') LIMIT 1;
SELECT * FROM ledger_accounts WHERE (kind = 'GATEWAY_CLEARING' AND owner = :gateway AND currency = 'EUR') OR (kind = 'GATEWAY_FEES' AND owner = :gateway AND currency = 'EUR') OR (kind = 'PROVIDER_PAYABLE' AND owner = :provider AND currency = 'EUR');
INSERT INTO ledger_postings (id, entry_id, account_id, currency, amount_minor)
VALUES (lpad(:clearing, 32, '0')::uuid, lpad(:entry, 32, '0')::uuid, :clearing_account, 'EUR', :amount::bigint - 93), (lpad(:fees, 32, '0')::uuid, lpad(:entry, 32, '0')::uuid, :fees_account, 'EUR', 93), (lpad(:payable, 32, '0')::uuid, lpad(:entry, 32, '0')::uuid, :payable_account, 'EUR', -(:amount::bigint));
INSERT INTO ledger_entries (id, kind, key, payment_id, customer_id, subject, reverses, memo, occurred_at)
VALUES (lpad(:entry, 32, '0')::uuid, 'payment.settled', 'settle:' || lpad(:attempt, 30, '0'), lpad(:payment, 32, '0')::uuid, :customer, lpad(:payment, 30, '0'), NULL, 'Payment', now());
UPDATE payment_allocations SET live = false WHERE payment_id = lpad(:payment, 32, '0')::uuid AND live = true;
UPDATE payments SET status = 'SUCCEEDED', settled_at = now(), updated_at = now(), check_at = NULL, lease_until = NULL WHERE id = lpad(:payment, 32, '0')::uuid RETURNING *;
UPDATE bills SET paid_minor = :amount, status = 'PAID', status_reason = NULL, updated_at = now() WHERE id = :bill;
INSERT INTO remittances (id, payment_id, allocation_id, bill_id, account_id, provider_id, customer_id, currency, amount_minor, status, tries, fence, created_at)
VALUES (lpad(:remittance, 32, '0')::uuid, lpad(:payment, 32, '0')::uuid, lpad(:allocation, 32, '0')::uuid, :bill, :account, :provider, :customer, 'EUR', :amount, 'MANUAL', 0, 0, now());
SELECT * FROM customers WHERE id = :customer LIMIT 1;
INSERT INTO documents (id, kind, number, customer_id, payment_id, locale, status, due_at, tries, fence, created_at)
VALUES (lpad(:receipt, 32, '0')::uuid, 'RECEIPT', NULL, :customer, lpad(:payment, 32, '0')::uuid, 'en-GB', 'QUEUED', now(), 0, 0, now()) ON CONFLICT (payment_id, kind) DO NOTHING;
INSERT INTO events (id, position, kind, occurred_at, customer_id, property_id, subject, data, trace_id)
VALUES (lpad(:bill_paid, 32, '0')::uuid, NULL, 'bill.updated', now(), :customer, :home, lpad(:payment, 31, '0'), '{"due_on": "2026-12-08", "number": "B-00000001", "status": "PAID", "bill_id": "bill_01m7zd4cyke0081v1tt48tbvbv", "changes": [{"after": 4542, "field": "paid_minor", "before": 0}, {"after": "PAID", "field": "status", "before": "OPEN"}], "version": 1, "currency": "EUR", "historic": false, "issued_on": "2026-11-18", "account_id": "acct_01m7zd4cnne0080by76s5zwtmp", "provider_id": "prov_01m7zd4cbfe0080pa0vej9q92x", "amount_minor": 4542, "utility_type": "ELECTRICITY", "provider_name": "Bench Power", "status_reason": null}', NULL),
(lpad(:paid, 32, '0')::uuid, NULL, 'payment.updated', now(), :customer, NULL, lpad(:payment, 30, '0'), '{"kind": "BILLS", "what": "payment", "status": "SUCCEEDED", "currency": "EUR", "historic": false, "payment_id": "pay_01m7zd4ysae00818qqxrhgwe2j", "amount_minor": 4542}', NULL);
COMMIT;
