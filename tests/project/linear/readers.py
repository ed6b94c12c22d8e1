"""Find the functions of tzgraph that read text, by what they take."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import TypeGuard

from tests.project.linear.growth import Attack

__all__ = ["Reader", "attacks", "find_readers", "of", "takes_text"]

#: What clients and files can be long with: each kind of quote, blank, bracket and sign, and pieces
#: of queries, headers, tables and RDF.
_UNITS = (
    *"\"'` \t\n\r\\,;:|%@#^*+-_.=?&$!~/0aA\xe9",
    *("()", "[]", "{}", "<>", "(", "[", "{", "<", ")", "]", "}", ">"),
    *('\\"', "\\\\", "^^", '"^^a', '""', '"""', "'''", '"""\\', "#+ a: b\n", "#+ param: a b\n"),
    *("a/b,", "a/b;q=1,", '"a",', 'W/"a",', "1.2.3.4, ", "gzip;q=0,", "a=b;", "a=b&", "%20", "%"),
    *("a:b ", "<a>", "<a b='c'>", "<!--", "&a;", "/a", "//", "../", "a|", "\\|", "\\u0053", "--"),
    *(" -- ", " = ", "{?s ?p ?o} ", "PREFIX a:<b> ", "SERVICE<a>{", "DATA {", "FILTER(", "?a<?b "),
    *("NCT00000000 ", "10.1/a ", "GO:", "GO:0001837 ", "a (b) ", "aB", "1e", "1.", "[Term]\n"),
)
_STARTS = ("", "a", '"', "#+ a: ", "<", "a:", "SELECT * {", "0", "(")
_ENDS = ("", "x", " ", '"', "\x00", "\n}")


@dataclass(frozen=True, slots=True)
class Reader:
    """A function and what it is called with.

    :ivar name: module and name
    :ivar call: takes the text
    """

    name: str
    call: Callable[[str], object]


def attacks(chosen: int) -> Iterator[Attack]:
    """Give the texts that a reader gets, to be made longer.

    :param chosen: which reader, so that not all get their units between the same signs
    """
    for place, unit in enumerate(dict.fromkeys(_UNITS), chosen):
        yield Attack("", unit, "")
        yield Attack(_STARTS[place % len(_STARTS)], unit, _ENDS[place % len(_ENDS)])


def find_readers(modules: list[ModuleType]) -> tuple[list[Reader], list[str]]:
    """Find the functions that can be called with nothing but text, and the names of others.

    :return: the first, once for each parameter that takes the text; and the public functions and
        methods with a parameter for text that need something else too
    """
    readers: list[Reader] = []
    others: list[str] = []
    for module in modules:
        for name, function in _functions(module):
            texts = takes_text(function)
            if texts is None:
                others.append(f"{module.__name__}:{name}")
            else:
                full = f"{module.__name__}:{name}"
                readers += [Reader(full, _called(function, texts, one)) for one in texts]
    return readers, [name for name in others if "._" not in name and ":_" not in name]


def _functions(module: ModuleType) -> Iterator[tuple[str, Callable[..., object]]]:
    """Give functions and methods with a parameter for text that a module defines."""
    for name, value in vars(module).items():
        function = inspect.unwrap(value) if callable(value) else value
        if isinstance(value, type) and value.__module__ == module.__name__:
            methods = [
                (inner, method) for inner, method in vars(value).items() if inner[:2] != "__"
            ]
            yield from ((f"{name}.{inner}", m) for inner, m in methods if _has_text(m))
        elif _has_text(function) and function.__module__ == module.__name__:
            yield name, function


def _has_text(value: object) -> TypeGuard[FunctionType]:
    return isinstance(value, FunctionType) and any(map(_is_text, _kinds(value).values()))


def takes_text(function: Callable[..., object]) -> dict[str, type] | None:
    """Give the parameters that take text, or ``None`` if others have to be given as well."""
    if inspect.iscoroutinefunction(function):
        return None
    found: dict[str, type] = {}
    kinds = _kinds(function)
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        kind = kinds.get(name)
        if _is_text(kind):
            found[name] = bytes if kind == "bytes" else str
        elif parameter.default is parameter.empty:
            return None
    return found


def _called(
    function: Callable[..., object], texts: dict[str, type], chosen: str
) -> Callable[[str], object]:
    def call(text: str) -> object:
        given: dict[str, object] = {}
        for name, kind in texts.items():
            written = text if name == chosen else "a"
            given[name] = written.encode("utf-8", "replace") if kind is bytes else written
        try:
            found = function(**given)
            # What a generator gives is read, as its callers do.
            return list(found) if inspect.isgenerator(found) else found
        except Exception as error:
            return error

    return call


def _kinds(function: Callable[..., object]) -> dict[str, object]:
    """Give the annotations as they are written."""
    return {name: str(kind) for name, kind in function.__annotations__.items() if name != "return"}


def _is_text(kind: object) -> bool:
    return kind in ("str", "bytes", "str | None", "bytes | None")


def of(name: str, call: Callable[[str], object]) -> Reader:
    """Give a reader that is called in its own way; what it refuses is as good as what it reads."""

    def safe(text: str) -> object:
        try:
            return call(text)
        except Exception as error:
            return error

    return Reader(name, safe)
