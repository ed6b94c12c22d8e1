"""How cases become tests of an engine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from tests.differential.corpus import Case

__all__ = ["must_agree"]


def must_agree(engine: str, cases: Iterable[Case]) -> list[Any]:
    """Give a parameter for each case; where the engine is known to differ, its test has to fail."""
    return [_parameter(engine, case) for case in cases]


def _parameter(engine: str, case: Case) -> Any:
    if engine not in case.differs:
        return pytest.param(case, id=case.name)
    excuse = pytest.mark.xfail(reason=case.differs[engine], raises=AssertionError)
    return pytest.param(case, id=case.name, marks=excuse)
