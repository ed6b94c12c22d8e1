"""``/code``: the programs that it gives run, whatever stands in the query."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import sys
from urllib.parse import urlencode

import httpx
import pytest

from tests.serve.helpers import problem
from tzgraph.serve.views.snippets import snippets

#: A query in which stands what ends a string somewhere.
NASTY = (
    'SELECT ?x ?say WHERE {\n  ?x ex:p ?y . # \'quote\' "double" `tick` ${x} $(x) \\ )---" !\n'
    "  BIND('''a \"\"\" b\\\\ c\u2028d `${1}` é''' AS ?say) FILTER(?x = ex:a)\n}"
)
SAID = 'a """ b\\ c\u2028d `${1}` é'


def programs(endpoint: str, *fields: tuple[str, str]) -> dict[str, str]:
    return {found.title.split(",")[0]: found.text for found in snippets(endpoint, fields)}


def run(command: list[str], program: str = "") -> str:
    done = subprocess.run(
        command, input=program, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("language", ["Shell", "Python", "JavaScript"])
def test_programs_run(url: str, language: str) -> None:
    if language == "Python":
        pytest.importorskip("requests")
    program = programs(f"{url}/sparql", ("query", NASTY), ("$x", "ex:a"))[language]
    command, expected = {
        "Shell": (["bash"], '"a """""" b\\ c\u2028d `${1}` é"'),
        "Python": ([sys.executable, "-"], repr(SAID)),
        "JavaScript": (["node", "--input-type=module"], SAID.replace("\\", "\\\\")),
    }[language]
    for needed in {"Shell": ("bash", "curl"), "JavaScript": ("node",)}.get(language, ()):
        if shutil.which(needed) is None:
            pytest.skip(f"there is no {needed}")
    assert expected in run(command, program)


@pytest.mark.parametrize(
    ("query", "expected"),
    [("ASK { ex:a ex:p ex:b }", "True"), ("CONSTRUCT WHERE { ex:a ex:p ?x }", "ex:b")],
)
def test_other_forms(url: str, query: str, expected: str) -> None:
    pytest.importorskip("requests")
    printed = run([sys.executable, "-"], programs(f"{url}/sparql", ("query", query))["Python"])
    assert expected in printed


def test_raw_string_of_r_ends_where_it_should() -> None:
    text = programs("http://x/sparql", ("query", 'ASK {} # )---" )----"'), ("$v", '"'))["R"]
    assert 'r"-----(\nASK {} # )---" )----"\n)-----"' in text
    assert '`$v` = "\\""' in text


def test_page_shows_programs_for_this_server(client: httpx.Client) -> None:
    fields = [("query", NASTY), ("$x", "ex:a")]
    expected = list(programs(f"{client.base_url}/sparql", *fields).values())
    in_form = {"query": NASTY.replace("\n", "\r\n"), "$x": "ex:a"}
    for response in (
        client.get("/code", params={"query": NASTY, "$x": "ex:a", "$empty": ""}),
        client.post("/code", data=in_form),
    ):
        assert response.status_code == 200
        found = re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", response.text, re.DOTALL)
        assert list(map(html.unescape, found)) == expected
    assert f"/sparql?{urlencode(fields)}" in html.unescape(response.text)


def test_long_and_strange_queries(client: httpx.Client) -> None:
    long = "# " + "é\u2028" * 15_000 + "\nASK {}"
    response = client.post("/code", data={"query": long})
    assert response.status_code == 200
    assert "Run it here" not in response.text
    assert client.get("/code", params={"query": "no query <script>alert(1)</script>"}).is_success
    assert "<script>alert" not in client.get("/code?query=%3Cscript%3Ealert(1)").text


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 400),
        ({"query": " "}, 400),
        ({"query": ["ASK {}", "ASK {}"]}, 400),
        ({"query": "x" * 200_001}, 413),
    ],
)
def test_bad_requests(client: httpx.Client, asked: dict[str, str], status: int) -> None:
    problem(client.post("/code", data=asked or {"a": "b"}), status)


def test_bad_bodies(client: httpx.Client) -> None:
    problem(client.post("/code", content=b"ASK {}"), 415)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    problem(client.post("/code", content=b"query=%ff", headers=form), 400)
    packed = {**form, "Content-Encoding": "gzip"}
    problem(client.post("/code", content=b"query=x", headers=packed), 415)
    page = client.post("/code", content=b"query=", headers={**form, "Accept": "text/html"})
    assert page.status_code == 400
    assert "Give one query" in page.text
