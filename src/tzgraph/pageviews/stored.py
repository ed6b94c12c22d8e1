"""Views in a release: a file of JSON, read when it is served."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tzgraph.errors import DamagedReleaseError
from tzgraph.pageviews.model import (
    Layer,
    ListPath,
    Panel,
    ValueRole,
    View,
    ViewProperty,
    Views,
    ViewSection,
)

__all__ = ["views_as_json", "views_from_json"]


def views_as_json(views: Views) -> str:
    """Write views, the same views always as the same text."""
    said = {
        "views": [
            {
                "iri": view.iri,
                "classes": sorted(view.classes),
                "sections": list(view.sections),
                "properties": [_property(shown) for shown in view.properties],
                "title": view.title,
                "note": view.note,
                "facets": [_list(path) for path in view.facets],
                "columns": [_list(path) for path in view.columns],
            }
            for view in views.views
        ],
        "sections": [_section(section) for _, section in sorted(views.sections.items())],
        "above": _lists(views.above),
        "inverses": _lists(views.inverses),
        "wider": _lists(views.wider),
    }
    return json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def views_from_json(text: str) -> Views:
    """Read what :func:`views_as_json` wrote.

    :raises DamagedReleaseError: if it is something else

    >>> views_from_json(views_as_json(Views())) == Views()
    True
    """
    try:
        said = json.loads(text)
        return Views(
            tuple(
                View(
                    view["iri"],
                    frozenset(view["classes"]),
                    tuple(map(_read_property, view["properties"])),
                    tuple(view["sections"]),
                    view.get("title", ""),
                    view.get("note", ""),
                    tuple(map(_read_list, view.get("facets", ()))),
                    tuple(map(_read_list, view.get("columns", ()))),
                )
                for view in said["views"]
            ),
            {section["iri"]: _read_section(section) for section in said["sections"]},
            _sets(said["above"]),
            _sets(said["inverses"]),
            _sets(said["wider"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedReleaseError(f"The views of the release are damaged: {error!r}.") from error


def _property(shown: ViewProperty) -> dict[str, Any]:
    said: dict[str, Any] = {"path": shown.path, "order": shown.order, "role": shown.role.value}
    if shown.inverse:
        said["inverse"] = True
    if shown.layer is not None:
        said["layer"] = shown.layer.value
    for key in ("name", "section", "link"):
        if text := getattr(shown, key):
            said[key] = text
    return said


def _read_property(said: Mapping[str, Any]) -> ViewProperty:
    layer = said.get("layer")
    return ViewProperty(
        said["path"],
        inverse=bool(said.get("inverse")),
        name=said.get("name", ""),
        section=said.get("section", ""),
        order=said["order"],
        role=ValueRole(said["role"]),
        layer=None if layer is None else Layer(layer),
        link=said.get("link", ""),
    )


def _list(path: ListPath) -> dict[str, Any]:
    said: dict[str, Any] = {"key": path.key, "name": path.name, "steps": list(path.steps)}
    if path.literal:
        said["literal"] = True
    if path.layer is not None:
        said["layer"] = path.layer.value
    return {**said, "order": path.order}


def _read_list(said: Mapping[str, Any]) -> ListPath:
    layer = said.get("layer")
    return ListPath(
        said["key"],
        said["name"],
        tuple(said["steps"]),
        literal=bool(said.get("literal")),
        order=said["order"],
        layer=None if layer is None else Layer(layer),
    )


def _section(section: ViewSection) -> dict[str, Any]:
    said: dict[str, Any] = {"iri": section.iri, "title": section.title, "order": section.order}
    if section.note:
        said["note"] = section.note
    if section.folded:
        said["folded"] = True
    if section.panel is not None:
        said["panel"] = section.panel.value
    return said


def _read_section(said: Mapping[str, Any]) -> ViewSection:
    panel = said.get("panel")
    return ViewSection(
        said["iri"],
        said["title"],
        said["order"],
        said.get("note", ""),
        bool(said.get("folded")),
        None if panel is None else Panel(panel),
    )


def _lists(sets: Mapping[str, frozenset[str]]) -> dict[str, list[str]]:
    return {key: sorted(values) for key, values in sorted(sets.items())}


def _sets(lists: Mapping[str, list[str]]) -> dict[str, frozenset[str]]:
    return {key: frozenset(values) for key, values in lists.items()}
