"""Work beside the event loop: pages are made in one thread, one after the other.

Several threads that compute in Python would hold the event loop up together, each for as long as
the interpreter lets one run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["aside"]

_T = TypeVar("_T")
_POOL = ThreadPoolExecutor(1, thread_name_prefix="tzgraph-pages")


async def aside(work: Callable[[], _T]) -> _T:
    """Do work in the thread for it, and give what comes of it.

    >>> asyncio.run(aside(lambda: 1 + 1))
    2
    """
    return await asyncio.get_running_loop().run_in_executor(_POOL, work)
