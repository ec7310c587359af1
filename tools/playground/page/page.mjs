// The page as HTML, from its parts.

import { readFileSync } from 'node:fs';

const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');

/**
 * JavaScript that may stand in a `<script>`. Within one, `<!--` begins a state of the HTML parser in which the closing
 * tag may go unnoticed; it occurs in strings and regular expressions only, where the escape means the same.
 */
function inlineScript(source) {
  if (/<\/script/i.test(source)) throw new Error('a script contains its own closing tag');
  if (source.includes('\r')) throw new Error('the HTML parser would change a carriage return, and with it the hash');
  return source.replaceAll('<!--', '\\x3C!--');
}

/** A value as a JavaScript expression; `<` is escaped, so that no string in it can look like markup. */
const literal = (value) => JSON.stringify(value).replaceAll('<', '\\u003C');

/**
 * The whole page and the scripts that stand in it, in their order.
 * `graphiql` holds what render-graphiql bundles: `js`, `css` and the sources of three workers.
 */
export function renderPage(graphiql, tabs) {
  const workers = {
    editorWorkerService: graphiql.editorWorkerService,
    json: graphiql.jsonWorker,
    graphql: graphiql.graphqlWorker,
  };
  const logo = read('logo.svg').trim();
  // Functions as replacements: in a replacement string a `$` of the workers' code would have a meaning of its own.
  const start = read('start.js')
    .replace('WORKER_SOURCES', () => literal(workers))
    .replace('EXAMPLE_TABS', () => literal(tabs))
    .replace('LOGO', () => literal(logo));
  const scripts = [read('session.js'), graphiql.js, start].map(inlineScript);
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stockgraph playground</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(logo)}">
<style>${graphiql.css}</style>
<style>${read('page.css')}</style>
</head>
<body class="no-focus-outline">
<noscript>The playground needs JavaScript. The graph itself answers at /graphql.</noscript>
<header id="session">
<output></output>
<button type="button" name="sign-out" hidden>Sign out</button>
<form hidden>
<input name="token" type="password" placeholder="Access token" aria-label="Access token" autocomplete="off">
<button>Use it</button>
</form>
<label><input name="debug" type="checkbox"> Plan and timings</label>
</header>
<div id="root"></div>
${scripts.map((script) => `<script>${script}</script>`).join('\n')}
</body>
</html>
`;
  return { html, scripts };
}
