"""Asks a server: some kept-alive connections, each sending its next request when it has its answer.

A process of its own, so that it takes no time from a server but that of its core. Reads the requests from a file, one
JSON line each (method, path, headers, body), and prints how many were answered how quickly. Wants no library.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path


@dataclass
class Told:
    """What came back: seconds by request, in the order of the answers, and how often each status."""

    took: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    bytes: int = 0


def raw(method: str, path: str, headers: dict[str, str], body: str) -> bytes:
    sent = body.encode()
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(sent)}", "", ""]).encode() + sent


async def connection(port: int, requests: Iterator[bytes], until: float, told: Told) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        begun = time.perf_counter()
        if begun >= until:
            break
        writer.write(request)
        status, size, closes = await answer(reader)
        told.took.append(time.perf_counter() - begun)
        told.statuses[status] += 1
        told.bytes += size
        if closes:
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()


async def answer(reader: asyncio.StreamReader) -> tuple[int, int, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head[9:12])
    if b"transfer-encoding: chunked" in head:
        size = await chunks(reader)
    else:
        _, found, rest = head.partition(b"content-length:")
        size = int(rest.split(b"\r\n", 1)[0]) if found else 0
        await reader.readexactly(size)
    return status, size, b"connection: close" in head


async def chunks(reader: asyncio.StreamReader) -> int:
    size = 0
    while length := int((await reader.readline()).strip() or b"0", 16):
        size += len(await reader.readexactly(length + 2)) - 2
    await reader.readexactly(2)
    return size


async def ask(port: int, requests: list[bytes], connections: int, seconds: float, once: bool) -> Told:
    told, until = Told(), time.perf_counter() + seconds
    left = iter(requests) if once else cycle(requests)
    await asyncio.gather(*(connection(port, left, until, told) for _ in range(connections)))
    return told


def main() -> None:
    port, path, connections, seconds, once = sys.argv[1:]
    requests = [raw(*json.loads(line)) for line in Path(path).read_text("utf-8").splitlines()]
    begun = time.perf_counter()
    told = asyncio.run(ask(int(port), requests, int(connections), float(seconds), once == "once"))
    found = {
        "seconds": time.perf_counter() - begun,
        "took": told.took,
        "statuses": told.statuses,
        "bytes": told.bytes,
        "processor": time.process_time(),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
