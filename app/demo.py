"""What the demo clinic shows without a window: pictures of one patient, the forecast, the figures behind it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import i18n
from app.files import write_json
from app.i18n import t
from app.jobs.demo import MODEL
from app.store.clinic import Clinic

if TYPE_CHECKING:
    from app.jobs.listening import Listener
    from app.store.queries import PatientRow

SIZE = (1440, 900)


def write_pictures(clinic_file: Path, out: Path, listener: Listener) -> list[str]:
    """timeline.png, trajectory.png, forecast.png, forecast.json and summary.json in ``out``; returns what to say."""
    from app.analysis import series
    from app.domain.vocabulary import active
    from app.info import gather
    from app.jobs import forecasting
    from app.ui import pictures
    from models.forecast import Forecast, Trajectory

    started = time.monotonic()
    listener.progress(0, 1, t("Drawing"))
    language = i18n.language()
    with Clinic.open(clinic_file, create=False) as clinic:
        forecaster = forecasting.load(clinic, MODEL)
        row = shown_patient(clinic.queries.search(limit=500))
        case = clinic.queries.case(row.code)
        counts = dict(clinic.queries.counts())
        result = forecasting.predict(clinic, forecaster, row.code)
    curve = Forecast.from_dict(result["curve"])
    course = series.course(case, series.SeriesPlan.from_dict(forecaster.card["series"]))
    pictures.timeline_png(out / "timeline.png", case, active(), curve, size=SIZE, language=language)
    pictures.trajectory_png(
        out / "trajectory.png", Trajectory.from_dict(result["trajectory"]), case, size=SIZE, language=language
    )
    pictures.forecast_png(out / "forecast.png", course, curve, size=SIZE, language=language)
    document = forecasting.document(result, forecaster.card)
    write_json(out / "forecast.json", document)
    summary: dict[str, Any] = {
        "clinic": clinic_file.name,
        "counts": counts,
        "patient": row.code,
        "model": forecasting.plain(forecaster.card),
        "drawing_seconds": round(time.monotonic() - started, 2),
        "versions": gather()["versions"],
    }
    write_json(out / "summary.json", summary)
    written = ("timeline.png", "trajectory.png", "forecast.png", "forecast.json", "summary.json")
    return [*forecasting.describe(document), t("Written to {folder}: {files}", folder=out, files=", ".join(written))]


def shown_patient(rows: list[PatientRow]) -> PatientRow:
    """A course worth a picture: about eleven visits, the nearest to that, by number where several are."""
    return min(rows, key=lambda row: (abs(row.visits - 11), row.code))
