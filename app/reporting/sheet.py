"""The prescription sheet (处方笺) of one visit: who, what was found, the herbs with their doses, what was signed for.

A4 or A5, as the printer has it. HTML of the fragments Qt's text layout knows; every word of data passes ``escape``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from app.domain.herbs import herbs
from app.domain.records import Case, Prescription, PrescriptionItem, Visit
from app.i18n import language, t
from app.reporting import words
from app.store.signatures import Signed

COLUMNS = 3  # herbs in a line


def prescription_sheet(case: Case, visit: Visit, signed: Sequence[Signed] = (), prescriber: str = "") -> str:
    """The whole sheet. signed: of this visit; prescriber: "" leaves the line empty for a pen."""
    person = case.patient
    who = [
        (t("Name"), person.name or person.code),
        (t("Sex"), words.sex(person.sex)),
        (t("Age"), words.age(case, visit)),
        (t("Record no."), person.code),
        (t("Date"), words.date_word(visit.date)),
        (t("Seen"), t("Visit {number}", number=visit.number)),
    ]
    said = [one.text for one in visit.diagnoses if one.kind in ("disease", "syndrome") and one.text]
    parts = [
        f'<h1 align="center">{escape(t("Prescription sheet"))}</h1>',
        _pairs(who),
        f"<p><b>{escape(t('Diagnosis'))}</b> {escape(' · '.join(said) or '–')}</p><hr>",
        "<p><b>Rp.</b></p>",
    ]
    for script in visit.prescriptions:
        if script.formula:
            parts.append(f"<p><b>{escape(script.formula)}</b></p>")
        parts.append(_herbs(script.items))
        doses = "" if not script.days else t("{count} doses", count=words.number(script.days))
        use = t("one dose a day, decocted in water, taken warm in two parts") if _is_decoction(script) else ""
        said = ("，" if language() == "zh" else ", ").join(part for part in (doses, use) if part)
        parts.append(f"<p>{escape(said or t('Use') + ' ________')}</p>")
    if signed:
        parts.append("<hr>")
    for one in signed:
        names = words.listed(
            [words.herb(PrescriptionItem(herbs()[code].zh, code)) for code in one.herbs if code in herbs()]
        )
        line = t("Signed again for {herbs}: {reason} ({who})", herbs=names, reason=one.reason, who=one.who)
        parts.append(f"<p>{escape(line)}</p>")
    feet = [
        t("Prescriber") + " " + (prescriber or "________"),
        t("Checked") + " ________",
        t("Dispensed") + " ________",
    ]
    cells = "".join(f"<td>{escape(foot)}</td>" for foot in feet)
    parts.append(f'<hr><table width="100%"><tr>{cells}</tr></table>')
    return "\n".join(parts)


def _is_decoction(script: Prescription) -> bool:
    """Whether it is one by its name; how pills, powders and washes are used is for the prescriber to write."""
    return not re.search("[丸散膏丹片酒露]料?$|胶囊|颗粒|冲剂|口服液|滴|栓|外|洗|熏|敷|搽|灌肠|丸膏料", script.formula)


def _pairs(pairs: Sequence[tuple[str, str]]) -> str:
    cells = [f"<td><span>{escape(name)}</span> <b>{escape(value or '–')}</b></td>" for name, value in pairs]
    lines = ["<tr>" + "".join(cells[at : at + 3]) + "</tr>" for at in range(0, len(cells), 3)]
    return f'<table width="100%">{"".join(lines)}</table>'


def _dosed(item: PrescriptionItem) -> str:
    """A herb without a dose gets a line for the pen: nobody may guess it."""
    return words.herb_dose(item) + ("" if item.grams is not None or item.raw_dose else " ____")


def _herbs(items: Sequence[PrescriptionItem]) -> str:
    cells = [f'<td width="{100 // COLUMNS}%">{escape(_dosed(item))}</td>' for item in items]
    cells += ["<td></td>"] * (-len(cells) % COLUMNS)
    lines = ["<tr>" + "".join(cells[at : at + COLUMNS]) + "</tr>" for at in range(0, len(cells), COLUMNS)]
    return f'<table width="100%" cellpadding="4">{"".join(lines)}</table>'
