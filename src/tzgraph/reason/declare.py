"""Declare individuals: OWL tools take as individuals what is typed ``owl:NamedIndividual``."""

from __future__ import annotations

from tzgraph.reason.rule import TYPE, Pattern, Rule
from tzgraph.vocabulary import OWL

__all__ = ["DECLARATION"]

_BODY = (Pattern("?x", TYPE, "?class"), Pattern("?class", TYPE, f"<{OWL}Class>"))

#: Run last, when claims and assessments are in the view, too. OWL 2 asks for declarations in
#: its structural specification (https://www.w3.org/TR/owl2-syntax/#Entity_Declarations_and_Typing);
#: no rule of OWL 2 RL derives them.
DECLARATION = Rule(
    "declaration",
    "A member of a class of the ontology is an individual",
    (Pattern("?x", TYPE, f"<{OWL}NamedIndividual>"),),
    _BODY,
    " ".join([*map(str, _BODY), "FILTER(isIRI(?x))"]),
)
