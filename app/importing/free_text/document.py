"""From a file of case histories to a draft for review: read, split into cases and visits, coded, counted."""

from __future__ import annotations

from bisect import bisect_left
from pathlib import Path

from app.domain.units import UnitConvention
from app.i18n import t
from app.importing.free_text.draft import MAX_CODED, Draft, draft_case
from app.importing.free_text.reading import Source, read_source
from app.importing.free_text.splitting import split
from app.importing.report import ImportReport


def read_document(
    path: Path,
    convention: UnitConvention,
    report: ImportReport,
    *,
    encoding: str | None = None,
    near: int | None = None,
) -> Draft:
    """The draft of a .docx, .txt or .md file; the report counts its cases (rows), visits, findings and unknown herbs.

    encoding: of a text file, None tries byte order mark, UTF-8, GB 18030; near: a year near which dates of the cycle
    of sixty lie. Raises KnownError where the file cannot be read.
    """
    return draft_of(read_source(Path(path), encoding), convention, report, near=near)


def draft_of(source: Source, convention: UnitConvention, report: ImportReport, *, near: int | None = None) -> Draft:
    cases = tuple(draft_case(source.text, span) for span in split(source.text))
    draft = Draft(source.file, source.text, convention, near, cases)
    count(draft, report)
    return draft


def count(draft: Draft, report: ImportReport) -> None:
    """Tell the report what the draft holds, and which of its herbs nobody knows."""
    report.rows_read += len(draft.cases)
    report.rows_accepted += len(draft.cases)
    report.patients += len(draft.cases)
    lines = [at for at, character in enumerate(draft.text) if character == "\n"]

    def row(place: int) -> int:
        return bisect_left(lines, place) + 1

    for case in draft.cases:
        report.visits += len(case.visits)
        for visit in case.visits:
            if visit.end - visit.text_start > MAX_CODED:
                words = draft.text[visit.text_start : visit.end]
                reason = t("a visit of more than {n} characters: mark its visits (初诊, 二诊) or cut it", n=MAX_CODED)
                report.refuse(draft.file, row(visit.text_start), "", words, reason)
            report.visits_with_symptom += any(f.kind == "symptom" and not f.negated for f in visit.findings)
            for found in visit.findings:
                report.pulse_terms_total += found.kind == "pulse"
                report.pulse_terms_coded += found.kind == "pulse"
                report.herb_items_total += found.kind == "herb"
                report.herb_items_mapped += found.kind == "herb" and bool(found.code)
                if found.kind == "herb" and not found.code:
                    report.unknown("herb", found.text, draft.file, row(found.start), t("herb"))
