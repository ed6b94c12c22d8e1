"""Queries made by chance from the grammar, each by a number, on small data made likewise.

Left out is what engines are known to see in different ways (tests/differential/faults.yaml): it
would only be found again each time.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.differential.corpus import PROLOGUE

__all__ = ["made_data", "made_query"]

_VARIABLES = ("?a", "?b", "?c", "?d")
_THINGS = (":x1", ":x2", ":x3", ":x4")
_EDGES = (":p", ":q", ":r")
_VALUES = ("1", "2", "3.5", '"t"', '"u"@en', '"u"@de')
#: A thing that no statement is about.
_NOWHERE = ":zz"


def made_data(number: int) -> str:
    """Give TriG: some statements in the default graph, some in two named graphs."""
    random = Random(number)  # noqa: S311 # no secret
    default = _statements(random, 16)
    graphs = [f":g{n} {{ {' '.join(_statements(random, 6))} }}" for n in (1, 2)]
    return PROLOGUE + "\n".join([*default, *graphs])


def made_query(number: int) -> str:
    """Give a query.

    >>> made_query(1) == made_query(1)
    True
    """
    return PROLOGUE + _Maker(Random(number)).query()  # noqa: S311 # no secret


def _statements(random: Random, count: int) -> list[str]:
    def statement() -> str:
        subject = random.choice(_THINGS)
        if random.random() < 0.3:
            return f"{subject} :n {random.choice(_VALUES)} ."
        return f"{subject} {random.choice(_EDGES)} {random.choice(_THINGS)} ."

    return [statement() for _ in range(count)]


class _Maker:
    """Makes one query."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._fresh = 0
        #: In GRAPH a subselect loses the graph, and a path of no length may start elsewhere.
        self._in_graph = False
        #: In OPTIONAL and GRAPH the engine lets MINUS see what is bound outside.
        self._may_subtract = True
        #: In MINUS ARQ takes VALUES wrongly.
        self._may_list = True
        #: ARQ mixes up blank nodes, and what is DISTINCT, of a query that has subselects.
        self._blank = random.random() < 0.5
        #: How often a negated set gives a solution depends on the plan.
        self._distinct = False

    def query(self) -> str:
        """Give its text."""
        form = self._random.choice(("SELECT *", "SELECT DISTINCT *", f"SELECT {self._some()}", ""))
        self._distinct = "DISTINCT" in form
        group = self._group(3)
        return f"{form} {group}" if form else self._grouped(group)

    def _choice(self, *options: str | Callable[[], str]) -> str:
        chosen = self._random.choice(options)
        return chosen if isinstance(chosen, str) else chosen()

    def _some(self) -> str:
        count = self._random.randint(1, len(_VARIABLES))
        return " ".join(sorted(self._random.sample(_VARIABLES, count)))

    def _variable(self) -> str:
        return self._random.choice(_VARIABLES)

    def _grouped(self, group: str) -> str:
        key, other = self._random.sample(_VARIABLES, 2)
        made = self._choice(
            "COUNT(*)",
            f"COUNT({other})",
            f"COUNT(DISTINCT {other})",
            f"SUM({other})",
            f'STRLEN(GROUP_CONCAT({other}; separator="+"))',
            f'STRLEN(GROUP_CONCAT(DISTINCT LANG({other}); separator="+"))',
        )
        return f"SELECT {key} ({made} AS ?result) {group} GROUP BY {key}"

    def _group(self, depth: int) -> str:
        parts = [self._triples()]
        for _ in range(self._random.randint(0, 2)):
            parts.append(self._element(depth - 1) if depth else self._triples())
        if self._random.random() < 0.3:
            self._random.shuffle(parts)
        return "{ " + " ".join(parts) + " }"

    def _element(self, depth: int) -> str:
        options: list[Callable[[], str]] = [
            self._triples,
            lambda: self._optional(depth),
            lambda: f"OPTIONAL {{ {self._triples()} FILTER({self._condition()}) }}",
            lambda: f"{self._group(depth)} UNION {self._group(depth)}",
            lambda: f"FILTER({self._condition()})",
            lambda: f"FILTER {self._choice('', 'NOT ')}EXISTS {{ {self._triples()} }}",
            self._bind,
        ]
        if self._may_subtract and not self._in_graph:
            options.append(lambda: self._minus(depth))
        if not self._in_graph:
            options += [self._values, self._graph] if self._may_list else [self._graph]
            if not self._blank:
                options.append(lambda: self._subselect(depth))
        return self._random.choice(options)()

    def _optional(self, depth: int) -> str:
        before, self._may_subtract = self._may_subtract, False
        made = f"OPTIONAL {self._group(depth)}"
        self._may_subtract = before
        return made

    def _minus(self, depth: int) -> str:
        before, self._may_list = self._may_list, False
        made = f"MINUS {self._group(depth)}"
        self._may_list = before
        return made

    def _triples(self) -> str:
        return " ".join(self._triple() for _ in range(self._random.randint(1, 2)))

    def _triple(self) -> str:
        blank = "[]" if self._blank else self._variable()
        subject = self._choice(self._variable, self._variable, self._thing, blank)
        if self._random.random() < 0.2:
            return f"{subject} :n {self._choice(self._variable, self._variable, '1', '2')} ."
        path = self._path(2)
        object_ = self._choice(self._variable, self._variable, self._thing)
        if self._random.random() < 0.1:
            return f"{subject} {path} {object_} ; {self._path(1)} {self._variable()} ."
        return f"{subject} {path} {object_} ."

    def _thing(self) -> str:
        return self._random.choice((*_THINGS, *_THINGS, _NOWHERE))

    def _path(self, depth: int) -> str:
        edge = self._random.choice(_EDGES)
        if not depth or self._random.random() < 0.4:
            return edge
        one, other = self._path(depth - 1), self._path(depth - 1)
        options = [
            edge,
            f"{one}|{other}",
            f"({one}|{other})/{edge}",
            f"{one}/({edge}|{other})",
            f"^({one})",
            f"({one})/({other})",
            f"({one})+",
        ]
        if self._distinct:
            options.append(f"!({edge}|^{self._random.choice(_EDGES)})")
        if not self._in_graph:
            options += [f"({one})*", f"({one})?", f"({one})?|{edge}"]
        return self._random.choice(options)

    def _condition(self) -> str:
        one, other = self._random.sample(_VARIABLES, 2)
        simple = (
            f"{one} = {other}",
            f"{one} != {self._random.choice(_THINGS)}",
            f"BOUND({one})",
            f"!BOUND({one})",
            f"{one} > 1",
            f"isIRI({one})",
            f"LANG({one}) = 'en'",
            f"{one} IN ({self._random.choice(_THINGS)}, 1)",
            f"STR({one}) < STR({other})",
        )
        first, second = self._random.sample(simple, 2)
        return self._choice(first, f"{first} && {second}", f"{first} || {second}", f"!({first})")

    def _bind(self) -> str:
        self._fresh += 1
        made = self._choice(f"STR({self._variable()})", f"{self._variable()} = {self._thing()}")
        return f"BIND({made} AS ?fresh{self._fresh})"

    def _values(self) -> str:
        one, other = self._random.sample(_VARIABLES, 2)
        rows = " ".join(
            f"({self._random.choice(_THINGS)} {self._random.choice(_THINGS)})" for _ in range(2)
        )
        return f"VALUES ({one} {other}) {{ {rows} }}"

    def _graph(self) -> str:
        self._in_graph = True
        made = f"GRAPH {self._choice('?g', ':g1', ':none')} {self._group(1)}"
        self._in_graph = False
        return made

    def _subselect(self, depth: int) -> str:
        group = self._group(depth)
        if self._distinct or self._random.random() < 0.7:
            return f"{{ SELECT {self._choice('*', self._some)} {group} }}"
        self._fresh += 1
        return f"{{ SELECT ?a (COUNT(*) AS ?fresh{self._fresh}) {group} GROUP BY ?a }}"
