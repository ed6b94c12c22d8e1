"""What stands before every parser: files that may be opened, and data that parsers survive.

:mod:`~tzgraph.parsing.files` opens regular files alone, so that no pipe is waited for and no
device is read without end; :mod:`~tzgraph.parsing.guard` looks at RDF while a parser reads it, and
refuses what would end the process or fill the memory, and RDF 1.2 (decision 18).
"""

from tzgraph.parsing.files import SIZE_LIMIT, open_regular, read_regular, reader_of
from tzgraph.parsing.guard import check, check_xml, parse_rdf

__all__ = [
    "SIZE_LIMIT",
    "check",
    "check_xml",
    "open_regular",
    "parse_rdf",
    "read_regular",
    "reader_of",
]
