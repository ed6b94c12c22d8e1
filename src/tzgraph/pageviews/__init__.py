"""Declared views: which sections the page of a thing has, as data of an ontology folder."""

from tzgraph.pageviews.model import (
    Layer,
    ListPath,
    Panel,
    ValueRole,
    View,
    ViewProperty,
    Views,
    ViewSection,
)
from tzgraph.pageviews.read import VIEW, VIEWS, load_views
from tzgraph.pageviews.stored import views_as_json, views_from_json

__all__ = [
    "VIEW",
    "VIEWS",
    "Layer",
    "ListPath",
    "Panel",
    "ValueRole",
    "View",
    "ViewProperty",
    "ViewSection",
    "Views",
    "load_views",
    "views_as_json",
    "views_from_json",
]
