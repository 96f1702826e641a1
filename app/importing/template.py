"""The workbook a clinic fills in by hand: a row a visit, with help on every column, drop-downs, and an example.

Its headers are ones the importer knows, so that a filled template is read without a mapping; the example row says in
its first cell that it is one, and is skipped (``tables.EXAMPLE``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app import i18n
from app.cells import write_text
from app.domain.errors import KnownError
from app.domain.scores import GRADES, SCALES, scale_of
from app.domain.vocabulary import active
from app.files import replacing
from app.i18n import t
from app.importing.tables import EXAMPLE

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

DATA, HELP, LISTS = "病历", "说明", "词表"  # names of the sheets
SYMPTOMS = (
    "sym.insomnia", "sym.fatigue", "sym.headache", "sym.dizziness", "sym.cough", "sym.palpitation",
    "sym.abdominal_distension", "sym.poor_appetite", "sym.bitter_mouth", "sym.dry_mouth",
)  # fmt: skip
_PLACES = ("左寸", "左关", "左尺", "右寸", "右关", "右尺")
ROWS = 2000  # that have the drop-downs
MAX_SYMPTOMS = 100
_HELP_WIDTH = 110


@dataclass(frozen=True, slots=True)
class Column:
    """help: in the language of the moment; choices: of the drop-down; strict: nothing else may be entered"""

    header: str
    help: str
    example: str = ""
    choices: tuple[str, ...] = ()
    strict: bool = False
    width: int = 12
    number: bool = False  # else its cells are formatted as text, so that 007 stays 007


def columns(symptoms: Sequence[str] = SYMPTOMS) -> list[Column]:
    """The columns of the data sheet. symptoms: codes of the vocabulary. Raises KnownError for one it has not."""
    pulses, body, coat = _terms("pulse"), _terms("tongue", "body"), _terms("tongue", "coat")
    number = t("The clinic's own number of the patient: the same on every visit. Required.")
    illness = t("Present illness in your own words; symptoms are recognised in it.")
    herbs = t("Herbs with doses: 黄芪15g、白术10g; on a follow-up also: 去白术，加当归10g.")
    return [
        Column("病历号", number, EXAMPLE, width=20),
        Column("姓名", t("Name of the patient."), "王某"),
        Column("性别", t("Sex: 男 or 女."), "女", ("男", "女"), strict=True, width=6),
        Column("出生日期", t("Date of birth: 1984-02-03, or the age in the column 年龄."), "1984-02-03"),
        Column("年龄", t("Age in years at this visit, where the date of birth is not known."), width=6, number=True),
        Column("就诊日期", t("Date of the visit: 2024-03-05 or 2024年3月5日, lunar: 2024年正月初一."), "2024-03-05"),
        Column("初复诊", t("First visit or follow-up."), "初诊", ("初诊", "复诊"), width=8),
        Column("主诉", t("Chief complaint, one line."), "失眠三月", width=20),
        Column("现病史", illness, "夜寐不安，口苦", width=30),
        *(_score(code) for code in symptoms),
        Column("舌质", t("Tongue body: choose or write, several with commas."), "舌淡红", body, width=14),
        Column("舌苔", t("Tongue coating: choose or write, several with commas."), "苔薄，苔白", coat, width=14),
        Column("脉象", t("Pulse as a whole: choose or write a compound such as 弦滑数."), "弦细", pulses),
        *(Column(name, t("Pulse at this place, if it was felt apart."), "", pulses, width=8) for name in _PLACES),
        Column("中医诊断", t("Disease in terms of Chinese medicine; several with commas."), "不寐"),
        Column("证型", t("Syndrome: choose or write."), "心脾两虚证", _terms("syndrome"), width=16),
        Column("西医诊断", t("Western diagnosis; several with commas.")),
        Column("方名", t("Name of the formula."), "归脾汤"),
        Column("处方", herbs, "黄芪15g、白术10g", width=36),
        Column("剂数", t("Number of doses, one a day."), "7", width=6, number=True),
        Column("疗效", t("Outcome: choose or write."), "", ("痊愈", "显效", "有效", "无效"), width=8),
        Column("备注", t("Anything else; kept as it is written."), width=20),
    ]


def _score(code: str) -> Column:
    concept = active().concepts.get(code)
    if concept is None or concept.kind != "symptom":
        raise KnownError("{code} is no symptom of the vocabulary.", code=code)
    steps = tuple(str(step) for step in SCALES[scale_of(code)])
    grades = "  ".join(f"{step} {grade}" for step, grade in zip(steps, GRADES, strict=True))
    return Column(
        concept.zh, t("Score: {grades}. Empty: not asked.", grades=grades), steps[1], steps, width=8, number=True
    )


def _terms(kind: str, category: str = "") -> tuple[str, ...]:
    concepts = active().by_kind(kind)
    return tuple(one.zh for one in concepts if one.extra.get("category", "").startswith(category))


def write_template(path: Path, symptoms: Sequence[str] = SYMPTOMS) -> None:
    """Writes the template, whole or not at all. symptoms: codes of the vocabulary, a column each.

    Raises KnownError for an unknown symptom, one given twice, too many, or a folder that cannot be written.
    """
    if len(set(symptoms)) < len(symptoms) or len(symptoms) > MAX_SYMPTOMS:
        raise KnownError("Each symptom has one column, and there are at most {limit}.", limit=MAX_SYMPTOMS)
    book = _workbook(columns(symptoms), symptoms)
    with replacing(path) as aside:
        book.save(aside)


def _workbook(laid_out: list[Column], symptoms: Sequence[str]) -> Workbook:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    book = Workbook()
    data, help_sheet, lists = book.active, book.create_sheet(HELP), book.create_sheet(LISTS)
    assert isinstance(data, Worksheet)
    data.title = DATA
    lists.sheet_state = "hidden"
    _fill_data(data, laid_out)
    _fill_lists(data, lists, laid_out)
    _fill_help(help_sheet, lambda: columns(symptoms))
    return book


def _fill_data(sheet: Worksheet, laid_out: list[Column]) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    for at, column in enumerate(laid_out, start=1):
        head, example = sheet.cell(1, at), sheet.cell(2, at)
        write_text(head, column.header)
        head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor="DDE7E1")
        head.alignment = Alignment(vertical="center", wrap_text=True)
        head.comment = Comment(column.help, "Mailiu", width=260, height=90)
        if column.example:
            write_text(example, column.example)
        example.font = Font(italic=True, color="808080")
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = column.width
        if not column.number:
            sheet.column_dimensions[letter].number_format = example.number_format = "@"
    sheet.freeze_panes = "C2"


def _fill_lists(data: Worksheet, lists: Worksheet, laid_out: list[Column]) -> None:
    """Drop-downs on the data sheet, their choices a column each on the hidden one."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    at_of: dict[tuple[str, ...], int] = {}
    for at, column in enumerate(laid_out, start=1):
        if not column.choices:
            continue
        place = at_of.setdefault(column.choices, len(at_of) + 1)
        for row, choice in enumerate(column.choices, start=1):
            write_text(lists.cell(row, place), choice)
        letter = get_column_letter(place)
        rule = DataValidation(
            type="list", formula1=f"'{LISTS}'!${letter}$1:${letter}${len(column.choices)}", allow_blank=True
        )
        rule.showErrorMessage, rule.showInputMessage = column.strict, True
        rule.promptTitle, rule.prompt = column.header[:32], column.help[:255]
        rule.error = column.help[:255]
        data.add_data_validation(rule)
        here = get_column_letter(at)
        rule.add(f"{here}2:{here}{ROWS}")


def _fill_help(sheet: Worksheet, laid_out: Callable[[], list[Column]]) -> None:
    from openpyxl.styles import Alignment, Font

    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 14, _HELP_WIDTH
    row = 1
    for language in i18n.LANGUAGES:
        with i18n.speaking(language):
            lines = [("", t("How to fill in this workbook")), *(("", line) for line in _rules())]
            lines += [(column.header, column.help) for column in laid_out()]
        for n, (name, words) in enumerate(lines):
            write_text(sheet.cell(row, 1), name)
            write_text(sheet.cell(row, 2), words)
            sheet.cell(row, 1).font = Font(bold=True)
            sheet.cell(row, 2).font = Font(bold=n == 0)
            sheet.cell(row, 2).alignment = Alignment(wrap_text=True, vertical="top")
            row += 1
        row += 1


def _rules() -> list[str]:
    return [
        t("A row is one visit. A patient with three visits has three rows with the same number."),
        t("Leave empty what was not recorded; columns may be left out, but their names must stay as they are."),
        t("The row that begins with {mark} is an example and is not imported.", mark=EXAMPLE),
        t("A column of your own is imported as a measurement; put its unit in brackets: 体重(kg)."),
    ]
