"""One report model and its forms: HTML, PDF (the only package here that touches Qt, and only when it writes)."""

from __future__ import annotations

from pathlib import Path

from app.reporting.build import build_report
from app.reporting.html import to_html, write_html
from app.reporting.model import Report

__all__ = ["Report", "build_report", "to_html", "write_html", "write_pdf"]


def write_pdf(report: Report, path: Path | str) -> Path:
    """Write the report as PDF, A4. Raises KnownError where the place cannot be written. Needs Qt."""
    from app.reporting import pdf

    return pdf.write_pdf(report, Path(path))
