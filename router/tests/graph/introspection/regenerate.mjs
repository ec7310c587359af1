// Makes `expected.json` and `query.graphql` anew: `npm install graphql@16.10.0`, then `node regenerate.mjs`.
// What is inaccessible is taken out first, for graphql-js knows nothing of it.
import { buildASTSchema, getIntrospectionQuery, graphqlSync, parse, visit } from "graphql";
import { readFileSync, writeFileSync } from "node:fs";

const here = new URL(".", import.meta.url);
const options = {
  descriptions: true,
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  schemaDescription: true,
  inputValueDeprecation: true,
  oneOf: true,
};
const isHidden = (node) => node.directives?.some((it) => it.name.value === "inaccessible");
const document = visit(parse(readFileSync(new URL("schema.graphql", here), "utf8")), {
  enter: (node) => (isHidden(node) ? null : undefined),
});
const source = getIntrospectionQuery(options);
const { data, errors } = graphqlSync({ schema: buildASTSchema(document), source });
if (errors) throw errors[0];
writeFileSync(new URL("query.graphql", here), source.trim() + "\n");
writeFileSync(new URL("expected.json", here), JSON.stringify(data, null, 1) + "\n");
