"""Which things the tables describe: ids, labels, and where each is described.

Held in a temporary SQLite database that stays in memory while small and spills to disk past a
cache of 64 MB, so that a table of millions of rows doesn't fill the memory.
"""

from __future__ import annotations

import sqlite3
from types import TracebackType
from typing import Self

__all__ = ["Index"]

#: How many ids are looked at to suggest the nearest one.
_SUGGESTION_POOL = 20_000


class Index:
    """Ids and labels of everything that the tables describe. A context manager."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("")
        self._db.executescript(
            """
            PRAGMA journal_mode = OFF;
            PRAGMA synchronous = OFF;
            PRAGMA cache_size = -65536;
            PRAGMA temp_store = FILE;
            CREATE TABLE thing (iri TEXT NOT NULL, source TEXT NOT NULL, file TEXT NOT NULL,
                                row INTEGER NOT NULL, PRIMARY KEY (iri, source)) WITHOUT ROWID;
            CREATE TABLE label (text TEXT NOT NULL, iri TEXT NOT NULL,
                                PRIMARY KEY (text, iri)) WITHOUT ROWID;
            """
        )

    def __enter__(self) -> Self:
        """Give the index itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the database, which removes it."""
        self._db.close()

    def add(self, iri: str, source: str, file: str, row: int) -> tuple[str, int] | None:
        """Remember that a row describes a thing according to a source.

        :return: file and row of an earlier description by the same source, if there is one
        """
        try:
            self._db.execute("INSERT INTO thing VALUES (?, ?, ?, ?)", (iri, source, file, row))
        except sqlite3.IntegrityError:
            found = self._db.execute(
                "SELECT file, row FROM thing WHERE iri = ? AND source = ?", (iri, source)
            ).fetchone()
            return (str(found[0]), int(found[1]))
        return None

    def others(self, iri: str, source: str) -> list[tuple[str, str, int]]:
        """Give the other sources that describe a thing, each with file and row."""
        found = self._db.execute(
            "SELECT source, file, row FROM thing WHERE iri = ? AND source != ? ORDER BY source",
            (iri, source),
        )
        return [(str(name), str(file), int(row)) for name, file, row in found]

    def add_label(self, text: str, iri: str) -> None:
        """Remember a label of a thing."""
        self._db.execute("INSERT OR IGNORE INTO label VALUES (?, ?)", (text, iri))

    def has(self, iri: str) -> bool:
        """Say whether a table describes the thing."""
        found = self._db.execute("SELECT 1 FROM thing WHERE iri = ? LIMIT 1", (iri,))
        return found.fetchone() is not None

    def labelled(self, text: str) -> list[str]:
        """Give the things with this label."""
        found = self._db.execute("SELECT iri FROM label WHERE text = ? ORDER BY iri", (text,))
        return [str(row[0]) for row in found]

    def slugs(self, bases: tuple[str, ...]) -> list[str]:
        """Give local ids below these bases (all of them if there are none), up to a limit."""
        found = self._db.execute(
            "SELECT DISTINCT iri FROM thing ORDER BY iri LIMIT ?", (_SUGGESTION_POOL,)
        )
        iris = (str(row[0]) for row in found)
        slugs = (iri.rsplit("/", 1)[-1] for iri in iris if not bases or iri.startswith(bases))
        return [slug for slug in slugs if slug == slug.lower()]

    def has_below(self, base: str) -> bool:
        """Say whether a table describes anything whose IRI begins with a base."""
        found = self._db.execute(
            "SELECT 1 FROM thing WHERE iri >= ? AND iri < ? LIMIT 1", (base, base + "\U0010ffff")
        )
        return found.fetchone() is not None
