"""The syntax of queries: a parser on the tokens of :mod:`tzgraph.query.tokens`, and its tree."""

from tzgraph.query.syntax.queries import MAX_LENGTH, parse

__all__ = ["MAX_LENGTH", "parse"]
