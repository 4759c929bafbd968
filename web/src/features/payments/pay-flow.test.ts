import { expect, it, vi } from 'vitest';
import { meansOf } from './pay-flow';

vi.stubGlobal('location', { origin: 'https://billow.example' });

const back = 'https://billow.example/payments/return';

it.each([
  ['pm_1', { paymentMethodId: 'pm_1', hostedPage: false, returnUrl: back }],
  ['hosted', { paymentMethodId: null, hostedPage: true, returnUrl: null }],
  [undefined, { paymentMethodId: null, hostedPage: false, returnUrl: back }],
])('the money comes by %s', (method, means) => {
  expect(meansOf(method)).toEqual(means);
});
