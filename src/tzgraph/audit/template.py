"""Tables to fill in: the claims of a document."""

from __future__ import annotations

import shutil
from pathlib import Path

from tzgraph.errors import UsageError

__all__ = ["TEMPLATE", "write_template"]

#: The tables, with the rows of a made-up document.
TEMPLATE = Path(__file__).parent / "tables"


def write_template(folder: Path) -> list[Path]:
    """Copy the tables to a folder; nothing is written over.

    :param folder: made if it is missing
    :return: the files written
    :raises UsageError: if one of them exists, or the folder can't be written
    """
    files = sorted(path for path in TEMPLATE.iterdir() if path.is_file())
    taken = [path.name for path in files if (folder / path.name).exists()]
    if taken:
        raise UsageError(
            f"{folder} already has {', '.join(taken)}.", "Give a folder that is new or empty."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in files:
            shutil.copyfile(path, folder / path.name)
    except OSError as error:
        raise UsageError(f"{folder} can't be written: {error.strerror}.") from error
    return [folder / path.name for path in files]
