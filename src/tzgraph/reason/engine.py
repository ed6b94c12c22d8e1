"""Run rules to their fixpoint on a store, and checks against it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import pyoxigraph as ox

from tzgraph.errors import UsageError
from tzgraph.reason.rule import ConsistencyCheck, Key, Rule, feeds
from tzgraph.vocabulary import RDF

__all__ = ["Inconsistency", "check", "materialise", "strata", "view", "view_of"]

#: Triples that a rule derives and that are held in memory at once.
_BATCH = 50_000
#: From this many on, quads are bulk loaded.
_MANY = 5_000
_TYPE = ox.NamedNode(RDF + "type")


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """Something that an axiom forbids: the check and the thing it hits."""

    check: ConsistencyCheck
    thing: str


def materialise(
    store: ox.Store, rules: Sequence[Rule], inferred: str, quoted: Sequence[str] = ()
) -> int:
    """Add everything that the rules derive from the default graph to it and to a named graph.

    Rules run in strata: one that looks for what is absent, or counts, runs when everything that
    could be there is. In a stratum a rule runs again only when something it needs has come new.

    :param store: its default graph is what the rules see
    :param rules: in any order
    :param inferred: name of the graph that gets what is new
    :param quoted: names of the graphs that rules see, too, which look at what documents say
    :return: number of new triples
    :raises UsageError: if rules derive what they need to be absent
    """
    total = 0
    for stratum in strata(rules):
        total += _fixpoint(store, stratum, ox.NamedNode(inferred), quoted)
    return total


def _fixpoint(
    store: ox.Store, rules: Sequence[Rule], inferred: ox.NamedNode, quoted: Sequence[str]
) -> int:
    total = 0
    pending = list(rules)
    default = ox.DefaultGraph()
    while pending:
        changed: dict[Key, set[Rule]] = {}
        for rule in pending:
            # The query sees the store as it was when it began, whatever is added meanwhile.
            derived = _construct(store, rule, quoted)
            while batch := list(islice(derived, _BATCH)):
                new = [
                    triple
                    for triple in dict.fromkeys(batch)
                    if ox.Quad(triple.subject, triple.predicate, triple.object) not in store
                ]
                for graph in (default, inferred):
                    _add(store, [ox.Quad(t.subject, t.predicate, t.object, graph) for t in new])
                total += len(new)
                for key in _keys(new):
                    changed.setdefault(key, set()).add(rule)
        pending = [rule for rule in rules if _needs(rule, changed)]
    return total


def _add(store: ox.Store, quads: list[ox.Quad]) -> None:
    """Add quads; many are loaded, which is faster, few are put in."""
    if len(quads) < _MANY:
        store.extend(quads)
    else:
        store.bulk_extend(quads)


def _construct(store: ox.Store, rule: Rule, quoted: Sequence[str]) -> Iterator[ox.Triple]:
    found = store.query(rule.query, default_graph=view_of(rule, quoted))
    if not isinstance(found, ox.QueryTriples):
        raise UsageError(f"The rule {rule.name} is no CONSTRUCT query.", "Write it as one.")
    return (t for t in found if not isinstance(t.subject, ox.BlankNode))


def _keys(triples: Iterable[ox.Triple]) -> set[Key]:
    """What triples are about; there are few kinds, however many triples."""
    kinds = {(t.predicate, t.object if t.predicate == _TYPE else None) for t in triples}
    return {(str(predicate), str(cls) if cls else "") for predicate, cls in kinds}


def _needs(rule: Rule, changed: Mapping[Key, set[Rule]]) -> bool:
    # A transitive rule sees the whole closure at once and needs no second look at its own result.
    closed = any(pattern.path for pattern in rule.body)
    news = [key for key, by in changed.items() if not closed or by != {rule}]
    return feeds(news, rule.needs)


def view_of(
    rule: Rule, quoted: Iterable[str]
) -> list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph]:
    """Give the graphs that a rule sees as one: the default one and, if it looks, the quoted."""
    return view(quoted if rule.quotes else ())


def view(quoted: Iterable[str]) -> list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph]:
    """Give the default graph together with graphs of documents."""
    return [ox.DefaultGraph(), *(ox.NamedNode(name) for name in quoted)]


def strata(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Order rules so that what one needs to be absent is fully derived before.

    :raises UsageError: if there is no such order
    """
    level = dict.fromkeys(range(len(rules)), 0)
    heads = _Heads(rules)
    links = [
        (giver, taker, strict)
        for taker, rule in enumerate(rules)
        for strict, keys in ((True, rule.forbids), (False, rule.needs))
        for giver in heads.giving(keys)
    ]
    for _ in range(len(rules) + 1):
        moved = False
        for giver, taker, strict in links:
            least = level[giver] + strict
            if level[taker] < least:
                level[taker] = least
                moved = True
        if not moved:
            break
    else:
        names = sorted({rules[n].name for n in level if level[n] > len(rules)} or {"?"})
        raise UsageError(
            f"The rules {', '.join(names)} derive what they need to be absent.",
            "Change one of them so that there is an order to run them in.",
        )
    return [
        [rule for n, rule in enumerate(rules) if level[n] == depth]
        for depth in range(max(level.values(), default=-1) + 1)
    ]


class _Heads:
    """Rules by what they derive, so that each is compared with few others."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._by_predicate: dict[str, list[tuple[int, Key]]] = {}
        for number, rule in enumerate(rules):
            for key in dict.fromkeys(pattern.key for pattern in rule.head):
                self._by_predicate.setdefault(key[0], []).append((number, key))

    def giving(self, needed: Sequence[Key]) -> list[int]:
        """Give the numbers of the rules that derive something that may match, in order."""
        found: set[int] = set()
        for key in dict.fromkeys(needed):
            named = (key[0], "") if key[0] else self._by_predicate
            for predicate in named:
                among = self._by_predicate.get(predicate, [])
                found.update(number for number, head in among if feeds([head], [key]))
        return sorted(found)


def check(store: ox.Store, checks: Iterable[ConsistencyCheck]) -> list[Inconsistency]:
    """Find what the axioms forbid in the default graph.

    :return: one entry for each check and thing that it hits, in a fixed order
    """
    hits: list[Inconsistency] = []
    for one in checks:
        found = store.query(one.query)
        if isinstance(found, ox.QuerySolutions):
            things = sorted(str(solution[0]) for solution in found)
            hits.extend(Inconsistency(one, thing) for thing in things)
    return hits
