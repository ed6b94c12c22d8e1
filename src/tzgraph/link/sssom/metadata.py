"""The metadata of a mapping set: behind ``#`` at its top, or in a file of their own beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tzgraph.errors import DataError, InputUnreadableError
from tzgraph.link.read.source import Source
from tzgraph.link.sssom.lines import Lines, Reporter
from tzgraph.link.sssom.slots import is_broken_address

__all__ = ["metadata_beside", "read_metadata"]

#: Bytes that a file of metadata may have: that of a whole registry's prefixes is a fiftieth.
_METADATA_LIMIT = 4_000_000
#: Slots of a set that hold addresses.
_ADDRESSES = frozenset(
    {
        "issue_tracker",
        "license",
        "mapping_provider",
        "mapping_set_id",
        "mapping_set_source",
        "see_also",
    }
)
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+\Z")


class _Loader(yaml.BaseLoader):
    """Makes nothing of values, so that a version 1.10 keeps its digits, and takes no aliases."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose a node; aliases could make a text grow without end."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # of the stubs
            raise yaml.MarkedYAMLError(problem="aliases are not taken", problem_mark=mark)
        return super().compose_node(parent, index)


def metadata_beside(path: Path) -> Path | None:
    """Give the file of metadata that belongs to a mapping set, if there is one.

    Of ``x.sssom.tsv`` that is ``x.sssom.yml``, or ``.yaml``, or the same without ``.sssom``.
    """
    name = re.sub(r"\.(?:gz|xz|bz2)$", "", path.name).removesuffix(".tsv")
    stems = dict.fromkeys((name, name.removesuffix(".sssom")))
    found = (path.with_name(stem + ending) for stem in stems for ending in (".yml", ".yaml"))
    return next((one for one in found if one.is_file() and one != path), None)


def read_metadata(path: Path, lines: Lines, report: Reporter) -> dict[str, object]:
    """Give the metadata of a mapping set; what stands in the set goes before what stands beside it.

    :param path: the set
    :param lines: what was read of it
    :param report: takes findings
    """
    own = _parsed([*lines.metadata], report)
    beside = metadata_beside(path)
    if beside is None:
        return own
    other = Reporter(beside.name, report.take)
    try:
        text = Source(beside).whole(_METADATA_LIMIT).decode("utf-8-sig")
    except (InputUnreadableError, DataError, UnicodeDecodeError) as error:
        other.violation(
            "bad-metadata", f"The metadata can't be read: {error}.", "Mend or remove the file."
        )
        return own
    found = _parsed(list(enumerate(text.splitlines(), 1)), other, behind=0)
    prefixes = {**_prefixes(found), **_prefixes(own)}
    return {**found, **own, **({"curie_map": prefixes} if prefixes else {})}


def _prefixes(metadata: dict[str, object]) -> dict[str, object]:
    found = metadata.get("curie_map")
    return found if isinstance(found, dict) else {}


def _parsed(
    lines: Sequence[tuple[int, str]], report: Reporter, behind: int = 1
) -> dict[str, object]:
    """Read lines of YAML.

    :param lines: with their numbers
    :param behind: how many characters stand before each
    """
    text = "\n".join(line for _number, line in lines)
    try:
        found = yaml.load(text, Loader=_Loader)  # noqa: S506 - safer than the safe one
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        row = lines[min(mark.line, len(lines) - 1)][0] if mark else None
        problem = getattr(error, "problem", None) or str(error)
        report.violation(
            "bad-metadata",
            f"The metadata can't be read as YAML: {problem}.",
            "Write `#key: value` on each line, with spaces before the entries of curie_map.",
            row,
            mark.column + 1 + behind if mark else None,
        )
        return {}
    if found is None or isinstance(found, dict):
        return _checked(found or {}, lines, report)
    report.violation(
        "bad-metadata",
        "The metadata is no list of keys with values.",
        "Write `#key: value` on each line.",
        lines[0][0],
    )
    return {}


def _checked(
    found: dict[str, object], lines: Sequence[tuple[int, str]], report: Reporter
) -> dict[str, object]:
    """Take out what the standard lets be no text."""
    if not isinstance(found.get("curie_map", {}), dict):
        row = next((n for n, text in lines if "curie_map" in text), None)
        report.violation(
            "bad-metadata",
            "curie_map is no list of prefixes with IRIs.",
            "Write each as `#  prefix: IRI`, with spaces before the prefix.",
            row,
        )
        del found["curie_map"]
    _check_prefixes(found, lines, report)
    _check_addresses(found, lines, report)
    return found


def _check_addresses(
    found: dict[str, object], lines: Sequence[tuple[int, str]], report: Reporter
) -> None:
    """Report addresses that are no IRIs, and take them out: they can't be stated."""
    for name in sorted(_ADDRESSES & found.keys()):
        value = found[name]
        texts = [str(text) for text in (value if isinstance(value, list) else [value])]
        broken = next((text for text in texts if is_broken_address(text)), None)
        if broken is None:
            continue
        row = next((n for n, text in lines if text.strip("# \t").startswith(f"{name}:")), None)
        report.violation(
            "malformed-iri",
            f"The {name}, “{broken}”, is no IRI.",
            "Write one such as https://…, with other signs percent-encoded.",
            row,
        )
        del found[name]


def _check_prefixes(
    found: Mapping[str, object], lines: Sequence[tuple[int, str]], report: Reporter
) -> None:
    """Report prefixes that stand for no IRI: what is written with them would mean nothing."""
    prefixes = found.get("curie_map")
    wrong = {
        prefix: iri
        for prefix, iri in (prefixes.items() if isinstance(prefixes, dict) else ())
        if not _IRI.match(str(iri))
    }
    rows: dict[str, int] = {}
    for number, text in lines if wrong else ():
        rows.setdefault(text.strip("# \t").partition(":")[0], number)
    for prefix, iri in wrong.items():
        row = rows.get(str(prefix))
        report.violation(
            "bad-metadata",
            f"In curie_map, the prefix “{prefix}” has no IRI, but “{iri}”.",
            "Give the IRI that its identifiers begin with, such as http://example.org/id/.",
            row,
        )
