"""Find every regular expression of tzgraph, and how it is used."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, is_dataclass
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import tzgraph

__all__ = ["MODES", "Found", "all_modules", "find_patterns"]

AnyPattern = re.Pattern[str] | re.Pattern[bytes]


def _scan(pattern: AnyPattern, text: Any) -> None:
    """Match again and again, as a loop does that gives the place to begin at."""
    scanner = pattern.scanner(text)  # type: ignore[union-attr]
    while scanner.match() is not None:
        pass


#: How a pattern may be used: a search over a text that fails in each place is another thing than
#: a match at its beginning.
MODES: Mapping[str, Callable[[Any, Any], object]] = {
    "match": lambda pattern, text: pattern.match(text),
    "fullmatch": lambda pattern, text: pattern.fullmatch(text),
    "search": lambda pattern, text: pattern.search(text),
    "findall": lambda pattern, text: pattern.findall(text),
    "scan": _scan,
}
#: Names of methods of a pattern and of functions of ``re``, and what they come to.
_METHODS = {
    "match": "match",
    "fullmatch": "fullmatch",
    "search": "search",
    "findall": "findall",
    "finditer": "findall",
    "sub": "findall",
    "subn": "findall",
    "split": "findall",
}


@dataclass
class Found:
    """A regular expression.

    :ivar places: where it stands, as module and line, or the name that holds it
    :ivar modes: how it is used; all ways if that can't be seen
    """

    pattern: AnyPattern
    places: set[str] = field(default_factory=set)
    modes: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        return f"{', '.join(sorted(self.places))}: {self.pattern.pattern!r}"


def all_modules() -> list[ModuleType]:
    """Import every module of tzgraph."""
    names = [found.name for found in pkgutil.walk_packages(tzgraph.__path__, "tzgraph.")]
    return [tzgraph, *(importlib.import_module(n) for n in names if not n.endswith("__main__"))]


def find_patterns(
    modules: list[ModuleType], made: Mapping[str, Callable[[], Iterable[AnyPattern]]]
) -> tuple[list[Found], list[str]]:
    """Find the expressions that modules hold, and those that their code makes.

    :param made: gives examples of the expressions that a function makes from what it is given, by
        the place ``module:function``
    :return: the expressions, and places whose expression can't be seen and isn't in ``made``
    """
    search = _Search(made)
    for module in modules:
        search.values(module)
    for module in modules:
        search.code(module)
    search.guess()
    missing = search.missing + [f"{place}: makes no pattern" for place in set(made) - search.used]
    return list(search.found.values()), missing


class _Search:
    def __init__(self, made: Mapping[str, Callable[[], Iterable[AnyPattern]]]) -> None:
        self.found: dict[AnyPattern, Found] = {}
        self.missing: list[str] = []
        self.used: set[str] = set()
        self._made = made
        #: Modules in which a pattern is more than the receiver of a call.
        self._passed: dict[AnyPattern, set[str]] = {}
        self._holders: dict[AnyPattern, set[str]] = {}
        #: How each module uses patterns that are in variables.
        self._unseen: dict[str, set[str]] = {}

    def values(self, module: ModuleType) -> None:
        """Find the patterns that a module's names hold, in whatever they are."""
        seen: set[int] = set()
        for name, value in vars(module).items():
            for pattern in _held(value, module.__name__, seen):
                self._add(pattern, f"{module.__name__}.{name}")
                self._holders.setdefault(pattern, set()).add(module.__name__)

    def code(self, module: ModuleType) -> None:
        """Find the patterns that a module's code makes, and the uses of all."""
        if module.__file__ is None:
            return
        tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
        called = set()
        for function, node in _nodes(tree, ""):
            place = f"{module.__name__}:{function}" if function else module.__name__
            if isinstance(node, ast.ImportFrom) and node.module == "re":
                self.missing.append(f"{place}: import re as a whole, so that its use is seen")
            if isinstance(node, ast.Import):
                odd = [a for a in node.names if a.name in ("re", "regex") and a.asname]
                self.missing += [f"{place}: {one.name} under another name" for one in odd]
            if isinstance(node, ast.Attribute):
                called.add(id(node.value))
                self._use(module, place, node)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                self._call(module, place, node, node.func)
        for _, node in _nodes(tree, ""):
            # A pattern that is passed on may be used in any way.
            if isinstance(node, ast.Name) and id(node) not in called:
                value = vars(module).get(node.id)
                if isinstance(value, re.Pattern) and isinstance(node.ctx, ast.Load):
                    self._passed.setdefault(value, set()).add(module.__name__)

    def guess(self) -> None:
        """Give patterns in tables, and those passed on, each use that their modules know."""
        for found in self.found.values():
            passed = self._passed.get(found.pattern, set())
            if not found.modes or passed:
                holders = passed or self._holders.get(found.pattern, set())
                modes = {mode for name in holders for mode in self._unseen.get(name, ())}
                found.modes |= modes or set(MODES)

    def _use(self, module: ModuleType, place: str, node: ast.Attribute) -> None:
        """Note how a pattern is used, called at once or not."""
        if node.attr not in _METHODS or _is_re(node):
            return
        plain = isinstance(node.value, ast.Name | ast.Attribute)
        value = _value(node.value, module) if plain else None
        if isinstance(value, re.Pattern):
            self._add(value, f"{place}, line {node.lineno}", _METHODS[node.attr])
        elif node.attr != "split":  # which texts have, too
            self._unseen.setdefault(module.__name__, set()).add(_METHODS[node.attr])

    def _call(
        self, module: ModuleType, place: str, node: ast.Call, function: ast.Attribute
    ) -> None:
        if _is_re(function) and function.attr == "compile":
            self._literal(module, place, node, ())
        elif _is_re(function) and function.attr in _METHODS:
            self._literal(module, place, node, (_METHODS[function.attr],))
        elif function.attr == "match" and len(node.args) > 1:
            value = _value(function.value, module)
            if isinstance(value, re.Pattern):
                self._add(value, f"{place}, line {node.lineno}", "scan")

    def _literal(
        self, module: ModuleType, place: str, node: ast.Call, modes: tuple[str, ...]
    ) -> None:
        flags = {keyword.arg: keyword.value for keyword in node.keywords}.get("flags")
        if len(node.args) > 1 and isinstance(node.func, ast.Attribute):
            at = {"compile": 1, "sub": 4, "subn": 4, "split": 3}.get(node.func.attr, 2)
            flags = node.args[at] if len(node.args) > at else flags
        text = _value(node.args[0], module)
        value = _value(flags, module) if flags is not None else 0
        if isinstance(text, str | bytes) and isinstance(value, int):
            self._add(re.compile(text, value), f"{place}, line {node.lineno}", *modes)
        elif place in self._made:
            self.used.add(place)
            for pattern in self._made[place]():
                self._add(pattern, f"{place}, line {node.lineno}", *modes)
                self._holders.setdefault(pattern, set()).add(module.__name__)
        else:
            self.missing.append(
                f"{place}, line {node.lineno}: a pattern that is made of local names: give an"
                " example of it"
            )

    def _add(self, pattern: AnyPattern, place: str, *modes: str) -> None:
        found = self.found.setdefault(pattern, Found(pattern))
        found.places.add(place)
        found.modes.update(modes)


def _is_re(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "re"


def _value(node: ast.expr, module: ModuleType) -> object:
    """Give what an expression comes to among the names of a module, ``None`` if it doesn't."""
    try:
        code = compile(ast.Expression(node), module.__name__, "eval")
        return eval(code, dict(vars(module)))  # noqa: S307 -- the project's own code
    except (NameError, AttributeError):
        return None


def _nodes(tree: ast.AST, function: str) -> Iterator[tuple[str, ast.AST]]:
    """Give all nodes below one with the name of the function that they stand in."""
    for node in ast.iter_child_nodes(tree):
        name = function
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{function}.{node.name}".lstrip(".")
        yield function, node
        yield from _nodes(node, name)


def _held(value: object, module: str, seen: set[int]) -> Iterator[AnyPattern]:
    """Give the patterns in a value: in containers, classes, defaults and closures too."""
    if isinstance(value, re.Pattern):
        yield value
        return
    if id(value) in seen:
        return
    seen.add(id(value))
    for part in _parts(value, module):
        yield from _held(part, module, seen)


def _parts(value: object, module: str) -> list[object]:
    if isinstance(value, Mapping):
        return [*value.keys(), *value.values()]
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    if isinstance(value, FunctionType):
        if value.__module__ != module:
            return []
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        return [*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values(), *cells]
    if isinstance(value, type) and value.__module__ == module:
        return list(vars(value).values())
    if is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, name, None) for name in value.__dataclass_fields__]
    wrapped = getattr(value, "__wrapped__", None) or getattr(value, "__func__", None)
    return [wrapped] if isinstance(wrapped, FunctionType) else []
