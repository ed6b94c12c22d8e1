"""What two recordings differ in, without what has to differ."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tools.recording.answers import Answer, Exchange

__all__ = ["RULES", "Comparison", "Rule", "compared", "differences", "normalised"]

#: Characters before and behind the first difference of two bodies that are shown.
_AROUND = 70


@dataclass(frozen=True, slots=True)
class Rule:
    """A difference that says nothing.

    :ivar apply: gives an answer, received for these bytes, without it
    """

    name: str
    reason: str
    apply: Callable[[Answer, str], Answer]


def _in_headers(names: str, pattern: str, shown: str) -> Callable[[Answer, str], Answer]:
    """Give what puts ``shown`` for what a pattern finds in the values of some headers."""
    chosen, found = names.split(), re.compile(pattern)

    def apply(answer: Answer, _sent: str) -> Answer:
        headers = tuple(
            (n, found.sub(shown, v) if n.lower() in chosen else v) for n, v in answer.headers
        )
        return replace(answer, headers=headers)

    return apply


#: As RFC 9110 has it (5.6.7).
_DATE = r"\A[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}(:[0-9]{2}){2} GMT\Z"


def _port(answer: Answer, _sent: str) -> Answer:
    found = re.compile(r"\b127\.0\.0\.1(:|%3A)[0-9]{4,5}\b")
    shown = r"127.0.0.1\1«port»"
    body = found.sub(shown, answer.body)
    headers = tuple((n, found.sub(shown, v)) for n, v in answer.headers)
    if body != answer.body:
        headers = _with(headers, etag="«of a body with a port»")
    return replace(answer, headers=headers, body=body)


def _state(answer: Answer, _sent: str) -> Answer:
    found = re.compile(r"\b([0-9]+)-[0-9a-f]{8}\b(?!-[0-9a-f]{4}-)")
    headers = tuple(
        (n, found.sub(r"\1-«state»", v) if n.lower() == "etag" else v) for n, v in answer.headers
    )
    body = re.sub(r'("state":"[^"-]+)-[0-9a-f]{8}"', r'\1-«state»"', answer.body)
    return replace(answer, headers=headers, body=body)


def _minted(answer: Answer, _sent: str) -> Answer:
    found = re.compile(r"/graphs/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
    headers = tuple((n, found.sub("/graphs/«uuid»", v)) for n, v in answer.headers)
    return replace(answer, headers=headers, body=found.sub("/graphs/«uuid»", answer.body))


def _with(headers: Sequence[tuple[str, str]], **values: str) -> tuple[tuple[str, str], ...]:
    """Give headers with other values for those named; ``_`` stands for ``-``."""
    other = {name.replace("_", "-"): value for name, value in values.items()}
    return tuple((name, other.get(name.lower(), value)) for name, value in headers)


def _metrics(answer: Answer, sent: str) -> Answer:
    if not re.match(r"\S+ /metrics", sent):
        return answer
    names = [re.sub(r"^([^#]\S*) \S+$", r"\1 «value»", line) for line in answer.body.split("\n")]
    headers = _with(answer.headers, content_length="«size»")
    return replace(answer, headers=headers, body="\n".join(names))


def _static(answer: Answer, sent: str) -> Answer:
    if not re.match(r"\S+ /static/", sent):
        return answer
    return replace(answer, headers=_with(answer.headers, etag="«file»", last_modified="«file»"))


RULES = (
    Rule("date", "the header says when it was sent", _in_headers("date", _DATE, "«date»")),
    Rule(
        "request id",
        "made at random where the client sends none",
        _in_headers("x-request-id", r"\A[0-9a-f]{16}\Z", "«id»"),
    ),
    Rule("port", "the system gives each server another one", _port),
    Rule(
        "state",
        "the name of an updated state, in entity tags and /healthz, has a random part",
        _state,
    ),
    Rule(
        "code",
        "entity tags of results depend on the code that answers",
        _in_headers("etag", r"-[0-9a-f]{32}\"\Z", '-«code»"'),
    ),
    Rule("static files", "their tags and dates are those of the checkout's files", _static),
    Rule("minted graph", "a graph that is posted without a name gets a random one", _minted),
    Rule("metrics", "counts, times and memory; names and labels stay", _metrics),
)


def normalised(answer: Answer, sent: str) -> Answer:
    """Give an answer without the differences that say nothing.

    :param sent: the request
    """
    for rule in RULES:
        answer = rule.apply(answer, sent)
    return answer


@dataclass(slots=True)
class Comparison:
    """What two recordings differ in.

    :ivar groups: cases by what differs in them
    :ivar used: answers of the first that each rule changed
    :ivar answers: answers that were compared
    """

    groups: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    used: Counter[str] = field(default_factory=Counter)
    answers: int = 0

    def add(self, before: Exchange, after: Exchange) -> None:
        """Compare the answers of a case."""
        if before.sent != after.sent:
            self.groups["request: another one was sent"].append(before.case)
            return
        if len(before.answers) != len(after.answers):
            text = f"answers: {len(before.answers)} → {len(after.answers)}"
            self.groups[text].append(before.case)
        for one, other in zip(before.answers, after.answers, strict=False):
            self._add_answers(before, one, other)

    def _add_answers(self, exchange: Exchange, one: Answer, other: Answer) -> None:
        sent = exchange.sent
        self.answers += 1
        for rule in RULES:
            if rule.apply(one, sent) != one:
                self.used[rule.name] += 1
        for text in differences(normalised(one, sent), normalised(other, sent)):
            self.groups[text].append(exchange.case)

    def report(self, most: int) -> Iterator[str]:
        """Give the lines to print.

        :param most: cases that are named for each difference
        """
        for text, cases in sorted(self.groups.items(), key=lambda group: -len(group[1])):
            names = list(dict.fromkeys(cases))  # several answers of a case may differ
            yield f"{len(cases)} × {text}"
            yield from (f"    {name}" for name in names[:most])
            if len(names) > most:
                yield f"    and {len(names) - most} more"
        yield "Passed over, as it has to differ:"
        yield from (f"  {r.name} ({self.used[r.name]} answers): {r.reason}" for r in RULES)
        differing = len({case for cases in self.groups.values() for case in cases})
        yield f"{self.answers} answers compared; {differing} cases differ."


def compared(before: Mapping[str, Exchange], after: Mapping[str, Exchange]) -> Comparison:
    """Compare two recordings: exchanges by the name of the case."""
    comparison = Comparison()
    for name in [*before, *(name for name in after if name not in before)]:
        if name not in before or name not in after:
            which = "first" if name in before else "second"
            comparison.groups[f"case: only in the {which}"].append(name)
        else:
            comparison.add(before[name], after[name])
    return comparison


def differences(before: Answer, after: Answer) -> Iterator[str]:
    """Say what differs in two answers, in words that are the same for the same difference."""
    for name in ("status", "end", "closed"):
        if getattr(before, name) != getattr(after, name):
            yield f"{name}: {getattr(before, name)} → {getattr(after, name)}"
    yield from _header_differences(before, after)
    if before.body != after.body:
        yield f"body: {_first_difference(before.body, after.body)}"


def _header_differences(before: Answer, after: Answer) -> Iterator[str]:
    names = sorted({name.lower() for name, _ in (*before.headers, *after.headers)})
    one, other = (
        {name: [v for n, v in answer.headers if n.lower() == name] for name in names}
        for answer in (before, after)
    )
    for name in names:
        # Where a body differs, so does its length; that is no difference of its own.
        follows = name == "content-length" and before.body != after.body
        if one[name] != other[name] and not follows:
            yield f"header {name}: {one[name]} → {other[name]}"
    written = [[name for name, _ in answer.headers] for answer in (before, after)]
    lower = [[name.lower() for name in headers] for headers in written]
    if lower[0] != lower[1] and sorted(lower[0]) == sorted(lower[1]):
        yield f"order of headers: {', '.join(lower[0])} → {', '.join(lower[1])}"
    elif lower[0] == lower[1] and written[0] != written[1]:
        yield f"letters of headers: {', '.join(written[0])} → {', '.join(written[1])}"


def _first_difference(before: str, after: str) -> str:
    at = next((n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), -1)
    at = min(len(before), len(after)) if at < 0 else at
    shown = [text[max(0, at - _AROUND) : at + _AROUND] for text in (before, after)]
    return f"at {at} of {len(before)} and {len(after)}: {shown[0]!r} → {shown[1]!r}"
