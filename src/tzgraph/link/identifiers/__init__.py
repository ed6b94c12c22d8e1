"""Identifiers of other people, in their one form."""
