"""`mcp_tool`: true for calls of certain tools of an MCP server."""

import json
from dataclasses import dataclass
from typing import Any

from access_model.policy.data import Given
from access_model.policy.matching import TextMatch, read_text_match
from access_model.policy.reasons import Reason
from access_model.policy.tree import Dependencies, PolicyInput, Verdict, judged

CALL = "tools/call"


@dataclass(frozen=True, slots=True)
class McpTool:
    """Compares the tool that a `tools/call` names (Model Context Protocol, a JSON-RPC 2.0 message in the body).

    A batch may call several: to let somebody in, every one has to pass; to keep somebody out, one is enough. What can
    be read in two ways is no call to let in, and one to keep out.
    """

    match: TextMatch
    """The test on each tool's name."""
    every: bool = True
    """Whether every call has to pass, or one is enough."""

    name = "mcp_tool"

    @classmethod
    def read(cls, given: Given) -> "McpTool":
        """Read a String. Raises `DataInvalid`."""
        return cls(read_text_match(given.data), given.opens)

    @property
    def data(self) -> str:
        """The test, for people."""
        return str(self.match)

    @property
    def depends_on(self) -> Dependencies:
        """The body."""
        return Dependencies.BODY

    def evaluate(self, asked: PolicyInput) -> Verdict:
        """Compare the calls; a body without any passes no test."""
        calls = called_tools(asked.request.body)
        if calls is None:
            holds = not self.every
        else:
            passing = [self.match.matches(tool) for tool in calls]
            holds = bool(passing) and (all(passing) if self.every else any(passing))
        return judged(holds, Reason.MCP_TOOL_OK if holds else Reason.MCP_TOOL_UNAUTHORIZED)


def called_tools(body: bytes) -> tuple[str, ...] | None:
    """The tools that a body calls, in order; None for one that readers may understand differently."""
    if not body:
        return ()
    try:
        said = json.loads(body, object_pairs_hook=_each_key_once)
    except (ValueError, RecursionError):
        return None
    calls = [each for each in (said if isinstance(said, list) else [said]) if isinstance(each, dict)]
    named = [_tool(call) for call in calls if call.get("method") == CALL]
    tools = tuple(tool for tool in named if tool is not None)
    return tools if len(tools) == len(named) else None


def _tool(call: dict[str, Any]) -> str | None:
    parameters = call.get("params")
    tool = parameters.get("name") if isinstance(parameters, dict) else None
    return tool if isinstance(tool, str) else None


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; keys that differ in nothing but case count as the same, for some readers fold them."""
    if len({key.lower() for key, _ in pairs}) != len(pairs):
        raise ValueError("a key is given twice")
    return dict(pairs)
