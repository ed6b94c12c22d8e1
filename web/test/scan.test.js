import assert from "node:assert/strict";
import test from "node:test";
import { isQuoted, scan } from "../src/editor/scan.js";

/** The place of | in a text. */
function at(marked) {
  const place = marked.indexOf("|>");
  return scan(marked.replace("|>", ""), place);
}

const PLACES = [
  ["|>", "clause"],
  ["SEL|>", "clause"],
  ["SELECT (COUNT(|>", "expression"],
  ["SELECT * { |>", "subject"],
  ["SELECT * { ?d |>", "predicate", "?d"],
  ["SELECT * { ?d a |>}", "object", "?d", "a"],
  ["SELECT * { ?d a tz:Drug ; |> }", "predicate", "?d"],
  ["SELECT * { ?d a tz:Drug , |> }", "object", "?d", "a"],
  ["SELECT * { ?d tz:targets/|>", "predicate", "?d"],
  ["SELECT * { ?d (tz:a|tz:b)* |>", "object", "?d", null],
  ["SELECT * { ?x tz:p [ a tz:Drug ; |>", "predicate", "[]"],
  ["SELECT * { ?x tz:p [ a tz:Drug ] . |>", "subject"],
  ["SELECT * { OPTIONAL { ?x tz:p ?y } |> }", "subject"],
  ["SELECT * { GRAPH |>?g { ?a ?b ?c } }", "graph"],
  ["SELECT * { VALUES ?x { tz:a |>} }", "values"],
  ["SELECT * { ?x tz:p 'x'@en ; |>", "predicate", "?x"],
  ['SELECT * { ?x tz:p "3"^^xsd:int ; |>', "predicate", "?x"],
  ["SELECT * { ?x tz:p ?y FILTER(?y > |>", "expression"],
  ["SELECT * { ?x tz:p ?y FILTER NOT EXISTS { ?x |>", "predicate", "?x"],
  ["SELECT * { ?x tz:p ?y FILTER(?y > 3) ?x |>", "predicate", "?x"],
  ["}}}]])) { ?x |>", "predicate", "?x"],
];

for (const [text, part, subject, predicate] of PLACES) {
  test(text, () => {
    const found = at(text);
    assert.equal(found.part, part);
    if (subject) assert.equal(found.subject, subject);
    if (predicate !== undefined) assert.equal(found.predicate, predicate);
  });
}

test("a path that goes backwards", () => {
  assert.equal(at("SELECT * { ?d ^|>").inverse, true);
  assert.equal(at("SELECT * { ?d ^tz:a ?b . ?b |>").inverse, false);
});

test("triples of the whole text, also behind the place", () => {
  const text = "SELECT * { ?d |> . ?d a tz:Drug ; tz:targets ?t , ?u . ?u tz:a/tz:b ?v }".replace("|>", "tz:p ?q");
  assert.deepEqual(scan(text, 14).triples, [
    ["?d", "tz:p", "?q"], ["?d", "a", "tz:Drug"], ["?d", "tz:targets", "?t"], ["?d", "tz:targets", "?u"],
  ]);
});

test("nothing is completed in strings, comments and IRIs", () => {
  for (const [text, place, expected] of [
    ['"a b"', 3, true], ['"a b"', 5, false], ['"a b', 4, true], ["'''a\nb", 6, true], ['""', 2, false],
    ["# x", 3, true], ["<http://x>", 4, true], ["<http://x>", 10, false], ["?x", 2, false], ["", 0, false],
  ]) assert.equal(isQuoted(text, place), expected, `${text} at ${place}`);
});

test("time grows with the length alone", () => {
  const time = (text) => {
    const begun = performance.now();
    scan(text);
    isQuoted(text, text.length);
    return performance.now() - begun;
  };
  for (const unit of ["{", '"""', "?a ", "(", "[", "'", "a:", "<", "\\", "a.", "# \u2028"]) {
    time(unit.repeat(1000));
    assert.ok(time(unit.repeat(40_000)) < 2000, JSON.stringify(unit));
  }
});
