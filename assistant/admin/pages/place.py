"""One address of the administration and who answers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from assistant.admin.office import Office, Visit


@dataclass(frozen=True, slots=True)
class Place:
    """A route. ``public``: also without login; ``upload``: takes a file; ``back``: where a refusal leads back to."""

    method: str
    path: str
    answer: Callable[[Office, Visit], Response]
    public: bool = False
    upload: bool = False
    back: str = "/"
