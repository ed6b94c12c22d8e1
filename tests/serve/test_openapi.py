"""What the OpenAPI document lets clients ask is answered as it says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.serve.writable import BEARER, server_process
from tzgraph.query.library import parse_query
from tzgraph.serve.openapi.document import openapi

#: What Schemathesis asks beside: how to write what it has no media type for.
HOOKS = """
import schemathesis

@schemathesis.serializer("application/sparql-query", "application/sparql-update", "text/turtle",
    "application/n-triples", "application/rdf+xml", "application/ld+json", "application/n-quads",
    "application/trig")
def as_text(context, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
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


def test_formats_are_those_that_the_query_has() -> None:
    """A graph has no rows to count, and bindings come in no RDF."""
    library = {
        "rows": parse_query("SELECT * {}", name="rows"),
        "graph": parse_query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", name="graph"),
    }
    paths = openapi("0", library)["paths"]
    named = {
        name: {p["name"]: p for p in paths[f"/queries/{name}"]["get"]["parameters"]}
        for name in library
    }
    assert set(named["rows"]) == {"limit", "offset", "format"}
    assert named["rows"]["format"]["schema"]["enum"] == ["json", "xml", "csv", "tsv", "html"]
    assert set(named["graph"]) == {"format"}
    assert "turtle" in named["graph"]["format"]["schema"]["enum"]
    assert "csv" not in named["graph"]["format"]["schema"]["enum"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_example_of_the_endpoint_is_answered(shipped: httpx.Client, method: str) -> None:
    """It is a query that finds something."""
    operation = openapi("0", {})["paths"]["/sparql"][method]
    if method == "get":
        example = operation["parameters"][0]["example"]
        response = shipped.get("/sparql", params={"query": example})
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
