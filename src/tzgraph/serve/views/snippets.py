"""A query as a program: for the shell, Python, R and JavaScript."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tzgraph.query.tokens import TokenKind, tokens_of

__all__ = ["Snippet", "snippets"]

_JSON = "application/sparql-results+json"
_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A program.

    :ivar title: the language, and what it needs
    """

    title: str
    text: str


def snippets(endpoint: str, fields: _Fields) -> list[Snippet]:
    """Give programs that ask a query and print what comes.

    :param endpoint: URL of the SPARQL endpoint
    :param fields: the parameters; the query is among them, without carriage returns
    """
    query = next((value for name, value in fields if name == "query"), "")
    others = [(name, value) for name, value in fields if name != "query"]
    form = _form_of(query)
    return [
        Snippet("Shell, with curl", _curl(endpoint, fields, form)),
        Snippet("Python, with requests", _python(endpoint, query, others, form)),
        Snippet("R, with httr2", _r(endpoint, query, others, form)),
        Snippet("JavaScript", _javascript(endpoint, query, others, form)),
    ]


def _form_of(query: str) -> str:
    """Give the word that says what comes: SELECT, where there is none."""
    words = (token.text.upper() for token in tokens_of(query) if token.kind is TokenKind.WORD)
    return next((word for word in words if word in _FORMS), "SELECT")


def _curl(endpoint: str, fields: _Fields, form: str) -> str:
    wanted = {"SELECT": "text/csv", "ASK": _JSON}.get(form, "text/turtle")
    lines = [f"curl -sS --fail-with-body {_shell(endpoint)}", f"-H {_shell(f'Accept: {wanted}')}"]
    lines += [f"--data-urlencode {_shell(f'{name}={value}')}" for name, value in fields]
    return " \\\n  ".join(lines)


def _shell(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _python(endpoint: str, query: str, others: _Fields, form: str) -> str:
    more = "".join(f", ({name!r}, {value!r})" for name, value in others)
    written = query.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    shown = {
        "SELECT": 'for row in response.json()["results"]["bindings"]:\n'
        '    print({name: term["value"] for name, term in row.items()})',
        "ASK": 'print(response.json()["boolean"])',
    }.get(form, "print(response.text)")
    return f'''import requests

query = """
{written}
"""
response = requests.post(
    {endpoint!r},
    data=[("query", query){more}],
    headers={{"Accept": "{_accept(form)}"}},
    timeout=60,
)
response.raise_for_status()
{shown}'''


def _r(endpoint: str, query: str, others: _Fields, form: str) -> str:
    longest = max(map(len, re.findall(r'\)(-*)"', query)), default=0)
    dashes = "-" * max(3, longest + 1)
    more = "".join(f", `{name}` = {json.dumps(value)}" for name, value in others)
    wanted = "text/csv" if form == "SELECT" else _accept(form)
    shown = {
        "SELECT": "print(read.csv(text = resp_body_string(response)))",
        "ASK": "print(resp_body_json(response, check_type = FALSE)$boolean)",
    }.get(form, "cat(resp_body_string(response))")
    return f"""library(httr2)

query <- r"{dashes}(
{query}
){dashes}"
response <- request({json.dumps(endpoint)}) |>
  req_body_form(query = query{more}) |>
  req_headers(Accept = "{wanted}") |>
  req_perform()
{shown}"""


def _javascript(endpoint: str, query: str, others: _Fields, form: str) -> str:
    more = "".join(f", {json.dumps(pair, ensure_ascii=False)}" for pair in others)
    written = query.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")
    shown = {
        "SELECT": "for (const row of (await response.json()).results.bindings) {\n"
        "  console.log(Object.fromEntries("
        "Object.entries(row).map(([name, term]) => [name, term.value])));\n}",
        "ASK": "console.log((await response.json()).boolean);",
    }.get(form, "console.log(await response.text());")
    return f"""const query = `
{written}
`;
const response = await fetch({json.dumps(endpoint)}, {{
  method: "POST",
  headers: {{ Accept: "{_accept(form)}" }},
  body: new URLSearchParams([["query", query]{more}]),
}});
if (!response.ok) throw new Error(await response.text());
{shown}"""


def _accept(form: str) -> str:
    return _JSON if form in ("SELECT", "ASK") else "text/turtle"
