"""Solutions as CSV (SPARQL 1.1 Query Results CSV, https://www.w3.org/TR/sparql11-results-csv-tsv/).

Written here because Oxigraph does not quote IRIs that contain a comma, as those of cells do.
"""

from __future__ import annotations

import csv
from io import StringIO
from typing import IO

import pyoxigraph as ox

from tzgraph.query.rows import at_most
from tzgraph.terms import Term

__all__ = ["write_csv"]

#: Characters gathered before they are written out.
_BATCH = 1 << 16


def write_csv(solutions: ox.QuerySolutions, output: IO[bytes], most: int = 0) -> None:
    r"""Write solutions as CSV: names without ``?``, plain values, CR LF.

    :param solutions: what a SELECT query gave; it can be written once
    :param output: where to
    :param most: rows that there may be, 0 for any number
    :raises TooManyRowsError: if there are more; part of them may be written

    >>> from io import BytesIO
    >>> store, out = ox.Store(), BytesIO()
    >>> write_csv(store.query("SELECT (<http://x/a,b> AS ?iri) ('c' AS ?text) {}"), out)
    >>> out.getvalue()
    b'iri,text\r\n"http://x/a,b",c\r\n'
    """
    buffer = StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([variable.value for variable in solutions.variables])
    for solution in at_most(solutions, most) if most else solutions:
        writer.writerow([_plain(term) for term in solution])
        if buffer.tell() >= _BATCH:
            output.write(buffer.getvalue().encode())
            buffer.seek(0)
            buffer.truncate()
    output.write(buffer.getvalue().encode())


def _plain(term: Term | None) -> str:
    if term is None:
        return ""
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)
