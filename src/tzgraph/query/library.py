"""The query library: files of SPARQL with a header that says what they answer.

::

    #+ title: Drugs on a target
    #+ description: Every drug that targets a protein, with the epitope it binds.
    #+ tags: drug, target
    #+ pick: 1
    #+ param: target tz:Target = her2 -- protein the drugs act on
    SELECT ?target ?drug WHERE { ?drug tz:targets ?target }

``pick`` says that the first page shows the query, and in which place.

A parameter without a default has to be given, unless a ``?`` follows its type: left out, it is
a variable like any other. Its type is ``iri``, ``string``, ``integer``, ``decimal``, ``boolean``,
``date`` or a class such as ``tz:Target``; :mod:`tzgraph.query.binding` says what a query
has to look like so that values reach it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from tzgraph.errors import InputUnreadableError, UsageError
from tzgraph.resources import shipped

__all__ = [
    "TYPES",
    "Parameter",
    "QueryFile",
    "load_libraries",
    "load_library",
    "parse_query",
    "read_query",
]

#: Types of parameters besides classes.
TYPES = ("iri", "string", "integer", "decimal", "boolean", "date")

_HEADER = re.compile(r"#\+\s*+([^:\s]*+)\s*+:?(.*)", re.DOTALL)
_PARAMETER = re.compile(r"(\w++)\s++(\S+?)(\?)?(?:\s++=\s++(.*)|(\s++--\s.*)|)\Z", re.DOTALL)
_DASHES = re.compile(r"\s--\s")
_CLASS = re.compile(r"[A-Za-z][\w.-]*:\w[\w.-]*\Z")
_PLACE = re.compile(r"[1-9][0-9]{0,3}\Z")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*\Z")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A variable of a query that the caller gives a value.

    :ivar name: name of the variable, without ``?``
    :ivar type: one of :data:`TYPES`, or the CURIE of a class
    :ivar default: value as written, or ``None`` if the caller has to give one
    :ivar explanation: a phrase for readers, may be empty
    :ivar optional: whether the caller may leave it out although it has no default
    """

    name: str
    type: str
    default: str | None = None
    explanation: str = ""
    optional: bool = False

    @property
    def is_class(self) -> bool:
        """Whether values are things of a class."""
        return self.type not in TYPES

    @property
    def is_required(self) -> bool:
        """Whether the caller has to give a value."""
        return self.default is None and not self.optional


@dataclass(frozen=True, slots=True)
class QueryFile:
    """A query and what its header says.

    :ivar pick: its place among the queries of the first page, ``None`` if it is not there
    """

    name: str
    text: str
    title: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    pick: int | None = None


def parse_query(text: str, *, name: str, file: str = "") -> QueryFile:
    r"""Read a query and its header.

    :param text: the whole file; the header lines stay in it, they are comments
    :param name: what the query will be called
    :param file: where it comes from, for messages
    :raises InputUnreadableError: at a header line that is unknown, repeated or malformed

    >>> parse_query("#+ title: All\nSELECT * {}", name="all").title
    'All'
    """
    single: dict[str, str] = {}
    description: list[str] = []
    parameters: dict[str, Parameter] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("#+"):
            continue
        place = f"{file or name}:{number}"
        header = _HEADER.match(line)
        key, value = (header[1], header[2].strip()) if header else ("", "")
        if key == "param":
            parameter = _parameter(value, place)
            if parameter.name in parameters:
                raise InputUnreadableError(
                    f"{place}: param {parameter.name} is given twice.", "Keep one of them."
                )
            parameters[parameter.name] = parameter
        elif key not in ("title", "description", "tags", "pick"):
            raise InputUnreadableError(
                f"{place}: unknown header key {key!r}.",
                "Known keys: title, description, tags, pick, param.",
            )
        elif key == "description":
            description.append(value)
        elif key == "pick" and not _PLACE.match(value):
            raise InputUnreadableError(
                f"{place}: pick {value!r} is no place.", "Places: 1, 2, 3, …"
            )
        elif key in single:
            raise InputUnreadableError(f"{place}: {key} is given twice.", "Keep one of them.")
        else:
            single[key] = value
    tags = tuple(tag.strip() for tag in single.get("tags", "").split(",") if tag.strip())
    return QueryFile(
        *(name, text, single.get("title", ""), " ".join(description), tags),
        tuple(parameters.values()),
        int(single["pick"]) if "pick" in single else None,
    )


def read_query(path: Path) -> QueryFile:
    """Read a query file.

    :raises InputUnreadableError: if it can't be read, is not UTF-8 or has a wrong header
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputUnreadableError(f"{path}: {reason}.", "Check the name of the file.") from error
    except UnicodeDecodeError as error:
        raise InputUnreadableError(
            f"{path}: not UTF-8: {error.reason}.", "Save as UTF-8."
        ) from error
    return parse_query(text, name=path.stem, file=str(path))


def load_library(folder: Path | None = None) -> Mapping[str, QueryFile]:
    """Read the query library, by name in alphabetical order.

    :param folder: where the ``.rq`` files are; by default those that ship with tzgraph
    :raises InputUnreadableError: if a file can't be read, or has a name that can't be a route
    """
    found: dict[str, QueryFile] = {}
    for path in sorted((folder or shipped("queries")).glob("*.rq")):
        if not path.is_file():  # to open a pipe would wait without end
            raise InputUnreadableError(f"{path}: It is no regular file.", "Remove it.")
        query = read_query(path)
        if not _NAME.match(query.name):
            raise InputUnreadableError(
                f"{path}: the name may hold only a-z, 0-9, - and _.", "Rename the file."
            )
        if not query.title:
            raise InputUnreadableError(f"{path}:1: no title.", "Add a line '#+ title: …'.")
        found[query.name] = query
    return found


def load_libraries(
    own: Path | None, tell: Callable[[str], None] = lambda _: None
) -> Mapping[str, QueryFile]:
    """Read the query library, and beside it a folder of queries of one's own.

    :param own: the folder; of two queries of one name the one in it counts
    :param tell: is told of names that hide those of the library
    :raises InputUnreadableError: if the folder or a file can't be read, with file and line
    """
    shipped_ones = load_library()
    if own is None:
        return shipped_ones
    if not own.is_dir():
        raise InputUnreadableError(
            f"{own}: It is no folder.", "Give a folder of .rq files as --queries."
        )
    mine = load_library(own)
    for name in sorted(mine.keys() & shipped_ones.keys()):
        tell(f"{own / name}.rq hides the query of that name that ships with tzgraph.")
    return {**shipped_ones, **mine}


def find_query(name: str, library: Mapping[str, QueryFile]) -> QueryFile:
    """Give the query of that name.

    :raises UsageError: if there is none, with the nearest name
    """
    if name in library:
        return library[name]
    near = get_close_matches(name, library, n=1)
    hint = f"Did you mean {near[0]}? " if near else ""
    raise UsageError(
        f"There is no query {name!r} in the library.",
        f"{hint}'tzgraph query' without a name lists them.",
    )


def _parameter(value: str, place: str) -> Parameter:
    match = _PARAMETER.match(value)
    if match is None:
        raise InputUnreadableError(
            f"{place}: malformed param {value!r}.",
            "Write '#+ param: name type = default -- explanation'.",
        )
    name, kind, optional, given, behind = match.groups()
    written, *explained = _DASHES.split(given or behind or "", maxsplit=1)
    default = None if given is None else written.rstrip()
    if kind not in TYPES and not _CLASS.match(kind):
        raise InputUnreadableError(
            f"{place}: unknown type {kind!r}.", f"Types: {', '.join(TYPES)}, or a class as CURIE."
        )
    if optional and default is not None:
        raise InputUnreadableError(
            f"{place}: param {name} is optional and has a default.", "Keep one of them."
        )
    explanation = explained[0].strip() if explained else ""
    return Parameter(name, kind, default, explanation, optional is not None)
