"""API keys: who may call."""

import hashlib
import hmac
from typing import Annotated

from fastapi import Security
from fastapi.security import APIKeyHeader, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials

from sandbox_service.api.failures import Unauthorized
from sandbox_service.api.service import ServiceOf

_BEARER = HTTPBearer(auto_error=False, description="one of SANDBOX_API_KEYS, when any are configured")
_HEADER = APIKeyHeader(name="X-API-Key", auto_error=False, description="the same, for clients that cannot send Bearer")


async def require_key(
    service: ServiceOf,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
    header: Annotated[str | None, Security(_HEADER)],
) -> None:
    """Let the request in when no keys are configured or when it brings one of them.

    Raises:
        Unauthorized: it brings none, or one that is not known.
    """
    keys = service.settings.api_keys
    if not keys:
        return
    sent = bearer.credentials if bearer else header
    if sent is None:
        raise Unauthorized("send an API key as 'Authorization: Bearer KEY' or 'X-API-Key: KEY'", field="Authorization")
    # All keys are compared, as digests, so that neither the position nor the length of a match shows in the time.
    digest = _digest(sent.encode("latin-1", "replace"))
    matches = [hmac.compare_digest(digest, _digest(key.get_secret_value().encode())) for key in keys]
    if not any(matches):
        raise Unauthorized("the API key is not known", field="Authorization" if bearer else "X-API-Key")


def _digest(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()
