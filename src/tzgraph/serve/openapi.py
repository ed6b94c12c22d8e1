"""The routes for programs as OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0)."""

from __future__ import annotations

from typing import Any

__all__ = ["openapi"]

_TRIPLE = ("tzdrug:trastuzumab", "tz:targets", "tztarget:her2")
_VERDICT = ("tzclaim:sun-c065", "tz:verdict", "tz:Contradicted")
_ERRORS = {
    400: "A term can't be read, or one is missing.",
    406: "Explanations come in none of the formats asked for.",
    414: "The URL is too long.",
    503: "All explainers are taken; try again after the seconds in Retry-After.",
}


def openapi(version: str) -> dict[str, Any]:
    """Give the OpenAPI document.

    :param version: of tzgraph

    >>> sorted(openapi("0.1")["paths"])
    ['/explain', '/healthz', '/sparql']
    """
    return {
        "openapi": "3.1.0",
        "info": {"title": "tzgraph", "version": version},
        "paths": {
            "/sparql": {
                "get": {
                    "operationId": "sparql",
                    "summary": "SPARQL 1.1 Protocol query; without a query, service description",
                    "parameters": [_parameter("query", "A SPARQL 1.1 query.", {})],
                    "responses": {"200": {"description": "The result."}, **_errors(400, 406)},
                }
            },
            "/explain": {"get": _explain()},
            "/healthz": {
                "get": {
                    "operationId": "healthz",
                    "summary": "Status, release and number of triples",
                    "responses": {"200": {"description": "The server answers."}},
                }
            },
        },
        "components": {"schemas": {"Problem": _PROBLEM, "Explanation": _EXPLANATION}},
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
            _parameter("subject", "IRI or CURIE; alone, that of a claim.", given[0], required=True),
            _parameter("predicate", "IRI, CURIE or `a`.", given[1]),
            _parameter("object", 'IRI, CURIE, number or literal such as `"HER2"@en`.', given[2]),
            {
                **_parameter("format", "A format, in place of the header Accept.", {}),
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
            **_errors(*_ERRORS),
        },
    }


def _parameter(
    name: str, text: str, examples: dict[str, dict[str, str]], *, required: bool = False
) -> dict[str, Any]:
    found = {
        "name": name,
        "in": "query",
        "required": required,
        "description": text,
        "schema": {"type": "string"},
    }
    return {**found, "examples": examples} if examples else found


def _errors(*statuses: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    content = {"application/problem+json": {"schema": schema}}
    return {
        str(status): {"description": _ERRORS[status], "content": content} for status in statuses
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
