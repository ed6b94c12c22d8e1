"""Write a release, or one graph of it, in the RDF syntaxes."""

from tzgraph.export.writer import FORMATS, export

__all__ = ["FORMATS", "export"]
