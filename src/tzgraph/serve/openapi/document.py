"""The routes for programs as OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tzgraph.query.formats import ResultKind, formats_for
from tzgraph.query.library import QueryFile
from tzgraph.serve.messages.documents import SUFFIXES
from tzgraph.serve.openapi import queries as query_paths
from tzgraph.serve.openapi import writes as write_paths
from tzgraph.serve.openapi.queries import errors, parameter

__all__ = ["openapi"]

_TRIPLE = ("tzdrug:trastuzumab", "tz:targets", "tztarget:her2")
_VERDICT = ("tzclaim:sun-c065", "tz:verdict", "tz:Contradicted")


def openapi(
    version: str, library: Mapping[str, QueryFile], *, writes: bool = False
) -> dict[str, Any]:
    """Give the OpenAPI document.

    :param version: of tzgraph
    :param library: the query library, each query of which is a path
    :param writes: whether the server takes updates

    >>> [path for path in openapi("0.1", {})["paths"] if path.startswith("/queries")]
    ['/queries']
    """
    return {
        "openapi": "3.1.0",
        "info": {"title": "tzgraph", "version": version},
        "paths": {
            "/sparql": query_paths.sparql(),
            **({"/update": write_paths.update()} if writes else {}),
            "/graphs": write_paths.graph_store(writes=writes),
            "/explain": {"get": _explain()},
            "/queries": {"get": _listing()},
            **{f"/queries/{q.name}": query_paths.of_library(q) for q in library.values()},
            "/id/{kind}/{slug}": {
                "get": _document(
                    "thing", "What the graph says of a thing", kind="drug", slug="trastuzumab"
                )
            },
            "/graph/source/{slug}": {
                "get": _document("source", "What is said of a source", slug="bang-2010")
            },
            "/graph/import/{slug}": {
                "get": _document("import", "What is said of an imported ontology", slug="mondo")
            },
            "/graph/{slug}": {
                "get": _document("graph", "What is said of a named graph", slug="inferred")
            },
            "/ontology": {"get": _document("ontology", "The ontology, with a page of its terms")},
            "/.well-known/void": {"get": _document("void", "What the data sets hold", "")},
            "/healthz": {
                "get": {
                    "operationId": "healthz",
                    "summary": "Status, release, state and number of triples",
                    "responses": {"200": {"description": "The server answers."}},
                }
            },
        },
        "components": {
            "schemas": {"Problem": _PROBLEM, "Explanation": _EXPLANATION},
            "securitySchemes": write_paths.SECURITY if writes else {},
        },
    }


def _explain() -> dict[str, Any]:
    examples = {"triple": _TRIPLE, "verdict": _VERDICT}
    given = [
        {name: {"value": terms[number]} for name, terms in examples.items()} for number in range(3)
    ]
    given[0]["claim"] = {"value": _VERDICT[0], "summary": "alone: the verdict of a claim"}
    return {
        "operationId": "explain",
        "summary": "Why a triple holds, or a claim has its verdict",
        "description": "The cells that state the triple, or the rule and premises it follows from."
        " A triple that does not hold has the status `absent`, and is no error. Of a verdict,"
        " `comparison` holds what was said and what was reported.",
        "parameters": [
            parameter("subject", "IRI or CURIE; alone, that of a claim.", given[0], required=True),
            parameter("predicate", "IRI, CURIE or `a`.", given[1]),
            parameter("object", 'IRI, CURIE, number or literal such as `"HER2"@en`.', given[2]),
            {
                **parameter("format", "A format, in place of the header Accept.", {}),
                "schema": {"type": "string", "enum": ["json", "html", "text"]},
            },
        ],
        "responses": {
            "200": {
                "description": "The explanation.",
                "content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/Explanation"}},
                    "text/html": {"schema": {"type": "string"}},
                    "text/plain": {"schema": {"type": "string"}},
                },
            },
            **errors(400, 406, 414, 503),
        },
    }


def _listing() -> dict[str, Any]:
    return {
        "operationId": "queries",
        "summary": "The query library, with parameters",
        "responses": {
            "200": {
                "description": "The queries.",
                "content": {"application/json": {"schema": {"type": "object"}}, "text/html": {}},
            },
            **errors(406),
        },
    }


_NEGOTIATED = f"By the header Accept, or by a suffix: .{', .'.join(SUFFIXES)}."


def _document(
    name: str, summary: str, description: str = _NEGOTIATED, **path: str
) -> dict[str, Any]:
    forms = list(formats_for(ResultKind.GRAPH, served=True))
    content: dict[str, Any] = {
        form.media_types[0]: {} for form in forms if form.name in SUFFIXES.values()
    }
    return {
        "operationId": name,
        "summary": summary,
        "description": description or "By the header Accept; who wants a page gets Turtle.",
        "parameters": [
            {
                "name": key,
                "in": "path",
                "required": True,
                "schema": {"type": "string"},
                "example": value,
            }
            for key, value in path.items()
        ],
        "responses": {
            "200": {"description": "The description.", "content": {**content, "text/html": {}}},
            **errors(404, 406, 410),
        },
    }


_TEXT = {"type": "string"}
_PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "parameters": {"type": "array", "items": _TEXT},
        "available": {"type": "array", "items": _TEXT},
    },
}
_EXPLANATION = {
    "type": "object",
    "required": ["subject", "predicate", "object", "status"],
    "properties": {
        "subject": _TEXT,
        "predicate": _TEXT,
        "object": _TEXT,
        "status": {"enum": ["asserted", "inferred", "ontology", "quoted", "prepared", "absent"]},
        "comparison": {"type": "object"},
        "origins": {"type": "array", "items": {"type": "object"}},
        "rule": _TEXT,
        "title": _TEXT,
        "axiom": _TEXT,
        "premises": {
            "type": "array",
            "items": {"$ref": "#/components/schemas/Explanation"},
        },
        "left_out": {"type": "integer"},
        "absent": {"type": "array", "items": _TEXT},
        "mentions": {"type": "array", "items": {"type": "object"}},
    },
}
