"""What happened along a course, as far as it was recorded as such: outcomes, events, diagnoses; long absences."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from app.domain.happenings import Happening, happening, recorded
from app.domain.records import Case, DateBasis, Visit, VisitKind
from app.domain.scores import CURED, EFFECTIVE, INEFFECTIVE, MARKED
from app.ui.plots.reading.words import Words
from app.ui.plots.sheet import Event

_TONES = {CURED: "green", MARKED: "green", EFFECTIVE: "green", INEFFECTIVE: "red"}
_KINDS = {
    Happening.RELAPSE: "red",
    Happening.OPERATION: "accent",
    Happening.ADMISSION: "red",
    Happening.ADVERSE: "red",
    Happening.DEATH: "red",
    Happening.DISCHARGE: "green",
}
_ABSENT_DAYS, _ABSENT_TIMES = 60.0, 3.0  # an absence is longer than both: so many days, so many usual intervals
_LONGEST_LABEL = 24


def events(case: Case, words: Words) -> tuple[Event, ...]:
    """In order of time; a first visit counts where it is not the course's own beginning (begun anew)."""
    out: list[Event] = []
    diseases: set[str] = set()
    for index, visit in enumerate(case.visits):
        if index and visit.kind is VisitKind.FIRST:
            out.append(Event(visit.day, "初诊" if words.language == "zh" else "first visit", "accent"))
        if visit.outcome:
            text = " ".join(visit.outcome.split())
            out.append(Event(visit.day, text, _TONES.get(text, "muted")))
        out += [Event(visit.day, text, tone) for text, tone in _recorded(visit, words)]
        named = _diseases(visit, words)
        out += [Event(visit.day, text, "gold") for text in named if index and diseases and text not in diseases]
        diseases.update(named)
    return tuple(dict.fromkeys(out))


def absences(case: Case) -> tuple[tuple[float, float], ...]:
    """(start, end) in days of times without a visit that are long for this course; none where only order is known."""
    if any(visit.basis is DateBasis.ORDER for visit in case.visits):
        return ()
    days = sorted({visit.day for visit in case.visits})
    if len(days) < 3:
        return ()
    longest = max(_ABSENT_DAYS, _ABSENT_TIMES * float(np.median(np.diff(days))))
    return tuple((before, after) for before, after in pairwise(days) if after - before > longest)


def _recorded(visit: Visit, words: Words) -> list[tuple[str, str]]:
    found = []
    for observation in visit.observations:
        kind = recorded(observation)
        if kind is not None:
            said = observation.text or (observation.code if observation.code not in (observation.concept, "") else "")
            label = words(observation.concept)
            found.append((f"{label}: {said}" if said and said != label else label, _KINDS[kind]))
    label = " ".join(visit.label.split())
    kind = happening(label)
    if kind is not None and len(label) <= _LONGEST_LABEL:
        found.append((label, _KINDS[kind]))
    return found


def _diseases(visit: Visit, words: Words) -> list[str]:
    named = (d for d in visit.diagnoses if d.kind in ("disease", "western") and d.text)
    return list(dict.fromkeys(d.text if words.language == "zh" or not d.code else words(d.code) for d in named))
