"""Hold the audit's verdicts on encoded texts against those that were expected of it.

``python -m tools.score_audit FOLDER [--list]``: the folder has ``expected.tsv`` (columns ``claim``
and ``verdict``, in which ``|`` stands between verdicts that will do) and folders of tables, each
audited as by ``tzgraph audit``. Prints precision and recall by verdict, as Markdown; ``--list``
gives each claim whose verdict is none of those expected, too.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from tzgraph.audit.collect import collect_audit, documents
from tzgraph.release import BuildOptions
from tzgraph.release.aside import built_aside
from tzgraph.release.kept import KeptGraphs
from tzgraph.settings import cache_dir

#: Verdicts in the order of the table; those that editors would write to an author about first.
VERDICTS = ("contradicted", "imprecise", "supported", "unverified")
FLAGS = frozenset(VERDICTS[:2])


def rows(path: Path) -> list[dict[str, str]]:
    """Read a table that is tab-separated and has no quotes."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def audited(folder: Path) -> Iterator[tuple[str, str]]:
    """Audit the documents of a folder; give the names of claims and their verdicts."""
    cache = cache_dir()
    options = BuildOptions(more=(folder,))
    with built_aside(
        options, lambda _progress: None, KeptGraphs(cache) if cache else None
    ) as aside:
        for document in documents(aside.store, [folder.resolve().name]):
            for claim in collect_audit(aside.store, document).claims:
                yield claim.name, claim.verdict.value.lower()


def table(expected: Mapping[str, frozenset[str]], given: Mapping[str, str]) -> list[str]:
    """Give lines of Markdown: precision and recall by verdict, and of flags as a whole."""
    lines = [
        "| verdict | given | right | precision | expected alone | found | recall |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name, kinds in (*((v, frozenset({v})) for v in VERDICTS), ("any flag", FLAGS)):
        said = [claim for claim, verdict in given.items() if verdict in kinds]
        right = [claim for claim in said if given[claim] in expected[claim]]
        due = [claim for claim, wanted in expected.items() if wanted <= kinds]
        found = [claim for claim in due if given.get(claim) in kinds]
        lines.append(
            f"| {name} | {len(said)} | {len(right)} | {_share(right, said)} "
            f"| {len(due)} | {len(found)} | {_share(found, due)} |"
        )
    return lines


def _share(part: list[str], whole: list[str]) -> str:
    return f"{len(part) / len(whole):.2f}" if whole else "–"


def main(arguments: list[str] | None = None) -> int:
    """Print the table; exit code 1 says that a claim was not audited at all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--list", action="store_true", help="list verdicts not expected")
    options = parser.parse_args(arguments)
    expected = {
        row["claim"]: frozenset(row["verdict"].split("|"))
        for row in rows(options.folder / "expected.tsv")
    }
    given: dict[str, str] = {}
    for tables in sorted(options.folder.glob("*/claims.tsv")):
        given.update(audited(tables.parent))
    print("\n".join(table(expected, given)))
    counts = Counter(given.values())
    said = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS)
    print(f"\n{len(given)} of {len(expected)} claims: {said}.")
    if options.list:
        for claim in sorted(expected):
            if given.get(claim) not in expected[claim]:
                print(f"{claim}: {given.get(claim)}, not {'|'.join(sorted(expected[claim]))}")
    return int(given.keys() != expected.keys())


if __name__ == "__main__":
    sys.exit(main())
