import type { JsonObject } from './draft';

const common = {
  code: '',
  name: '',
  utility_type: 'ELECTRICITY',
  country: 'DE',
  currency: 'EUR',
  time_zone: 'Europe/Berlin',
};

const monthly = { every: { kind: 'MONTH', day: 15 }, hour: 6, spread_minutes: 60, look_again_hours: 24, grace_days: 5 };
const consumerNumber = { name: 'consumer_number', label: 'Consumer number', pattern: '[0-9]{8}', example: '12345678' };

const http: JsonObject = {
  ...common,
  connector: {
    kind: 'HTTP',
    settings: {
      base_url: 'https://api.provider.example/v1',
      auth: { type: 'bearer', credential: 'api_key' },
      steps: [
        {
          name: 'invoices',
          method: 'GET',
          path: '/customers/{param.consumer_number}/invoices',
          format: 'json',
          accept_status: [200, 404],
        },
      ],
      outcome: `.steps.invoices as $answer
| if $answer.status == 404 then {outcome: "NOT_FOUND", message: "There is no customer with this number."}
  else [$answer.body.invoices[] | {
    number: .number,
    account: .customer,
    amount: .total,
    issued_on: .issued,
    due_on: .due,
    lines: [.positions[] | {label: .text, amount: .amount}]
  }] as $bills
  | if $bills == [] then {outcome: "NONE_DUE"} else {outcome: "BILLS", bills: $bills} end
  end`,
    },
  },
  params: [consumerNumber],
  amount_rule: { kind: 'EXACT' },
  schedule: monthly,
};

const prepaid: JsonObject = {
  ...common,
  utility_type: 'MOBILE',
  connector: {
    kind: 'HTTP',
    settings: {
      base_url: 'https://api.provider.example/prepaid',
      auth: { type: 'header', name: 'X-Api-Key', credential: 'api_key' },
      steps: [
        {
          name: 'line',
          method: 'GET',
          path: '/lines/{param.mobile_number}',
          format: 'json',
          accept_status: [200, 404],
        },
        { name: 'offers', method: 'GET', path: '/offers', format: 'json' },
      ],
      outcome: `if .steps.line.status == 404 then {outcome: "NOT_FOUND", message: "There is no line with this number."}
else {
  outcome: "NONE_DUE",
  prepaid: {
    plan_code: .steps.line.body.plan,
    expires_on: .steps.line.body.expires,
    balance: .steps.line.body.balance
  },
  plans: [.steps.offers.body.offers[] | {
    code: .id,
    name: .title,
    price: .price,
    validity_days: .days,
    benefits: .benefits
  }]
}
end`,
    },
  },
  params: [
    {
      name: 'mobile_number',
      label: 'Mobile number',
      pattern: '\\+49[0-9]{9,11}',
      help: 'With the country code and without spaces.',
      example: '+4915112345678',
    },
  ],
  amount_rule: { kind: 'EXACT' },
  schedule: { every: { kind: 'DAYS', days: 1 }, hour: 6, spread_minutes: 60, grace_days: 0 },
  prepaid: true,
};

const greenButton: JsonObject = {
  ...common,
  country: 'US',
  currency: 'USD',
  time_zone: 'America/New_York',
  connector: {
    kind: 'GREEN_BUTTON',
    settings: {
      url: 'https://utility.example/espi/1_1/resource/Batch/Subscription/{param.subscription}',
      auth: { type: 'bearer', credential: 'access_token' },
      money_scale: 5,
      due_days: 21,
    },
  },
  params: [{ name: 'subscription', label: 'Green Button subscription', pattern: '[0-9]+', example: '5000001' }],
  amount_rule: { kind: 'EXACT' },
  schedule: { ...monthly, every: { kind: 'MONTH', day: 5 } },
};

const file: JsonObject = {
  ...common,
  utility_type: 'WATER',
  connector: {
    kind: 'FILE',
    settings: {
      location: 'provider',
      delimiter: ';',
      account_column: 'contract',
      map: `{
  number: .invoice,
  account: .contract,
  amount: .total,
  issued_on: .issued,
  due_on: (if .due == "" then null else .due end)
}`,
    },
  },
  params: [{ name: 'contract', label: 'Contract number', pattern: '[A-Z]{2}[0-9]{6}', example: 'AB123456' }],
  amount_rule: { kind: 'EXACT' },
  schedule: { every: { kind: 'WEEK', weekday: 1 }, hour: 8, grace_days: 2 },
};

const push: JsonObject = {
  ...common,
  connector: { kind: 'PUSH' },
  params: [consumerNumber],
  amount_rule: { kind: 'EXACT' },
  schedule: monthly,
};

/** Where to start from: one working definition of each kind, to be filled in. */
export const templates = { http, prepaid, greenButton, file, push } as const;
export type TemplateName = keyof typeof templates;
