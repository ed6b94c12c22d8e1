"""Rules as values: what holds if what holds; compiled axioms and domain rules are alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tzgraph.vocabulary import RDF

__all__ = ["TYPE", "ConsistencyCheck", "Key", "Pattern", "Rule", "feeds"]

#: ``rdf:type`` in N-Triples syntax.
TYPE = f"<{RDF}type>"

#: What a pattern is about: its predicate and, for ``rdf:type``, the class; empty means any.
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A triple pattern; terms in N-Triples syntax, variables as ``?name``.

    ``path`` says that the predicate is a property path that starts and ends like a triple with
    that predicate (``<p>+``), as transitivity needs it.
    """

    subject: str
    predicate: str
    object: str
    path: str = ""

    def __str__(self) -> str:
        """The pattern as SPARQL."""
        return f"{self.subject} {self.predicate}{self.path} {self.object} ."

    @property
    def key(self) -> Key:
        """What the pattern is about."""
        predicate = "" if self.predicate.startswith("?") else self.predicate
        of_class = predicate == TYPE and not self.object.startswith("?")
        return (predicate, self.object if of_class else "")

    @property
    def variables(self) -> tuple[str, ...]:
        """Its variables, in order."""
        terms = (self.subject, self.predicate, self.object)
        return tuple(term for term in terms if term.startswith("?"))


@dataclass(frozen=True)
class Rule:
    """If the body holds, the head holds.

    ``name`` is the name of the W3C OWL 2 RL rule or of the file of a domain rule; ``axiom`` is
    the axiom that a compiled rule stands for; ``where`` is the body as a SPARQL group, with its
    filters; ``body`` are the triple patterns in it, which become the premises of an explanation;
    ``absent`` are patterns that must not hold or are counted over, so that all rules that derive
    them have to be done before; ``denied`` are the groups that must not hold, for explanations;
    ``optional`` are the patterns of the body that need not hold; ``spared`` are patterns that must
    not hold within what must not hold, so that more of them lets more follow.
    """

    name: str
    title: str
    head: tuple[Pattern, ...]
    body: tuple[Pattern, ...]
    where: str
    axiom: str = ""
    absent: tuple[Pattern, ...] = ()
    denied: tuple[tuple[Pattern, ...], ...] = ()
    optional: tuple[Pattern, ...] = ()
    spared: tuple[Pattern, ...] = ()
    prologue: str = ""
    #: Also sees what secondary sources say.
    quotes: bool = False
    #: What a pattern with a variable for predicate matches is there before any rule runs.
    settled: bool = False

    @property
    def needs(self) -> list[Key]:
        """What lets more follow the more of it there is, and rules may derive."""
        return self._keys((*self.body, *self.spared))

    @property
    def forbids(self) -> list[Key]:
        """What must not hold, or is counted over, that rules may derive."""
        return self._keys(self.absent)

    def _keys(self, patterns: Iterable[Pattern]) -> list[Key]:
        return [p.key for p in patterns if p.key[0] or not self.settled]

    @property
    def query(self) -> str:
        """The rule as SPARQL CONSTRUCT."""
        head = " ".join(str(pattern) for pattern in self.head)
        return f"{self.prologue}CONSTRUCT {{ {head} }} WHERE {{ {self.where} }}"


@dataclass(frozen=True)
class ConsistencyCheck:
    """If the body holds, the data is inconsistent with an axiom."""

    name: str
    title: str
    body: tuple[Pattern, ...]
    where: str
    axiom: str
    variables: tuple[str, ...] = field(default=("?x",))

    @property
    def query(self) -> str:
        """The check as SPARQL SELECT."""
        return f"SELECT DISTINCT {' '.join(self.variables)} WHERE {{ {self.where} }}"


def feeds(produced: Iterable[Key], needed: Iterable[Key]) -> bool:
    """Say whether something produced may match something needed.

    >>> feeds([("<p>", "")], [("<q>", "")]), feeds([("<p>", "")], [("", "")])
    (False, True)
    """
    needs = list(needed)
    return any(
        (not p or not q or p == q) and (not c or not d or c == d)
        for p, c in produced
        for q, d in needs
    )
