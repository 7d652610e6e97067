"""The verbs of the command line, each imported when it is asked for: its neighbours' libraries take two seconds."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any

from typer import Typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from service_kit.garbage import uncollected


@dataclass(frozen=True, slots=True)
class Verb:
    """Where a verb is, and what is said of it before it is imported."""

    module: str
    """Its module in `ostiary.commands`."""
    attribute: str
    """What the module calls it: a function, or the `Typer` of a group of verbs."""
    help: str
    """The first paragraph of its help."""


VERBS: Mapping[str, Verb] = MappingProxyType(
    {
        "run": Verb(
            "serve",
            "run",
            "Run everything on one configuration file: Envoy, control plane, decisions, pages, session store.",
        ),
        "extauthz": Verb(
            "serve",
            "extauthz",
            "Run the decision service and its pages alone, for split deployments and for an Envoy mesh you already"
            " have.",
        ),
        "control-plane": Verb(
            "serve",
            "control_plane",
            "Run the xDS control plane alone; Envoys connect to `services.xds_address`.",
        ),
        "validate": Verb(
            "validate",
            "validate",
            "Check a configuration file and report every mistake at once, each with its line and what to do.",
        ),
        "explain": Verb(
            "explain",
            "explain",
            "Tell what would happen to a request, and why: route, decision, and every criterion with its outcome.",
        ),
        "test": Verb(
            "policy_test",
            "run_tests",
            "Run policy tests: files that say who asks for what, and what is to come of it.",
        ),
        "db": Verb("database", "app", "Look after the session store's database."),
        "sessions": Verb("sessions", "app", "See who is signed in, and end sessions."),
        "keys": Verb("keys", "app", "Look after the keys that assertions are signed with, and tokens are sealed with."),
        "service-accounts": Verb(
            "service_accounts",
            "app",
            "Give programs an identity: create accounts with a token, list them, revoke them.",
        ),
        "xds": Verb("xds", "app", "See what Envoys are told, and what became of it."),
    }
)
"""Name on the command line to verb, in the order of the help."""


class Verbs(TyperGroup):
    """The group of all verbs. Listing them imports none; resolving one imports it."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = {name: TyperCommand(name, help=verb.help) for name, verb in VERBS.items()}

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Name, command and remaining arguments; a name that is unknown ends the command as ever."""
        name, _, remaining = super().resolve_command(ctx, args)
        return name, name and imported(name), remaining


def imported(name: str) -> Any:
    """The command behind a verb."""
    verb = VERBS[name]
    with uncollected():
        module = import_module(f"ostiary.commands.{verb.module}")
    found = getattr(module, verb.attribute)
    if isinstance(found, Typer):
        return get_group(found)
    alone = Typer(add_completion=False, pretty_exceptions_enable=False)
    alone.command(name)(found)
    return get_command(alone)
