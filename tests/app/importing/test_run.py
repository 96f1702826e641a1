"""Files in, one commit out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.domain.errors import KnownError
from app.importing.run import import_files
from app.store.clinic import Clinic
from app.store.imports import ImportCancelledError

WIDE = "病历号,就诊日期,失眠\n1,2024-01-01,6\n1,2024-01-08,4\n2,2024-01-01,2\n"
LONG = "病历号,日期,变量,值\n1,2024-01-08,收缩压,120\n3,2024-02-01,收缩压,130\n"


@pytest.fixture
def clinic(tmp_path: Path):
    with Clinic.open(tmp_path / "c.db", plain=True) as opened:
        yield opened


def written(folder: Path, text: str, name: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_what_was_read_is_in_the_clinic(clinic: Clinic, tmp_path: Path):
    report = import_files([written(tmp_path, WIDE, "w.csv")], clinic)
    assert report.committed
    assert report.result["visits_added"] == 3
    assert clinic.queries.counts()["visits"] == 3
    assert [v.day for v in clinic.queries.case("1").visits] == [0, 7]


def test_importing_the_same_file_again_changes_nothing(clinic: Clinic, tmp_path: Path):
    path = written(tmp_path, WIDE, "w.csv")
    import_files([path], clinic)
    again = import_files([path], clinic)
    assert (again.result["visits_added"], again.result["visits_unchanged"]) == (0, 3)


def test_several_files_of_different_kinds_make_one_course(clinic: Clinic, tmp_path: Path):
    report = import_files([written(tmp_path, WIDE, "w.csv"), written(tmp_path, LONG, "l.csv")], clinic)
    assert (report.patients, report.visits) == (3, 4)
    second = clinic.queries.case("1").visits[1]
    assert {o.concept for o in second.observations} == {"sym.insomnia", "x.收缩压"}
    assert [entry["kind"] for entry in report.files] == ["wide", "long"]


def test_one_unreadable_file_of_several_leaves_nothing(clinic: Clinic, tmp_path: Path):
    good, bad = written(tmp_path, WIDE, "w.csv"), written(tmp_path, "", "empty.csv")
    with pytest.raises(KnownError, match="empty"):
        import_files([good, bad], clinic)
    assert clinic.queries.counts()["patients"] == 0


def test_a_dry_run_reports_and_changes_nothing(clinic: Clinic, tmp_path: Path):
    report = import_files([written(tmp_path, WIDE, "w.csv")], clinic, dry_run=True)
    assert (report.rows_read, report.visits, report.committed) == (3, 3, False)
    assert clinic.queries.counts()["patients"] == 0
    assert import_files([tmp_path / "w.csv"], None, dry_run=True).visits == 3


@pytest.mark.promise("R9")
@pytest.mark.parametrize("after", [0, 1, 3, 5])
def test_stopping_leaves_nothing(clinic: Clinic, tmp_path: Path, after: int):
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > after

    rows = "".join(f"{n},2024-01-01,2\n" for n in range(900))
    with pytest.raises(ImportCancelledError):
        import_files([written(tmp_path, "病历号,就诊日期,失眠\n" + rows, "w.csv")], clinic, cancelled=cancelled)
    assert clinic.queries.counts()["patients"] == 0


MANY = range(600)
STAGED = {
    "w.csv": "病历号,就诊日期,失眠\n" + "".join(f"{n},2024-01-01,2\n" for n in MANY),
    "l.csv": "病历号,日期,变量,值\n" + "".join(f"{n},2024-01-01,x,2\n" for n in MANY),
    "l.jsonl": "".join(f'{{"病历号": {n}, "日期": "2024-01-01", "变量": "x", "值": 2}}\n' for n in MANY),
}


@pytest.mark.promise("R9")
@pytest.mark.parametrize("name", STAGED)
def test_every_stage_tells_of_itself_and_can_be_stopped(
    clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
):
    monkeypatch.setattr("app.store.pace.INTERVAL", 0.0)
    path = written(tmp_path, STAGED[name], name)
    asked: list[None] = []
    words: list[str] = []
    import_files([path], None, dry_run=True, cancelled=lambda: asked.append(None) is not None)
    most = len(asked)
    asked.clear()
    import_files([path], clinic, progress=lambda _done, _total, text: words.append(text))
    assert {text.split(" ")[0] for text in words} == {"正在辨认", "正在读取", "正在保存患者"}
    for stop in range(0, most, most // 12):
        left = iter(range(stop))
        with pytest.raises(ImportCancelledError):
            import_files([path], None, dry_run=True, cancelled=lambda left=left: next(left, None) is None)


def test_progress_rises_to_the_number_of_rows(clinic: Clinic, tmp_path: Path):
    told: list[tuple[int, int, str]] = []
    rows = "".join(f"{n},2024-01-01,2\n" for n in range(900))
    path = written(tmp_path, "病历号,就诊日期,失眠\n" + rows, "w.csv")
    import_files([path], clinic, progress=lambda *step: told.append(step))
    assert max(done for done, _total, _text in told) >= 800
    assert all(done <= total or total == 0 for done, total, _text in told)
    assert any("w.csv" in text for _done, _total, text in told)


def test_the_report_is_kept_with_the_batch_and_can_be_saved(clinic: Clinic, tmp_path: Path):
    report = import_files([written(tmp_path, WIDE + "2,bad,2\n", "w.csv")], clinic)
    report.save(tmp_path / "r.json")
    saved = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert saved["committed"] is True
    assert saved["refused"][0]["row"] == 5
    assert saved["files"][0]["sha256"]
    assert saved["mapping"]["kind"] == "wide"


def test_a_file_of_which_every_row_is_refused_commits_nothing(clinic: Clinic, tmp_path: Path):
    report = import_files([written(tmp_path, "病历号,就诊日期,失眠\n1,bad,2\n", "w.csv")], clinic)
    assert (report.rows_refused, report.committed) == (1, False)


def test_the_same_file_twice_in_one_call_is_refused(clinic: Clinic, tmp_path: Path):
    with pytest.raises(KnownError, match="same"):
        import_files([written(tmp_path, WIDE, "a.csv"), written(tmp_path, WIDE, "b.csv")], clinic)


@pytest.mark.parametrize("kind", ["tall", ""])
def test_an_unknown_kind_is_refused_with_those_there_are(clinic: Clinic, tmp_path: Path, kind: str):
    with pytest.raises(KnownError, match="wide"):
        import_files([written(tmp_path, WIDE, "a.csv")], clinic, kind=kind)


def test_a_long_table_is_refused_where_it_is_none(clinic: Clinic, tmp_path: Path):
    with pytest.raises(KnownError, match="variable"):
        import_files([written(tmp_path, WIDE, "a.csv")], clinic, kind="long")


def test_no_file_and_no_clinic_are_refused(clinic: Clinic, tmp_path: Path):
    with pytest.raises(KnownError):
        import_files([], clinic)
    with pytest.raises(KnownError):
        import_files([written(tmp_path, WIDE, "a.csv")], None)


BOOK = (
    '{"case_id": "a-1", "patient": {"sex": "男"}, "visits": [{"visit_no": 1, "text": "失眠，脉弦。", "herbs": []}]}\n'
    '{"case_id": "a-2", "patient": {}, "visits": "none"}\n'
)


def test_case_books_and_tables_go_in_together(clinic: Clinic, tmp_path: Path):
    report = import_files([written(tmp_path, BOOK, "b.jsonl"), written(tmp_path, WIDE, "w.csv")], clinic)
    assert (report.patients, report.visits, report.visits_with_symptom) == (3, 4, 4)
    assert (report.rows_read, report.rows_accepted, report.rows_refused) == (5, 4, 1)
    assert set(clinic.queries.patient_codes()) == {"a-1", "1", "2"}


def test_a_case_in_two_books_is_kept_once_and_told(clinic: Clinic, tmp_path: Path):
    first, second = written(tmp_path, BOOK, "b.jsonl"), written(tmp_path, BOOK + "\n", "c.jsonl")
    report = import_files([first, second], clinic)
    assert report.patients == 1
    assert ("c.jsonl", "a-1") in {(r.file, r.value) for r in report.refused}


def test_stopping_in_a_case_book_is_told_as_stopping(clinic: Clinic, tmp_path: Path):
    calls = iter([False, True, True, True])
    with pytest.raises(ImportCancelledError):
        import_files([written(tmp_path, BOOK, "b.jsonl")], clinic, cancelled=lambda: next(calls))
    assert clinic.queries.counts()["patients"] == 0


def test_a_patient_in_a_case_book_and_in_a_table_of_one_import_is_refused(tmp_path: Path):
    book, table = tmp_path / "book.jsonl", tmp_path / "table.csv"
    book.write_text('{"case_id": "p1", "visits": [{"visit_no": 1, "text": "失眠。"}]}\n', encoding="utf-8")
    table.write_text("病历号,就诊日期,失眠\nＰ1,2024-01-01,6\n", encoding="utf-8")
    with Clinic.open(tmp_path / "a.db", plain=True) as clinic:
        with pytest.raises(KnownError, match="case book and in a table"):
            import_files([book, table], clinic)
        assert clinic.queries.counts()["patients"] == 0


def test_a_case_that_cannot_be_stored_is_refused_alone(tmp_path: Path):
    records = [
        {"case_id": f"P{n}", "visits": [{"visit_no": 1, "text": text}]} for n, text in enumerate(["好", "坏\x00"])
    ]
    path = tmp_path / "book.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    with Clinic.open(tmp_path / "a.db", plain=True) as clinic:
        report = import_files([path], clinic)
        assert clinic.queries.patient_codes() == ["P0"]
    assert [(refusal.value, "P1" in refusal.reason) for refusal in report.refused] == [("P1", True)]
    assert (report.rows_accepted, report.rows_refused) == (1, 1)
