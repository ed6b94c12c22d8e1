"""Time what issue 2 gives numbers for: help, a named query, a build of the shipped sources.

``python3 tasks.py bench`` runs it. Whole processes are timed from outside; the median of several
runs is printed. Figures of one machine at one time: compare them within one run only.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

RUNS = 7


def timed(command: Sequence[str]) -> list[float]:
    """Give the wall seconds of several runs after one that isn't counted."""
    seconds = []
    for run in range(RUNS + 1):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        if run:
            seconds.append(time.perf_counter() - started)
    return sorted(seconds)


def main() -> None:
    """Run the benchmarks and print a line for each."""
    tzgraph = [sys.executable, "-m", "tzgraph"]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*tzgraph, "build", "--dir", folder], check=True, capture_output=True)
        commands = {
            "python alone": [sys.executable, "-c", "pass"],
            "tzgraph --help": [*tzgraph, "--help"],
            "tzgraph query NAME": [*tzgraph, "query", "first-line-trials", "--dir", folder],
            "tzgraph build": [*tzgraph, "build", "--dir", folder],
        }
        print(f"{'':<20} {'min':>7} {'median':>7} {'max':>7}  seconds, {RUNS} runs")
        for name, command in commands.items():
            runs = timed(command)
            middle = statistics.median(runs)
            print(f"{name:<20} {runs[0]:7.3f} {middle:7.3f} {runs[-1]:7.3f}")


if __name__ == "__main__":
    main()
