// The example as its README says it is used: a process for each of our own parts, this subgraph beside them, the router before all.
//
//   node test.mjs BINARY DATA_DIR      the data must hold the demo shop

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'

const [binary, data] = process.argv.slice(2)
const running = []

// Starts a command that serves; the URL that it says.
function start(command, args, settings) {
  const env = { PATH: process.env.PATH, STOCKGRAPH_LOG__FILTER: 'warn', ...settings }
  const child = spawn(command, args, { env, cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] })
  running.push(child)
  return new Promise((resolve, reject) => {
    let said = ''
    child.stdout.on('data', (text) => {
      said += text
      const url = /http:\/\/\S+(?=\s)/.exec(said)
      if (url) resolve(url[0])
    })
    child.on('exit', (code) => reject(new Error(`${command} ${args.join(' ')} ended with ${code}: ${said}`)))
  })
}

const part = (args, settings) => start(binary, ['--data-dir', data, '--listen', '127.0.0.1:0', ...args], settings)

async function ask(url, query, token) {
  const authorization = token ? { authorization: `Bearer ${token}` } : {}
  const headers = { 'content-type': 'application/json', ...authorization }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }), signal: AbortSignal.timeout(60_000) })
  return answer.json()
}

async function test() {
  const at = {}
  for (const name of ['users', 'products', 'warehouses', 'orders']) {
    const url = await part(['subgraph', name], at)
    at[`STOCKGRAPH_SUBGRAPHS__${name.toUpperCase()}`] = url
  }
  const keys = new URL('/.well-known/jwks.json', at.STOCKGRAPH_SUBGRAPHS__USERS).href
  const reviews = await start(process.execPath, ['server.mjs'], { PORT: '0', JWKS_URL: keys })
  const router = await part(['router', '--subgraph', `reviews=${reviews}`], at)

  // One query crosses products, warehouses and reviews.
  const product = '{ productBySku(sku: "LAPTOP-16GB") { id name stock { available } reviews { stars text author { id } } } }'
  const before = await ask(router, product)
  assert.equal(before.errors, undefined, JSON.stringify(before.errors))
  assert.equal(before.data.productBySku.name, 'Awesome Laptop 16GB RAM')
  assert.equal(typeof before.data.productBySku.stock.available, 'number')
  assert.deepEqual(before.data.productBySku.reviews, [])

  // Only those who are signed in tell what they think.
  const { id } = before.data.productBySku
  const add = `mutation { addReview(input: { productId: "${id}", stars: 5, text: "Awesome indeed." }) { author { email } product { name } } }`
  const refused = await ask(router, add)
  assert.equal(refused.errors[0].extensions.code, 'UNAUTHENTICATED')
  const logIn = 'mutation { logIn(input: { identifier: "user1@example.com", password: "password123" }) { session { accessToken } } }'
  const token = (await ask(router, logIn)).data.logIn.session.accessToken
  const added = await ask(router, add, token)
  assert.deepEqual(added, {
    data: { addReview: { author: { email: 'user1@example.com' }, product: { name: 'Awesome Laptop 16GB RAM' } } },
  })
  const after = await ask(router, product)
  assert.equal(after.data.productBySku.reviews[0].text, 'Awesome indeed.')

  // Nobody but the router gets through to the subgraph itself.
  const direct = await ask(reviews, '{ _service { sdl } }', token)
  assert.equal(direct.data, undefined)
  assert.match(JSON.stringify(direct.errors), /UNAUTHENTICATED/)
}

try {
  await test()
  console.log('The reviews joined the graph.')
} finally {
  for (const child of running.reverse()) {
    child.removeAllListeners('exit')
    child.kill()
  }
}
