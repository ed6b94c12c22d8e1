"""What the tests of the server share."""

from __future__ import annotations

import httpx

EX = "http://example.org/"


def problem(response: httpx.Response, status: int) -> dict[str, object]:
    """Check that a response is a problem document of that status, and give it."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, object] = response.json()
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    assert str(document["type"]).startswith("https://")
    return document
