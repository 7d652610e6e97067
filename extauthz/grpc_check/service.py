"""One `Check`: decode, answer, encode. Nothing that happens in between leaves Envoy without a refusal of ours."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from extauthz.check.answer import Answer
from extauthz.check.malformed import Malformed
from extauthz.decide import Question
from extauthz.grpc_check.decode import decode_check_request
from extauthz.grpc_check.encode import encode_answer

METHOD = "/envoy.service.auth.v3.Authorization/Check"


@dataclass(frozen=True, slots=True)
class CheckService:
    """The service as bytes in, bytes out; `grpc_check.server` puts it on a socket."""

    answer: Callable[[Question | Malformed], Awaitable[Answer]]
    """The use case: `extauthz.check.Check`, which never raises."""

    async def check(self, data: bytes, _context: object = None) -> bytes:
        """Answer a serialised `CheckRequest` with a serialised `CheckResponse`."""
        return encode_answer(await self.answer(decode_check_request(data)))
