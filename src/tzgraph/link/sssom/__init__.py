"""Mapping sets in SSSOM (https://mapping-commons.github.io/sssom/)."""
