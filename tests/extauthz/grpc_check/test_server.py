from collections.abc import AsyncIterator
from pathlib import Path
from stat import S_IMODE
from typing import Any

import grpc
import pytest
from grpc import aio

from extauthz.check import Malformed, Pass
from extauthz.check.answer import Answer
from extauthz.decide import Question
from extauthz.grpc_check import CheckServerFailed, CheckService, serve_check
from extauthz.pages import Page
from service_kit.addresses import TcpAddress, UnixAddress
from tests.extauthz.grpc_check.requests import answered, check_request, is_allowed

CHECK = "/envoy.service.auth.v3.Authorization/Check"


async def only_public(asked: Question | Malformed) -> Answer:
    """Let one path pass."""
    public = isinstance(asked, Question) and asked.facts.path == "/public"
    return Pass() if public else Page(403, (), b"no")


@pytest.fixture(params=["unix", "tcp"])
async def channel(request: Any, tmp_path: Path) -> AsyncIterator[aio.Channel]:
    """Give a channel to a running server."""
    address = UnixAddress(tmp_path / "check.sock") if request.param == "unix" else TcpAddress("127.0.0.1", 0)
    async with serve_check(CheckService(only_public), address) as bound, aio.insecure_channel(str(bound)) as channel:
        yield channel


async def test_envoy_s_call_is_answered(channel: aio.Channel) -> None:
    check = channel.unary_unary(CHECK)
    assert is_allowed(answered(await check(check_request("/public"))))
    assert not is_allowed(answered(await check(check_request("/secret"))))
    assert not is_allowed(answered(await check(b"\xff\xff")))


@pytest.mark.parametrize("method", [CHECK[1:], f"/{CHECK}", f"{CHECK}/", CHECK.lower(), "/x/Check"])
async def test_no_other_spelling_of_the_method_exists(channel: aio.Channel, method: str) -> None:
    with pytest.raises(aio.AioRpcError) as error:
        await channel.unary_unary(method)(check_request("/public"))
    assert error.value.code() in {grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.INTERNAL}


async def test_a_request_beyond_the_limit_is_refused(channel: aio.Channel) -> None:
    with pytest.raises(aio.AioRpcError) as error:
        await channel.unary_unary(CHECK)(check_request("/public", ("x", "a" * 1024 * 1024)))
    assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_place_that_cannot_be_had_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CheckServerFailed, match="cannot listen"):
        async with serve_check(CheckService(only_public), UnixAddress(tmp_path / "missing" / "check.sock")):
            pass


async def test_its_socket_is_for_its_owner_alone(tmp_path: Path) -> None:
    address = UnixAddress(tmp_path / "check.sock")
    async with serve_check(CheckService(only_public), address):
        assert S_IMODE(address.path.stat().st_mode) == 0o600


async def test_a_taken_port_is_an_error() -> None:
    async with serve_check(CheckService(only_public), TcpAddress("127.0.0.1", 0)) as bound:
        with pytest.raises(CheckServerFailed):
            async with serve_check(CheckService(only_public), bound):
                pass
