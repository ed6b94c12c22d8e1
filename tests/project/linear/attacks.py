"""Make texts that a regular expression may take long for, out of its parse tree."""

from __future__ import annotations

import re
import re._constants as sre  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from random import Random
from typing import Any, TypeAlias

from tests.project.linear.growth import Attack

__all__ = ["attacks_on"]

#: Repeats that end at fewer turns can't grow.
_MANY = 1000
#: Texts that are tried for a pattern, as many for each of its repeats.
_MOST = 1200
_REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)
_CATEGORIES: Mapping[Any, Callable[[str], bool]] = {
    sre.CATEGORY_DIGIT: str.isdigit,
    sre.CATEGORY_SPACE: str.isspace,
    sre.CATEGORY_WORD: lambda char: char.isalnum() or char == "_",
    sre.CATEGORY_NOT_DIGIT: lambda char: not char.isdigit(),
    sre.CATEGORY_NOT_SPACE: lambda char: not char.isspace(),
    sre.CATEGORY_NOT_WORD: lambda char: not (char.isalnum() or char == "_"),
}
#: Characters to choose from, the readable ones first.
_CHARACTERS = [*"aA0 ._-", *map(chr, range(33, 127)), "\n", "\t", "\x00", "\xe9"]

#: A node of the tree: what it is, and its argument.
Node: TypeAlias = tuple[Any, Any]


def attacks_on(pattern: re.Pattern[str] | re.Pattern[bytes]) -> Iterator[Attack]:
    """Give texts for a pattern, each to be made longer.

    Units are made of one character of each kind that the pattern tells apart, of pairs of them,
    and of texts that a repeat, what stands before it, or the whole pattern matches. The same
    ones each time.
    """
    written = pattern.pattern
    text = written.decode("latin-1") if isinstance(written, bytes) else written
    flags = pattern.flags & ~re.UNICODE if isinstance(written, bytes) else pattern.flags
    # As text, as the characters are.
    tree = list(parser.parse(text, flags | (0 if flags & re.ASCII else re.UNICODE)))
    yield from _Maker(tree, flags).attacks()


class _Maker:
    def __init__(self, tree: list[Node], flags: int) -> None:
        self._tree = tree
        self._flags = flags
        self._random = Random(0)  # noqa: S311 -- the same texts in each run
        self._kinds = self._kinds_of_characters()

    def attacks(self) -> Iterator[Attack]:
        """Give each text once."""
        pairs = ["".join(pair) for pair in product(self._kinds, repeat=2)]
        ends = ["", *self._kinds]
        seen: set[Attack] = set()
        whole = self._samples(self._tree, 6)
        repeats = list(self._repeats(self._tree, [], []))
        share = _MOST // max(len(repeats), 1)
        for before, body, after in repeats:
            starts = list(dict.fromkeys(["", *self._samples(before, 4)]))
            units = self._samples(body, 4) + self._samples(before + body, 2) + whole
            units += self._samples(before + body + after, 2)
            units = [unit for unit in dict.fromkeys([*self._kinds, *units]) if unit]
            suffixes = ends + [text + end for text in self._samples(after, 2) for end in ends[:3]]
            likely = list(self._texts(starts, units, suffixes, seen))
            yield from self._some(likely, share * 3 // 4)
            yield from self._some(list(self._texts(starts, pairs, ends, seen)), share // 4)

    def _some(self, texts: list[Attack], most: int) -> list[Attack]:
        return texts if len(texts) <= most else self._random.sample(texts, most)

    @staticmethod
    def _texts(
        starts: Sequence[str], units: Sequence[str], ends: Sequence[str], seen: set[Attack]
    ) -> Iterator[Attack]:
        for unit, start, end in product(units, starts, ends):
            attack = Attack(start, unit, end)
            if attack not in seen:
                seen.add(attack)
                yield attack

    def _repeats(
        self, tree: list[Node], before: list[Node], after: list[Node]
    ) -> Iterator[tuple[list[Node], list[Node], list[Node]]]:
        """Give each repeat without an end as what stands before it, what it repeats, the rest."""
        for place, node in enumerate(tree):
            head, tail = before + tree[:place], tree[place + 1 :] + after
            if node[0] in _REPEATS and node[1][1] >= _MANY:
                yield head, list(node[1][2]), tail
            for inner in _inner(node):
                yield from self._repeats(inner, head, tail)

    def _kinds_of_characters(self) -> list[str]:
        """Give one character of each kind: those of a kind are in the same sets of the pattern."""
        sets = list(_sets(self._tree))
        kinds: dict[tuple[bool, ...], str] = {}
        for char in _CHARACTERS:
            kinds.setdefault(tuple(self._holds(one, char) for one in sets), char)
        return list(kinds.values())

    def _samples(self, tree: list[Node], count: int) -> list[str]:
        return [self._sample(tree) for _ in range(count)]

    def _sample(self, tree: list[Node]) -> str:
        """Give a text that the nodes match, or nearly: what looks around is passed over."""
        return "".join(self._part(node) for node in tree)

    def _part(self, node: Node) -> str:
        what, argument = node
        if what in _REPEATS:
            least, most, body = argument
            turns = self._random.randint(least, min(most, least + 2))
            return "".join(self._sample(list(body)) for _ in range(turns))
        if what is sre.ASSERT or what is sre.ASSERT_NOT:
            return self._sample(list(argument[1])) if what is sre.ASSERT else ""
        inner = _inner(node)
        if inner:
            return self._sample(self._random.choice(inner))
        fitting = [char for char in self._kinds if self._holds(node, char)]
        return self._random.choice(fitting) if fitting and what in _OF_CHARACTERS else ""

    def _holds(self, node: Node, char: str) -> bool:
        """Say whether a set of characters holds one."""
        what, argument = node
        forms = {char}
        if self._flags & re.IGNORECASE:
            forms |= {char.lower(), char.upper()}
        if what is sre.ANY:
            return bool(self._flags & re.DOTALL) or char != "\n"
        if what is sre.NOT_LITERAL:
            return bool(ord(char) != argument)
        if what is sre.IN:
            negated = argument[0][0] is sre.NEGATE
            return negated != any(self._holds(item, form) for item in argument for form in forms)
        if what is sre.RANGE:
            return any(argument[0] <= ord(form) <= argument[1] for form in forms)
        if what is sre.CATEGORY:
            return _CATEGORIES[argument](char)
        return what is sre.LITERAL and any(ord(form) == argument for form in forms)


_OF_CHARACTERS = (sre.ANY, sre.NOT_LITERAL, sre.IN, sre.LITERAL)


def _inner(node: Node) -> list[list[Node]]:
    """Give the parts of a node that are sequences of nodes."""
    what, argument = node
    if what in _REPEATS:
        return [list(argument[2])]
    if what is sre.SUBPATTERN:
        return [list(argument[3])]
    if what is sre.ATOMIC_GROUP:
        return [list(argument)]
    if what is sre.BRANCH:
        return [list(branch) for branch in argument[1]]
    if what in (sre.ASSERT, sre.ASSERT_NOT):
        return [list(argument[1])]
    if what is sre.GROUPREF_EXISTS:
        return [list(branch) for branch in argument[1:] if branch is not None]
    return []


def _sets(tree: list[Node]) -> Iterator[Node]:
    for node in tree:
        if node[0] in _OF_CHARACTERS:
            yield node
        for inner in _inner(node):
            yield from _sets(inner)
