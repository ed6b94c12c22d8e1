// Completion and hints, from the schema that was loaded once; only what is asked for by name (Ctrl+Space
// on a word) is looked up on the server.
import { hoverTooltip } from "@codemirror/view";
import { isQuoted, tokens } from "./scan.js";
import { placeOf } from "./terms.js";

const CLAUSES = "SELECT DISTINCT CONSTRUCT DESCRIBE ASK WHERE FROM NAMED PREFIX ORDER BY GROUP HAVING LIMIT OFFSET VALUES COUNT AS ASC DESC".split(" ");
const PARTS = "OPTIONAL FILTER UNION MINUS BIND VALUES GRAPH SERVICE SELECT".split(" ");
const FUNCTIONS = (
  "COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT STR LANG LANGMATCHES DATATYPE BOUND IRI CONTAINS STRSTARTS STRENDS STRBEFORE "
  + "STRAFTER STRLEN SUBSTR UCASE LCASE REPLACE REGEX CONCAT ABS CEIL FLOOR ROUND COALESCE IF YEAR MONTH DAY NOW STRDT "
  + "STRLANG ISIRI ISBLANK ISLITERAL ISNUMERIC EXISTS NOT IN AS DISTINCT"
).split(" ");
const WORD = /[\p{L}\p{N}_:%-](?:[\p{L}\p{N}_:.%-]*)$/u;
const number = new Intl.NumberFormat("en");

/** Gives what stands beside a term in the list and when one points at it. */
function about(term) {
  const box = document.createElement("div");
  box.className = "about-term";
  const title = box.appendChild(document.createElement("p"));
  title.append(Object.assign(document.createElement("strong"), { textContent: term.label ?? term.name }));
  if (term.label) title.append(" ", Object.assign(document.createElement("code"), { textContent: term.name }));
  for (const text of [term.definition, said(term)]) {
    if (text) box.appendChild(document.createElement("p")).textContent = text;
  }
  return box;
}

function said(term) {
  const kind = term.properties ? "things" : "statements";
  const range = term.range ? `Leads to ${term.range}. ` : "";
  return term.count === undefined ? range : `${range}${number.format(term.count)} ${kind} in this graph.`;
}

function option(term, type, boost, times = term.count ?? 0) {
  return { label: term.name, type, boost, detail: times ? number.format(times) : "", info: () => about(term) };
}

const words = (list, boost = -50) => list.map((label) => ({ label, type: "keyword", boost }));
/** From 0 to 40, more for what there is more of. */
const weight = (times) => Math.min(40, Math.round(4 * Math.log2(1 + times)));

/** Completion of names, keywords and variables; asks nobody. */
export function fromSchema(schemaOf) {
  return (context) => {
    const text = context.state.doc.toString();
    const variable = context.matchBefore(/[?$][\p{L}\p{N}_]*$/u);
    if (isQuoted(text, context.pos)) return null;
    if (variable) {
      const names = new Set([...tokens(text)].filter((t) => t.kind === "variable" && t.to !== context.pos).map((t) => t.text));
      return { from: variable.from, options: [...names].map((label) => ({ label, type: "variable" })), validFor: /^[?$][\p{L}\p{N}_]*$/u };
    }
    const word = context.matchBefore(WORD);
    if (!word && !context.explicit) return null;
    const from = word ? word.from : context.pos;
    const options = offered(schemaOf(), placeOf(text, from));
    return options.length ? { from, options, validFor: /^[\p{L}\p{N}_:.%-]*$/u } : null;
  };
}

function offered(schema, at) {
  const prefixes = Object.keys(schema.prefixes).map((prefix) => ({
    label: `${prefix}:`, type: "namespace", boost: -30, detail: schema.prefixes[prefix],
  }));
  if (at.wants === "class") return [...schema.classes.map((term) => option(term, "class", weight(term.count ?? 0))), ...prefixes];
  if (at.wants === "predicate") {
    const classes = at.inverse ? [] : schema.classesOf(at.subject, at.triples);
    const properties = schema.propertiesFor(classes).map(([term, times, fits]) => ({
      ...option(term, "property", (fits ? 50 : 0) + weight(times), times),
      section: classes.length ? section(fits, classes) : undefined,
    }));
    return [{ label: "a", type: "keyword", detail: "is of the class", boost: 95, section: classes.length ? section(true, classes) : undefined }, ...properties, ...prefixes.map((p) => ({ ...p, section: classes.length ? section(false, classes) : undefined }))];
  }
  if (at.wants === "clause") return words(CLAUSES);
  if (at.wants === "expression") return [...words(FUNCTIONS), ...prefixes];
  if (at.wants === "subject") return [...words(PARTS, -20), ...prefixes];
  return prefixes;
}

function section(fits, classes) {
  const shown = classes.slice(0, 3).join(", ") + (classes.length > 3 ? " …" : "");
  return fits ? { name: `Of ${shown}`, rank: 0 } : { name: "Others", rank: 1 };
}

/** Completion of things by any of their names, where it is asked for. */
export function fromSearch(schemaOf, asked = fetch) {
  return async (context) => {
    const word = context.matchBefore(WORD);
    if (!context.explicit || !word || word.text.length < 2 || word.text.length > 100) return null;
    const text = context.state.doc.toString();
    if (isQuoted(text, context.pos)) return null;
    const { wants, part } = placeOf(text, word.from);
    if (wants === "class" || !["subject", "object", "values", "expression", "graph"].includes(part)) return null;
    const sought = word.text.replace(/^[^:]*:/, "").replaceAll(/[_-]+/g, " ").trim() || word.text;
    const gone = new AbortController();
    context.addEventListener("abort", () => gone.abort());
    let hits;
    try {
      const response = await asked(`/search.json?${new URLSearchParams({ q: sought, limit: "12" })}`, { signal: gone.signal });
      hits = response.ok ? await response.json() : [];
    } catch {
      return null;
    }
    const schema = schemaOf();
    const options = hits.map((hit, rank) => ({
      label: schema.nameOf(hit.iri),
      displayLabel: hit.label,
      detail: hit.kind + (hit.matched !== hit.label ? `, as “${hit.matched}”` : ""),
      type: "thing",
      boost: 50 - rank,
      section: { name: "Things", rank: -1 },
    }));
    return options.length ? { from: word.from, options, filter: false } : null;
  };
}

/** What a term means, where one points at it. */
export function hints(schemaOf) {
  return hoverTooltip((view, place) => {
    const text = view.state.doc.toString();
    for (const token of tokens(text)) {
      if (token.from > place) return null;
      if (token.to < place || token.kind !== "name") continue;
      const term = schemaOf().byName.get(token.text);
      return term ? { pos: token.from, end: token.to, create: () => ({ dom: about(term) }) } : null;
    }
    return null;
  });
}

