"""Make a graph of about a million triples with the shape of ours, the same each time.

``python bench/big.py FILE`` writes it as N-Triples: targets in a hierarchy of pathways, drugs in
one of classes, trials with arms, what the arms got, their results and the publications that cite
each other. None of it is true.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

BASE = "http://example.org/big/"
RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
SUB_CLASS = "<http://www.w3.org/2000/01/rdf-schema#subClassOf>"
XSD = "http://www.w3.org/2001/XMLSchema#"
PATHWAYS, CLASSES, TARGETS, DRUGS, TRIALS, PUBLICATIONS = 3_000, 1_000, 500, 5_000, 20_000, 10_000
CONDITIONS = ["gastric cancer", "breast cancer", "lung cancer", "colorectal cancer"]
ENDPOINTS = ["os", "pfs", "orr", "dor", "toxicity"]


def iri(kind: str, number: int | str) -> str:
    """Give a thing's IRI."""
    return f"<{BASE}{kind}/{number}>"


def prop(name: str) -> str:
    """Give a property's or class's IRI."""
    return f"<{BASE}{name}>"


def value(number: float | int) -> str:
    """Give a number as a literal."""
    kind = "integer" if isinstance(number, int) else "decimal"
    return f'"{number}"^^<{XSD}{kind}>'


def triples() -> Iterator[tuple[str, str, str]]:
    """Give all triples."""
    chance = random.Random(7)  # noqa: S311 - the same graph each time is what is wanted
    yield from _hierarchies(chance)
    for number in range(DRUGS):
        drug = iri("drug", number)
        yield drug, RDF_TYPE, prop("Drug")
        yield drug, LABEL, f'"drug {number}"@en'
        yield drug, prop("drugClass"), iri("class", chance.randrange(CLASSES))
        for target in chance.sample(range(TARGETS), chance.randint(1, 2)):
            yield drug, prop("targets"), iri("target", target)
        if chance.random() < 0.3:
            yield drug, prop("approved"), value(chance.randint(1990, 2026))
    for number in range(PUBLICATIONS):
        publication = iri("publication", number)
        yield publication, RDF_TYPE, prop("Publication")
        yield publication, prop("year"), value(chance.randint(1995, 2026))
        yield publication, LABEL, f'"A report of things seen in trial {number}"@en'
        for cited in {chance.randrange(number) for _ in range(3)} if number else ():
            yield publication, prop("cites"), iri("publication", cited)
    for number in range(TRIALS):
        yield from _trial(number, chance)


def _hierarchies(chance: random.Random) -> Iterator[tuple[str, str, str]]:
    for number in range(PATHWAYS):
        yield iri("pathway", number), RDF_TYPE, prop("Pathway")
        if number:
            parent = chance.randrange(max(0, number // 4 - 3), number // 3 + 1)
            yield iri("pathway", number), prop("partOf"), iri("pathway", min(parent, number - 1))
    for number in range(1, CLASSES):
        yield iri("class", number), SUB_CLASS, iri("class", number // 3)
    for number in range(TARGETS):
        yield iri("target", number), RDF_TYPE, prop("Target")
        yield iri("target", number), LABEL, f'"target {number}"@en'
        yield iri("target", number), prop("partOf"), iri("pathway", chance.randrange(PATHWAYS))


def _trial(number: int, chance: random.Random) -> Iterator[tuple[str, str, str]]:
    trial = iri("trial", number)
    yield trial, RDF_TYPE, prop("Trial")
    yield trial, LABEL, f'"trial {number}"@en'
    yield trial, prop("phase"), value(chance.choice([1, 1, 2, 2, 2, 3]))
    yield trial, prop("condition"), f'"{chance.choice(CONDITIONS)}"'
    if chance.random() < 0.6:
        yield trial, prop("enrolled"), value(chance.randint(10, 900))
    reports = [iri("publication", chance.randrange(PUBLICATIONS)) for _ in range(2)]
    if chance.random() < 0.7:
        yield trial, prop("reportedIn"), reports[0]
    for arm_number in range(chance.randint(1, 3)):
        name = f"{number}-{arm_number}"
        arm, regimen = iri("arm", name), iri("regimen", name)
        yield trial, prop("hasArm"), arm
        yield arm, RDF_TYPE, prop("Arm")
        yield arm, prop("regimen"), regimen
        for drug in chance.sample(range(DRUGS), chance.randint(1, 3)):
            yield regimen, prop("includesDrug"), iri("drug", drug)
        for endpoint in chance.sample(ENDPOINTS, chance.randint(1, 4)):
            result = iri("result", f"{name}-{endpoint}")
            yield result, RDF_TYPE, prop("Result")
            yield result, prop("ofArm"), arm
            yield result, prop("endpoint"), iri("endpoint", endpoint)
            yield result, prop("value"), value(round(chance.uniform(0.5, 40), 1))
            yield result, prop("source"), chance.choice(reports)
            yield result, prop("participants"), value(chance.randint(5, 400))
            if chance.random() < 0.5:
                yield result, prop("hazardRatio"), value(round(chance.uniform(0.3, 1.6), 2))


def write(path: Path) -> int:
    """Write the graph, without triples that come twice, and give how many there are."""
    seen: set[str] = set()
    with path.open("w", encoding="utf-8") as output:
        for subject, predicate, object_ in triples():
            line = f"{subject} {predicate} {object_} .\n"
            if line not in seen:
                seen.add(line)
                output.write(line)
    return len(seen)


if __name__ == "__main__":
    print(write(Path(sys.argv[1])), "triples")
