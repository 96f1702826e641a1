"""A report as one self-contained HTML file, and the fragments that the PDF lays out as well.

Every word of data passes ``escape``; pictures stand inline as base64; nothing is fetched when the file is opened, which
its content policy also forbids.
"""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path

from app.domain.errors import KnownError
from app.files import replacing
from app.paths import RESOURCES
from app.reporting.model import Cell, CourseTable, Effect, ForecastBlock, Formula, Report, Row

PNG = b"\x89PNG\r\n\x1a\n"
TEMPLATES = RESOURCES / "templates"
HERBS_A_LINE, EFFECTS_A_LINE = 4, 8
LABEL_SHARE = 16  # per cent of a course table's width for the row labels
_ARROWS = {"up": "↑", "down": "↓", "": ""}


def write_html(report: Report, path: Path | str) -> Path:
    """Write the report, atomically, in UTF-8. Raises KnownError where the place cannot be written."""
    target = Path(path)
    page = to_html(report)
    with replacing(target) as aside:
        aside.write_text(page, encoding="utf-8", newline="\n")
    return target


def to_html(report: Report) -> str:
    """The whole page. Raises KnownError for a picture that is not PNG."""
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    body = "\n".join(_sections(report))
    lang = "zh-Hans" if report.language == "zh" else "en"
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        "style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(report.title)} {escape(report.code)}</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _sections(report: Report) -> list[str]:
    heads = report.headings
    out = [
        f'<header><p class="clinic">{escape(report.clinic)}</p><h1>{escape(report.title)}</h1>'
        f'<p class="printed">{escape(report.printed)}</p></header>',
        patient_block(report.patient),
    ]
    if report.tables:
        tables = "".join(
            (f"<h3>{escape(table.title)}</h3>" if table.title else "") + course_table(table, table.rows)
            for table in report.tables
        )
        out.append(f"<section><h2>{escape(heads['course'])}</h2>{tables}{small(report.table_note)}</section>")
    if report.prescription:
        out.append(f"<section><h2>{escape(heads['prescription'])}</h2>{prescription(report.prescription)}</section>")
    if report.effect:
        out.append(f"<section><h2>{escape(heads['effect'])}</h2>{effect_block(report.effect)}</section>")
    for picture in report.pictures:
        data = base64.b64encode(checked_png(picture.key, picture.png)).decode("ascii")
        title = escape(picture.title)
        image = f'<img alt="{title}" src="data:image/png;base64,{data}">'
        out.append(f"<section><h2>{title}</h2>{image}</section>")
    if report.forecast:
        block = report.forecast
        out.append(
            f"<section><h2>{escape(heads['forecast'])}</h2>{warning(block)}{forecast_table(block)}{small(block.note)}"
            f"<h3>{escape(heads['basis'])}</h3>{basis_table(block)}</section>"
        )
    lines = "".join(f"<span>{escape(word)}<i></i></span>" for word in report.signature)
    out.append(f'<footer><p class="disclaimer">{escape(report.disclaimer)}</p><p class="sign">{lines}</p></footer>')
    return out


def checked_png(key: str, png: bytes) -> bytes:
    if not png.startswith(PNG):
        raise KnownError("The picture {key} is not a PNG image.", key=key)
    return png


def small(text: str) -> str:
    return f'<p class="small">{escape(text)}</p>' if text else ""


def warning(block: ForecastBlock) -> str:
    return f'<p class="warning">{escape(block.warning)}</p>' if block.warning else ""


def patient_block(pairs: tuple[tuple[str, str], ...], columns: int = 3) -> str:
    """Label and value pairs, three to a line."""
    lines = []
    for start in range(0, len(pairs), columns):
        some = pairs[start : start + columns]
        cells = "".join(
            f'<td class="key" width="10%">{escape(label)}</td><td class="value" width="23%">{escape(value)}</td>'
            for label, value in some
        )
        lines.append(f"<tr>{cells}</tr>")
    return f'<table class="patient" width="100%" cellspacing="0">{"".join(lines)}</table>'


def course_table(table: CourseTable, rows: tuple[Row, ...]) -> str:
    """These rows of the table under its head; as wide as its visits ask for, in steps of one column."""
    share = (100 - LABEL_SHARE) / table.slots
    width = LABEL_SHARE + share * len(table.columns)
    head = "".join(
        f'<th width="{share / width:.2%}">{escape(c.title)}<br><span class="when">{escape(c.date or c.day)}</span>'
        + (f'<br><span class="when">{escape(c.day)}</span>' if c.date else "")
        + "</th>"
        for c in table.columns
    )
    body = "".join(
        f'<tr class="{row.kind}"><td class="key">{escape(row.label)}</td>'
        + "".join(f'<td class="{row.kind}">{_cell(cell)}</td>' for cell in row.cells)
        + "</tr>"
        for row in rows
    )
    return (
        f'<table class="course" width="{width:.0f}%" cellspacing="0"><thead><tr>'
        f'<th class="corner" width="{LABEL_SHARE / width:.2%}"></th>{head}</tr></thead><tbody>{body}</tbody></table>'
    )


def _cell(cell: Cell) -> str:
    arrow = f'<span class="{cell.trend}">{_ARROWS[cell.trend]}</span>' if cell.trend else ""
    return escape(cell.text) + arrow


def prescription(formulas: tuple[Formula, ...]) -> str:
    """Each with its herbs, four a line as the rules for prescriptions ask."""
    return "".join(f'<p class="formula">{escape(f.head)}</p>{_herbs(f.herbs)}' for f in formulas)


def _herbs(herbs: tuple[str, ...]) -> str:
    lines = [herbs[i : i + HERBS_A_LINE] for i in range(0, len(herbs), HERBS_A_LINE)]
    width = 100 // HERBS_A_LINE
    body = "".join(
        "<tr>"
        + "".join(f'<td width="{width}%">{escape(herb)}</td>' for herb in line)
        + f'<td width="{width}%"></td>' * (HERBS_A_LINE - len(line))
        + "</tr>"
        for line in lines
    )
    return f'<table class="herbs" width="100%" cellspacing="0">{body}</table>' if body else ""


def effect_block(effect: Effect) -> str:
    """Summary, then the symptoms side by side: first and last score and index under each."""
    name = f'<span class="class">{escape(effect.effect_class)}</span>'
    chunks = [effect.rows[i : i + EFFECTS_A_LINE] for i in range(0, len(effect.rows), EFFECTS_A_LINE)]
    tables = "".join(_effect_table(effect, chunk, min(EFFECTS_A_LINE, len(effect.rows))) for chunk in chunks)
    return f'<p class="summary">{escape(effect.summary)} {name}</p>{tables}{small(effect.note)}'


def _effect_table(effect: Effect, rows: tuple[tuple[str, str, str, str], ...], slots: int) -> str:
    across = [(effect.heads[k], *(row[k] for row in rows)) for k in range(4)]
    share = (100 - LABEL_SHARE) / max(slots, 5)
    width = LABEL_SHARE + share * len(rows)
    shares = (100 * LABEL_SHARE / width, *([100 * share / width] * len(rows)))
    return _table(across[0], tuple(across[1:]), "figures effect", shares, width)


def forecast_table(block: ForecastBlock) -> str:
    count = len(block.heads) - 2
    parts = (26, 12, *([24] * count))
    return _table(block.heads, block.rows, "figures", tuple(100 * p / sum(parts) for p in parts), min(100, sum(parts)))


def basis_table(block: ForecastBlock) -> str:
    lines = "".join(
        f'<tr><td class="key" width="45%">{escape(label)}</td><td width="55%">{escape(value)}</td></tr>'
        for label, value in block.basis
    )
    return f'<table class="basis" width="75%" cellspacing="0">{lines}</table>'


def _table(
    heads: tuple[str, ...], rows: tuple[tuple[str, ...], ...], kind: str, shares: tuple[float, ...], width: float
) -> str:
    head = "".join(
        f'<th class="{"first" if i == 0 else "num"}" width="{share:.1f}%">{escape(text)}</th>'
        for i, (text, share) in enumerate(zip(heads, shares, strict=True))
    )
    body = "".join(
        "<tr>"
        + "".join(f'<td class="{"key" if i == 0 else "num"}">{escape(cell)}</td>' for i, cell in enumerate(row))
        + "</tr>"
        for row in rows
    )
    return (
        f'<table class="{kind}" width="{width:.0f}%" cellspacing="0">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )
