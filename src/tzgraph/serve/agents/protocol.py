"""The tools in the Model Context Protocol, by its official SDK (the extra ``mcp``)."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeAlias

import mcp_types as types
from mcp.server import Server, ServerRequestContext
from mcp.shared.exceptions import MCPError
from starlette.requests import Request

import tzgraph
from tzgraph.errors import TzgraphError
from tzgraph.serve.agents.registry import INSTRUCTIONS, RESOURCES, TOOLS, AgentTool, call, read

__all__ = ["AgentRequests", "make_server"]

_Context: TypeAlias = ServerRequestContext[Any, Any]
#: Gives the request that a message is answered in, which holds the release as it is now.
AgentRequests: TypeAlias = Callable[[_Context], AbstractAsyncContextManager[Request]]
_JSON = "application/json"


def make_server(requests: AgentRequests) -> Server[Any]:
    """Make a server of the protocol, for any transport.

    :param requests: gives for each message the request that it is answered in
    """

    async def list_tools(
        _context: _Context, _params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_described(tool) for tool in TOOLS.values()])

    async def call_tool(
        context: _Context, params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        if params.name not in TOOLS:
            known = ", ".join(TOOLS)
            raise MCPError(
                types.INVALID_PARAMS, f"There is no tool “{params.name}”; there are {known}."
            )
        async with requests(context) as request:
            outcome = await call(request, params.name, params.arguments or {})
        text = json.dumps(outcome.data, ensure_ascii=False)
        return types.CallToolResult(
            content=[types.TextContent(text=text)],
            structured_content=outcome.data,
            is_error=outcome.is_error,
        )

    async def list_resources(
        _context: _Context, _params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        return types.ListResourcesResult(
            resources=[
                types.Resource(uri=uri, name=uri.partition("://")[2], title=title, mime_type=_JSON)
                for uri, (title, _give) in RESOURCES.items()
            ]
        )

    async def read_resource(
        context: _Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        if params.uri not in RESOURCES:
            known = ", ".join(RESOURCES)
            raise MCPError(
                types.INVALID_PARAMS, f"There is no resource “{params.uri}”; there are {known}."
            )
        async with requests(context) as request:
            try:
                data = await read(request, params.uri)
            except TzgraphError as error:
                raise MCPError(types.INTERNAL_ERROR, str(error)) from error
        text = json.dumps(data, ensure_ascii=False)
        content = types.TextResourceContents(uri=params.uri, mime_type=_JSON, text=text)
        return types.ReadResourceResult(contents=[content])

    return Server(
        "tzgraph",
        version=tzgraph.__version__,
        title="tzgraph: HER2-targeted therapy",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_read_resource=read_resource,
    )


def _described(tool: AgentTool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.takes.model_json_schema(),
        output_schema=tool.gives.model_json_schema(mode="serialization"),
        annotations=types.ToolAnnotations(
            read_only_hint=True,
            destructive_hint=False,
            idempotent_hint=True,
            open_world_hint=False,
        ),
    )
