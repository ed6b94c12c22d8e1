"""The audits of a release, each worked out once."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pyoxigraph as ox

from tzgraph.audit.collect import collect_audit, documents
from tzgraph.audit.model import Audit
from tzgraph.release.reader import Release

__all__ = ["ReleaseAudits"]


class ReleaseAudits:
    """Gives the audits of the documents of a release, in the state that it is served in.

    :param release: what is audited
    :param store: its store
    """

    def __init__(self, release: Release, store: ox.Store) -> None:
        self._release = release
        self._store = store
        self._lock = threading.Lock()
        self._known: dict[str, Audit] = {}

    @property
    def changes(self) -> int:
        """How many updates changed the graph since its claims were assessed."""
        return self._release.changes

    def documents(self) -> list[str]:
        """Give the slugs of the documents that make claims."""
        return documents(self._store)

    def get(self, source: str, step: Callable[[], None]) -> Audit:
        """Give the audit of a document; threads may ask for it at the same time.

        :param step: is called before each claim; what it raises ends the work
        :raises UsageError: if the document makes no claims
        :raises DamagedReleaseError: if the findings of the build are missing or damaged
        """
        with self._lock:
            if source not in self._known:
                name, found = self._release.manifest.id, self._release.findings()
                self._known[source] = collect_audit(self._store, source, name, found, step=step)
            return self._known[source]
