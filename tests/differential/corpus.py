"""The cases of the corpus: small data, a query, and the right answer where engines differ.

A file of ``corpus/`` has ``data``, TriG by name, and ``cases``. Of a case, ``query`` is the text
(after PREFIX lines, unless ``bare`` is true) and ``data`` the name of its data (else the first).
``ordered`` says that the query decides the order of its solutions. Without ``expected`` all engines
have to give the same answer. With it each engine has to give that one, but those that ``differs``
names: they have to give another, so that an excuse ends with its cause. ``spec`` says where the
expected answer comes from; what tzgraph does otherwise names its place in
``docs/reference/differences.md``.

``expected`` is ``true`` or ``false`` for ASK, ``error``, a list of solutions (``{x: ":a"}``), or
Turtle for CONSTRUCT and DESCRIBE.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.differential.answers import Answer, Term, from_turtle

__all__ = ["BASE", "PROLOGUE", "Case", "cases", "data_of"]

#: What relative IRIs are relative to where a query has no BASE.
BASE = "http://example.org/base/"
_PREFIXES = {
    "": "http://example.org/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
PROLOGUE = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in _PREFIXES.items())
_FOLDER = Path(__file__).parent / "corpus"
_KEYS = {"name", "query", "data", "bare", "ordered", "expected", "differs", "spec", "about"}


@dataclass(frozen=True, eq=False)
class Case:
    """A query, what it is asked of, and what is known about its answers.

    :param name: file and name, such as ``paths/zero-length``
    :param data: TriG
    :param differs: why an engine gives another answer than the expected, by its name
    """

    name: str
    data: str
    query: str
    ordered: bool = False
    expected: Answer | None = None
    differs: Mapping[str, str] = field(default_factory=dict)
    spec: str = ""


def cases() -> Iterator[Case]:
    """Give the cases of all files, in the order of their names.

    :raises ValueError: if a case is written wrongly
    """
    for path in sorted(_FOLDER.glob("*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        data = {name: PROLOGUE + trig for name, trig in document["data"].items()}
        for case in document["cases"]:
            yield _case(path.stem, data, case)


def data_of(trig: str) -> str:
    """Give TriG with the prefixes of the corpus."""
    return PROLOGUE + trig


def _case(file: str, data: Mapping[str, str], case: Mapping[str, Any]) -> Case:
    name = f"{file}/{case['name']}"
    if unknown := set(case) - _KEYS:
        raise ValueError(f"{name}: unknown keys {unknown}")
    if "differs" in case and not ("expected" in case and "spec" in case):
        raise ValueError(f"{name}: who differs differs from an expected answer, with its reason")
    return Case(
        name,
        data[case.get("data", next(iter(data)))],
        case["query"] if case.get("bare") else PROLOGUE + case["query"],
        bool(case.get("ordered")),
        _expected(case["expected"]) if "expected" in case else None,
        case.get("differs", {}),
        case.get("spec", ""),
    )


def _expected(said: Any) -> Answer:
    if said == "error":
        return Answer("error")
    if isinstance(said, bool):
        return Answer("boolean", truth=said)
    if isinstance(said, str):
        return from_turtle(PROLOGUE + said)
    names = frozenset(name for row in said for name in row)
    return Answer("rows", _solutions(said), names)


def _solutions(said: Sequence[Mapping[str, str | None]]) -> list[dict[str, Term]]:
    """Read solutions, whose terms are Turtle; a name without a term is unbound."""
    turtle = [
        f"<x:{number}> <x:{name}> {term} ."
        for number, row in enumerate(said)
        for name, term in row.items()
        if term is not None
    ]
    rows: list[dict[str, Term]] = [{} for _row in said]
    for triple in from_turtle(PROLOGUE + "\n".join(turtle)).rows:
        number, name = (triple[part][1].removeprefix("x:") for part in "sp")
        rows[int(number)][name] = triple["o"]
    return rows
