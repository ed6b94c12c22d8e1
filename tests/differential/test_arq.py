"""Each case of the corpus, asked of Jena ARQ in one Java process."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.differential.answers import Answer, same
from tests.differential.corpus import Case, cases
from tests.differential.engines import arq, by_tzgraph, store_of
from tests.differential.marks import must_agree
from tests.maven import MavenMissingError

CASES = list(cases())
pytestmark = pytest.mark.arq


@pytest.fixture(scope="module")
def answers() -> Mapping[str, Answer]:
    """What ARQ answers, by the names of the cases."""
    try:
        return arq((case.name, case.data, case.query) for case in CASES)
    except MavenMissingError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("case", must_agree("arq", CASES))
def test_arq(case: Case, answers: Mapping[str, Answer]) -> None:
    """ARQ gives the expected answer, or else tzgraph's."""
    right = case.expected or by_tzgraph(store_of(case.data), case.query)
    answer = answers[case.name]
    assert same(answer, right, case.ordered), f"{answer}\ninstead of\n{right}"
