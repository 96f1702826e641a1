"""CSV and its relatives: the separator is found by trying, a broken record is refused alone and the rest still read."""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence

from app.domain.errors import KnownError
from app.i18n import t
from app.importing import header
from app.importing.limits import MAX_CELL_CHARACTERS
from app.importing.tables import Row, Table, clean_headers
from app.importing.text_file import Lines, TextFile

DELIMITERS = (",", "\t", ";", "|")
NO_DELIMITERS = '"\r\n \x00'
_LOOK_LINES = 40
_RESCANS = 20  # times the file may be read again, in all, to recover from open quotation marks


def read_delimited(text: TextFile, format_: str, delimiter: str | None = None, header_row: int | None = None) -> Table:
    """delimiter, header_row: None finds them. Raises KnownError where there is no header, or either cannot be."""
    file, lines = text.file, text.lines  # line ends inside quotation marks are kept
    separator = _usable(delimiter) if delimiter else sniff(lines, prefer="\t" if format_ == "tsv" else ",")
    found = header.find(_records(lines, separator), file, header_row)
    headers, notes = clean_headers(found.cells, file)

    def open_rows() -> Iterator[Row]:
        records = _records(lines, separator, width=len(found.cells))
        for row in records:  # the header, and what stands above it
            if row.number > found.last:
                if row.problem or not _is_empty(row):
                    yield row
                break
        for row in records:
            if row.problem or not _is_empty(row):
                yield row

    return Table(
        file=file,
        headers=headers,
        open_rows=open_rows,
        format=format_,
        encoding=text.encoding,
        guessed=text.guessed,
        delimiter=separator,
        header_row=found.number,
        units=found.units[: len(headers)],
        length=len(lines) - found.last,
        notes=(*found.notes, *notes),
    )


def _usable(delimiter: str) -> str:
    if len(delimiter) != 1 or delimiter in NO_DELIMITERS:
        raise KnownError(
            "{delimiter} cannot separate columns: give one character, such as a comma or a tab.", delimiter=delimiter
        )
    return delimiter


def sniff(lines: Sequence[str], prefer: str = ",") -> str:
    """The separator under which most of the first records have the same number (over one) of cells."""
    head = [line for line in lines[:_LOOK_LINES] if line.strip()]
    best, best_score = prefer, (0.0, 0, 0)
    for delimiter in DELIMITERS:
        widths = Counter(len(row.cells) for row in _records(head, delimiter) if not row.problem)
        if not widths:
            continue
        width, votes = max(widths.items(), key=lambda entry: (entry[1], entry[0]))
        if width > 1:
            score = (votes / widths.total(), int(delimiter == prefer), width)
            if score > best_score:
                best, best_score = delimiter, score
    return best


def _is_empty(row: Row) -> bool:
    cells = row.cells
    return not (cells and cells[0] and not cells[0].isspace()) and not "".join(cells).strip()


def _records(lines: Sequence[str], delimiter: str, width: int | None = None) -> Iterator[Row]:
    """Records numbered from 1 as a spreadsheet would; one with broken quotation marks comes with its problem.

    A stray quotation mark swallows the lines after it. A record over several lines that ends in an error, or with
    another number of cells than the header, is therefore refused as its first line alone, and reading goes on with
    the second.
    """
    csv.field_size_limit(MAX_CELL_CHARACTERS + 1)
    budget = _RESCANS * len(lines) + 1000
    number = begun = 0
    reader = csv.reader(_after(lines, begun), delimiter=delimiter, strict=True)
    while True:
        opened, problem, cells = begun + reader.line_num, "", []
        try:
            if width is not None:
                for cells in reader:  # rows of one line and the right width, as most are
                    if begun + reader.line_num != opened + 1 or len(cells) != width:
                        break
                    number, opened = number + 1, opened + 1
                    yield Row(number, cells)
                else:
                    return
            else:
                cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problem = t("quotation marks are misplaced, or one is never closed ({why})", why=str(error))
        number += 1
        spanned = begun + reader.line_num - opened
        if spanned > 1 and (problem or (width is not None and len(cells) != width)):
            problem = problem or t("a quotation mark is opened here and closed {n} lines below", n=spanned - 1)
            budget -= spanned
            if budget < 0:
                yield Row(
                    number, [lines[opened].rstrip("\n")], t("too many open quotation marks: stopped reading here")
                )
                return
            begun = opened + 1
            reader = csv.reader(_after(lines, begun), delimiter=delimiter, strict=True)
        yield Row(number, [lines[opened].rstrip("\n")] if problem else cells, problem)


def _after(lines: Sequence[str], at: int) -> Iterator[str]:
    """The lines from number ``at`` on."""
    return lines.after(at) if isinstance(lines, Lines) else itertools.islice(lines, at, None)
