// Uses the playground of a running server as a visitor would, in Chromium without a network:
//
//     node playground.test.mjs http://127.0.0.1:4000 [SCREENSHOT.png]
//
// The server must hold the demo shop. CHROMIUM names the browser's program where it is not /usr/bin/chromium.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const [serverUrl, screenshot] = process.argv.slice(2);
assert.ok(serverUrl, 'usage: node playground.test.mjs URL [SCREENSHOT.png]');
const { origin } = new URL(serverUrl);
/** Milliseconds to wait for anything that the page should do. */
const patience = 15_000;

let browser;
let page;
/** The answers to the page itself and to its first request, the introspection. */
let home;
let schema;
/** What must not happen anywhere in the visit: requests to elsewhere, console errors and warnings, violations of the CSP. */
const complaints = [];

const isForeign = (url) => url.protocol.startsWith('http') && url.origin !== origin;

before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      // Every name but the server's fails to resolve, and the browser's own services stay silent.
      `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${new URL(serverUrl).hostname}`,
      '--disable-background-networking',
    ],
  });
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  await context.route(isForeign, (route) => route.abort());
  page = await context.newPage();
  page.setDefaultTimeout(patience);
  page.on('request', (request) => {
    if (isForeign(new URL(request.url()))) complaints.push(`request to ${request.url()}`);
  });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`CSP: ${event.violatedDirective} blocked ${event.blockedURI}`),
    );
  });
  const introspection = page.waitForResponse((response) => response.url() === `${origin}/graphql`);
  home = await page.goto(serverUrl);
  schema = await introspection;
});

after(async () => {
  if (screenshot) await page?.screenshot({ path: screenshot });
  await browser?.close();
});

/** Runs the operation in its tab and returns its data; errors fail the test. */
async function run(operation) {
  const response = await execute(operation);
  assert.equal(response.status(), 200, `${operation} answered ${response.status()}`);
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, `${operation} answered ${JSON.stringify(errors)}`);
  return data;
}

/**
 * Opens the operation's tab and presses the play button until the operation is sent: for a moment after a tab was opened, GraphiQL still holds the
 * operation of the tab before it and sends nothing.
 */
async function execute(operation) {
  const isSent = (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin || url.pathname !== '/graphql') return false;
    // Subscriptions are followed by GET.
    const asked = request.method() === 'GET' ? Object.fromEntries(url.searchParams) : request.postDataJSON();
    return asked?.operationName === operation || asked?.query?.startsWith(`subscription ${operation}(`);
  };
  await page.locator('.graphiql-tab-button').getByText(operation, { exact: true }).click();
  const deadline = Date.now() + patience;
  while (Date.now() < deadline) {
    const sent = page.waitForRequest(isSent, { timeout: 500 }).catch(() => null);
    await page.getByRole('button', { name: 'Execute query' }).click();
    const request = await sent;
    if (request) return request.response();
  }
  throw new Error(`${operation} was not sent within ${patience} ms`);
}

/** Waits until the answer pane shows the text. */
async function shown(text) {
  await page.locator('.graphiql-response').getByText(text).first().waitFor();
}

const sessionBar = () => page.locator('#session output');

test('the page comes compressed, with the checked-in policy and an entity tag', async () => {
  const headers = home.headers();
  const policy = readFileSync(new URL('../../server/assets/playground.csp', import.meta.url), 'utf8');
  assert.equal(headers['content-security-policy'], policy);
  assert.equal(headers['content-encoding'], 'gzip');
  assert.ok(headers.etag, 'no ETag');
});

test('the page asks for the schema by POST', async () => {
  assert.equal(schema.request().method(), 'POST');
  const { data, errors } = await schema.json();
  assert.equal(errors, undefined);
  assert.ok(data.__schema.types.some((type) => type.name === 'ProductStock'), 'the schema lacks the stock');
});

test('a visitor browses the shop', async () => {
  const { products } = await run('BrowseTheShop');
  const laptop = products.nodes.find((product) => product.name === 'Awesome Laptop 16GB RAM');
  assert.equal(Number(laptop.price.amount), 14_000_000);
  assert.ok(laptop.stock.byWarehouse.length > 0, 'the laptop lies in no warehouse');
  await shown(products.nodes[0].name);
});

test('a visitor who is not signed in has no orders', async () => {
  assert.equal((await run('MyOrders')).me, null);
});

test('signing in shows who is signed in', async () => {
  const { logIn } = await run('LogIn');
  assert.deepEqual(logIn.errors, []);
  await page.waitForFunction(() => document.querySelector('#session output').value.startsWith('Signed in'));
  assert.match(await sessionBar().textContent(), /^Signed in as user1@example\.com/);
});

test('a customer sees their orders with products and stock', async () => {
  const { me } = await run('MyOrders');
  assert.ok(me.orders.nodes.length > 0, 'no order');
  assert.ok(me.orders.nodes.some((order) => order.lines.some((line) => line.product?.stock)), 'no product with stock');
  await shown(me.orders.nodes[0].number);
});

test('a customer places an order, and a repeat is the same order', async () => {
  const first = (await run('PlaceAnOrder')).placeOrder;
  assert.deepEqual(first.errors, []);
  const again = (await run('PlaceAnOrder')).placeOrder;
  assert.equal(again.order.id, first.order.id);
});

test('the stock of a product can be watched', async () => {
  const { product } = await run('WatchTheStock');
  assert.ok(product.stock.onHand >= product.stock.reserved);
});

test('a subscription shows the stock now and again after a change', async () => {
  const editor = page.locator('.graphiql-response');
  const answer = await execute('FollowTheStock');
  assert.equal(answer.status(), 200);
  assert.equal(answer.headers()['content-type'], 'text/event-stream');
  await shown('stockChanged');
  const before = await editor.textContent();
  // Behind the page's back, as another customer would.
  await page.evaluate(async () => {
    const query = `mutation { placeOrder(input: { idempotencyKey: "playground-2", lines: [{ productId: "product_01kdvdna00e008000008000001", quantity: 1 }] }) { errors { __typename } } }`;
    await fetch('/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query }) });
  });
  await page.waitForFunction((text) => document.querySelector('.graphiql-response').textContent !== text, before);
  await page.getByRole('button', { name: 'Stop query' }).click();
});

test('staff sign in and confirm the payment', async () => {
  const { logIn } = await run('LogInAsStaff');
  assert.deepEqual(logIn.errors, []);
  const { confirmPayment } = await run('Pay');
  assert.deepEqual(confirmPayment.errors, []);
  assert.equal(confirmPayment.payment.status, 'CAPTURED');
});

test('an administrator sees the plan and the timings of a query', async () => {
  await page.evaluate(async () => {
    const query = 'mutation { logIn(input: { identifier: "admin@example.com", password: "password123" }) { session { accessToken } } }';
    await fetch('/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query }) });
  });
  await page.getByLabel('Plan and timings').check();
  const { extensions } = await (await execute('WatchTheStock')).json();
  assert.match(extensions.debug.plan, /Fetch/);
  assert.deepEqual(extensions.debug.fetches.map((fetch) => fetch.subgraph), ['products', 'warehouses']);
  await page.getByLabel('Plan and timings').uncheck();
});

test('signing out forgets the token', async () => {
  await page.getByRole('button', { name: 'Sign out' }).click();
  assert.match(await sessionBar().textContent(), /^Not signed in/);
  assert.equal((await run('MyOrders')).me, null);
});

test('a token whose time is up is let go without asking the server', async () => {
  const payload = Buffer.from(JSON.stringify({ sub: 'somebody', exp: 1 })).toString('base64url');
  await page.getByLabel('Access token').fill(`header.${payload}.signature`);
  await page.getByRole('button', { name: 'Use it' }).click();
  assert.equal((await run('MyOrders')).me, null);
  assert.equal(await sessionBar().textContent(), 'The session of somebody has ended: run LogIn again.');
});

test('nothing was asked of another server, and the browser had nothing to complain about', () => {
  assert.deepEqual(complaints, []);
});

// Last, since the console reports an answer of 401 as an error.
test('a token that the server refuses is let go', async () => {
  await page.getByLabel('Access token').fill('not.a.token');
  await page.getByRole('button', { name: 'Use it' }).click();
  const { errors } = await (await execute('MyOrders')).json();
  assert.equal(errors[0].extensions.code, 'UNAUTHENTICATED');
  await page.locator('#session').getByText('no longer accepts').waitFor();
  assert.equal((await run('MyOrders')).me, null);
});
