"""Each query in a disposable process: what runs away is killed, and nobody else notices.

Three kinds of process take part::

    server (asyncio)  ──control──▶  keeper  ──fork──▶  workers
           └────────────── one socket for each worker ───────┘

The **keeper** loads the graph once and does nothing but fork, kill and reap. A **worker** is a fork
of it: it sees the graph without loading it, evaluates one query at a time and writes the result to
its socket. It can't open sockets or files, may take only so much memory, and dies with the keeper,
as the keeper dies with the server. The **server** chooses who runs (:mod:`lanes`), measures time,
and asks the keeper to kill what is over its limit or has nobody waiting.

Only Linux has all that this needs; elsewhere the server says so and uses threads.
"""

from tzgraph.serve.isolation.engine import IsolatedEngine
from tzgraph.serve.isolation.machine import fits_in_memory, is_supported

__all__ = ["IsolatedEngine", "fits_in_memory", "is_supported"]
