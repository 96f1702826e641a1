"""Names of columns and variables to concepts of the vocabulary.

Only Chinese names are looked up: "edema" or "stage" in a research table is that study's own variable, with its own
scale, and must not become the vocabulary's symptom by a likeness of words.
"""

from __future__ import annotations

import re

from app.domain.vocabulary import Concept, active

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def concept_of(name: str) -> Concept | None:
    """The symptom a Chinese name means."""
    return active().find(name, "symptom") if _HAN.search(name) else None


def syndrome_of(name: str) -> Concept | None:
    """The syndrome a name means; 证 at its end may be missing."""
    return active().find(name, "syndrome") or active().find(f"{name}证", "syndrome")
