"""Measure how the processor time of a call grows with its input."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import process_time_ns

__all__ = ["LADDER", "Attack", "Growth", "growth_of", "looks_slow", "undisturbed"]

#: What input that is eight times as long may cost: a linear reader takes 8 times the time, one
#: that goes with the square 64 times.
LIMIT = 24
#: Nanoseconds below which the longer input's time says nothing.
FLOOR = 1_000_000
#: Numbers of units that are tried in turn, so that a pattern whose time doubles with each unit is
#: found before it runs for ever, and the nanoseconds that a linear reader never takes for them.
LADDER = (20, 150, 1500)
ALARM = 300_000
#: How many times longer four times as many units take at least if the time isn't linear.
_STEEP = 7
#: Nanoseconds within which a call is measured again on more.
_QUICK = 50_000_000
#: Characters that the units of a step of the ladder have together at most.
_LENGTH = 5000


@dataclass(frozen=True, slots=True)
class Attack:
    """A text that can be made as long as one likes: ``prefix + unit * n + suffix``."""

    prefix: str
    unit: str
    suffix: str

    def text(self, count: int) -> str:
        """Give the text with that many units."""
        return self.prefix + self.unit * count + self.suffix


@dataclass(frozen=True, slots=True)
class Growth:
    """Times of a call for n units and for 8n, in nanoseconds, each the best of five."""

    attack: Attack
    count: int
    short: int
    long: int

    @property
    def ratio(self) -> float:
        """The longer time in units of the shorter one."""
        return self.long / max(self.short, 1)

    @property
    def is_linear(self) -> bool:
        """Whether the time grows about as the input does."""
        return self.long < FLOOR or self.ratio < LIMIT

    def __str__(self) -> str:
        attack = self.attack
        return (
            f"{attack.prefix!r} + {attack.unit!r} * n + {attack.suffix!r}: n = {self.count} takes"
            f" {self.short / 1e6:.3f} ms, 8n {self.long / 1e6:.3f} ms, {self.ratio:.0f} times"
        )


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep the garbage collector out of the times."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def looks_slow(
    call: Callable[[str], object], attack: Attack, ladder: Sequence[int] = LADDER
) -> int | None:
    """Give the least number of units that takes suspiciously long, ``None`` if none does."""
    for step in ladder:
        most = step if step == ladder[0] else _LENGTH
        count = min(step, max(most // len(attack.unit), 1))
        taken = _time(call, attack.text(count))
        if taken > ALARM:
            quarter = attack.text(count // 4)
            least = min(_time(call, quarter) for _ in range(2))
            if taken > _STEEP * least:
                return count
    return None


def growth_of(call: Callable[[str], object], attack: Attack, most: int = LADDER[-1]) -> Growth:
    """Measure a call on n units against 8n.

    :param most: units that are known to take long; n is such that 8n is about twice as many, or,
        where that isn't linear and still quick, 16 times as many: a repeat with a bound grows
        until it reaches the bound, and short texts may go a quicker way
    """
    count = max(most // 4, 2)
    found = _growth(call, attack, count)
    if not found.is_linear and found.long < _QUICK:
        return _growth(call, attack, 8 * count)
    return found


def _growth(call: Callable[[str], object], attack: Attack, count: int) -> Growth:
    short, long = attack.text(count), attack.text(8 * count)
    least = min(_time(call, short) for _ in range(5))
    for times in (2, 4):
        taken = _time(call, attack.text(times * count))
        # Time that doubles with each unit would never end; and seconds are no accident.
        if taken > _QUICK and taken > LIMIT * least:
            return Growth(attack, count, least, taken)
    first = _time(call, long)
    again = 4 if first < 1_000_000_000 else 0
    return Growth(attack, count, least, min([first, *(_time(call, long) for _ in range(again))]))


def _time(call: Callable[[str], object], text: str) -> int:
    start = process_time_ns()
    call(text)
    return process_time_ns() - start
