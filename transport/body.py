"""The body of a request: JSON in UTF-8, uncompressed, in time, and no larger than it may be."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.requests import Request

from transport.request import Unfit

JSON = "application/json"
PATIENCE = 30
"""Seconds for a body to arrive."""
HEARD_OUT = 4
LAST = {"Connection": "close"}


def check_content(headers: Mapping[str, str]) -> None:
    """Raises Unfit for a body of another type; a form of a foreign page can only be one."""
    kind, *parameters = [part.strip().lower() for part in headers.get("content-type", "").split(";")]
    charsets = [part[8:].strip('"') for part in parameters if part.startswith("charset=")]
    if kind != JSON or any(charset not in {"utf-8", "utf8"} for charset in charsets):
        raise Unfit(f"Send the body as {JSON} in UTF-8.", status=415, headers={"Accept-Post": JSON})
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Unfit("Send the body uncompressed.", status=415, headers={"Accept-Encoding": "identity"})


async def body_of(request: Request, limit: int) -> bytes:
    """The body. One that is too large is heard out for a while, since few clients listen while they talk."""
    body, length = bytearray(), 0
    try:
        async with asyncio.timeout(PATIENCE):
            async for chunk in request.stream():
                length += len(chunk)
                if length <= limit:
                    body += chunk
                elif length > limit * HEARD_OUT:
                    break
    except TimeoutError:
        raise Unfit("The body did not arrive.", status=408, headers=LAST) from None
    if length > limit:
        raise Unfit(f"The body is larger than {limit} bytes.", status=413, headers=LAST)
    return bytes(body)
