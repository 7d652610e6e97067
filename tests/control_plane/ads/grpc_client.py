"""A program for `test_grpc_client`: for each line it reads, calls `xds:///echo` and prints the answer."""

import asyncio
import sys

import grpc


async def main() -> None:
    async with grpc.aio.insecure_channel("xds:///echo") as channel:
        echo = channel.unary_unary("/test.Echo/Say")
        while await asyncio.to_thread(sys.stdin.readline):
            answer = await echo(b"", wait_for_ready=True, timeout=20)
            print(answer.decode(), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
