"""What the tools for agents answer: data with their sources, layer and check status."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "AgentAnswer",
    "ArmJudgement",
    "ClassEntry",
    "DescribeAnswer",
    "ExplainAnswer",
    "FigureAnswer",
    "FigurePart",
    "FigureVerdict",
    "FoundThing",
    "LibraryAnswer",
    "LibraryEntry",
    "LibraryParameter",
    "NamedThing",
    "PropertyEntry",
    "QueryAnswer",
    "RowThing",
    "SchemaAnswer",
    "SearchAnswer",
    "SourceNote",
    "StatementEntry",
    "StatementLayer",
    "UsedProperty",
    "ValueEntry",
]


class StatementLayer(StrEnum):
    """Who says something; the layers never mix."""

    #: An accepted source.
    REPORTED = "reported"
    #: A rule or an axiom, from what is reported.
    PREDICTED = "predicted"
    #: A document that cites others: what it claims is not asserted.
    QUOTED = "quoted"
    #: The audit, which holds claims against reports.
    AUDITED = "audited"
    #: The ontology, links to other ontologies, or what is said of the graph itself.
    FRAME = "frame"


class _Part(BaseModel):
    """A part of an answer: it has these members and no others; what is unknown is left out."""

    model_config = ConfigDict(extra="forbid")


class NamedThing(_Part):
    """A thing: its IRI, the name to write in queries, and its label."""

    iri: str
    name: str = Field(description="CURIE, to be written in queries, or the IRI.")
    label: str | None = None


class SourceNote(_Part):
    """A graph that states something."""

    graph: str
    label: str
    layer: StatementLayer


class AgentAnswer(_Part):
    """What every answer has.

    Under `notes` stands what an answer doesn't say, such as rows that were left out.
    """

    release: str = Field(description="Release and state that were asked.")
    notes: list[str] = []


class FoundThing(NamedThing):
    """A thing that was found by one of its names."""

    kind: str = Field(description="What it is, in a word, such as `drug`.")
    matched: str = Field(description="The name by which it was found.")
    by: str = Field(
        description="What that is of the thing: only iri, label, identifier, synonym, id and same"
        " name it; words, spelling and like are guesses."
    )
    score: float


class SearchAnswer(AgentAnswer):
    """Things that have a name, the best first; an empty list: the name is unknown."""

    hits: list[FoundThing]


class ValueEntry(_Part):
    """A value: a thing, or a text or number as written."""

    text: str = Field(description="The label of a thing, else the value.")
    iri: str | None = None
    name: str | None = Field(default=None, description="CURIE of a thing.")
    datatype: str | None = None
    language: str | None = None


class StatementEntry(_Part):
    """A statement about the thing, with who makes it."""

    property: NamedThing
    value: ValueEntry
    layers: list[StatementLayer]
    sources: list[str] = Field(description="Graphs that state it; `sources` has their labels.")
    recalled: bool | None = Field(
        default=None, description="True: from memory, it was not looked up."
    )


class DescribeAnswer(AgentAnswer):
    """What the graph says of a thing. What is not here is unknown, and not false."""

    thing: NamedThing
    kinds: list[NamedThing]
    checked: str | None = Field(
        default=None, description="seen, or recalled: from memory, not looked up."
    )
    statements: list[StatementEntry]
    referring: list[StatementEntry] = Field(
        description="Statements with the thing as object; `value` is their subject."
    )
    sources: list[SourceNote]


class RowThing(_Part):
    """A thing in the rows of a result: where it is described, and whether that was looked up."""

    iri: str
    name: str
    label: str | None = None
    checked: str | None = Field(
        default=None, description="seen, or recalled: from memory, not looked up."
    )
    layers: list[StatementLayer] = []
    sources: list[str] = []


class UsedProperty(_Part):
    """A property that a query asks for, and in which layers it is stated."""

    property: str
    layers: list[StatementLayer]


class QueryAnswer(AgentAnswer):
    """Rows of a query, or its boolean; of a graph the triples are rows."""

    columns: list[str] = []
    rows: list[dict[str, ValueEntry]] = []
    more: bool = Field(default=False, description="True: there are rows behind these.")
    boolean: bool | None = None
    things: list[RowThing] = []
    sources: list[SourceNote] = []
    properties: list[UsedProperty] = []


class LibraryParameter(_Part):
    """A parameter of a query of the library."""

    name: str
    type: str
    required: bool
    default: str | None = None
    description: str = ""


class LibraryEntry(_Part):
    """A query of the library."""

    name: str
    title: str
    description: str
    tags: list[str]
    parameters: list[LibraryParameter]


class LibraryAnswer(AgentAnswer):
    """Queries of the library; each is tested against this graph."""

    queries: list[LibraryEntry]


class ExplainAnswer(AgentAnswer):
    """Why a statement is in the graph.

    `absent` as status says that it is not known to hold, which is not that it is false; `excluded`
    says why it is, where that is known.
    """

    status: str
    layer: StatementLayer | None = None
    text: str = Field(description="The whole explanation for people.")
    sources: list[str] = Field(description="Labels of the sources that it rests on.")
    recalled: bool = Field(description="Whether part of it is from memory and not looked up.")
    excluded: str | None = None
    tree: dict[str, Any] = Field(description="The explanation with its premises and cells.")


class FigureVerdict(StrEnum):
    """What the audit's rules say of a figure."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    IMPRECISE = "imprecise"
    UNKNOWN = "unknown"


class FigurePart(_Part):
    """A figure in words, as it is reported, with its digits and its cells."""

    iri: str
    text: str
    about: str
    source: str
    publication: str
    link: str
    recalled: bool
    cells: list[str]


class ArmJudgement(_Part):
    """The verdict on the figure as one of an arm, or of two that are compared."""

    arms: list[NamedThing]
    verdict: FigureVerdict
    provisional: bool = Field(description="Whether it rests on what was not looked up.")
    rule: str
    title: str = Field(description="What the rule says.")
    reason: str
    against: list[FigurePart]
    differences: list[str]


class FigureAnswer(AgentAnswer):
    """A figure held against what is reported, by the rules of the audit.

    `unknown` says that the graph can't decide, and is no hint that the figure is wrong.
    `contradicted` is said only where all that may be meant is known.
    """

    verdict: FigureVerdict
    provisional: bool
    trial: NamedThing
    endpoint: NamedThing
    judgements: list[ArmJudgement]
    reported: list[FigurePart] = Field(description="All that is reported of this endpoint.")


class PropertyEntry(_Part):
    """A property that things of a class have."""

    property: NamedThing
    definition: str | None = None
    statements: int = Field(description="Statements with it about things of the class.")
    values: list[NamedThing] = Field(description="Classes of its values.")


class ClassEntry(NamedThing):
    """A class that has things."""

    things: int = Field(description="How many it has.")
    definition: str | None = None


class SchemaAnswer(AgentAnswer):
    """The classes that have things, or one class with the properties of its things."""

    classes: list[ClassEntry]
    properties: list[PropertyEntry] = []
    prefixes: dict[str, str] = Field(default={}, description="Known to every query.")
