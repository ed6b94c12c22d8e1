import assert from "node:assert/strict";
import test from "node:test";
import { SHORT, addressOf, pack, unpack } from "../src/editor/share.js";

test("a short query is in the parameters", async () => {
  assert.equal(await addressOf([["$x", "1"], ["query", "ASK { ?x ?p 'ä' }"]]), "/sparql?%24x=1&query=ASK+%7B+%3Fx+%3Fp+%27%C3%A4%27+%7D");
});

test("a long one is compressed in the fragment, and comes back as it was", async () => {
  const fields = [["query", "SELECT * { ?s ?p 'é\u2028 \ud83e\uddec' }\n".repeat(1000)], ["$x", ""]];
  const address = await addressOf(fields);
  assert.match(address, /^\/sparql#q=[A-Za-z0-9_-]+$/);
  assert.ok(address.length < SHORT);
  assert.deepEqual(await unpack(address.split("=")[1]), fields);
});

test("what is no query is none", async () => {
  const whole = await pack([["query", "ASK {}"]]);
  const bad = [
    "", "%%%", "AAAA", "é", whole.slice(0, -4), `${whole}!`,
    await pack({}), await pack(null), await pack(["query"]), await pack([["query", 1]]), await pack([["q", "x"]]),
    await pack([["query", "x".repeat(2_000_000)]]),
  ];
  for (const text of bad) assert.equal(await unpack(text), null, text.slice(0, 40));
});
