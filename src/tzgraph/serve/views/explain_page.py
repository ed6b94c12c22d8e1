"""The page of an explanation, and of what is asked for one."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from tzgraph.explain import Explanation, TripleStatus
from tzgraph.explain.labels import Labels
from tzgraph.explain.terms import read_term
from tzgraph.explain.text import unopposed
from tzgraph.release.explainer import ReleaseExplainer
from tzgraph.serve.messages.problems import Problem
from tzgraph.serve.views.explain_tree import Shown, TreeNode, tree_of
from tzgraph.serve.views.pages import Pages
from tzgraph.terms import Term

__all__ = ["explain_form", "explain_path", "explanation_page"]

#: Formats that the page leads to.
_TWINS = ("json", "text")
#: How a statement stands in the graph, as a sentence.
_STANDING = {
    TripleStatus.ASSERTED: "It is asserted: an accepted source or a curator states it.",
    TripleStatus.INFERRED: "It is inferred: it follows by rules from what stands below.",
    TripleStatus.ONTOLOGY: "It is an axiom of the ontology.",
    TripleStatus.QUOTED: "It is quoted: a secondary source says so, and the graph does not take it"
    " for a fact.",
    TripleStatus.PREPARED: "The audit worked it out before its rules ran.",
    TripleStatus.ABSENT: "It is not known to hold.",
}
_NAMES = ("subject", "predicate", "object")


def explain_form(
    pages: Pages,
    subject: str = "",
    predicate: str = "",
    obj: str = "",
    problem: Problem | None = None,
) -> str:
    """Give the page to ask for an explanation, with what is wrong with what was asked."""
    terms = (subject, predicate, obj)
    return pages.render("explain.html", problem=problem, tree=None, terms=terms)


def explain_path(pages: Pages, *triple: Term) -> str:
    """Give the path of the explanation of a triple."""
    return _path([_written(pages, str(term)) for term in triple])


def explanation_page(pages: Pages, explainer: ReleaseExplainer, found: Explanation) -> str:
    """Give the page of an explanation; threads may call this."""
    labels = explainer.labels()
    tree = tree_of(found, labels, pages.cell)
    (fact,) = tree.facts

    def named(term: str) -> Shown | None:
        return _named(pages, labels, term) if term else None

    written = [_written(pages, term) for term in found.triple]
    return pages.render(
        "explain.html",
        problem=None,
        tree=tree,
        sentence=" ".join((tree.subject.text, fact.predicate.text, fact.object.text)),
        standing=_STANDING[found.status],
        excluded=found.excluded,
        comparison=found.comparison,
        mentions=[(m.relation, named(m.node), named(m.publication)) for m in found.mentions],
        unopposed=unopposed(found),
        rules={name: rule for name in _rules(tree) if (rule := explainer.rule(name))},
        terms=written,
        links={form: _path(written, form) for form in _TWINS},
    )


def _rules(node: TreeNode) -> Iterator[str]:
    yield node.rule
    for premise in node.premises:
        yield from _rules(premise)


def _path(written: list[str], form: str = "") -> str:
    fields = dict(zip(_NAMES, written, strict=True))
    return "/explain?" + urlencode({**fields, "format": form} if form else fields)


def _written(pages: Pages, term: str) -> str:
    """A term in N-Triples syntax as people write it."""
    read = read_term(term)
    return term if read is None else pages.written(read)


def _named(pages: Pages, labels: Labels, term: str) -> Shown:
    read = read_term(term)
    if read is None:
        return Shown(term)
    shown = pages.cell(read)
    return Shown(labels.of(read), shown.href, shown.text)
