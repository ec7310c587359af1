// The licences of everything that stands in the page.
//
// render-graphiql arrives as one minified bundle without a list of its parts. The list is found by bundling the same
// entry points again, from the same dependencies (@graphql-yoga/graphiql declares them), and asking the bundler which
// packages had code left in its output.

import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const installed = (name) => `${here}node_modules/${name}`;

/** What @graphql-yoga/graphiql's own source imports, and the three workers of the editor. */
const entryPoint = `
export { GraphiQL } from 'graphiql';
export { explorerPlugin } from '@graphiql/plugin-explorer';
export { SubscriptionProtocol, UrlLoader } from '@graphql-tools/url-loader';
export { Kind, parse } from 'graphql';
import 'json-bigint-patch';
export * as react from 'react';
export * as reactDom from 'react-dom/client';
import 'monaco-editor/esm/vs/editor/editor.worker.js';
import 'monaco-editor/esm/vs/language/json/json.worker.js';
import 'monaco-graphql/esm/graphql.worker.js';
`;

/** Packages that leave out the licence file of the repository they come from: where it is found, or who holds the copyright. */
const repositoriesOfPackagesWithoutLicence = [
  { repository: 'graphql/graphiql', sameAs: 'graphiql' },
  { repository: 'facebook/react', sameAs: 'react' },
  { repository: 'theKashey/react-remove-scroll-bar', sameAs: 'react-remove-scroll' },
  { repository: 'ardatan/graphql-tools', holder: 'Copyright (c) 2020 The Guild, Inc.' },
  { repository: 'ardatan/whatwg-node', holder: 'Copyright (c) 2023 Arda TANRIKULU' },
  { repository: 'graphql-hive/gateway', holder: 'Copyright (c) The Guild' },
];

const acceptedLicences = ['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0'];

const readText = (file) => readFileSync(file, 'utf8').replace(/^\uFEFF/, '').replaceAll('\r\n', '\n').trim();

/** The text of the licence file in a package's directory, if it has one. */
function licenceFile(directory) {
  const file = readdirSync(directory).find((name) => /^licen[cs]e([.-].*)?$/i.test(name));
  return file && readText(`${directory}/${file}`);
}

/** The MIT licence's terms, without anybody's copyright line. */
function mitTerms() {
  const text = licenceFile(installed('graphiql'));
  return text.slice(text.indexOf('Permission is hereby granted'));
}

function licenceText(directory, manifest) {
  const own = licenceFile(directory);
  if (own) return own;
  const repository = manifest.repository?.url ?? manifest.repository ?? '';
  const origin = repositoriesOfPackagesWithoutLicence.find((known) => repository.includes(known.repository));
  if (!origin || manifest.license !== 'MIT') throw new Error(`${manifest.name}: no licence text`);
  return origin.sameAs ? licenceFile(installed(origin.sameAs)) : `MIT License\n\n${origin.holder}\n\n${mitTerms()}`;
}

/** The directories of the packages with code in the bundle. */
async function bundledPackages() {
  const { metafile } = await build({
    stdin: { contents: entryPoint, resolveDir: here },
    bundle: true,
    minify: true,
    platform: 'browser',
    define: { 'process.env.NODE_ENV': '"production"' },
    loader: { '.css': 'empty', '.ttf': 'empty' },
    metafile: true,
    write: false,
    absWorkingDir: here,
  });
  const [output] = Object.values(metafile.outputs);
  const directories = Object.keys(output.inputs)
    .map((file) => file.match(/^.*node_modules\/(@[^/]+\/)?[^/]+/)?.[0])
    .filter(Boolean);
  return [...new Set(directories)].map((directory) => `${here}${directory}`);
}

/** What other packages contain in turn, without its being a package of its own in the bundle. */
function embeddedWorks() {
  const apache = licenceFile(installed('react-aria'));
  return [
    ['Third-party parts of monaco-editor', readText(installed('monaco-editor/ThirdPartyNotices.txt'))],
    ['DOMPurify, in monaco-editor (used under Apache-2.0)', licenceFile(installed('dompurify'))],
    ['Codicons, the icon font of monaco-editor, by Microsoft (CC-BY-4.0)', licenceFile(installed('@vscode/codicons'))],
    ['Fira Code, a font of graphiql (OFL-1.1)', licenceFile(installed('@fontsource/fira-code'))],
    ['Roboto, a font of graphiql (Apache-2.0)', `Copyright 2011 Google Inc. All Rights Reserved.\n\n${apache}`],
  ];
}

/** The text of THIRD-PARTY-LICENSES: each licence once, under the names of all that it covers. */
export async function thirdPartyLicenses() {
  const namesByText = new Map();
  const add = (name, text) => namesByText.set(text, (namesByText.get(text) ?? new Set()).add(name));
  const directories = [
    ...['@graphql-yoga/render-graphiql', '@graphql-yoga/graphiql'].map(installed),
    ...(await bundledPackages()),
  ];
  for (const directory of directories) {
    const manifest = JSON.parse(readFileSync(`${directory}/package.json`, 'utf8'));
    if (!acceptedLicences.includes(manifest.license)) throw new Error(`${manifest.name}: ${manifest.license}`);
    add(`${manifest.name} (${manifest.license})`, licenceText(directory, manifest));
  }
  for (const [name, text] of embeddedWorks()) add(name, text);

  const sections = [...namesByText].map(([text, names]) => `${[...names].sort().join('\n')}\n\n${text}\n`);
  const rule = `\n${'='.repeat(100)}\n\n`;
  return ['playground.html.gz contains the works below, each under the licence printed after its name.\n', ...sections.sort()].join(rule);
}
