"""What the OpenAPI document lets clients ask is answered as it says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from tests.serve.helpers import publish
from tests.serve.writable import BEARER, server_process, writable
from tzgraph.query.formats import FORMATS
from tzgraph.query.library import load_library, parse_query
from tzgraph.release import Release
from tzgraph.serve.app import create_app
from tzgraph.serve.site.library import RESERVED

#: What Schemathesis asks beside: how to write what it has no media type for.
HOOKS = """
import schemathesis

@schemathesis.serializer("application/sparql-query", "application/sparql-update", "text/turtle",
    "application/n-triples", "application/rdf+xml", "application/ld+json", "application/n-quads",
    "application/trig")
def as_text(context, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
"""
#: QUERY is left out, which OpenAPI 3.1 has no place for.
OTHER_METHODS = """
[phases.coverage]
unexpected-methods = ["get", "put", "post", "delete", "options", "patch", "trace"]
"""
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance,unsupported_method"
)


def test_schemathesis(shipped_dir: Path, tmp_path: Path) -> None:
    """Thousands of requests, right and wrong, to each operation: no 5xx, nothing undeclared."""
    directory = tmp_path / "build"
    shutil.copytree(shipped_dir, directory, symlinks=True)
    (tmp_path / "hooks.py").write_text(HOOKS, encoding="utf-8")
    (tmp_path / "schemathesis.toml").write_text(OTHER_METHODS, encoding="utf-8")
    command = [str(Path(sys.executable).with_name("st")), "run", "--no-color", "--seed", "1"]
    command += ["--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-examples", "5"]
    command += ["--header", f"Authorization: {BEARER['Authorization']}"]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(tmp_path)}
    with server_process(directory) as server:
        done = subprocess.run(
            [*command, f"{server.url}/openapi.json"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
    assert done.returncode == 0, done.stdout[-5_000:] + done.stderr[-2_000:]
    assert "passed" in done.stdout


@pytest.fixture(scope="module")
def paths(shipped: httpx.Client) -> dict[str, Any]:
    """The paths of the document of a server that takes no updates."""
    document = shipped.get("/openapi.json").json()
    assert OPENAPI_31_VALIDATOR.is_valid(document)
    found: dict[str, Any] = document["paths"]
    return found


def request_of(path: str, operation: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """Give the URL of an operation and its parameters, by the examples that the document has."""
    given = {
        parameter["name"]: next(iter(parameter["examples"].values()))["value"]
        if "examples" in parameter
        else parameter["schema"]["examples"][0]
        for parameter in operation.get("parameters", ())
        if "examples" in parameter or "examples" in parameter["schema"]
    }
    in_url = {name: value for name, value in given.items() if f"{{{name}}}" not in path}
    return path.format(**given), {name: written(value) for name, value in in_url.items()}


def written(value: object) -> str:
    """Give a value as it stands in a URL."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_methods_are_those_that_the_routes_take(paths: dict[str, Any], tmp_path: Path) -> None:
    """What changes the data is described where updates are on."""
    publish(tmp_path, 1)
    with writable(tmp_path) as writer:
        document = writer.get("/openapi.json").json()
        assert OPENAPI_31_VALIDATOR.is_valid(document)
        for path, item in document["paths"].items():
            url, _ = request_of(path, next(iter(item.values())))
            allowed = set(writer.options(url).headers["allow"].split(", "))
            assert {method.upper() for method in item} == allowed - {"HEAD", "OPTIONS", "QUERY"}, (
                path
            )
            assert ("HEAD" in allowed) == ("get" in item)
    reading = {
        path: {method: o for method, o in item.items() if "security" not in o}
        for path, item in document["paths"].items()
    }
    assert {path for path, item in reading.items() if item} == set(paths)
    assert set(reading["/graphs"]) == set(paths["/graphs"]) == {"get"}


def test_every_route_is_described(release: Release) -> None:
    """But for pages, the document itself, agents' messages, and other ways to what is described."""
    app = create_app(release)
    known = set(app.openapi()["paths"])
    routes = {getattr(route, "path", "") for route in app.routes} - known
    other_ways = {"/queries/{name}", "/graphs/{path:path}", "/ontology.{suffix}", "/update"}
    other_ways |= {"/audit.{suffix}", "/cell/{file:path}", "/id/cell/{file:path}"}
    frame = {"/static", "/static/claims.css", "/favicon.ico", "/opensearch.xml", "/code"}
    pages = {"/", "/about", "/docs", "/docs/{name:path}", "/search", "/search/suggestions"}
    pages |= {
        "/api",
        "/status",
        "/map/{slug}",
        "/map/mechanisms",
        "/map/mechanisms.svg",
        "/map/trials",
    }
    others = {"/openapi.json", "/ontology/{version}", "/mcp"}
    assert routes == frame | pages | others | other_ways
    described = {route.path for route in app.also_described() if isinstance(route, APIRoute)}
    assert described == {f"/queries/{name}" for name in load_library()}


def test_media_types_are_those_that_are_given(paths: dict[str, Any], shipped: httpx.Client) -> None:
    """Each operation that reads, with its examples: no media type more or less than declared."""
    registered = {form.media_types[0] for form in FORMATS if form.media_types} | {"text/html"}
    for path, item in paths.items():
        if path == "/graph/import/{slug}":  # the shipped graph imports nothing
            continue
        url, params = request_of(path, item["get"])
        more: list[dict[str, str]] = [params]
        if path == "/sparql":
            more.append({"query": "DESCRIBE tztarget:her2"})
        if path == "/graphs":
            more = [{"default": ""}]
        declared = set(item["get"]["responses"]["200"]["content"])
        given = set()
        for asked in more:
            for media_type in registered | declared:
                response = shipped.get(url, params=asked, headers={"Accept": media_type})
                if response.status_code == 200:
                    given.add(response.headers["content-type"].partition(";")[0])
                else:
                    assert response.status_code == 406, (path, media_type, response.text)
        assert given == declared, path


def test_statuses_of_wrong_requests_are_declared(
    paths: dict[str, Any], shipped: httpx.Client
) -> None:
    """By Accept, by a name that is none, by a parameter that is none, by a URL that is too long."""
    for path, item in paths.items():
        declared = item["get"]["responses"]
        url, params = request_of(path, item["get"])
        asked = {**params, "default": ""} if path == "/graphs" else params
        found = shipped.get(url, params=asked, headers={"Accept": "a/b"}).status_code
        assert found == (406 if "406" in declared else 200), path
        if "{slug}" in path:
            assert shipped.get(path.format(kind="drug", slug="no-such")).status_code == 404
            assert "404" in declared
        if path.startswith("/queries/"):
            assert shipped.get(url, params={**params, "no": "1"}).status_code == 400
            assert "400" in declared
        if "414" in declared and path != "/sparql":
            assert shipped.get(url, params={"x": "x" * 64_000}).status_code == 414


def test_parameters_of_queries_are_those_that_are_read(paths: dict[str, Any]) -> None:
    """With type, default, example, meaning, and whether they have to be given."""
    for name, query in load_library().items():
        operation = paths[f"/queries/{name}"]["get"]
        found = {p["name"]: p for p in operation["parameters"]}
        assert list(found) == [*(p.name for p in query.parameters), *RESERVED]
        for parameter in query.parameters:
            one = found[parameter.name]
            assert one["required"] == parameter.is_required
            assert parameter.explanation in one["description"]
            assert one["in"] == "query"
            default = one["schema"].get("default")
            assert ("default" in one["schema"]) == (parameter.default is not None)
            if default is not None and one["schema"]["type"] == "string":
                assert default == parameter.default
                assert one["schema"]["examples"] == [default]


def test_formats_are_those_that_the_query_has(release: Release) -> None:
    """A graph has no rows to count, and bindings come in no RDF."""
    library = {
        "rows": parse_query("SELECT * {}", name="rows"),
        "graph": parse_query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", name="graph"),
    }
    paths = create_app(release, library=library).openapi()["paths"]
    named = {
        name: {p["name"]: p for p in paths[f"/queries/{name}"]["get"]["parameters"]}
        for name in library
    }
    assert set(named["rows"]) == {"limit", "offset", "format"}
    assert named["rows"]["format"]["schema"]["enum"] == ["json", "xml", "csv", "tsv", "html"]
    assert set(named["graph"]) == {"format"}
    assert "turtle" in named["graph"]["format"]["schema"]["enum"]
    assert "csv" not in named["graph"]["format"]["schema"]["enum"]


def test_names_and_defaults_that_python_would_not_have(release: Release) -> None:
    """A variable may be called as a keyword is; a default that can't be read is shown as it is."""
    text = "#+ param: class integer = many\n#+ param: 1st decimal? -- one\nSELECT ?class ?1st {}"
    library = {"odd": parse_query(text, name="odd")}
    paths = create_app(release, library=library).openapi()["paths"]
    found = {p["name"]: p for p in paths["/queries/odd"]["get"]["parameters"]}
    assert found["class"]["schema"]["default"] == "many"
    assert found["1st"]["schema"]["type"] == "number"
    assert not found["1st"]["required"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_example_of_the_endpoint_is_answered(
    paths: dict[str, Any], shipped: httpx.Client, method: str
) -> None:
    """It is a query that finds something."""
    operation = paths["/sparql"][method]
    if method == "get":
        response = shipped.get("/sparql", params=request_of("/sparql", operation)[1])
    else:
        content = operation["requestBody"]["content"]["application/sparql-query"]
        headers = {"Content-Type": "application/sparql-query"}
        response = shipped.post("/sparql", content=content["example"], headers=headers)
    assert response.json()["results"]["bindings"]


@pytest.mark.parametrize(("offset", "status"), [("1000000000", 200), ("1000000001", 400)])
def test_the_largest_offset_that_is_declared(
    shipped: httpx.Client, offset: str, status: int
) -> None:
    """The limits are those that the document and the message name."""
    assert shipped.get(f"/queries/arms.json?limit=1&offset={offset}").status_code == status
