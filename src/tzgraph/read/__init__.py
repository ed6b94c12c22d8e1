"""Read source tables and RDF files into N-Quads, each triple with the cell it came from."""

from tzgraph.read.sources import ReadResult, SourceInfo, read_further, read_sources

__all__ = ["ReadResult", "SourceInfo", "read_further", "read_sources"]
