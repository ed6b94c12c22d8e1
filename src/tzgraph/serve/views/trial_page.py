"""The parts of the page of a trial: design, arms, comparisons and results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

import pyoxigraph as ox

from tzgraph.audit.report.forest import Forest
from tzgraph.serve.engine.rows import Row
from tzgraph.serve.views.explain_tree import Shown
from tzgraph.serve.views.thing import ThingDescription
from tzgraph.serve.views.thing_values import ValueMaker
from tzgraph.serve.views.trial_figures import Figure, TrialFigures, named
from tzgraph.serve.views.trial_forest import forests_of
from tzgraph.vocabulary import TZ

__all__ = ["arms_panel", "comparisons_panel", "design_panel", "results_panel"]


#: Whether the primary endpoint was met, as a trial has it.
_MET = {"true": "met", "false": "missed"}
#: So many pairs of arms make several tests.
_SEVERAL = 2


@dataclass(frozen=True, slots=True)
class Design:
    """What was done: in a line, with links; and the primary endpoint in words."""

    facts: tuple[str, ...]
    diseases: tuple[Shown, ...]
    reports: tuple[tuple[Shown, Shown | None], ...]
    primary: tuple[str, ...]
    kind: str = "design"


@dataclass(slots=True)
class Arm:
    """An arm with all that it gives."""

    shown: Shown
    control: bool = False
    participants: str = ""
    regimen: Shown | None = None
    always: list[Shown] = field(default_factory=list)
    choices: dict[str, list[Shown]] = field(default_factory=dict)
    placebos: list[Shown] = field(default_factory=list)
    doses: list[str] = field(default_factory=list)
    open_ended: bool = False


@dataclass(frozen=True, slots=True)
class Arms:
    """The arms: those that are tested, then those that they are compared against."""

    arms: tuple[Arm, ...]
    kind: str = "arms"


@dataclass(frozen=True, slots=True)
class FigureEntry:
    """A figure in a table: what it is, its interval, and where its page is."""

    shown: Shown
    interval: str
    recalled: bool


@dataclass(frozen=True, slots=True)
class ResultRow:
    """The figures of one endpoint, population and time, by arm."""

    endpoint: Shown | None
    primary: bool
    context: tuple[str, ...]
    part: bool
    cells: tuple[tuple[FigureEntry, ...], ...]


@dataclass(frozen=True, slots=True)
class Results:
    """Results as endpoint by arm."""

    arms: tuple[Shown, ...]
    rows: tuple[ResultRow, ...]
    kind: str = "results"


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """A comparison in the table beside the plot."""

    endpoint: Shown | None
    primary: bool
    part: bool
    sides: tuple[Shown | None, Shown | None]
    entry: FigureEntry
    p_value: str
    context: tuple[str, ...]
    findings: tuple[str, ...]
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Comparisons: the plots of those with a ratio, and all of them as a table.

    :ivar sides: the arms, where all comparisons have the same
    :ivar cutoffs: what was analysed at which data cut-off
    """

    plots: tuple[Forest, ...]
    rows: tuple[ComparisonRow, ...]
    sides: tuple[Shown, Shown] | None
    cutoffs: tuple[tuple[str, tuple[str, ...]], ...]
    kind: str = "comparisons"


def design_panel(
    thing: ThingDescription, rows: Iterable[Row], figures: TrialFigures, maker: ValueMaker
) -> Design:
    """Give the design line, what reports the trial, and the primary endpoint in words.

    :param rows: of ``trial-reports.rq``
    """

    def words(name: str) -> list[str]:
        found = [s for s in thing.about if s.property.value == TZ + name]
        return [maker.value(statement).shown.text for statement in found]

    facts = [f"phase {', '.join(phases)}"] if (phases := words("phase")) else []
    facts += [*words("lineOfTherapy"), *words("setting"), *words("allocation"), *words("masking")]
    if enrolled := words("enrolment"):
        facts.append(f"{enrolled[0]} participants")
    facts += words("trialStatus") or words("recruitmentStatus")
    reports: dict[str, tuple[Shown, Shown | None]] = {}
    for row in rows:
        node, doi = row.get("publication"), row.get("doi")
        if node is None:
            continue
        label = row.get("publicationLabel")
        shown = maker.named(node, [label] if label is not None else [])
        out = None
        if isinstance(doi, ox.Literal):
            out = Shown(f"doi:{doi.value}", f"https://doi.org/{quote(doi.value, safe='/:;()._-')}")
        reports.setdefault(str(node), (shown, out))
    return Design(
        tuple(facts),
        tuple(
            maker.value(s).shown for s in thing.about if s.property.value == TZ + "studiesCondition"
        ),
        tuple(reports.values()),
        tuple(_primary(thing, figures, maker)),
    )


def _primary(thing: ThingDescription, figures: TrialFigures, maker: ValueMaker) -> Iterable[str]:
    """Say each primary endpoint in a sentence, with its first figures of the whole population."""
    endpoints = [s for s in thing.about if s.property.value == TZ + "primaryEndpoint"]
    for statement in endpoints:
        name = maker.value(statement).shown.text
        iri = statement.other.value if isinstance(statement.other, ox.NamedNode) else ""
        pairs: dict[tuple[str, str], list[Figure]] = {}
        for figure in figures.comparisons:
            if figure.iri("endpoint") == iri and not figures.is_part(figure):
                sides = figure.iri("comparesArm"), figure.iri("referenceArm")
                pairs.setdefault(sides, []).append(figure)
        # What a trial says of several tests together says nothing of each.
        alone = len(endpoints) == 1 and len(pairs) < _SEVERAL
        of_trial = _MET.get(thing.text(TZ + "primaryEndpointMet"), "") if alone else ""
        for same in pairs.values():
            told = _deciding(same)
            outcome = told.one("endpointOutcome") or of_trial
            yield f"{_outcome(name, outcome)} {_sentence(told, figures)}"
        if not pairs:
            results = [f for f in figures.results if f.iri("endpoint") == iri]
            yield f"{_outcome(name, of_trial)} {_arms_sentence(results)}"


def _deciding(same: Sequence[Figure]) -> Figure:
    """Give the comparison of two arms that tells of a test: the first met, else the last made."""
    tested = [f for f in same if f.iri("endpointOutcome")]
    met = [f for f in tested if f.iri("endpointOutcome") == TZ + "Met"]
    return (met or tested[-1:] or same)[0]


def _outcome(endpoint: str, outcome: str) -> str:
    told = outcome or "whether it was met is not known here"
    return f"{endpoint[:1].upper()}{endpoint[1:]}: {told}."


def _sentence(comparison: Figure, figures: TrialFigures) -> str:
    parts = []
    sides = [comparison.iri("comparesArm"), comparison.iri("referenceArm")]
    for arm in sides:
        same = [
            f
            for f in figures.results
            if f.iri("resultOf") == arm
            and all(f.iri(n) == comparison.iri(n) for n in ("endpoint", "population"))
            and f.one("dataCutoff") == comparison.one("dataCutoff")
        ]
        if same:
            parts.append(f"{same[0].text} with {_arm_name(same[0].one('resultOf'))}")
    said = [" against ".join(parts)] if len(parts) == len(sides) else []
    if ratio := comparison.number("hazardRatio"):
        interval = f" ({comparison.interval})" if comparison.interval else ""
        said.append(f"hazard ratio {ratio}{interval}")
    if comparison.p_value:
        bound = comparison.p_value.startswith("<")
        said.append(f"p {comparison.p_value}" if bound else f"p = {comparison.p_value}")
    if not said:
        return "No figures of it are on record here."
    context = ", ".join(_context(comparison))
    return f"{'; '.join(said)}{f' ({context})' if context else ''}."


def _arms_sentence(results: Sequence[Figure]) -> str:
    said: list[str] = []
    for figure in results:
        name = _arm_name(figure.one("resultOf"))
        interval = f" ({figure.interval})" if figure.interval else ""
        if figure.text and not any(name in text for text in said):
            said.append(f"{figure.text}{interval} with {name}")
    return f"{'; '.join(said)}." if said else "No figures of it are on record here."


def arms_panel(rows: Iterable[Row], maker: ValueMaker) -> Arms | None:
    """Give the arms of a trial from the rows of ``trial-arms.rq``."""
    arms: dict[str, Arm] = {}
    for row in rows:
        node, role = row.get("arm"), _text(row, "role")
        if node is None:
            continue
        if str(node) not in arms:
            arms[str(node)] = Arm(_shown(row, "arm", maker) or Shown(str(node)))
        arm = arms[str(node)]
        arm.control = _text(row, "control") == "true"
        arm.participants = _text(row, "participants")
        drug = _shown(row, "drug", maker)
        if role == "regimen":
            arm.regimen = _shown(row, "regimen", maker)
        elif role == "dose" and _text(row, "dose"):
            arm.doses.append(_text(row, "dose"))
        elif role == "open":
            arm.open_ended = True
        elif drug is not None:
            options = arm.choices.setdefault(_text(row, "choice"), []) if role == "choice" else None
            place = {"always": arm.always, "placebo": arm.placebos}.get(role, options)
            if place is not None and drug not in place:
                place.append(drug)
    return Arms(tuple(arms.values())) if arms else None


def results_panel(figures: TrialFigures, maker: ValueMaker) -> Results | None:
    """Give the results as a table of endpoint by arm."""
    if not figures.results:
        return None
    arms: dict[str, Shown] = {}
    controls = {f.iri("referenceArm") for f in figures.comparisons}
    for figure in figures.results:
        shown = named(maker, figure, "resultOf")
        if shown is not None:
            arms.setdefault(figure.iri("resultOf"), Shown(_arm_name(shown.text), shown.href))
    ordered = sorted(arms, key=lambda iri: (iri in controls, arms[iri].text))
    rows: dict[tuple[str, ...], dict[str, list[Figure]]] = {}
    for figure in figures.results:
        key = (figure.iri("endpoint"), figure.iri("population"), *_when(figure))
        rows.setdefault(key, {}).setdefault(figure.iri("resultOf"), []).append(figure)
    made = []
    for key, by_arm in rows.items():
        first = next(iter(by_arm.values()))[0]
        cells = tuple(
            tuple(_entry(f, f.text, maker) for f in by_arm.get(iri, ())) for iri in ordered
        )
        primary = key[0] in figures.endpoints
        endpoint = named(maker, first, "endpoint")
        made.append(ResultRow(endpoint, primary, _context(first), figures.is_part(first), cells))
    return Results(tuple(arms[iri] for iri in ordered), tuple(made))


def comparisons_panel(figures: TrialFigures, maker: ValueMaker) -> Comparisons | None:
    """Give the comparisons with their plots."""
    if not figures.comparisons:
        return None
    rows = []
    for figure in figures.comparisons:
        ratio = figure.number("hazardRatio")
        text = ratio or "no hazard ratio on record"
        for name, word in (("oddsRatio", "odds ratio"), ("rateDifference", "difference")):
            if not ratio and (number := figure.number(name)):
                text = f"{word} {number}"
        rows.append(
            ComparisonRow(
                named(maker, figure, "endpoint"),
                figure.iri("endpoint") in figures.endpoints,
                figures.is_part(figure),
                (named(maker, figure, "comparesArm"), named(maker, figure, "referenceArm")),
                _entry(figure, text, maker),
                figure.p_value,
                _context(figure),
                tuple(figure.all("finding")),
                tuple(figure.all("limitedBy")),
            )
        )
    one, other = rows[0].sides
    alike = len({row.sides for row in rows}) == 1
    sides = (one, other) if alike and one is not None and other is not None else None
    return Comparisons(forests_of(figures), tuple(rows), sides, _cutoffs(figures))


def _cutoffs(figures: TrialFigures) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Give what was analysed at each data cut-off, in the order of time."""
    found: dict[str, dict[str, None]] = {}
    for figure in (*figures.comparisons, *figures.results):
        if date := figure.one("dataCutoff"):
            kind = figure.one("analysisKind")
            word = figure.one("endpoint") + (f" ({kind})" if kind else "")
            found.setdefault(date, {})[word] = None
    return tuple((date, tuple(found[date])) for date in sorted(found))


def _entry(figure: Figure, text: str, maker: ValueMaker) -> FigureEntry:
    page = maker.named(figure.node, [text or "no figure"])
    return FigureEntry(Shown(page.text, page.href), figure.interval, figure.recalled)


def _when(figure: Figure) -> tuple[str, ...]:
    names = ("dataCutoff", "timePoint", "analysisKind", "assessor")
    return tuple(figure.one(name) for name in names)


def _context(figure: Figure) -> tuple[str, ...]:
    """Say of whom and when a figure is."""
    said = [_arm_name(figure.one("population")), figure.one("analysisKind")]
    if point := figure.number("timePoint"):
        said.append(f"at {point} {figure.one('timeUnit') or 'months'}")
    if who := figure.one("assessor"):
        said.append(who)
    if date := figure.one("dataCutoff"):
        said.append(f"data up to {date}")
    return tuple(text for text in said if text)


def _arm_name(label: str) -> str:
    """Give the label of an arm or a population without the name of its trial.

    >>> _arm_name("ToGA: chemotherapy"), _arm_name("all")
    ('chemotherapy', 'all')
    """
    return label.partition(": ")[2] or label


def _shown(row: Row, name: str, maker: ValueMaker) -> Shown | None:
    term, label = row.get(name), row.get(name + "Label")
    return None if term is None else maker.named(term, [] if label is None else [label])


def _text(row: Row, name: str) -> str:
    term = row.get(name)
    return term.value if isinstance(term, ox.Literal | ox.NamedNode) else ""
