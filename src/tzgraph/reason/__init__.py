"""Derive what follows from ontology and accepted sources, so that each step can be shown."""

from tzgraph.reason.axioms import CompiledOntology, compile_ontology
from tzgraph.reason.domain import load_audit_rules, load_domain_rules
from tzgraph.reason.engine import Inconsistency, check, materialise, view, view_of
from tzgraph.reason.rule import ConsistencyCheck, Pattern, Rule

__all__ = [
    "CompiledOntology",
    "ConsistencyCheck",
    "Inconsistency",
    "Pattern",
    "Rule",
    "check",
    "compile_ontology",
    "load_audit_rules",
    "load_domain_rules",
    "materialise",
    "view",
    "view_of",
]
