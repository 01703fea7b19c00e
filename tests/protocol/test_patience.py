"""Who begins a request and never ends it does not hold a connection for long; who waits for an answer does."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from tests.protocol.serving import Served
from transport import patient

PATIENCE = 0.3
BODY = b'{"query": "{ slow(seconds: 0.6) }"}'
HEAD = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n" % len(BODY)
ALIVE = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patient, "PATIENCE", PATIENCE)


async def heard(served: Served, *pieces: bytes, pause: float = 0.05) -> bytes:
    """What the server says until it hangs up, while somebody talks slowly."""
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    talking = asyncio.create_task(_say(writer, pieces, pause))
    try:
        async with asyncio.timeout(4):
            return await reader.read()
    finally:
        talking.cancel()
        writer.close()


async def _say(writer: asyncio.StreamWriter, pieces: tuple[bytes, ...], pause: float) -> None:
    with suppress(ConnectionError):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)


@pytest.mark.parametrize(
    "pieces",
    [
        (),
        (b"POST /gra",),
        (HEAD + b"Authoriz",),
        tuple(bytes([letter]) for letter in HEAD),
        (b"\r\n",) * 100,
    ],
    ids=["nothing", "half a line", "half a head", "a letter at a time", "empty lines for ever"],
)
async def test_who_never_ends_the_head_of_a_request_is_hung_up_on(served: Served, pieces: tuple[bytes, ...]) -> None:
    assert await heard(served, *pieces) == b""


@pytest.mark.parametrize("then", [(HEAD, b"X-More: ", *[b"x"] * 100), (b"\r\n",) * 100], ids=["a head", "empty lines"])
async def test_a_later_request_on_the_same_connection_has_no_more_time(served: Served, then: tuple[bytes, ...]) -> None:
    answer = await heard(served, ALIVE, *then)
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.count(b"HTTP/1.1") == 1


async def test_who_waits_for_an_answer_is_answered_whatever_they_begin_meanwhile(served: Served) -> None:
    key = served.bearer()["Authorization"].encode()
    answer = await heard(served, HEAD + b"Authorization: " + key + b"\r\n\r\n" + BODY + b"GET /he")
    assert b'{"data":{"slow":"done"}}' in answer


async def test_a_body_and_a_socket_have_a_patience_of_their_own(served: Served) -> None:
    key = served.bearer()["Authorization"].encode()
    head = HEAD + b"Connection: close\r\nAuthorization: " + key + b"\r\n\r\n"
    answer = await heard(served, head, BODY[:5], BODY[5:], pause=1.5 * PATIENCE)
    assert answer.startswith(b"HTTP/1.1 200")
    async with served.socket() as talk:
        await asyncio.sleep(2 * PATIENCE)
        await talk.ask("1", "{ name }")
        assert (await talk.hear())["payload"] == {"data": {"name": "buyer"}}
