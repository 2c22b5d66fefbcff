"""The baseline of the live events: an event's bytes to all connections, and no more."""

import asyncio
import os
from typing import ClassVar, cast

EVENT = b"id: 1-00000000\nevent: deployment_status\ndata: " + b"x" * 3_000 + b"\n\n"
CHUNK = b"%x\r\n%b\r\n" % (len(EVENT), EVENT)
DONE = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class Connection(asyncio.Protocol):
    """One who listens, or who has all told with a `POST`."""

    listening: ClassVar[set[asyncio.WriteTransport]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        if data.startswith(b"GET /api/"):
            self.listening.add(self._transport)
            self._transport.write(HEAD)
            return
        if data.startswith(b"POST"):
            for each in self.listening:
                each.write(CHUNK)
        self._transport.write(DONE)

    def connection_lost(self, _: Exception | None) -> None:
        self.listening.discard(self._transport)


async def serve() -> None:
    port = int(os.environ["GITPLOY_HTTP_PORT"])
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", port, backlog=1000)
    await server.serve_forever()


def main() -> None:
    import uvloop  # noqa: PLC0415 - as the services do

    uvloop.run(serve())


if __name__ == "__main__":
    main()
