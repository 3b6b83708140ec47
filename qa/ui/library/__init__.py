"""The library in the window: what it holds, and how articles come in and go."""

from qa.ui.library.correcting import correcting_panel
from qa.ui.library.panel import library_panel
from qa.ui.library.uploads import LARGEST, upload_routes

__all__ = ["LARGEST", "correcting_panel", "library_panel", "upload_routes"]
