"""What code can see of a window that looks wrong: cut text, tofu, the other language, overlaps, nameless controls.

``findings`` looks at every window that is open; an empty list says that nothing was found. What a checker sees is
shown by ``tests/ui/test_looks.py``, each on a small widget that is wrong on purpose.
"""

from __future__ import annotations

from collections.abc import Iterable

from tests.ui.looks.clipped import clipped
from tests.ui.looks.finding import Finding
from tests.ui.looks.glyphs import missing_glyphs
from tests.ui.looks.languages import Data, foreign
from tests.ui.looks.names import nameless
from tests.ui.looks.painted import painted_texts
from tests.ui.looks.places import outside, overlapping
from tests.ui.looks.shown import open_windows, shown_texts

__all__ = [
    "Data",
    "Finding",
    "clipped",
    "findings",
    "foreign",
    "missing_glyphs",
    "nameless",
    "open_windows",
    "outside",
    "overlapping",
    "painted_texts",
    "shown_texts",
]


def findings(language: str, data: Data) -> list[Finding]:
    """All that is wrong with the windows that are open. data: words of records, which are in neither language."""
    found: list[Finding] = []
    for window in open_windows():
        painted = painted_texts(window)
        texts = [*shown_texts(window), *painted]
        found += clipped(window, painted)
        found += missing_glyphs(texts)
        found += foreign(texts, language, data)
        found += overlapping(window)
        found += outside(window)
        found += nameless(window)
    return unique(found)


def unique(found: Iterable[Finding]) -> list[Finding]:
    return list(dict.fromkeys(found))
