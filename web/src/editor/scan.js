// Where in a query a place is: what completion needs to know, also of queries that don't parse yet.
// In time linear in the text: prefixes have a bound, as without a colon they are none.

const TOKENS = new RegExp(
  [
    "\\s+|#[^\\n]*",
    '(?<text>"""(?:[^]*?"""|[^]*)|\'\'\'(?:[^]*?\'\'\'|[^]*)|"(?:[^"\\\\\\n]|\\\\.)*"?|\'(?:[^\'\\\\\\n]|\\\\.)*\'?)',
    "(?<iri><[^<>\"{}|^`\\\\\\s]*>)",
    "(?<variable>[?$][\\p{L}\\p{N}_]+)",
    "(?<tag>@[A-Za-z-]+|\\^\\^)",
    "(?<name>(?:[\\p{L}](?:[\\p{L}\\p{N}_-]|\\.(?=[\\p{L}\\p{N}_-])){0,255})?:(?:[\\p{L}\\p{N}_:%-]|\\.(?=[\\p{L}\\p{N}_:%-]))*|_:[\\p{L}\\p{N}_-]+)",
    "(?<number>[0-9]+(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)",
    "(?<word>[\\p{L}_][\\p{L}\\p{N}_-]*)",
    "(?<sign>[^])",
  ].join("|"),
  "gu",
);
/** Words after which an expression in parentheses comes. */
const ASKING = new Set(["FILTER", "BIND", "HAVING", "BY", "ASC", "DESC", "SELECT", "NOT", "EXISTS", "IF"]);
/** Words with which a part of a pattern begins. */
const PARTS = new Set(["OPTIONAL", "UNION", "MINUS", "FILTER", "BIND", "GRAPH", "SERVICE", "VALUES", "EXISTS", "NOT", "SILENT"]);

/** The tokens of a text, without blanks and comments: {kind, text, from, to}. */
export function* tokens(text) {
  for (const found of text.matchAll(TOKENS)) {
    const kind = Object.keys(found.groups).find((name) => found.groups[name] !== undefined);
    if (kind) yield { kind, text: found[0], from: found.index, to: found.index + found[0].length };
  }
}

/** Whether a place is within a comment, a string or an IRI, where nothing is completed. */
export function isQuoted(text, place) {
  for (const found of text.matchAll(TOKENS)) {
    const end = found.index + found[0].length;
    if (found.index < place && place <= end) {
      const { text: string, iri } = found.groups;
      if (found[0].startsWith("#")) return true;
      if (string !== undefined) return place < end || !/(.)\1{0,2}$/.test(string) || string.length < 2 || !string.endsWith(string[0]);
      return iri !== undefined && place < end;
    }
    if (found.index >= place) return false;
  }
  return false;
}

/**
 * What a query says, and where a place in it is.
 *
 * part: "subject", "predicate", "object" of a triple, "expression", "graph", "values" or "clause" (outside
 * of patterns); subject, predicate: as written, of the triple there; inverse: whether the path there
 * goes backwards. triples: all triples of the text whose predicate is one name, as [s, p, o].
 */
export function scan(text, place = text.length) {
  const triples = [];
  let frame = { part: "clause", kind: "top" };
  let found = null;
  let before = "";
  const stack = [];
  const push = (kind, part, more = {}) => { stack.push(frame); frame = { kind, part, ...more }; };
  const pop = () => { if (stack.length) frame = stack.pop(); };
  // A term that stands there fills its place, and the next one is awaited.
  const fill = (written) => {
    if (frame.part === "subject") { frame.subject = written; frame.part = "predicate"; startPath(); }
    else if (frame.part === "predicate") { frame.predicate = frame.simple ? written : null; frame.part = "object"; }
    else if (frame.part === "object") {
      if (frame.predicate) triples.push([frame.subject, frame.predicate, written]);
      frame.part = "end";
    }
  };
  const startPath = () => { frame.simple = true; frame.inverse = false; frame.predicate = null; };
  const mark = () => {
    const { part, subject, predicate, inverse } = frame;
    found = { part: part === "end" ? "subject" : part, subject, predicate, inverse: Boolean(inverse) };
  };

  for (const token of tokens(text)) {
    if (found === null && token.to > place) mark();
    const { kind, text: written } = token;
    const isDatatype = before === "^^";
    before = written;
    if (isDatatype) continue;
    const word = kind === "word" ? written.toUpperCase() : "";
    if (written === "{") {
      if (frame.part === "values") push("values", "values");
      else push("block", "subject");
    } else if (written === "}") {
      // Whatever was left open within is closed as well.
      while (stack.length && !["block", "values"].includes(frame.kind)) pop();
      pop();
      if (frame.kind === "block") frame.part = "subject";
      else if (frame.kind === "top") frame.part = "clause";
    } else if (written === "[") {
      push("node", "predicate", { subject: "[]", simple: true, predicate: null });
    } else if (written === "]") {
      if (frame.kind === "node") pop();
      fill("[]");
    } else if (written === "(") {
      const { part, asks } = frame;
      frame.asks = false;
      if (frame.kind === "values" || frame.part === "values") push("list", "values");
      else if (asks || part === "expression" || part === "clause") push("parentheses", "expression");
      else if (part === "predicate") push("path", "predicate", { subject: frame.subject, simple: false, inverse: frame.inverse });
      else push("list", part === "object" ? "object" : "expression");
    } else if (written === ")") {
      const { kind: closed } = frame;
      if (["parentheses", "path", "list"].includes(closed)) pop();
      if (closed === "path") { frame.simple = false; frame.part = "object"; frame.predicate = null; }
      else if (closed === "list" && frame.part === "object") frame.part = "end";
    } else if (["block", "node", "path"].includes(frame.kind)) {
      if (written === "." ) { frame.part = "subject"; }
      else if (written === ";") { frame.part = "predicate"; startPath(); }
      else if (written === ",") frame.part = "object";
      else if (frame.part === "predicate" && written === "^") { frame.inverse = true; frame.simple = false; }
      else if (frame.part === "object" && frame.predicate !== undefined && "/|".includes(written)) {
        Object.assign(frame, { part: "predicate", simple: false, predicate: null });
      } else if (frame.part === "object" && "*+?".includes(written)) frame.predicate = null;
      else if (word === "A" && written === "a" && frame.part === "predicate") fill("a");
      else if (PARTS.has(word)) {
        frame.part = word === "GRAPH" || word === "SERVICE" ? "graph" : word === "VALUES" ? "values" : "subject";
        frame.asks = ASKING.has(word);
      } else if (word && ["subject", "end"].includes(frame.part)) frame.asks = true;
      else if (["iri", "name", "variable", "text", "number"].includes(kind)) {
        if (frame.part === "end") frame.part = "subject";
        if (kind !== "text" || frame.part === "object") fill(written);
      } else if (word && frame.part === "object") fill(written);
    } else if (frame.kind === "top") {
      frame.part = "clause";
    }
  }
  if (found === null) mark();
  return { ...found, triples };
}
