"""Working on the session store on behalf of a command; what is wrong with it ends the command with code 1."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import typer

from ostiary.commands.reading import NOT_RIGHT, read_or_exit
from ostiary.installation import Installation
from ostiary.roots.store import store_of
from ostiary.state import StateUnusable
from session_store.repository import SessionStore, StoreError

Result = TypeVar("Result")


def with_store(config: Path, use: Callable[[SessionStore], Awaitable[Result]]) -> Result:
    """Do something with the store of a configuration; what is wrong with it ends the command."""
    return with_installation(config, lambda _, store: use(store))


def with_installation(config: Path, use: Callable[[Installation, SessionStore], Awaitable[Result]]) -> Result:
    """The same for what needs to know the configuration, too."""
    file, loaded = read_or_exit(config)
    if loaded.model.store_url == "memory://":
        typer.echo("a store in memory belongs to the running process alone; restart that to end its sessions", err=True)
        raise typer.Exit(NOT_RIGHT)

    async def done() -> Result:
        installation = Installation(file, loaded)
        async with store_of(installation) as store:
            return await use(installation, store)

    try:
        return asyncio.run(done())
    except (StoreError, StateUnusable) as error:
        typer.echo(f"the session store cannot be used: {error}", err=True)
        raise typer.Exit(NOT_RIGHT) from None
