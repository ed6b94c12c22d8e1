"""Queries: the library, values for parameters, running, and writing results down."""
