"""A request's body, read within bounds and parsed once."""

import asyncio
import zlib
from collections.abc import Callable
from typing import TypeVar

from fastapi import Request
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from sandbox_service.api.failures import BodyTooLarge, BodyTooSlow, MalformedBody, UnsupportedBody, bad_request_of

IDLE_SECONDS = 30.0
GZIP = zlib.MAX_WBITS | 16

Parsed = TypeVar("Parsed")


async def read_body(request: Request, maximum_bytes: int) -> bytes:
    """The body as JSON text, inflated when it came as gzip; never more of it than ``maximum_bytes`` is kept.

    Raises:
        UnsupportedBody, BodyTooLarge, BodyTooSlow, MalformedBody: as their names say.
    """
    _require_json(request.headers.get("content-type", ""))
    compressed = _is_gzip(request.headers.get("content-encoding", ""))
    body = await _receive(request, maximum_bytes)
    if compressed:
        # Inflating releases the interpreter, so other requests go on meanwhile.
        return await asyncio.to_thread(inflate, body, maximum_bytes)
    return body


def parse(validate: Callable[[bytes], Parsed], body: bytes) -> Parsed:
    """What the body says; pydantic's error becomes ours."""
    try:
        return validate(body)
    except ValidationError as error:
        raise bad_request_of(error) from None


def inflate(body: bytes, maximum_bytes: int) -> bytes:
    """The content of one gzip member, refused as soon as it outgrows the maximum."""
    inflater = zlib.decompressobj(GZIP)
    try:
        content = inflater.decompress(body, maximum_bytes + 1)
    except zlib.error as error:
        raise MalformedBody(f"the body is not the gzip it says it is: {error}") from None
    if len(content) > maximum_bytes:
        raise _too_large(maximum_bytes)
    if not inflater.eof:
        raise MalformedBody("the body's gzip ends too early")
    if inflater.unused_data:
        raise MalformedBody("the body goes on behind the end of its gzip")
    return content


def _require_json(content_type: str) -> None:
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    if media_type != "application/json" and not (
        media_type.startswith("application/") and media_type.endswith("+json")
    ):
        sent = f"not {media_type[:100]!r}" if media_type else "and none was sent"
        raise UnsupportedBody(f"the Content-Type must be application/json, {sent}", field="Content-Type")
    charsets = [part.partition("=")[2].strip('"') for part in parameters if part.startswith("charset=")]
    if any(charset not in ("utf-8", "utf8") for charset in charsets):
        raise UnsupportedBody("the body must be UTF-8", field="Content-Type")


def _is_gzip(content_encoding: str) -> bool:
    match content_encoding.strip().lower():
        case "" | "identity":
            return False
        case "gzip" | "x-gzip":
            return True
    raise UnsupportedBody(
        f"the Content-Encoding must be gzip or left out, not {content_encoding[:100]!r}", field="Content-Encoding"
    )


async def _receive(request: Request, maximum_bytes: int) -> bytes:
    declared = request.headers.get("content-length", "")
    # Python refuses to read numbers of thousands of digits.
    if declared.isdecimal() and (len(declared) > 18 or int(declared) > maximum_bytes):
        raise _too_large(maximum_bytes)
    body = bytearray()
    while True:
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                message = await request.receive()
        except TimeoutError:
            raise BodyTooSlow(f"nothing came of the body for {IDLE_SECONDS:.0f} s") from None
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > maximum_bytes:
            raise _too_large(maximum_bytes)
        if not message.get("more_body", False):
            return bytes(body)


def _too_large(maximum_bytes: int) -> BodyTooLarge:
    return BodyTooLarge(f"the body is larger than the {maximum_bytes} bytes that are allowed, as sent or as inflated")
