"""Rules as files: SPARQL CONSTRUCT, in ``ontology/rules/`` (domain) and ``ontology/audit/``.

A file begins with ``#+ title:`` and ``#+ description:`` lines. Its body may use triple patterns,
FILTER, BIND, NOT EXISTS, OPTIONAL and sub-selects with aggregates; GRAPH, SERVICE and property
paths may not stand in it, because a premise has to be a triple of the default view. An audit rule
with the line ``#+ view: quotes`` sees what secondary sources say as well; there, a pattern with a
variable for predicate matches only what held before the audit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox

from tzgraph.errors import InputUnreadableError
from tzgraph.parsing import read_regular
from tzgraph.query.rewrite.graphs import has_aggregate
from tzgraph.query.syntax import parse
from tzgraph.query.syntax.strings import iri_of
from tzgraph.query.syntax.tree import (
    Expression,
    Join,
    NamedPattern,
    ParsedQuery,
    SyntaxNode,
    Term,
    TermKind,
    TriplePattern,
    children,
    walk,
)
from tzgraph.reason.rule import Pattern, Rule

__all__ = ["load_audit_rules", "load_domain_rules", "parse_rule"]

_HEADER = re.compile(r"^#\+\s*(\w+):\s*(.*)$", re.MULTILINE)


def load_domain_rules(folder: Path) -> list[Rule]:
    """Read the rules of a folder, in the order of their names.

    :raises InputUnreadableError: if one can't be parsed or uses what a rule may not
    """
    rules = []
    for path in sorted(folder.glob("*.rq")):
        try:
            text = read_regular(path).decode()
        except (OSError, UnicodeDecodeError) as error:
            said = getattr(error, "strerror", None) or error
            raise InputUnreadableError(
                f"The rule {path} can't be read: {said}.", "Mend or remove the file."
            ) from error
        rules.append(parse_rule(path.stem, text))
    return rules


def load_audit_rules(folder: Path) -> list[Rule]:
    """Read the rules of the audit, in the order of their names.

    :raises InputUnreadableError: if one can't be parsed or uses what a rule may not
    """
    return [replace(rule, settled=True) for rule in load_domain_rules(folder)]


def parse_rule(name: str, text: str) -> Rule:
    """Read a rule from the text of its file.

    :param name: the name of the rule
    :param text: a SPARQL CONSTRUCT query
    :raises InputUnreadableError: if it can't be parsed or uses what a rule may not
    """
    query = parse(text)
    if query is None or query.form != "CONSTRUCT" or query.where is None or query.datasets:
        raise _bad(name, "it can't be parsed as CONSTRUCT { … } WHERE { … }")
    try:
        ox.Store().query(text)
    except (SyntaxError, ValueError) as error:
        raise _bad(name, str(error)) from error
    if query.where.elements is query.template:
        raise _bad(name, "it has no pattern apart from what it constructs")
    if behind := text[query.where.end : query.end].strip():
        raise _bad(name, f"“{behind}” may not follow its body")
    for part in walk(query.where):
        if isinstance(part, NamedPattern):
            raise _bad(name, f"it uses {part.keyword}")
    body = _Patterns(name, query.prefixes)
    body.add(query.where, body.found)
    header = {key: value.strip() for key, value in _HEADER.findall(text)}
    return Rule(
        name=name,
        title=header.get("title", name),
        head=tuple(body.pattern(triple) for part in query.template for triple in part.triples),
        body=tuple(dict.fromkeys(body.found)),
        where=text[query.where.start + 1 : query.where.end - 1],
        axiom=header.get("description", ""),
        absent=tuple(dict.fromkeys(body.absent)),
        spared=tuple(dict.fromkeys(body.spared)),
        denied=tuple(body.denied),
        optional=tuple(dict.fromkeys(body.optional)),
        prologue="".join(f"PREFIX {key}: <{iri}>\n" for key, iri in query.prefixes.items()),
        quotes=header.get("view") == "quotes",
    )


def _bad(name: str, why: str) -> InputUnreadableError:
    return InputUnreadableError(f"The rule {name}.rq can't be used: {why}.", "Correct the file.")


class _Patterns:
    """Collects the triple patterns of the body of a rule.

    :ivar found: what must hold, or may, where it is optional
    :ivar absent: what must not hold, or has to be complete
    :ivar spared: what must not hold in what must not hold, so that more of it lets more follow
    """

    def __init__(self, name: str, prefixes: Mapping[str, str]) -> None:
        self.name = name
        self.prefixes = prefixes
        self.found: list[Pattern] = []
        self.absent: list[Pattern] = []
        self.spared: list[Pattern] = []
        self.denied: list[tuple[Pattern, ...]] = []
        self.optional: list[Pattern] = []

    def add(self, node: SyntaxNode, into: list[Pattern]) -> None:
        """Collect what is in a part of it."""
        match node:
            case TriplePattern():
                into.append(self.pattern(node))
                return
            case Join(keyword="OPTIONAL"):
                self.optional.extend(self._within(node.group))
            case Join(keyword="MINUS"):
                into = self.absent
            case Expression(name="NOT EXISTS"):
                if into is self.found:
                    self.denied.append(tuple(self._within(*node.arguments)))
                into = self.spared if into is self.absent else self.absent
            case Expression(name="!" | "||"):  # an EXISTS below may be false though the body holds
                parts = (part for part in walk(node) if isinstance(part, TriplePattern))
                self.absent.extend(map(self.pattern, parts))
                return
            case ParsedQuery() if node.group_by or any(map(has_aggregate, node.items)):
                # What is counted has to be complete, and is a premise all the same.
                self.absent.extend(self._within(*children(node)))
        for child in children(node):
            self.add(child, into)

    def _within(self, *nodes: SyntaxNode) -> list[Pattern]:
        inner = _Patterns(self.name, self.prefixes)
        for node in nodes:
            inner.add(node, inner.found)
        return inner.found

    def pattern(self, triple: TriplePattern) -> Pattern:
        """Give a triple as a pattern.

        :raises InputUnreadableError: if it is a path, or one of its terms can't be a premise's
        """
        if not isinstance(triple.verb, Term):
            raise _bad(self.name, "it uses a property path")
        return Pattern(*map(self._term, (triple.subject, triple.verb, triple.object)))

    def _term(self, term: Term) -> str:
        """Give a term in N-Triples syntax, and a variable as ``?name``."""
        if term.kind is TermKind.VARIABLE:
            return f"?{term.value}"
        if term.kind is TermKind.IRI and (iri := iri_of(term, self.prefixes)):
            return f"<{iri}>"
        if term.kind is TermKind.LITERAL:
            return _literal(term.value, self.prefixes)
        raise _bad(self.name, "it uses a blank node, where a variable would do")


def _literal(written: str, prefixes: Mapping[str, str]) -> str:
    """Give a literal in N-Triples syntax; Turtle writes it as SPARQL does."""
    declared = "".join(f"@prefix {key}: <{iri}> .\n" for key, iri in prefixes.items())
    (quad,) = ox.parse(f"{declared}<x:s> <x:p> {written} .", format=ox.RdfFormat.TURTLE)
    return str(quad.object)
