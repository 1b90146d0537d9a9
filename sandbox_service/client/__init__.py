"""The client: judging over HTTP from Python, and what trainers and synthesis build on it."""

from sandbox_service.client.asynchronous import AsyncClient
from sandbox_service.client.blocking import Client
from sandbox_service.client.failures import ClientError, DeadlinePassed, NotAnswered, RequestRefused, ServiceAway

__all__ = ["AsyncClient", "Client", "ClientError", "DeadlinePassed", "NotAnswered", "RequestRefused", "ServiceAway"]
