"""A patient's report from a clinic file: gathers the records, forecasts, draws the pictures, writes the file.

The one place where reporting and the window's plots meet; the command line and the window both call it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import i18n
from app.domain.errors import KnownError
from app.store.clinic import Clinic
from models.forecast import Forecast

if TYPE_CHECKING:
    from app.domain.records import Case

PICTURE = (760, 520)  # points; drawn at twice the pixels, as wide as the text of an A4 page
PANELS = (960, 640)  # three panels in a row


def write_report(clinic: Clinic, patient: str, out: Path, model: str | None = None) -> None:
    """Write FILE.pdf or FILE.html. With no model named, the newest is used; with none trained, no forecast is shown.

    Raises KnownError for another suffix, an unknown patient or model, a place that cannot be written.
    """
    if out.suffix.lower() not in (".pdf", ".html"):
        raise KnownError("{path}: a report is a .pdf or a .html file.", path=out)
    case = clinic.queries.case(patient)
    result = forecast_for(clinic, case, model)
    compose(case, out, result, clinic.name)
    clinic.audit.note("print", "patient", {"patient": case.patient.code, "file": out.name})


def forecast_for(clinic: Clinic, case: Case, model: str | None) -> dict[str, Any] | None:
    """The forecast's dictionary with the card under "card"; None where no model is trained yet."""
    if model is None:
        used = clinic.models.in_use()
        if used is None:
            return None
        model = used.name
    from app.jobs import forecasting  # torch only where a model is used

    forecaster = forecasting.load(clinic, model)
    return {**forecasting.predict(clinic, forecaster, case.patient.code), "card": forecaster.card}


def compose(case: Case, out: Path, result: dict[str, Any] | None, clinic_name: str) -> None:
    """Draw the pictures and write the report in the current language."""
    from app.domain.vocabulary import active
    from app.reporting import build_report, write_html, write_pdf
    from app.ui import pictures

    language = i18n.language()
    curve = Forecast.from_dict(result["curve"]) if result else None
    drawn = {
        "timeline": pictures.timeline_bytes(case, active(), curve, size=PICTURE, theme="print", language=language),
    }
    if curve is not None and result is not None:
        from app.analysis import series

        course = series.course(case, series.SeriesPlan.from_dict(result["card"]["series"]))
        drawn["forecast"] = pictures.forecast_bytes(course, curve, size=PANELS, theme="print", language=language)
    report = build_report(
        case,
        forecast=Forecast.from_dict(result["forecast"]) if result else None,
        card=result["card"] if result else None,
        pictures=drawn,
        clinic_name=clinic_name,
        language=language,
    )
    write = write_pdf if out.suffix.lower() == ".pdf" else write_html
    write(report, out)
