"""Tongue, pulse and free text of one visit, coded by the vocabulary; what finds no code is kept as text and listed."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from app.domain import pulse
from app.domain.records import Observation, PulseReading, ValueKind
from app.i18n import t
from app.importing.classical import code_pulse_terms, code_text
from app.importing.people import Place
from app.importing.report import ImportReport
from app.importing.roles import PULSE_PLACES, Role

_PLACES_NAMED = re.compile("[左右寸关尺]")
_SENTENCES = re.compile(r"[。\n]+")
_TONGUE_STARTS = ("舌", "苔")


@dataclass(frozen=True, slots=True)
class Examiner:
    """Reads the cells of one row; what it cannot read it lists under ``place``."""

    report: ImportReport
    place: Place

    def pulse(self, text: str, header: str, role: Role) -> list[PulseReading]:
        """Readings of one cell; one for the whole pulse may tell left from right (左弦右滑)."""
        side, position = PULSE_PLACES[role]
        codes, unknown = pulse.parse(text)
        self.report.pulse_terms_total += len(codes) + len(unknown)
        self.report.pulse_terms_coded += len(codes)
        if unknown:
            reason = t("not in the pulse vocabulary: {words}", words="、".join(unknown))
            self.report.refuse(self.place.file, self.place.row, header, text, reason)
            for word in unknown:
                self.report.unknown("pulse", word, self.place.file, self.place.row, header)
        if role == Role.PULSE and _PLACES_NAMED.search(text):
            readings = code_pulse_terms([], _SENTENCES.split("脉" + text.removeprefix("脉")))[0]
            if set(codes) <= {code for reading in readings for code in reading.terms}:
                return readings
        return [PulseReading(side, position, codes, text)]

    def tongue(self, text: str, header: str) -> list[Observation]:
        """Coded signs of a tongue column. The header completes what the cell leaves out: 舌质 over 淡红."""
        part = "苔" if "苔" in header else "舌"
        candidates = [text] if text.startswith(_TONGUE_STARTS) else [part + text, text]
        found = max((_tongue_signs(candidate) for candidate in candidates), key=len)
        if not found:
            self.report.normalise(text, text, t("kept as text: not in the vocabulary"))
            self.report.unknown("tongue", text, self.place.file, self.place.row, header)
            return [Observation(f"x.{header}", ValueKind.TEXT, text=text, raw=text)]
        return [replace(observation, raw=text) for observation in found]

    @staticmethod
    def free_text(text: str) -> list[Observation]:
        """Symptoms and tongue signs found in running text, with negation; a concept once."""
        once: dict[str, Observation] = {}
        for observation in code_text(text):
            once.setdefault(observation.concept, observation)
        return list(once.values())


def _tongue_signs(text: str) -> list[Observation]:
    return [observation for observation in code_text(text) if observation.concept.startswith("ton.")]
