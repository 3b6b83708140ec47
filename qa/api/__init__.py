"""The interface for programs over HTTP: ask, search, read; described at /api/openapi.json and /api/docs."""

from qa.api.routes import api_routes

__all__ = ["api_routes"]
