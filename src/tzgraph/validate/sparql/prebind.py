"""SELECT queries of SPARQL constraints for all focus nodes at once.

SHACL runs a constraint's query once for each focus node, with ``$this`` bound beforehand in every
part of it (https://www.w3.org/TR/shacl/#pre-binding). The same comes of one query when the
pattern that chooses focus nodes stands at the beginning of every group: ``$this`` then ranges
over the focus nodes wherever it is looked at, and joins hold its values together. Where this
would not be the same (groups of results, slices), the constraint is reported as untranslatable.
"""

from __future__ import annotations

from collections.abc import Sequence

from tzgraph.query.tokens import Token, TokenKind, tokenize
from tzgraph.validate.sparql.model import (
    Shape,
    SparqlConstraint,
    UntranslatableShapesError,
    bad_shapes,
)

__all__ = ["select_with_target"]

#: https://www.w3.org/TR/shacl/#pre-binding: what a query must not use.
_FORBIDDEN = frozenset(("MINUS", "VALUES", "SERVICE"))
#: What would mean something else for all focus nodes at once.
_PER_FOCUS = frozenset(("GROUP", "HAVING", "LIMIT", "OFFSET", "GRAPH", "FROM", "COUNT", "SUM"))
_PER_FOCUS |= {"AVG", "MIN", "MAX", "SAMPLE", "GROUP_CONCAT"}
_PREBOUND = frozenset(("this", "shapesGraph", "currentShape"))


def select_with_target(constraint: SparqlConstraint, shape: Shape, where: str) -> str:
    """Give the query of a SPARQL constraint over all focus nodes.

    :param where: pattern that binds ``?this`` to the focus nodes
    :raises InputUnreadableError: if the query breaks the rules of pre-binding
    :raises UntranslatableShapesError: if it has to run once for each focus node
    """
    tokens = list(tokenize(constraint.select))
    _look_for_unfit([token for token in tokens if token.kind is not TokenKind.SPACE], constraint)
    written = []
    for position, token in enumerate(tokens):
        if token.kind is TokenKind.VARIABLE and token.text[1:] == "PATH":
            written.append(_path(shape, constraint))
        elif token.text == "{" and not _opens_select(tokens, position):
            written.append(f"{{ {where} ")
        else:
            written.append(token.text)
    prologue = "".join(f"PREFIX {p}: <{iri}> " for p, iri in sorted(constraint.prefixes.items()))
    return prologue + "".join(written)


def _opens_select(tokens: Sequence[Token], position: int) -> bool:
    """Whether a group is a SELECT within the query, which has a group of its own."""
    rest = (token.word for token in tokens[position + 1 :] if token.kind is not TokenKind.SPACE)
    return next(rest, "") == "SELECT"


def _path(shape: Shape, constraint: SparqlConstraint) -> str:
    if shape.path is None:
        raise bad_shapes(f"{constraint.node.n3()} uses $PATH in a node shape")
    return shape.path.text


def _look_for_unfit(tokens: Sequence[Token], constraint: SparqlConstraint) -> None:
    """Raise what the query can't be run for."""
    name = constraint.node.n3()
    words = {token.word for token in tokens if token.kind is TokenKind.WORD}
    for word in sorted(words & _FORBIDDEN):
        raise bad_shapes(f"the SPARQL constraint {name} uses {word}")
    variables = {token.text[1:] for token in tokens if token.kind is TokenKind.VARIABLE}
    unfit = sorted(words & _PER_FOCUS) + sorted(variables & {"shapesGraph", "currentShape"})
    if unfit:
        raise UntranslatableShapesError([f"the SPARQL constraint {name} uses {unfit[0]}"])
    _look_at_selects(tokens, name)


def _look_at_selects(tokens: Sequence[Token], name: str) -> None:
    """Make sure that each SELECT gives ``$this`` and no AS assigns what is bound already."""
    for position, token in enumerate(tokens):
        word = token.word if token.kind is TokenKind.WORD else ""
        if word == "AS" and position + 1 < len(tokens):
            target = tokens[position + 1]
            if target.kind is TokenKind.VARIABLE and target.text[1:] in _PREBOUND:
                raise bad_shapes(f"the SPARQL constraint {name} assigns {target.text}")
        if word == "SELECT":
            projected = []
            for other in tokens[position + 1 :]:
                if other.text == "{" or other.word == "WHERE":
                    break
                projected.append(other)
            if not any(t.kind is TokenKind.VARIABLE and t.text[1:] == "this" for t in projected):
                raise bad_shapes(f"the SPARQL constraint {name} has a SELECT without $this")
