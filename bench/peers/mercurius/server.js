// The page of 20 bills with provider, account and home, by Fastify and Mercurius with JIT and loaders, on the same
// database as Billow. It answers what bench/src/page.rs asks, so that all three servers do the same work.
import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";
import { createHash } from "node:crypto";

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: Number(process.env.POOL ?? 8) });
// Dates as text, as Billow answers them; ids stay UUIDs, which is less work than Billow's text form.
pg.types.setTypeParser(1082, (text) => text);

// What was read about a token is kept, as Billow keeps it for some seconds.
const known = new Map();

const schema = `
  type Query { bills(first: Int): BillConnection! }
  type BillConnection { nodes: [Bill!]! pageInfo: PageInfo! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type Money { amountMinor: String! currency: String! }
  type Bill {
    id: ID! number: String! status: String! amount: Money! issuedOn: String! dueOn: String
    provider: Provider! utilityAccount: UtilityAccount! property: Property
  }
  type Provider { id: ID! name: String! }
  type UtilityAccount { id: ID! label: String! identifierHint: String! }
  type Property { id: ID! name: String! }
`;

const columns = "id, number, status, amount_minor, currency, issued_on, due_on, provider_id, account_id, property_id";

const resolvers = {
  Query: {
    bills: async (_root, { first = 20 }, { customer }) => {
      const { rows } = await pool.query({
        name: "bills",
        text: `SELECT * FROM (SELECT ${columns} FROM bills WHERE customer_id = $1 ORDER BY issued_on DESC, id DESC LIMIT $2) own
               UNION ALL SELECT others.* FROM property_members m JOIN LATERAL (
                 SELECT ${columns} FROM bills WHERE property_id = m.property_id AND customer_id <> $1
                 ORDER BY issued_on DESC, id DESC LIMIT $2) others ON true
               WHERE m.customer_id = $1 ORDER BY issued_on DESC, id DESC LIMIT $2`,
        values: [customer, first + 1],
      });
      const nodes = rows.slice(0, first);
      return { nodes, pageInfo: { hasNextPage: rows.length > first, endCursor: nodes.at(-1)?.id ?? null } };
    },
  },
  Bill: {
    amount: (bill) => ({ amountMinor: bill.amount_minor, currency: bill.currency }),
    issuedOn: (bill) => bill.issued_on,
    dueOn: (bill) => bill.due_on,
  },
};

const byId = (name, text, key) => async (queries) => {
  const ids = queries.map(({ obj }) => obj[key]);
  const { rows } = await pool.query({ name, text, values: [[...new Set(ids)]] });
  const found = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => found.get(id) ?? null);
};

const loaders = {
  Bill: {
    provider: byId("providers", "SELECT id, name FROM providers WHERE id = ANY($1)", "provider_id"),
    utilityAccount: byId(
      "accounts",
      'SELECT id, label, identifier_hint AS "identifierHint" FROM utility_accounts WHERE id = ANY($1)',
      "account_id",
    ),
    property: byId("properties", "SELECT id, name FROM properties WHERE id = ANY($1)", "property_id"),
  },
};

const app = Fastify();
await app.register(mercurius, {
  schema,
  resolvers,
  loaders,
  jit: 1,
  context: async (request) => {
    const token = request.headers.authorization?.replace(/^Bearer /, "") ?? "";
    const hash = createHash("sha256").update(token).digest("hex");
    if (known.has(hash)) return { customer: known.get(hash) };
    const { rows } = await pool.query({
      name: "session",
      text: `SELECT u.customer_id FROM sessions s JOIN users u ON u.id = s.user_id
             WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > now()`,
      values: [hash],
    });
    known.set(hash, rows[0]?.customer_id);
    return { customer: rows[0]?.customer_id };
  },
});
const address = await app.listen({ host: "127.0.0.1", port: 0 });
console.log(address);
