// Comunica asks and changes a server: address, token.

import { QueryEngine } from "@comunica/query-sparql";

const [url, token] = process.argv.slice(2);
const engine = new QueryEngine();
const graph = "http://example.org/comunica";
const source = { type: "sparql", value: `${url}/sparql` };
const destination = { type: "sparql", value: `${url}/update` };
let failed = 0;

/** A fetch that carries the token. */
function withToken(address, options = {}) {
  const headers = new Headers(options.headers);
  headers.set("Authorization", `Bearer ${token}`);
  return fetch(address, { ...options, headers });
}

/** Run a step, and say how it went. */
async function check(name, step) {
  try {
    await step();
    console.log(`ok ${name}`);
  } catch (error) {
    failed++;
    console.log(`failed ${name}: ${error}`);
  }
}

function equal(expected, found) {
  if (expected !== found) throw new Error(`${found} instead of ${expected}`);
}

async function rows(query, sources = [source]) {
  return (await (await engine.queryBindings(query, { sources })).toArray()).length;
}

await check("update", async () => {
  const text = `INSERT DATA { GRAPH <${graph}> { <x:ä> <x:b> "ü\\n"@de, 2 } }`;
  await engine.queryVoid(text, { sources: [destination], destination, fetch: withToken });
});
await check("select", async () => equal(2, await rows(`SELECT * { GRAPH <${graph}> { ?s ?p ?o } }`)));
await check("select with OPTIONAL and FILTER", async () =>
  equal(1, await rows(`SELECT * { GRAPH <${graph}> { ?s ?p ?o OPTIONAL { ?o ?q ?x } FILTER(?o = 2) } }`)));
await check("ask", async () =>
  equal(true, await engine.queryBoolean(`ASK { GRAPH <${graph}> { ?s ?p "ü\\n"@de } }`, { sources: [source] })));
for (const [form, query] of [
  ["construct", `CONSTRUCT { ?s <x:c> ?o } WHERE { GRAPH <${graph}> { ?s ?p ?o } }`],
  ["describe", "DESCRIBE <http://example.org/it>"],
]) {
  await check(form, async () => {
    const quads = await (await engine.queryQuads(query, { sources: [source] })).toArray();
    equal(true, quads.length > 0);
  });
}
await check("a source found out by itself", async () =>
  equal(true, (await rows("SELECT * { ?s ?p ?o } LIMIT 3", [`${url}/sparql`])) > 0));
await check("two sources", async () =>
  equal(true, (await rows("SELECT DISTINCT ?s { ?s ?p ?o } LIMIT 3", [source, `${url}/graphs?graph=${encodeURIComponent(graph)}`])) > 0));
await check("a query that can't be parsed", async () => {
  try {
    await rows("SELECT nonsense");
  } catch {
    return;
  }
  throw new Error("not refused");
});
await check("an update without the token", async () => {
  const context = { sources: [destination], destination };
  // The client need not notice; what counts is that nothing is changed.
  await new QueryEngine().queryVoid(`CLEAR GRAPH <${graph}>`, context).catch(() => {});
  equal(2, await rows(`SELECT * { GRAPH <${graph}> { ?s ?p ?o } } LIMIT 9`));
});
process.exit(failed ? 1 : 0);
