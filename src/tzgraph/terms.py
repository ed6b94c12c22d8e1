"""Terms of RDF."""

from __future__ import annotations

from typing import TypeAlias

import pyoxigraph as ox

__all__ = ["Term"]

#: Anything that may stand in a triple.
Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
