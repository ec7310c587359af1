// Makes server/assets/playground.* anew: see README.md.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as graphiql from '@graphql-yoga/render-graphiql/graphiql';
import { buildSchema, parse, validate } from 'graphql';
import { exampleTabs } from './examples.mjs';
import { thirdPartyLicenses } from './licenses.mjs';
import { renderPage } from './page/page.mjs';

const schemaFile = process.argv[2] ?? new URL('../../schema/api.graphql', import.meta.url);
const assets = new URL('../../server/assets/', import.meta.url);

const digest = (data, encoding) => createHash('sha256').update(data).digest(encoding);

/** An example that the graph would refuse must not be shipped. */
function checkExamples() {
  const schema = buildSchema(readFileSync(schemaFile, 'utf8'));
  for (const { query } of exampleTabs) {
    const errors = validate(schema, parse(query));
    if (errors.length > 0) throw new Error(`an example does not fit the schema:\n${query}\n${errors.join('\n')}`);
  }
}

/**
 * The value of the Content-Security-Policy header: these scripts and no others, requests to the page's own server and
 * nowhere else. Monaco, the editor, starts its workers from blobs and writes style elements and attributes as it runs.
 */
function contentSecurityPolicy(scripts) {
  const hashes = scripts.map((script) => `'sha256-${digest(script, 'base64')}'`);
  return [
    "default-src 'none'",
    `script-src ${hashes.join(' ')}`,
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    "connect-src 'self'",
    'img-src data:',
    'font-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

checkExamples();
const { html, scripts } = renderPage(graphiql, exampleTabs);
// GNU gzip, because what it makes of the same input is the same everywhere; what Node's zlib makes varies by version.
const compressed = execFileSync('gzip', ['-9', '-n'], { input: html, maxBuffer: 64 * 1024 * 1024 });

mkdirSync(assets, { recursive: true });
writeFileSync(new URL('playground.html.gz', assets), compressed);
writeFileSync(new URL('playground.sha256', assets), `${digest(compressed, 'hex')}  playground.html.gz\n`);
writeFileSync(new URL('playground.csp', assets), contentSecurityPolicy(scripts));
writeFileSync(new URL('THIRD-PARTY-LICENSES', assets), await thirdPartyLicenses());
console.log(`${html.length} characters of HTML, ${compressed.length} bytes compressed`);
