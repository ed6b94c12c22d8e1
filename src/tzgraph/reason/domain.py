"""Rules as files: SPARQL CONSTRUCT, in ``ontology/rules/`` (domain) and ``ontology/audit/``.

A file begins with ``#+ title:`` and ``#+ description:`` lines. Its body may use triple patterns,
FILTER, BIND, NOT EXISTS, OPTIONAL and sub-selects with aggregates; GRAPH, SERVICE and property
paths may not stand in it, because a premise has to be a triple of the default view. An audit rule
with the line ``#+ view: quotes`` sees what secondary sources say as well; there, a pattern with a
variable for predicate matches only what held before the audit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from tzgraph.errors import InputUnreadableError
from tzgraph.parsing import read_regular
from tzgraph.query.tokens import TokenKind, tokens_of
from tzgraph.reason.rule import Pattern, Rule

__all__ = ["load_audit_rules", "load_domain_rules", "parse_rule"]

_HEADER = re.compile(r"^#\+\s*(\w+):\s*(.*)$", re.MULTILINE)
_FORBIDDEN = {
    "Graph": "GRAPH",
    "GraphGraphPattern": "GRAPH",
    "ServiceGraphPattern": "SERVICE",
}
#: Below these an EXISTS may be false although the body holds.
_NOT_SURE = ("Builtin_NOTEXISTS", "UnaryNot", "ConditionalOrExpression")


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


@lru_cache(maxsize=512)  # rdflib takes 13 ms for each, most of the time of a small build
def parse_rule(name: str, text: str) -> Rule:
    """Read a rule from the text of its file.

    :param name: the name of the rule
    :param text: a SPARQL CONSTRUCT query
    :raises InputUnreadableError: if it can't be parsed or uses what a rule may not
    """
    from rdflib.plugins.sparql import prepareQuery

    try:
        prologue, where, behind = _divided(text)
    except ValueError as error:
        raise _bad(name, "it is no CONSTRUCT … WHERE query") from error
    try:
        query = prepareQuery(text)
    except Exception as error:  # pyparsing and rdflib raise many kinds here
        raise _bad(name, str(error)) from error
    if behind:
        raise _bad(name, f"“{behind}” may not follow its body")
    found = _Patterns(name)
    found.walk(query.algebra.p, absent=False)
    header = {key: value.strip() for key, value in _HEADER.findall(text)}
    head = tuple(_pattern(name, triple) for triple in query.algebra.template)
    return Rule(
        name=name,
        title=header.get("title", name),
        head=head,
        body=tuple(dict.fromkeys(found.body)),
        where=where,
        axiom=header.get("description", ""),
        absent=tuple(dict.fromkeys(found.absent)),
        denied=tuple(found.denied),
        optional=tuple(dict.fromkeys(found.optional)),
        prologue="".join(line + "\n" for line in prologue.splitlines() if not line.startswith("#")),
        quotes=header.get("view") == "quotes",
    )


def _divided(text: str) -> tuple[str, str, str]:
    """Give what is before CONSTRUCT, what is in the braces of the body, and what is behind them.

    :raises ValueError: if it is no such query
    """
    tokens = tokens_of(text)
    signs = [token.word if token.kind is TokenKind.WORD else token.text for token in tokens]
    start = signs.index("CONSTRUCT")
    closing = signs.index("}", start)
    opening = signs.index("{", closing)
    end = len(signs) - 1 - signs[::-1].index("}")
    if signs[closing + 1 : opening] not in ([], ["WHERE"]) or end < opening:
        raise ValueError(text)
    behind = text[tokens[end + 1].start :].strip() if end + 1 < len(tokens) else ""
    return text[: tokens[start].start], text[tokens[opening].end : tokens[end].start], behind


def _bad(name: str, why: str) -> InputUnreadableError:
    return InputUnreadableError(f"The rule {name}.rq can't be used: {why}.", "Correct the file.")


def _pattern(name: str, triple: tuple[Any, Any, Any]) -> Pattern:
    from rdflib.term import BNode, Node

    if not all(isinstance(term, Node) for term in triple):
        raise _bad(name, "it uses a property path")
    if any(isinstance(term, BNode) for term in triple):
        raise _bad(name, "it uses a blank node, where a variable would do")
    subject, predicate, obj = (str(term.n3()) for term in triple)
    return Pattern(subject, predicate, obj)


class _Patterns:
    """Collects the triple patterns of a query's algebra."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.body: list[Pattern] = []
        self.absent: list[Pattern] = []
        self.denied: list[tuple[Pattern, ...]] = []
        self.optional: list[Pattern] = []

    def walk(self, part: Any, *, absent: bool) -> None:
        kind = getattr(part, "name", None)
        if kind in _FORBIDDEN:
            raise _bad(self.name, f"it uses {_FORBIDDEN[kind]}")
        if kind in ("BGP", "TriplesBlock"):
            (self.absent if absent else self.body).extend(self._patterns(part))
            return
        if kind == "LeftJoin":
            self.optional.extend(self._within(part.p2))
        if kind == "Builtin_NOTEXISTS":
            self.denied.append(tuple(self._below(part)))
        if isinstance(part, dict):
            for key, value in part.items():
                removed = (kind == "Minus" and key == "p2") or kind in _NOT_SURE
                self.walk(value, absent=absent or removed)
            if kind == "AggregateJoin":
                # What is counted has to be complete, and is a premise all the same.
                self.absent.extend(self._below(part))
        elif isinstance(part, list | tuple):
            for value in part:
                self.walk(value, absent=absent)

    def _patterns(self, part: Any) -> Iterator[Pattern]:
        """The triple patterns of a block."""
        for found in part.triples:
            # In EXISTS, which rdflib leaves as it was parsed, triples are flat lists of terms.
            flat = part.name == "TriplesBlock"
            for triple in (
                zip(found[0::3], found[1::3], found[2::3], strict=True) if flat else [found]
            ):
                yield _pattern(self.name, triple)

    def _below(self, part: Any) -> list[Pattern]:
        return self._within(list(part.values()))

    def _within(self, part: Any) -> list[Pattern]:
        inner = _Patterns(self.name)
        inner.walk(part, absent=False)
        return inner.body
