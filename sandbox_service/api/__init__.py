"""The HTTP API."""

from sandbox_service.api.app import create_app

__all__ = ["create_app"]
