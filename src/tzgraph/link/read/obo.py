"""OBO files (1.2 and 1.4), line by line.

Of eight real files, fastobo, and with it pronto, refuses two as a whole for one clause each that
it can't parse, and it tells the line of no term. So the few clauses that matter here are read by
patterns; a clause that doesn't fit is told with its line and left out.

https://owlcollab.github.io/oboformat/doc/GO.format.obo-1_4.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tzgraph.link.ontology.model import Definition, Relation, Scope, Synonym
from tzgraph.link.read.draft import DraftOntology, DraftTerm
from tzgraph.link.read.ids import OBO
from tzgraph.link.read.lines import lines
from tzgraph.link.read.source import Source
from tzgraph.link.read.vocabulary import Role, role_of, scope_of

__all__ = ["RELATIONS", "read_obo"]

#: IRIs of relations by the short names that OBO files use without declaring them.
RELATIONS = {
    "part_of": OBO + "BFO_0000050",
    "has_part": OBO + "BFO_0000051",
    "occurs_in": OBO + "BFO_0000066",
    "in_taxon": OBO + "RO_0002162",
    "only_in_taxon": OBO + "RO_0002160",
    "regulates": OBO + "RO_0002211",
    "negatively_regulates": OBO + "RO_0002212",
    "positively_regulates": OBO + "RO_0002213",
    "happens_during": OBO + "RO_0002092",
    "ends_during": OBO + "RO_0002093",
}
_KINDS = {"Term": "class", "Typedef": "property", "Instance": "individual"}
_SCOPES = {scope.value.upper(): scope for scope in Scope}
#: Tags of OBO 1.0 that have the scope in their name.
_OLD_SYNONYMS = {
    "exact_synonym": Scope.EXACT,
    "broad_synonym": Scope.BROAD,
    "narrow_synonym": Scope.NARROW,
    "related_synonym": Scope.RELATED,
}
_STANZA = re.compile(r"\[(\w[\w ]*)\]\s*(?:!.*)?")
_CLAUSE = re.compile(r"([A-Za-z][\w-]*)\s*:\s?(.*)", re.DOTALL)
_QUOTED = re.compile(r"\"((?:[^\"\\]|\\.)*)\"\s*(.*)", re.DOTALL)
_MODIFIERS = re.compile(r"(?<!\s)\s*+(?<!\\)\{[^{}]*+\}\s*+(?:!.*)?\Z", re.DOTALL)
_COMMENT = re.compile(r"(?<!\s)\s++!.*", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", "W": " ", "t": "\t"}
_EQUIVALENT = re.compile(r"source\s*=\s*\"MONDO:equivalentTo\"", re.IGNORECASE)
_DATE = re.compile(r"(\d\d):(\d\d):(\d{4})")
_RELEASE = re.compile(r"releases?/([^/]+)(?:/|$)")


@dataclass
class _Frame:
    """A stanza: its kind, line and clauses (line, tag, value)."""

    kind: str
    line: int
    clauses: list[tuple[int, str, str]] = field(default_factory=list)


def read_obo(source: Source, draft: DraftOntology) -> int:
    """Read an OBO file.

    :param source: the file
    :param draft: takes what is read, and warnings of clauses that don't fit
    :return: number of stanzas
    :raises DataError: if it isn't UTF-8, or is truncated
    """
    return _Reader(draft).read(source)


class _Reader:
    def __init__(self, draft: DraftOntology) -> None:
        self.draft = draft
        self.spaces: dict[str, str] = {}
        draft.ids.spaces = self.spaces
        #: Typedefs that are named by a short word → their IRI.
        self.relations = dict(RELATIONS)
        #: Relations are resolved at the end, as Typedefs may follow.
        self.pending: list[tuple[str, str, str]] = []
        self.genera: list[tuple[str, list[str], list[tuple[str, str]]]] = []
        self.lines: dict[str, int] = {}
        self.handlers: dict[str, Callable[[str, DraftTerm, int, str], None]] = {
            "name": self.name,
            "def": self.definition,
            "synonym": self.synonym,
            "xref": self.xref,
            "xref_analog": self.xref,
            "is_a": self.is_a,
            "relationship": self.relationship,
            "equivalent_to": self.equivalent,
            "is_obsolete": self.obsolete,
            "replaced_by": self.replaced,
            "consider": self.consider,
            "alt_id": self.alternative,
            "property_value": self.value,
        }

    def read(self, source: Source) -> int:
        count = 0
        for frame in self.frames(source):
            if frame.kind:
                count += 1
                self.frame(frame)
            else:
                self.header(frame)
        self.finish()
        return count

    def frames(self, source: Source) -> Iterator[_Frame]:
        frame = _Frame("", 1)
        for number, text in lines(source, self.draft):
            line = text.strip()
            if not line or line.startswith("!"):
                continue
            if stanza := _STANZA.fullmatch(line):
                yield frame
                frame = _Frame(stanza[1], number)
            elif clause := _CLAUSE.fullmatch(line):
                frame.clauses.append((number, clause[1], clause[2].strip()))
            else:
                self.malformed(number, f"“{line[:80]}” is neither a stanza nor a clause")
        yield frame

    def malformed(self, line: int, what: str) -> None:
        self.draft.warn("malformed-clause", f"{what}.", "The line was left out.", line)

    # ── header ──

    def header(self, frame: _Frame) -> None:
        draft = self.draft
        for _, tag, value in frame.clauses:
            if tag == "idspace":
                parts = value.split()
                if len(parts) > 1:
                    self.spaces[parts[0]] = parts[1]
            elif tag == "ontology":
                draft.iri = value if value.startswith("http") else f"{OBO}{value}.owl"
            elif tag == "data-version":
                release = _RELEASE.search(value)
                draft.version = release[1] if release else value
                if value.startswith("http"):
                    draft.version_iri = value
                elif release and not value.startswith("release") and " " not in value:
                    draft.version_iri = OBO + value
            elif tag == "date" and (date := _DATE.match(value)):
                draft.date = f"{date[3]}-{date[2]}-{date[1]}"
            elif tag == "property_value":
                self.about(value)

    def about(self, value: str) -> None:
        name, _, rest = value.partition(" ")
        local = re.split(r"[:/#]", name)[-1].lower()
        quoted = _QUOTED.match(rest.strip())
        text = _plain(quoted[1]) if quoted else (rest.split() or [""])[0]
        if local == "license" and not self.draft.licence:
            self.draft.licence = text
        elif local == "title" and not self.draft.title:
            self.draft.title = text
        elif local == "versioninfo" and not self.draft.version:
            self.draft.version = text

    # ── stanzas ──

    def frame(self, frame: _Frame) -> None:
        kind = _KINDS.get(frame.kind)
        if kind is None:
            return
        ids = [(line, _reference(value)) for line, tag, value in frame.clauses if tag == "id"]
        if not ids or not ids[0][1]:
            self.draft.warn(
                "no-id",
                f"The stanza [{frame.kind}] has no id.",
                "It was left out.",
                frame.line,
            )
            return
        line, written = ids[0]
        iri = self.typedef(written, frame) if kind == "property" else self.iri(written)
        if iri in self.lines:
            self.draft.warn(
                "duplicate-term",
                f"{written} is described in line {self.lines[iri]}, too.",
                "What both say was put together; tell the ontology's makers.",
                line,
            )
        self.lines.setdefault(iri, line)
        term = self.draft.term(iri)
        term.kind = term.kind or kind
        term.line = term.line or line
        self.genus(iri, frame)
        for number, tag, value in frame.clauses:
            if tag in _OLD_SYNONYMS:
                self.synonym(iri, term, number, value, _OLD_SYNONYMS[tag])
            elif handler := self.handlers.get(tag):
                handler(iri, term, number, value)

    def typedef(self, written: str, frame: _Frame) -> str:
        """The IRI of a relation: that of its cross-reference if its id is only a short name."""
        if ":" in written:
            iri = self.iri(written)
        else:
            refs = (_reference(value) for _, tag, value in frame.clauses if tag == "xref")
            official = next((r for r in refs if r.startswith(("BFO:", "RO:"))), "")
            iri = self.iri(official) if official else self.short(written)
        self.relations[written] = iri
        return iri

    def iri(self, text: str) -> str:
        if ":" in text:
            return self.draft.ids.iri(text, obo=True)
        return self.short(text)

    def short(self, text: str) -> str:
        """The IRI of an id without prefix, as the OBO specification says."""
        known = self.relations.get(text)
        name = self.draft.iri.removeprefix(OBO).removesuffix(".owl") or "TODO"
        return known or f"{OBO}{name}#{text}"

    def genus(self, iri: str, frame: _Frame) -> None:
        parts = [
            _bare(value).split() for _, tag, value in frame.clauses if tag == "intersection_of"
        ]
        if parts:
            classes = [self.iri(part[0]) for part in parts if len(part) == 1]
            relations = [(part[0], part[1]) for part in parts if len(part) > 1]
            self.genera.append((iri, classes, relations))

    def name(self, iri: str, term: DraftTerm, line: int, value: str) -> None:
        text = _plain(_MODIFIERS.sub("", value))
        if term.labels and term.labels[0][0] != text:
            self.draft.warn(
                "two-names",
                f"{iri} has another name, “{term.labels[0][0]}”.",
                "The first was taken as its label.",
                line,
            )
        if text:
            term.labels.append((text, ""))

    def definition(self, _iri: str, term: DraftTerm, line: int, value: str) -> None:
        if quoted := _QUOTED.match(value):
            term.definitions.append(_plain(quoted[1]))
        else:
            self.malformed(line, "The definition is not in quotes")

    def synonym(
        self, _iri: str, term: DraftTerm, line: int, value: str, scope: Scope | None = None
    ) -> None:
        quoted = _QUOTED.match(value)
        if quoted is None:
            self.malformed(line, "The synonym is not in quotes")
            return
        said = (quoted[2].split() or [""])[0]
        found = scope or _SCOPES.get(said, Scope.RELATED)  # which is what no scope means
        term.synonyms.append(Synonym(_plain(quoted[1]), found))

    def xref(self, _iri: str, term: DraftTerm, _line: int, value: str) -> None:
        text = _reference(value)
        if text:
            term.xrefs.append(self.draft.ids.curie(text))
            if _EQUIVALENT.search(value):
                term.exact.append(self.draft.ids.iri(text))

    def is_a(self, _iri: str, term: DraftTerm, line: int, value: str) -> None:
        if text := _reference(value):
            term.parents.append(self.iri(text))
        else:
            self.malformed(line, "The clause is_a names nothing")

    def relationship(self, iri: str, _term: DraftTerm, line: int, value: str) -> None:
        parts = _bare(value).split()
        if len(parts) < 2:
            self.malformed(line, "The relationship has no target")
        else:
            self.pending.append((iri, parts[0], parts[1]))

    def equivalent(self, _iri: str, term: DraftTerm, _line: int, value: str) -> None:
        if text := _reference(value):
            term.equivalents.append(Definition((self.iri(text),)))

    def obsolete(self, _iri: str, term: DraftTerm, _line: int, value: str) -> None:
        term.deprecated = term.deprecated or _reference(value).lower() in ("true", "1")

    def replaced(self, _iri: str, term: DraftTerm, _line: int, value: str) -> None:
        if text := _reference(value):
            term.replaced_by.append(self.iri(text))

    def consider(self, _iri: str, term: DraftTerm, _line: int, value: str) -> None:
        if text := _reference(value):
            term.consider.append(self.iri(text))

    def alternative(self, iri: str, _term: DraftTerm, _line: int, value: str) -> None:
        if text := _reference(value):
            self.draft.alternatives.setdefault(self.iri(text), iri)

    def value(self, _iri: str, term: DraftTerm, _line: int, value: str) -> None:
        """Read a property_value: a property, then a text in quotes or an id."""
        prop, _, rest = value.partition(" ")
        role = role_of(self.draft.ids.iri(prop) if ":" in prop else self.relations.get(prop, prop))
        if role is None and prop == "exactMatch":
            role = Role.EXACT_MATCH
        if role is None:
            return
        quoted = _QUOTED.match(rest.strip())
        text = _plain(quoted[1]) if quoted else _reference(rest)
        scope = scope_of(role)
        if scope is not None:
            term.synonyms.append(Synonym(text, scope))
        elif role is Role.EXACT_MATCH:
            term.exact.append(self.draft.ids.iri(text))
        elif role is Role.XREF:
            term.xrefs.append(self.draft.ids.curie(text))
        elif role is Role.TAXON and (taxon := self.draft.ids.taxon(text)):
            term.taxa.append(taxon)
        elif role is Role.REPLACED_BY:
            term.replaced_by.append(self.iri(text))
        elif role in (Role.DEFINITION, Role.DESCRIPTION):
            term.descriptions.append(text)
        elif role is Role.DEPRECATED:
            term.deprecated = text == "true"

    def finish(self) -> None:
        for iri, name, target in self.pending:
            relation = self.relations.get(name) or self.iri(name)
            self.draft.relate(iri, relation, [self.iri(target)])
        for iri, classes, pairs in self.genera:
            relations = tuple(
                Relation(self.relations.get(name) or self.iri(name), self.iri(target))
                for name, target in pairs
            )
            term = self.draft.term(iri)
            term.equivalents.append(Definition(tuple(classes), relations))
            term.parents += classes


def _plain(text: str) -> str:
    """Undo escapes."""
    return _ESCAPE.sub(lambda m: _ESCAPES.get(m[1], m[1]), text).strip()


def _bare(value: str) -> str:
    """A value without comment and modifiers."""
    return _MODIFIERS.sub("", _COMMENT.sub("", value)).strip()


def _reference(value: str) -> str:
    """The identifier that a value begins with."""
    parts = _bare(value).split()
    return _plain(parts[0]) if parts else ""
