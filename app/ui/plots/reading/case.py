"""One call that reads a case for the timeline."""

from __future__ import annotations

import numpy as np

from app.domain.records import Case
from app.ui.plots.reading import findings
from app.ui.plots.reading.events import absences, events
from app.ui.plots.reading.remedies import remedies
from app.ui.plots.reading.scores import (
    ELEMENTS_SHOWN,
    LABS_SHOWN,
    SCORES_SHOWN,
    SIGNS_SHOWN,
    Quantities,
    effect,
    total,
    variables_of,
)
from app.ui.plots.reading.words import Vocabulary, Words
from app.ui.plots.sheet import Line, Sheet
from models.course import Course
from models.forecast import Forecast

_SAME_DAY = 0.5


def read(
    case: Case,
    vocabulary: Vocabulary | None,
    language: str = "zh",
    *,
    forecast: Forecast | None = None,
    course: Course | None = None,
    today: float | None = None,
) -> Sheet:
    """Everything the lanes show. today: days since the first visit; a forecast without it starts at the last visit."""
    if not case.visits:
        return Sheet(case, language, today=today)
    words = Words(vocabulary, language, variables_of(forecast, course))
    last = case.visits[-1].day
    line_day = today if today is not None else (last if forecast is not None else None)
    origin = line_day if line_day is not None else last
    quantities = Quantities(case, words, forecast, course, origin)
    scores = quantities.scores()
    signs = [] if scores else quantities.signs()
    labs = quantities.labs()
    away = absences(case)
    ending = findings.tail(case, today)
    elements = quantities.elements() or _named_elements(case)
    return Sheet(
        case,
        language,
        scores=tuple(scores[:SCORES_SHOWN]),
        signs=tuple(signs[:SIGNS_SHOWN]),
        more_signs=max(len(signs) - SIGNS_SHOWN, 0),
        total=total(scores),
        effect=effect(case.visits),
        labs=tuple(labs[:LABS_SHOWN]),
        more_labs=max(len(labs) - LABS_SHOWN, 0),
        pulses=findings.pulses(case, words),
        tongue=findings.bands(case, findings.tongue(words), ending, away),
        syndromes=findings.bands(case, findings.syndrome(words), ending, away),
        elements=tuple(elements[:ELEMENTS_SHOWN]),
        remedies=remedies(case, language),
        events=events(case, words),
        absences=away,
        notes=tuple(findings.note(v) for v in case.visits),
        today=line_day,
        today_is_last_visit=line_day is not None and abs(line_day - last) < _SAME_DAY,
        forecast_until=float(forecast.at.max()) if forecast is not None and len(forecast.at) else None,
    )


def _named_elements(case: Case) -> list[Line]:
    """Elements that were only named, not scored: there (1) or, at a visit that names others, not there (0)."""
    named = [findings.elements(v) for v in case.visits]
    order = dict.fromkeys(e for found in named for e in found)
    days = np.array([v.day for v in case.visits], dtype=np.float64)
    lines = []
    for element in order:
        values = [(1.0 if element in found else 0.0) if found else np.nan for found in named]
        lines.append(Line(element, element, days, np.array(values), lower=0.0, upper=1.0))
    return sorted(lines, key=lambda x: float(np.nansum(x.values)), reverse=True)
