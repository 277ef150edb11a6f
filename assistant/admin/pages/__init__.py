"""The pages of the administration, one module per area; ``PLACES`` is every address there is.

A handler is a function of the office and one visit, run in a thread; what it raises as LeitplankeError becomes a page
with that one line.
"""

from __future__ import annotations

from assistant.admin.pages import drafting, entering, findings, importing, publishing, registers, rules, running, trying
from assistant.admin.pages.place import Place

PLACES: tuple[Place, ...] = (
    *entering.PLACES, *findings.PLACES, *rules.PLACES, *registers.PLACES, *importing.PLACES, *drafting.PLACES, *publishing.PLACES,
    *trying.PLACES, *running.PLACES,
)  # fmt: skip

__all__ = ["PLACES", "Place"]
