"""The pages: home, the query editor, and results as HTML tables. Nothing from afar."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pyoxigraph as ox
from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    select_autoescape,
)
from markupsafe import Markup, escape

from tzgraph.audit.report.page import FILTERS, TEMPLATES, WORDS
from tzgraph.explain.text import place
from tzgraph.query.formats import format_named
from tzgraph.query.library import QueryFile
from tzgraph.query.table import show
from tzgraph.release import Manifest
from tzgraph.resources import own_query
from tzgraph.serve.engine.rows import is_cut, shortened
from tzgraph.serve.messages.links import cell_path, local_path
from tzgraph.serve.messages.problems import Problem
from tzgraph.serve.messages.protocol_query import ProtocolQuery
from tzgraph.serve.views.assets import asset
from tzgraph.serve.views.explain_tree import Shown
from tzgraph.serve.views.frame import NAV
from tzgraph.serve.views.inputs import Choices, editor_inputs
from tzgraph.terms import NO_XML, Term

__all__ = ["Pages", "source_title"]


class Pages:
    """Renders the pages of one release.

    :param manifest: the release
    :param library: the query library
    :param max_rows: rows that a page of results shows
    """

    def __init__(self, manifest: Manifest, library: Mapping[str, QueryFile], max_rows: int) -> None:
        self._manifest = manifest
        self._library = library
        self.max_rows = max_rows
        self.curies = manifest.curies
        self._templates = _templates()

    def editor(
        self,
        query: ProtocolQuery | None = None,
        problem: Problem | None = None,
        chosen: QueryFile | None = None,
        choices: Choices | None = None,
    ) -> str:
        """Give the editor page, with what is wrong with the query that was sent; threads may.

        :param chosen: a query of the library to begin with, where none was sent
        :param choices: what its parameters can be chosen from
        """
        first = chosen.text if chosen is not None else own_query("serve/sparql", "first")
        text = (query.text if query is not None else None) or first
        values = dict(query.values or {}) if query is not None else {}
        shown = self.fields(text, values, choices or {})
        return self.render("editor.html", problem=problem, chosen=chosen, **shown)

    def fields(self, text: str, values: Mapping[str, str], choices: Choices) -> dict[str, object]:
        """Give what the editor shows of a query: its text, and fields for its parameters."""
        kinds = self._manifest.kinds
        return {"text": text, "fields": editor_inputs(self.curies, kinds, text, values, choices)}

    def error(self, problem: Problem) -> str:
        """Give a page that says what is wrong."""
        given = problem.members.get("suggestions", ())
        iris = [str(iri) for iri in given] if isinstance(given, Sequence) else []
        meant = [self.cell(ox.NamedNode(iri)) for iri in iris]
        return self.render("error.html", problem=problem, meant=meant)

    def written(self, term: Term) -> str:
        """Give a term as people write it; see :meth:`tzgraph.explain.terms.Terms.term`."""
        if isinstance(term, ox.NamedNode):
            return self.curies.compact(term.value)
        if not isinstance(term, ox.Literal):
            return str(term)
        datatype = "" if term.language else f"^^<{term.datatype.value}>"
        return f'"{term.value}"' + (f"@{term.language}" if term.language else datatype)

    def cell(self, term: Term | None) -> Shown:
        """Give a term as pages show it: things of ours lead to their pages here.

        Of a long value it is the beginning, without a link.
        """
        if term is not None:
            term = shortened(term)
        text = show(term, self.curies)
        if term is not None and is_cut(term):
            return Shown(text, None, "the beginning of a longer value")
        if isinstance(term, ox.NamedNode):
            if (path := local_path(term.value)) is not None:
                return Shown(text, path, term.value)
            # Other schemes than these could run script when followed.
            safe = term.value.startswith(("http://", "https://"))
            return Shown(text, term.value if safe else None, term.value)
        if isinstance(term, ox.Literal):
            return Shown(text, None, term.language or self.curies.compact(term.datatype.value))
        return Shown(text)

    def render(self, template: str, **values: object) -> str:
        """Fill in a template."""
        shared = {"manifest": self._manifest, "library": self._library.values()}
        page = self._templates.get_template(template).render(shared | values)
        return NO_XML.sub(_visible, page)


def _visible(unfit: re.Match[str]) -> str:
    """Give a sign for a character that HTML can't hold either: ␁ for U+0001."""
    code = ord(unfit[0])
    return chr(0x2400 + code) if code < 0x20 else "\ufffd"


@cache
def _templates() -> Environment:
    """Give the templates, which all releases share: to compile them takes time and memory."""
    templates = Environment(
        loader=ChoiceLoader(
            [
                FileSystemLoader(Path(__file__).parent / "templates"),
                # Cards of claims, which the report of an audit has, too.
                PrefixLoader({"report": FileSystemLoader(TEMPLATES)}),
            ]
        ),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    named = (media_type, format_title, marked, answered_in)
    templates.filters.update({**FILTERS, **{function.__name__: function for function in named}})
    templates.filters["cell_place"] = place
    templates.globals.update(WORDS, href=lambda iri: local_path(iri) or "", cell_href=cell_path)
    templates.globals["nav"] = NAV
    templates.globals["asset"] = asset
    return templates


def media_type(name: str) -> str:
    """Give the media type of a format."""
    return format_named(name).media_types[0]


def answered_in(seconds: float) -> str:
    """Say how long an answer took.

    >>> answered_in(0.001), answered_in(1.234)
    ('answered in less than 0.01 s', 'answered in 1.23 s')
    """
    return f"answered in {f'{seconds:.2f}' if seconds >= 0.01 else 'less than 0.01'} s"


def format_title(name: str) -> str:
    """Give the name that people know a format by."""
    return format_named(name).title


def marked(text: str) -> Markup:
    """Give a text in HTML, with what stands between backticks as code.

    >>> marked("a < b; `tzgraph explain` says why")
    Markup('a &lt; b; <code>tzgraph explain</code> says why')
    """
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 -- escaped


def source_title(source: Mapping[str, object]) -> str:
    """Give what a source is called: its label, or else the name of its graph."""
    return str(source.get("label") or source.get("graph") or "")
