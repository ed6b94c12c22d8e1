"""The formats of an audit by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tzgraph.audit.model import Audit
from tzgraph.audit.report.data import write_json
from tzgraph.audit.report.editors import write_editors_list
from tzgraph.audit.report.markup import write_markdown
from tzgraph.audit.report.page import write_html
from tzgraph.audit.report.plain import write_text
from tzgraph.audit.report.spreadsheet import write_csv

__all__ = ["FORMATS"]

#: What writes an audit, by the name of the format on the command line.
FORMATS: Mapping[str, Callable[[Audit], str]] = MappingProxyType(
    {
        "text": write_text,
        "markdown": write_markdown,
        "md": write_markdown,
        "html": write_html,
        "json": write_json,
        "csv": write_csv,
        "editor": write_editors_list,
    }
)
