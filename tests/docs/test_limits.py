"""The page of limits says what the code has."""

from __future__ import annotations

import ast
import pkgutil
import re
from pathlib import Path

import pytest

from tzgraph.serve.settings import Federation, ServeSettings

pytestmark = pytest.mark.docs

ROOT = Path(__file__).parents[2]
_ROW = re.compile(r"^\| ([\d,.]+) \| (.+) \| `([\w.]+)` \|$", re.MULTILINE)
#: By its name a constant is a limit.
_LIMIT = re.compile(r"MAX|LIMIT|LONGEST|MOST|DEEPEST|LARGEST")


def rows() -> dict[str, str]:
    """Give the values on the page by the names of their constants."""
    page = (ROOT / "docs/reference/limits.md").read_text(encoding="utf-8")
    return {name: value for value, _, name in _ROW.findall(page)}


def written(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def assigned(statement: ast.Assign | ast.AnnAssign) -> list[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return [one.id for top in targets for one in ast.walk(top) if isinstance(one, ast.Name)]


def limits() -> dict[str, str]:
    """Give the values of all constants that are limits by their names."""
    found = {}
    for path in (ROOT / "src/tzgraph").rglob("*.py"):
        module = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
        for statement in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(statement, ast.Assign | ast.AnnAssign):
                continue
            for name in filter(_LIMIT.search, assigned(statement)):
                value = pkgutil.resolve_name(f"{module}:{name}")
                if isinstance(value, int | float):
                    found[f"{module}.{name}".removeprefix("tzgraph.")] = written(value)
    return found


def test_limits_on_the_page_are_those_of_the_code() -> None:
    fields = {
        "max_query_bytes": ServeSettings().max_query_bytes,
        "max_page_rows": ServeSettings().max_page_rows,
        "max_queries": Federation().max_queries,
    }
    for name, value in rows().items():
        field = name.rpartition(".")[2]
        constant = fields.get(field) or pkgutil.resolve_name(f"tzgraph.{name}")
        assert (name, value) == (name, written(constant))


def test_limits_of_the_code_are_on_the_page() -> None:
    found = limits()
    assert found["parsing.nesting.MAX_JSON_DEPTH"] == "250"
    assert found.items() - rows().items() == set()
