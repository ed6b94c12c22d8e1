import assert from "node:assert/strict";
import test from "node:test";
import { scan } from "../src/editor/scan.js";
import { Schema, placeOf } from "../src/editor/terms.js";

const schema = new Schema({
  prefixes: { tz: "https://w3id.org/tzgraph/ontology#", tzdrug: "https://w3id.org/tzgraph/id/drug/" },
  kinds: { tzdrug: "tz:Drug" },
  classes: [
    { name: "tz:Drug", count: 39, properties: { "tz:targets": 37, "rdfs:label": 39 } },
    { name: "tz:Target", count: 5, properties: { "rdfs:label": 5, "tz:hasDomain": 4 } },
  ],
  properties: [
    { name: "rdfs:label", count: 44 }, { name: "tz:hasDomain", count: 4 }, { name: "tz:targets", count: 37, range: "tz:Target" },
  ],
});
const classes = (written, text) => schema.classesOf(written, scan(text).triples);

test("classes of a subject", () => {
  assert.deepEqual(classes("?d", "{ ?d a tz:Drug }"), ["tz:Drug"]);
  assert.deepEqual(classes("?d", "{ ?d a tz:Unknown }"), []);
  assert.deepEqual(classes("tzdrug:trastuzumab", "{ }"), ["tz:Drug"]);
  assert.deepEqual(classes("?t", "{ ?d tz:targets ?t }"), ["tz:Target"]);
  assert.deepEqual(classes("?d", "{ ?d tz:targets ?t }"), ["tz:Drug"]);
  assert.deepEqual(classes("?d", "{ ?d rdfs:label ?t }"), ["tz:Drug", "tz:Target"]);
  assert.deepEqual(classes("?d", "{ ?d ?p ?t }"), []);
});

test("properties that fit come with the numbers of the class", () => {
  const found = schema.propertiesFor(["tz:Target"]);
  assert.deepEqual(found.map(([term, times, fits]) => [term.name, times, fits]), [
    ["rdfs:label", 5, true], ["tz:hasDomain", 4, true], ["tz:targets", 37, false],
  ]);
});

test("names of IRIs", () => {
  assert.equal(schema.nameOf("https://w3id.org/tzgraph/id/drug/trastuzumab"), "tzdrug:trastuzumab");
  assert.equal(schema.nameOf("https://w3id.org/tzgraph/id/drug/a/b"), "<https://w3id.org/tzgraph/id/drug/a/b>");
  assert.equal(schema.nameOf("http://elsewhere.org/"), "<http://elsewhere.org/>");
});

test("a graph without a schema offers nothing, and fails at nothing", () => {
  const empty = new Schema({});
  assert.deepEqual(empty.classesOf("?d", scan("{ ?d a tz:Drug }").triples), []);
  assert.deepEqual(empty.propertiesFor([]), []);
  assert.equal(empty.nameOf("http://x.org/y"), "<http://x.org/y>");
  assert.equal(placeOf("{ ?x a ", 7).wants, "class");
});
