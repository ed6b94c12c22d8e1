"""Tables to fill in: the claims of a document."""

from __future__ import annotations

from pathlib import Path

from tzgraph.output import write_folder

__all__ = ["TEMPLATE", "write_template"]

#: The tables, with the rows of a made-up document.
TEMPLATE = Path(__file__).parent / "tables"


def write_template(folder: Path) -> list[Path]:
    """Copy the tables to a folder; nothing is written over.

    :param folder: made if it is missing
    :return: the files written
    :raises UsageError: if one of them exists
    :raises OutputUnwritableError: if the folder can't be written
    """
    tables = sorted(path for path in TEMPLATE.iterdir() if path.is_file())
    return write_folder(folder, {path.name: path.read_bytes() for path in tables})
