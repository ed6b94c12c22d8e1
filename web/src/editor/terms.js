// What the schema of the served graph says of the place where somebody writes.
import { scan } from "./scan.js";

const TYPE = new Set(["a", "rdf:type", "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"]);

/** A schema as the server gives it, with its terms by name. */
export class Schema {
  constructor({ prefixes = {}, kinds = {}, classes = [], properties = [] } = {}) {
    this.prefixes = prefixes;
    this.kinds = kinds;
    this.classes = classes;
    this.properties = properties;
    this.byName = new Map([...classes, ...properties].map((term) => [term.name, term]));
    this.byClass = new Map(classes.map((term) => [term.name, term.properties ?? {}]));
  }

  /** The name by which queries write an IRI. */
  nameOf(iri) {
    let best = "";
    for (const [prefix, space] of Object.entries(this.prefixes)) {
      if (iri.startsWith(space) && space.length > (this.prefixes[best]?.length ?? 0)) best = prefix;
    }
    const local = best && iri.slice(this.prefixes[best].length);
    return best && /^[\p{L}\p{N}_](?:[\p{L}\p{N}_-]*[\p{L}\p{N}_])?$/u.test(local) ? `${best}:${local}` : `<${iri}>`;
  }

  /** The classes that the subject or object of a query's triples may be of; none if nothing is known. */
  classesOf(written, triples) {
    const typed = new Set(triples.filter(([s, p]) => s === written && TYPE.has(p)).map(([, , o]) => o));
    const known = [...typed].filter((name) => this.byClass.has(name));
    if (known.length) return known;
    const kind = this.kinds[/^([^:]*):/.exec(written)?.[1]];
    if (kind && !/^[?$]/.test(written)) return [kind];
    const reached = triples.filter(([, p, o]) => o === written && this.byName.get(p)?.range).map(([, p]) => this.byName.get(p).range);
    if (reached.length) return reached.filter((name) => this.byClass.has(name));
    const used = triples.filter(([s, p]) => s === written && this.byName.has(p)).map(([, p]) => p);
    if (!used.length || written === "[]") return [];
    return [...this.byClass].filter(([, of]) => used.every((name) => name in of)).map(([name]) => name);
  }

  /** Properties, those of the classes first: [term, times, fits]. */
  propertiesFor(classes) {
    const times = new Map();
    for (const name of classes) {
      for (const [property, count] of Object.entries(this.byClass.get(name) ?? {})) {
        times.set(property, Math.max(times.get(property) ?? 0, count));
      }
    }
    return this.properties.map((term) => [term, times.get(term.name) ?? term.count ?? 0, times.has(term.name)]);
  }
}

/** What is offered at a place: {kind, classes, triples…}, from the text alone. */
export function placeOf(text, from) {
  const at = scan(text, from);
  const wants = at.part === "object" && TYPE.has(at.predicate) ? "class" : at.part;
  return { ...at, wants };
}
