"""The symbols of outcomes as inline SVG: different shapes, so that no meaning hangs on colour.

Drawn here, not loaded: the answer contains no image and no request. Each is hidden from screen readers, because the
word beside it says the same.
"""

from __future__ import annotations

from collections.abc import Mapping

_OCTAGON = "M7.5 1h9L23 7.5v9L16.5 23h-9L1 16.5v-9z"
_DOT = '<circle cx="12" cy="17.2" r="1.35" class="lp-s-voll"/>'
_SHAPES: Mapping[str, str] = {
    "erlaubt": '<circle cx="12" cy="12" r="11"/><path class="lp-s-strich" d="M6.8 12.6l3.5 3.6 7-7.6"/>',
    "bedingt": '<path d="M12 1.6L23.2 22H.8z"/><path class="lp-s-strich" d="M12 9v5.4"/>'
    '<circle cx="12" cy="18" r="1.35" class="lp-s-voll"/>',
    "verboten": f'<path d="{_OCTAGON}"/><path class="lp-s-strich" d="M8 8l8 8M16 8l-8 8"/>',
    "auskunft": '<rect x="1" y="1" width="22" height="22" rx="4"/><path class="lp-s-strich" d="M12 10.8v6.4"/>'
    '<circle cx="12" cy="6.9" r="1.45" class="lp-s-voll"/>',
    "frage": '<path d="M3 1h18a2 2 0 012 2v13a2 2 0 01-2 2h-8l-5 5v-5H3a2 2 0 01-2-2V3a2 2 0 012-2z"/>'
    '<path class="lp-s-strich" d="M9.2 7.2a2.8 2.8 0 115 1.8c-.9.9-2.2 1.3-2.2 2.5"/>'
    '<circle cx="12" cy="14.4" r="1.25" class="lp-s-voll"/>',
    "offen": '<circle cx="12" cy="12" r="11"/>'
    '<path class="lp-s-strich" d="M8.9 9a3.1 3.1 0 115.4 2c-1 1-2.3 1.4-2.3 2.9"/>' + _DOT,
    "schutz": '<path d="M12 .8l9.5 3.4v7c0 5.6-3.7 10-9.5 12.2C6.2 21.2 2.5 16.8 2.5 11.2v-7z"/>'
    '<path class="lp-s-strich" d="M12 6.5v6.8"/><circle cx="12" cy="17" r="1.35" class="lp-s-voll"/>',
    "neutral": '<circle cx="12" cy="12" r="11"/><path class="lp-s-strich" d="M7 12h10"/>',
    "fehler": '<rect x="1" y="1" width="22" height="22" rx="4"/><path class="lp-s-strich" d="M12 6v7"/>' + _DOT,
}


def symbol(key: str) -> str:
    """The symbol of an outcome (a key of ``texts.Look``) as one line of SVG."""
    return f'<svg class="lp-symbol" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{_SHAPES[key]}</svg>'
