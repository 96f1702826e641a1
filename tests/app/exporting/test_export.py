"""What goes out of a clinic comes back equal, nothing half is left, and names stay in."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.errors import KnownError
from app.domain.records import Case, Patient
from app.exporting import columns
from app.exporting.as_json import write_json_cases
from app.exporting.run import export
from app.exporting.tables import write_tables
from app.importing.exported import read_exported, recognises
from app.importing.run import import_files
from app.store.clinic import Clinic, Credentials
from app.store.roles import NotAllowedError, Role
from tests.app.exporting.test_cells import PAYLOADS
from tests.app.store.arbitrary_cases import arbitrary
from tests.app.store.cases import simulated

FORMS = ("csv", "json")  # that are read back by a reader of their own; FHIR is read as FHIR

relaxed = settings(
    max_examples=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
ODD = [
    "../../etc/passwd", "/etc/passwd", "..", ".", "C:\\Windows\\x", "a/b", "a\\b", "CON", "nul.csv", "x\ty", "",
    " ", "名字/路径",
    "=1+1", "$(touch x)", "`id`", "%2e%2e%2f", "~", "~root", "a\nb", "\r\n", "a\tb", "*", "?", "|", "<>",
    '"', "'", ";rm -rf", "&&", "\u202egnp.exe", "\ufeffx", "💊", "é" * 300, "-rf", "--help", "file:///x", "\\\\srv\\s",
    "visits.csv", "export.json", "a:b",
]  # fmt: skip


def target(folder: Path, form: str) -> Path:
    return folder / ("out" if form == "csv" else f"out.{form}")


def filled(clinic: Clinic, *cases: Case) -> Clinic:
    clinic.imports.commit(list(cases))
    return clinic


@pytest.mark.parametrize("form", FORMS)
def test_an_export_imported_into_a_new_clinic_gives_equal_cases(plain: Clinic, tmp_path: Path, form: str):
    filled(plain, *(simulated(number) for number in range(5)))
    path = target(tmp_path, form)
    assert export(plain, path, form, identified=True) == 5
    assert recognises(path)
    with Clinic.open(tmp_path / "new.db", plain=True) as other:
        other.imports.commit(read_exported(path))
        assert list(other.queries.cases()) == list(plain.queries.cases())
        again = other.imports.commit(read_exported(path))
        assert (again.visits_added, again.visits_updated, again.patients_updated) == (0, 0, 0)


@pytest.mark.parametrize("form", FORMS)
@relaxed
@given(cases=st.lists(arbitrary(), max_size=4))
def test_any_cases_come_back_equal_in_every_field(tmp_path_factory: pytest.TempPathFactory, form: str, cases: list):
    folder = tmp_path_factory.mktemp("any")
    with Clinic.open(folder / "a.db", plain=True) as clinic, Clinic.open(folder / "b.db", plain=True) as other:
        filled(clinic, *cases)
        export(clinic, target(folder, form), form, identified=True)
        other.imports.commit(read_exported(target(folder, form)))
        assert list(other.queries.cases()) == list(clinic.queries.cases()) == cases


@pytest.mark.parametrize("form", FORMS)
def test_names_and_numbers_stay_in_unless_they_are_asked_for(plain: Clinic, tmp_path: Path, form: str):
    case = simulated(1, name="欧阳娜娜")
    visits = tuple(dataclasses.replace(visit, text="欧阳娜娜，电话13812345678") for visit in case.visits)
    filled(plain, dataclasses.replace(case, visits=visits))
    path = target(tmp_path, form)
    export(plain, path, form)
    files = [path] if path.is_file() else list(path.iterdir())
    content = "".join(file.read_text(encoding="utf-8-sig") for file in files)
    for secret in ("欧阳娜娜", "13812345678", "P00001", "1970-05-17"):
        assert secret not in content
    (out,) = read_exported(path)
    assert out.patient.sex == case.patient.sex
    assert all(after.date != before.date for after, before in zip(out.visits, case.visits, strict=True))
    assert [visit.day for visit in out.visits] == [visit.day for visit in case.visits]


def test_a_pseudonym_is_the_same_in_every_export_of_one_clinic(plain: Clinic, tmp_path: Path):
    filled(plain, simulated(1), simulated(2))
    codes = []
    for name in ("a.json", "b.json"):
        export(plain, tmp_path / name, "json")
        codes.append([case.patient.code for case in read_exported(tmp_path / name)])
    assert codes[0] == codes[1] == [case.patient.code for case in plain.queries.cohort()]


@pytest.mark.parametrize("form", FORMS)
def test_an_export_is_in_the_audit_log(plain: Clinic, tmp_path: Path, form: str):
    filled(plain, simulated(1))
    export(plain, target(tmp_path, form), form, identified=True)
    entry = plain.audit.entries(action="export")[0]
    assert entry.detail == {
        "form": form, "identified": True, "patients": 1, "to": target(tmp_path, form).name,
    }  # fmt: skip


def test_researchers_take_out_what_names_nobody_and_administrators_nothing(tmp_path: Path):
    secret = "a long passphrase"
    with Clinic.open(tmp_path / "c.db", plain=True) as clinic:
        filled(clinic, simulated(1))
        clinic.accounts.add("Admin", [Role.ADMINISTRATOR], secret)
        clinic.accounts.add("Ren", [Role.RESEARCHER], secret)
    with Clinic.open(tmp_path / "c.db", create=False, credentials=Credentials(secret, "Ren")) as clinic:
        assert export(clinic, tmp_path / "a.json", "json") == 1
        with pytest.raises(NotAllowedError):
            export(clinic, tmp_path / "b.json", "json", identified=True)
    admin = Clinic.open(tmp_path / "c.db", create=False, credentials=Credentials(secret, "Admin"))
    with admin, pytest.raises(NotAllowedError):
        export(admin, tmp_path / "b.json", "json")
    assert not (tmp_path / "b.json").exists()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("after", [0, 2])
def test_an_export_stopped_leaves_what_was_there(plain: Clinic, tmp_path: Path, form: str, after: int):
    filled(plain, *(simulated(number, visits=1) for number in range(4)))
    asked = iter(range(100))
    with pytest.raises(KnownError, match="stopped"):
        export(plain, target(tmp_path, form), form, cancelled=lambda: next(asked) >= after)
    assert [path.name for path in tmp_path.iterdir() if "clinic" not in path.name] == []
    (tmp_path / "out.json").write_text("old", encoding="utf-8")
    with pytest.raises(KnownError, match="stopped"):
        export(plain, tmp_path / "out.json", "json", cancelled=lambda: True)
    assert (tmp_path / "out.json").read_text(encoding="utf-8") == "old"


def test_progress_is_told_to_the_end(plain: Clinic, tmp_path: Path):
    filled(plain, *(simulated(number, visits=1) for number in range(53)))
    told: list[tuple[int, int]] = []
    export(plain, tmp_path / "a.json", "json", progress=lambda done, total, _: told.append((done, total)))
    assert told == [(50, 53), (53, 53)]


def test_a_folder_that_holds_anything_is_never_written_into(plain: Clinic, tmp_path: Path):
    (tmp_path / "out").mkdir()
    export(plain, tmp_path / "out", "csv")  # an empty one is taken
    with pytest.raises(KnownError, match="is there already"):
        export(plain, tmp_path / "out", "csv")


@pytest.mark.parametrize("name", ["clinic.db", "clinic.db.key"])
def test_the_clinic_itself_is_never_written_over(tmp_path: Path, name: str):
    with Clinic.open(tmp_path / "clinic.db", credentials=Credentials(passphrase="a long passphrase")) as clinic:
        before = (tmp_path / name).read_bytes()
        with pytest.raises(KnownError, match="would be lost"):
            export(clinic, tmp_path / name, "json")
        assert (tmp_path / name).read_bytes() == before


def test_an_unknown_form_is_told_of_with_those_there_are(plain: Clinic, tmp_path: Path):
    with pytest.raises(KnownError, match="csv, json"):
        export(plain, tmp_path / "x", "docx")


# ---- hostile content -------------------------------------------------------------------------------------------------


@pytest.mark.promise("R10")
def test_no_cell_of_any_text_column_is_a_formula(plain: Clinic, tmp_path: Path):
    cases = [_with_text_everywhere(number, payload) for number, payload in enumerate(PAYLOADS)]
    filled(plain, *cases)
    export(plain, tmp_path / "out", "csv", identified=True)
    seen = 0
    for name in columns.TABLES:
        with (tmp_path / "out" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
            for cell in (cell for row in csv.reader(stream) for cell in row):
                number = re.fullmatch(r"[-+]?\d+(\.\d+)?", cell)
                assert number or cell.lstrip()[:1] not in tuple("=+-@＝＋－＠"), cell
                seen += cell.startswith("'")
    assert seen > 10 * len(PAYLOADS)
    assert list(read_exported(tmp_path / "out")) == list(plain.queries.cases())


@pytest.mark.promise("R11")
@pytest.mark.parametrize("form", FORMS)
def test_odd_names_lead_to_no_file_outside_the_one_chosen(plain: Clinic, tmp_path: Path, form: str):
    assert len(ODD) >= 40
    filled(plain, *(Case(Patient(f"{number}{name}"[:150], name), ()) for number, name in enumerate(ODD)))
    before = set(_files(tmp_path))
    path = target(tmp_path / "x", form)
    export(plain, path, form, identified=True)
    assert all(file == path or file.is_relative_to(path) for file in set(_files(tmp_path)) - before if file.is_file())
    assert [case.patient.name for case in read_exported(path)] == ODD


def _with_text_everywhere(number: int, text: str) -> Case:
    def marked(value: Any) -> Any:
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return dataclasses.replace(
                value, **{f.name: marked(getattr(value, f.name)) for f in dataclasses.fields(value)}
            )
        if isinstance(value, tuple):
            return tuple(map(marked, value))
        return text if type(value) is str else value

    case = marked(simulated(number, visits=1))
    person = dataclasses.replace(case.patient, code=f"{text}{number}", sex="")
    return dataclasses.replace(case, patient=person, attributes={text: text})


def _files(folder: Path) -> Iterator[Path]:
    return (Path(place) / name for place, folders, files in os.walk(folder) for name in (*folders, *files))


# ---- reading back ----------------------------------------------------------------------------------------------------


def test_a_json_export_written_anew_by_another_program_is_read_too(tmp_path: Path):
    write_json_cases([simulated(1), simulated(2)], tmp_path / "a.json", {})
    found = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    (tmp_path / "a.json").write_text(json.dumps(found, indent=2), encoding="utf-8")
    assert recognises(tmp_path / "a.json")
    assert list(read_exported(tmp_path / "a.json")) == [simulated(1), simulated(2)]


def test_a_file_cut_short_is_refused(plain: Clinic, tmp_path: Path):
    write_json_cases([simulated(number) for number in range(5)], tmp_path / "a.json", {})
    content = (tmp_path / "a.json").read_bytes()
    for cut in range(60, len(content) - 4, len(content) // 20):
        (tmp_path / "a.json").write_bytes(content[:cut])
        with pytest.raises(KnownError):
            plain.imports.commit(read_exported(tmp_path / "a.json"))
    assert plain.queries.counts()["patients"] == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("day", "1"),
        ("day", 1e400),
        ("day", True),
        ("number", 1.5),
        ("kind", "third"),
        ("date", "2024-02-31"),
        ("text", 5),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_with_its_row(tmp_path: Path, field: str, value: object):
    write_json_cases([simulated(1), simulated(2)], tmp_path / "a.json", {})
    lines = (tmp_path / "a.json").read_text(encoding="utf-8").split("\n")
    record = json.loads(lines[2])
    record["visits"][0][field] = value
    lines[2] = json.dumps(record)
    (tmp_path / "a.json").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(KnownError, match=r"a\.json, row 3"):
        list(read_exported(tmp_path / "a.json"))


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("observations", lambda lines: [lines[0], *lines[:0:-1]]),
        ("visits", lambda lines: lines[:1] + lines[2:]),
        ("patients", lambda lines: lines[:1] + lines[2:]),
        ("items", lambda lines: [lines[0].replace("herb", "herbs"), *lines[1:]]),
        ("visits", lambda lines: [*lines[:2], lines[2].replace("7.0", "seven"), *lines[3:]]),
        ("pulses", lambda lines: [*lines[:2], lines[2] + ",more", *lines[3:]]),
    ],
)
def test_tables_that_were_changed_are_refused_with_the_file(plain: Clinic, tmp_path: Path, table: str, change):
    write_tables([simulated(1), simulated(2)], tmp_path / "out", {})
    path = tmp_path / "out" / f"{table}.csv"
    lines = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join([*change(lines[:-1]), ""]), encoding="utf-8")
    with pytest.raises(KnownError):
        plain.imports.commit(read_exported(tmp_path / "out"))
    assert plain.queries.counts()["patients"] == 0


def test_a_missing_table_and_a_newer_format_are_told_of(tmp_path: Path):
    write_tables([simulated(1)], tmp_path / "out", {})
    (tmp_path / "out" / "items.csv").unlink()
    with pytest.raises(KnownError, match=r"items\.csv"):
        list(read_exported(tmp_path / "out"))
    (tmp_path / "out" / columns.MANIFEST).write_text('{"format": "mailiu-tables", "version": 2}', encoding="utf-8")
    with pytest.raises(KnownError, match="Update Mailiu"):
        list(read_exported(tmp_path / "out"))


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"[]", b'{"a": 1}', b"patient,date\n1,2024-01-01\n", b"\x00" * 900]
)
def test_other_files_are_not_taken_for_exports(tmp_path: Path, content: bytes):
    (tmp_path / "x.json").write_bytes(content)
    assert not recognises(tmp_path / "x.json")
    assert not recognises(tmp_path)
    assert not recognises(tmp_path / "none")


@relaxed
@given(content=st.binary(max_size=300))
def test_any_bytes_behind_a_head_are_refused_with_a_message(tmp_path: Path, content: bytes):
    head = b'{"format": "mailiu-cases", "version": 1, "cases": ['
    (tmp_path / "x.json").write_bytes(head + content)
    with pytest.raises(KnownError):
        list(read_exported(tmp_path / "x.json"))


@pytest.mark.parametrize("form", ["csv", "json", "fhir"])
def test_an_export_imported_like_any_other_file_gives_the_same_records(form: str, tmp_path: Path):
    cases = [simulated(1), simulated(2, visits=3)]
    target = tmp_path / {"csv": "out", "json": "out.json", "fhir": "out.fhir.json"}[form]
    with Clinic.open(tmp_path / "a.db", plain=True) as clinic:
        clinic.imports.commit(cases)
        export(clinic, target, form, identified=True)
    with Clinic.open(tmp_path / "b.db", plain=True) as clinic:
        report = import_files([target], clinic)
        assert report.refused == []
        assert list(clinic.queries.cases()) == cases
        again = import_files([target], clinic)
        assert again.result["visits_unchanged"] == 9
        assert again.result["visits_added"] == again.result["visits_updated"] == 0
