"""Rules as JSON, as a release keeps those that it was built with.

Reading them so takes milliseconds, where compiling the ontology and parsing the files of rules
takes seconds: commands that explain would wait for it each time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from tzgraph.errors import InputUnreadableError
from tzgraph.reason.rule import Pattern, Rule

__all__ = ["rules_as_json", "rules_from_json"]

_PATTERNS = ("head", "body", "absent", "optional", "spared")


def rules_as_json(rules: Iterable[Rule]) -> str:
    r"""Write rules in their order, one a line; what is empty is left out.

    >>> rules_as_json([Rule("r", "", (Pattern("?x", "<p>", "?y"),), (), "")])
    '[\n{"name": "r", "head": [["?x", "<p>", "?y"]]}\n]\n'
    """
    lines = (json.dumps(_written(rule), ensure_ascii=False) for rule in rules)
    return "[\n" + ",\n".join(lines) + "\n]\n"


def rules_from_json(text: str) -> list[Rule]:
    """Read rules that :func:`rules_as_json` wrote.

    :raises InputUnreadableError: if the text is something else
    """
    try:
        return [_read(record) for record in json.loads(text)]
    except (ValueError, TypeError, KeyError) as error:
        raise InputUnreadableError(
            f"The rules of the release can't be read: {error!r}.", "Build the graph again."
        ) from error


def _written(rule: Rule) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for field in fields(Rule):
        value = getattr(rule, field.name)
        if field.name in _PATTERNS:
            value = _group(value)
        elif field.name == "denied":
            value = [_group(group) for group in value]
        if value:
            record[field.name] = value
    return record


def _read(record: dict[str, Any]) -> Rule:
    said = {
        "title": "",
        "body": (),
        "where": "",
        "absent": (),
        "optional": (),
        "spared": (),
        **record,
    }
    for name in _PATTERNS:
        said[name] = _patterns(said[name])
    said["denied"] = tuple(_patterns(group) for group in said.get("denied", ()))
    return Rule(**said)


def _group(patterns: Iterable[Pattern]) -> list[list[str]]:
    return [[p.subject, p.predicate, p.object, *([p.path] if p.path else [])] for p in patterns]


def _patterns(group: Sequence[Sequence[str]]) -> tuple[Pattern, ...]:
    return tuple(Pattern(*terms) for terms in group)
