// The tabs that the playground opens with: the operations in examples/, each with its variables.

import { readFileSync } from 'node:fs';

/** What the demo shop holds under fixed ids and names; the server's demo data has the same. */
const demo = {
  laptop: 'product_01kdvdna00e008000008000001',
  mouse: 'product_01kdvdna00e008000008000002',
  unpaidOrder: 'order_01kdvdna00e00800000g000001',
  unpaidOrderTotal: { amount: '15200000.00', currency: 'IDR' },
  customer: { identifier: 'user1@example.com', password: 'password123' },
  staff: { identifier: 'staff@example.com', password: 'password123' },
};

/** In the order of the tabs: the file in examples/ and the variables that go with it. */
const tabs = [
  ['1-browse.graphql', undefined],
  ['2-log-in.graphql', { input: demo.customer }],
  ['3-my-orders.graphql', undefined],
  [
    '4-place-an-order.graphql',
    {
      input: {
        idempotencyKey: 'playground-1',
        lines: [
          { productId: demo.laptop, quantity: 1 },
          { productId: demo.mouse, quantity: 2 },
        ],
      },
    },
  ],
  ['5-log-in-as-staff.graphql', { input: demo.staff }],
  [
    '6-pay.graphql',
    {
      input: {
        orderId: demo.unpaidOrder,
        paymentReference: 'playground-payment-1',
        amount: demo.unpaidOrderTotal,
      },
    },
  ],
  ['7-watch-the-stock.graphql', { id: demo.laptop }],
  ['8-follow-the-stock.graphql', { id: demo.laptop }],
];

/** GraphiQL's `defaultTabs`: query and variables as text. */
export const exampleTabs = tabs.map(([file, variables]) => ({
  query: readFileSync(new URL(`examples/${file}`, import.meta.url), 'utf8'),
  variables: variables && JSON.stringify(variables, null, 2),
}));
