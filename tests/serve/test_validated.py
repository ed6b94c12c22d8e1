"""Entity tags of documents."""

from __future__ import annotations

import httpx
import pytest

DOCUMENTS = [
    "/",
    "/sparql",
    "/explain?subject=tzdrug:trastuzumab&predicate=a&object=tz:Drug",
    "/queries",
    "/queries/drugs-on-target.csv?target=her2",
    "/id/drug/trastuzumab",
    "/id/drug/trastuzumab.jsonld",
    "/graph/ontology",
    "/ontology",
    "/ontology.nt",
    "/.well-known/void",
    "/openapi.json",
]


@pytest.mark.parametrize("path", DOCUMENTS)
def test_who_has_a_document_is_not_sent_it_again(shipped: httpx.Client, path: str) -> None:
    first = shipped.get(path)
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    assert first.headers["cache-control"] == "no-cache"
    assert shipped.head(path).headers["etag"] == tag
    for named in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
        for method in ("GET", "HEAD"):
            again = shipped.request(method, path, headers={"If-None-Match": named})
            assert (again.status_code, again.content) == (304, b"")
            for name in ("etag", "cache-control", "vary", "content-location", "link"):
                assert again.headers.get(name) == first.headers.get(name)
    other = shipped.get(path, headers={"If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)


def test_formats_have_tags_of_their_own(shipped: httpx.Client) -> None:
    tags = {
        shipped.get("/id/drug/trastuzumab", headers={"Accept": accept}).headers["etag"]
        for accept in ("text/turtle", "application/ld+json", "text/html", "application/n-triples")
    }
    assert len(tags) == 4


@pytest.mark.parametrize(
    "path", ["/id/drug/nothing", "/queries/nothing", "/nowhere", "/metrics", "/healthz"]
)
def test_errors_and_states_have_none(shipped: httpx.Client, path: str) -> None:
    answer = shipped.get(path, headers={"If-None-Match": "*"})
    assert answer.status_code != 304
    assert "etag" not in answer.headers
