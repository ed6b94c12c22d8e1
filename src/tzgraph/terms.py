"""Terms of RDF."""

from __future__ import annotations

import re
from typing import TypeAlias

import pyoxigraph as ox

__all__ = ["NO_XML", "Term"]

#: A character that no XML 1.0 can hold, not even by a reference (section 2.2).
NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

#: Anything that may stand in a triple.
Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
