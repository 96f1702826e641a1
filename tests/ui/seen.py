"""What a test reads off the window."""

from __future__ import annotations

from app.store.clinic import Clinic
from app.ui.window import MainWindow


def clinic_of(window: MainWindow) -> Clinic:
    assert window.session.clinic is not None
    return window.session.clinic


def listed(window: MainWindow) -> list[str]:
    """Numbers in the patient list, from top to bottom."""
    model = window.patients.model
    return [model.code_at(row) for row in range(model.rowCount())]


def chosen(window: MainWindow) -> str:
    """Number of the patient on screen, "" where there is none."""
    return window.session.case.patient.code if window.session.case is not None else ""
