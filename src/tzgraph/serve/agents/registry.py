"""The one registry of tools: names, what they take and give, and what runs them."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox
from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from tzgraph.errors import TzgraphError, UsageError
from tzgraph.serve.agents import answers
from tzgraph.serve.agents.asking import known_as, things_in
from tzgraph.serve.agents.tools import figure, find, queries, shape, why
from tzgraph.serve.messages.problems import Problem, ProblemError, document_of, problem_of
from tzgraph.serve.releases.service import service_of

__all__ = ["INSTRUCTIONS", "RESOURCES", "TOOLS", "AgentTool", "ToolOutcome", "call", "read"]

_LOG = logging.getLogger(__name__)

#: What agents are told first.
INSTRUCTIONS = (
    "tzgraph is an evidence-tracked knowledge graph of HER2-targeted therapy. Names are found by"
    " search, statements about a thing by describe, anything else by library_query or query"
    " (SPARQL 1.1; schema tells classes and properties). Layers never mix: reported is what"
    " accepted sources say, predicted what rules derive from it (a hypothesis), quoted what"
    " documents claim (not asserted). What the graph doesn't hold is unknown: an empty result, an"
    " absent statement or an unknown figure says nothing about the world. recalled means from"
    " memory and not looked up. Cite the sources that answers name. Nothing here is medical advice."
)


@dataclass(frozen=True, slots=True)
class AgentTool:
    """A tool.

    :ivar takes: its arguments
    :ivar gives: its answer
    :ivar run: answers a request with arguments
    """

    name: str
    title: str
    description: str
    takes: type[BaseModel]
    gives: type[BaseModel]
    run: Callable[[Request, Any], Awaitable[BaseModel]]


#: All tools, in the order in which agents see them.
TOOLS: Mapping[str, AgentTool] = {
    tool.name: tool
    for tool in (
        AgentTool(
            "search",
            "Find things by name",
            "Find drugs, trials, targets, mechanisms and all else by label, synonym, brand,"
            " acronym or id, with slips of the hand. An empty list says that the name is unknown.",
            find.SearchArguments,
            answers.SearchAnswer,
            find.search,
        ),
        AgentTool(
            "describe",
            "Say what is known of a thing",
            "All statements about a thing and with it as object, each with its layer and sources.",
            find.DescribeArguments,
            answers.DescribeAnswer,
            find.describe,
        ),
        AgentTool(
            "list_queries",
            "List the query library",
            "The tested queries with their parameters. Look here before writing SPARQL.",
            queries.LibraryArguments,
            answers.LibraryAnswer,
            queries.list_queries,
        ),
        AgentTool(
            "library_query",
            "Run a query of the library",
            "Run a tested query by name. Things may be given by any of their names.",
            queries.LibraryQueryArguments,
            answers.QueryAnswer,
            queries.library_query,
        ),
        AgentTool(
            "query",
            "Run SPARQL",
            "Run a SPARQL 1.1 query (SELECT, ASK, CONSTRUCT, DESCRIBE) on the default view, or on"
            " named graphs with GRAPH. Updates and SERVICE are refused. Errors name line and"
            " column; under no rows it says which names the graph doesn't have.",
            queries.QueryArguments,
            answers.QueryAnswer,
            queries.query,
        ),
        AgentTool(
            "explain",
            "Say why a statement is in the graph",
            "The cells that state it, or the rule and premises it follows from; of a claim alone,"
            " why it has its verdict.",
            why.ExplainArguments,
            answers.ExplainAnswer,
            why.explain,
        ),
        AgentTool(
            "check_figure",
            "Check a figure of a trial",
            "Hold a figure (median, rate, hazard ratio, p-value) against what sources report, by"
            " the rules of the audit: supported, contradicted, imprecise or unknown.",
            figure.FigureArguments,
            answers.FigureAnswer,
            figure.check_figure,
        ),
        AgentTool(
            "schema",
            "Say which classes and properties there are",
            "Classes with counts and definitions; of one class the properties that its things"
            " have, with classes of values. Read it before writing SPARQL.",
            shape.SchemaArguments,
            answers.SchemaAnswer,
            shape.schema,
        ),
    )
}


async def _schema(request: Request) -> BaseModel:
    return await shape.schema(request, shape.SchemaArguments())


async def _queries(request: Request) -> BaseModel:
    return await queries.list_queries(request, queries.LibraryArguments())


#: What can be read without arguments, by address: title, and what gives it.
RESOURCES: Mapping[str, tuple[str, Callable[[Request], Awaitable[BaseModel]]]] = {
    "tz://schema": ("The classes that have things, and the prefixes", _schema),
    "tz://queries": ("The query library", _queries),
}


@dataclass(frozen=True, slots=True)
class ToolOutcome:
    """What comes of a call.

    :ivar data: the answer, or of an error its problem document
    """

    data: dict[str, Any]
    is_error: bool = False


async def call(request: Request, name: str, arguments: Mapping[str, Any]) -> ToolOutcome:
    """Call a tool; what is wrong with the arguments is an outcome that helps to mend them.

    :param request: holds what is asked, see :func:`tzgraph.serve.releases.service.service_of`
    :raises KeyError: if there is no such tool
    """
    tool = TOOLS[name]
    try:
        answer = await tool.run(request, tool.takes.model_validate(dict(arguments)))
    except ValidationError as error:
        return ToolOutcome(_wrong_arguments(tool, error), is_error=True)
    except (TzgraphError, ProblemError) as error:
        return ToolOutcome(await _told(request, problem_of(error)), is_error=True)
    except Exception:
        _LOG.exception("a tool failed")
        problem = Problem(
            500, "internal-error", "Internal error", "The server made a mistake; it is logged."
        )
        return ToolOutcome(document_of(problem), is_error=True)
    return ToolOutcome(answer.model_dump(mode="json", exclude_none=True))


async def read(request: Request, address: str) -> dict[str, Any]:
    """Give a resource.

    :raises KeyError: if there is none of that address
    :raises TzgraphError: if it can't be given
    """
    _title, give = RESOURCES[address]
    return (await give(request)).model_dump(mode="json", exclude_none=True)


def _wrong_arguments(tool: AgentTool, error: ValidationError) -> dict[str, Any]:
    """Say what is wrong with the arguments of a tool."""
    wrong = [
        f"{'.'.join(map(str, one['loc'])) or 'arguments'}: {one['msg']}"
        for one in error.errors(include_url=False, include_input=False)
    ]
    known = ", ".join(tool.takes.model_fields)
    detail = f"{'; '.join(wrong[:10])}. {tool.name} takes {known}."
    problem = problem_of(UsageError(detail))
    return document_of(problem)


async def _told(request: Request, problem: Problem) -> dict[str, Any]:
    """Give the document of a problem, its suggestions with names and labels."""
    document = document_of(problem)
    suggested = document.get("suggestions")
    if isinstance(suggested, (tuple, list)):
        service = service_of(request)
        iris = [str(iri) for iri in suggested]
        found, _notes = await things_in(request, service, map(ox.NamedNode, iris))
        labels = {thing.iri: thing.label for thing in found}
        document["suggestions"] = [
            known_as(service, iri, labels.get(iri)).model_dump(exclude_none=True) for iri in iris
        ]
    return document
