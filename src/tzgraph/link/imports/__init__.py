"""Modules of other ontologies, each in a graph of its own."""
