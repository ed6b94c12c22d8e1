"""Some of the claims of an audit: by verdict, section, trial, what they are about, or words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace

from tzgraph.audit.model import AboutThing, Audit, AuditedClaim, Verdict
from tzgraph.errors import UsageError

__all__ = ["Selection", "counted"]

_VERDICTS = {verdict.value.casefold(): verdict for verdict in Verdict}
_YES, _NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which claims are wanted; what is empty is not asked for.

    :ivar verdict: a verdict in lower case
    :ivar reference: likewise, of the verdict on what the claim cites
    :ivar section: a locator, as the document has it
    :ivar trial: slug, CURIE, IRI or label of a trial that the claim is about
    :ivar about: likewise, of anything that it is about
    :ivar provisional: ``yes`` or ``no``
    :ivar text: words that all stand in the claim, in what it states or in what it is about
    """

    verdict: str = ""
    reference: str = ""
    section: str = ""
    trial: str = ""
    about: str = ""
    provisional: str = ""
    text: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Selection:
        """Read a selection from texts by name; names of other things are passed over.

        :raises UsageError: if a verdict is none, or ``provisional`` neither yes nor no

        >>> Selection.of({"verdict": "Contradicted", "page": "2"}).given
        {'verdict': 'contradicted'}
        """
        said = {f.name: " ".join(given.get(f.name, "").split()) for f in fields(cls)}
        for name in ("verdict", "reference"):
            said[name] = said[name].casefold().removeprefix("tz:")
            if said[name] and said[name] not in _VERDICTS:
                raise UsageError(
                    f"{name} has to be one of {', '.join(sorted(_VERDICTS))}.",
                    "Leave it out for all claims.",
                )
        said["provisional"] = said["provisional"].casefold()
        if said["provisional"] not in ("", _YES, _NO):
            raise UsageError("provisional has to be yes or no.", "Leave it out for all claims.")
        return cls(**said)

    @property
    def given(self) -> dict[str, str]:
        """What is asked for, by name."""
        said = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: value for name, value in said.items() if value}

    def without(self, *names: str) -> Selection:
        """Give the selection that does not ask for something."""
        return replace(self, **dict.fromkeys(names, ""))

    def of_audit(self, audit: Audit) -> Audit:
        """Give an audit with the claims that are wanted; all else is as it was."""
        words = self.text.casefold().split()
        chosen = (claim for claim in audit.claims if self._wants(claim, words))
        return replace(audit, claims=tuple(chosen))

    def _wants(self, claim: AuditedClaim, words: Iterable[str]) -> bool:
        cited = claim.citation_verdict
        return (
            (not self.verdict or claim.verdict is _VERDICTS[self.verdict])
            and (not self.reference or cited is _VERDICTS[self.reference])
            and (not self.section or claim.locator == self.section)
            and (not self.provisional or claim.provisional == (self.provisional == _YES))
            and (not self.trial or any(_is(self.trial, t) for t in _trials(claim)))
            and (not self.about or any(_is(self.about, t) for t in claim.about))
            and _has(claim, words)
        )


def counted(audit: Audit) -> tuple[dict[str, int], dict[AboutThing, int]]:
    """Count the claims by section, in the order of the document, and by trial, by name."""
    sections = Counter(claim.locator for claim in audit.claims if claim.locator)
    trials = Counter(thing for claim in audit.claims for thing in _trials(claim))
    by_name = sorted(trials.items(), key=lambda entry: (entry[0].label.casefold(), entry[0].iri))
    return dict(sections), dict(by_name)


def _trials(claim: AuditedClaim) -> Iterable[AboutThing]:
    return (thing for thing in claim.about if thing.kind == "trial")


def _is(name: str, thing: AboutThing) -> bool:
    wanted = name.casefold()
    names = (thing.iri, thing.label, thing.slug, f"{thing.kind}/{thing.slug}")
    curie = f"tz{thing.kind}:{thing.slug}"
    return any(wanted == one.casefold() for one in (*names, curie))


def _has(claim: AuditedClaim, words: Iterable[str]) -> bool:
    stated = (f"{part.text} {part.about}" for part in claim.states)
    labels = (thing.label for thing in claim.about)
    said = " ".join((claim.name, claim.text, *claim.cites, *stated, *labels)).casefold()
    return all(word in said for word in words)
