"""Fixtures of the tests of checking."""

import pytest
from rdflib import Graph

from tests.validate import engines


@pytest.fixture(scope="session")
def shapes() -> Graph:
    """The shipped shapes."""
    return engines.shapes()


@pytest.fixture(scope="session")
def ontology() -> Graph:
    """The shipped ontology."""
    return engines.ontology()
