from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import run
from app.store.clinic import Clinic

TABLE = """病历号,姓名,性别,出生日期,就诊日期,失眠,证型,处方
A1,王小明,男,1970-03-12,2024-03-05,4,肝郁化火样,黄芪30g、绵祁9g
A1,王小明,男,1970-03-12,2024-03-12,2,肝郁化火样,黄芪30g
B2,王小明,男,1970-03-12,2024-04-05,6,心脾两虚证,白术15g
"""
PACK = "code,term,aliases\nA01.,肝系病,肝病类\n"


@pytest.fixture
def db(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    table = tmp_path / "病案.csv"
    table.write_text(TABLE, encoding="utf-8")
    place = str(tmp_path / "clinic.db")
    assert run(["import", str(table), "--db", place, "--plain"]) == 0
    capsys.readouterr()
    return place


def told(words: list[str], capsys: pytest.CaptureFixture[str], code: int = 0) -> str:
    assert run(words) == code
    captured = capsys.readouterr()
    return captured.out + captured.err


def listed(words: list[str], capsys: pytest.CaptureFixture[str]) -> list[dict]:
    return json.loads(told([*words, "--json"], capsys))


def test_imports_are_listed_and_taken_back_as_a_whole(db: str, capsys: pytest.CaptureFixture[str]):
    (one,) = listed(["imports", "list", "--db", db], capsys)
    assert (one["files"], one["patients_added"], one["visits_added"]) == ("病案.csv", 2, 3)
    assert "导入 病案.csv" in told(["imports", "undo", "1", "--db", db], capsys)
    assert listed(["imports", "list", "--db", db], capsys)[0]["undone"] == "已撤销"
    assert "没有编号为 9 的导入" in told(["imports", "undo", "9", "--db", db], capsys, code=1)


def test_unknown_terms_are_listed_with_suggestions_and_coded(db: str, capsys: pytest.CaptureFixture[str]):
    items = {one["term"]: one for one in listed(["review", "list", "--db", db], capsys)}
    assert "herb.huangqi" in items["绵祁"]["may_mean"][0]
    assert items["肝郁化火样"]["count"] == 2
    assert "1 诊" in told(["review", "code", str(items["绵祁"]["item"]), "herb.huangqi", "--db", db], capsys)
    told(["review", "keep", str(items["肝郁化火样"]["item"]), "--db", db], capsys)
    assert listed(["review", "list", "--db", db], capsys) == []
    assert listed(["vocab", "list", "--db", db], capsys) == [{"kind": "herb", "term": "绵祁", "code": "herb.huangqi"}]


def test_patients_that_look_alike_are_merged_and_apart_again(db: str, capsys: pytest.CaptureFixture[str]):
    (pair,) = listed(["merge", "--db", db], capsys)
    assert (pair["first"], pair["second"]) == ("A1 王小明", "B2 王小明")
    told(["merge", "A1", "B2", "--db", db], capsys)
    with Clinic.open(db, create=False) as clinic:
        assert clinic.queries.counts()["patients"] == 1
    assert "B2 合并到 A1" in told(["undo", "--db", db], capsys)
    assert "B2 合并到 A1" in told(["redo", "--db", db], capsys)
    told(["undo", "--db", db], capsys)
    told(["merge", "A1", "B2", "--apart", "--db", db], capsys)
    assert listed(["merge", "--db", db], capsys) == []
    assert "两名患者" in told(["merge", "A1", "--db", db], capsys, code=2)


def test_the_history_and_the_changes_are_listed(db: str, capsys: pytest.CaptureFixture[str]):
    told(["merge", "A1", "B2", "--db", db], capsys)
    assert "B2 合并到 A1" in told(["history", "--patient", "A1", "--db", db], capsys)
    changes = listed(["undo", "--list", "--db", db], capsys)
    assert [one["operation"] for one in changes] == [2, 1]


def test_a_pack_is_compared_loaded_and_taken_out(db: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    pack = tmp_path / "gbt.csv"
    pack.write_text(PACK, encoding="utf-8")
    assert "A01." in told(["vocab", "diff", str(pack), "--db", db], capsys)
    assert listed(["vocab", "list", "--db", db], capsys) == []
    told(["vocab", "apply", str(pack), "--version", "2021", "--db", db], capsys)
    (one,) = listed(["vocab", "list", "--db", db], capsys)
    assert (one["pack"], one["version"], one["concepts"]) == ("gbt", "2021", 1)
    told(["vocab", "remove", "gbt", "--db", db], capsys)
    told(["vocab", "synonym", "symptom", "心里慌得很", "sym.palpitation", "--db", db], capsys)
    assert listed(["vocab", "list", "--db", db], capsys)[0]["term"] == "心里慌得很"
    told(["vocab", "duplicates", "--db", db], capsys)
    assert listed(["vocab", "suggest", "黄苓"], capsys)[0]["code"] == "herb.huangqin"


def test_a_prescription_is_looked_over(capsys: pytest.CaptureFixture[str]):
    said = told(["check", "附子60g 法半夏9g", "--pregnant"], capsys)
    assert "十八反" in said
    assert "60 g" in said
    assert "孕妇" in said
    assert "未见问题" in told(["check", "黄芪15g"], capsys)


def test_users_come_in_by_name_and_the_log_is_verified(
    db: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("MAILIU_NEW_PASSPHRASE", "a long passphrase")
    told(["user", "add", "院长", "--role", "administrator", "--role", "clinician", "--db", db], capsys)
    assert "需要口令" in told(["user", "list", "--db", db], capsys, code=1)
    monkeypatch.setenv("MAILIU_PASSPHRASE", "a long passphrase")
    (one,) = listed(["user", "list", "--db", db, "--user", "院长"], capsys)
    assert one == {"name": "院长", "roles": "administrator, clinician", "active": ""}
    entries = listed(["audit", "list", "--action", "login", "--db", db, "--user", "院长"], capsys)
    assert entries[0]["who"] == "院长"
    assert "审计日志完整" in told(["audit", "verify", "--db", db, "--user", "院长"], capsys)


def test_a_tampered_log_is_refused(db: str, capsys: pytest.CaptureFixture[str]):
    with Clinic.open(db, create=False) as clinic, clinic._database.write() as connection:
        connection.exec_driver_sql("UPDATE audit SET who = 'nobody' WHERE id = 1")
    assert "第 1 条记录被改动" in told(["audit", "verify", "--db", db], capsys, code=1)


def test_a_filled_template_is_written_and_free_text_becomes_a_draft(
    tmp_path: Path, db: str, capsys: pytest.CaptureFixture[str]
):
    told(["template", str(tmp_path / "t.xlsx")], capsys)
    assert (tmp_path / "t.xlsx").stat().st_size > 5000
    text = tmp_path / "案.txt"
    text.write_text(
        "案1 李某 女 35岁\n初诊 2024年3月5日 失眠心悸。脉细弦。黄芪30g 白术15g 水煎服\n二诊 眠安。\n", encoding="utf-8"
    )
    draft = tmp_path / "draft.json"
    said = told(["review", "text", str(text), "--draft", str(draft)], capsys)
    assert "患者 1 人，就诊 2 次" in said
    assert json.loads(draft.read_text(encoding="utf-8"))["text"].startswith("案1")
    told(["review", "text", str(text), "--db", db], capsys)
    with Clinic.open(db, create=False) as clinic:
        assert clinic.queries.counts()["patients"] == 3


def test_free_text_is_imported_with_corrections_and_never_over_somebody_else(
    tmp_path: Path, db: str, capsys: pytest.CaptureFixture[str]
):
    text, corrections = tmp_path / "案.txt", tmp_path / "c.json"
    text.write_text("案1 李某，女，35岁\n初诊：失眠，口苦。脉弦。\n", encoding="utf-8")
    with Clinic.open(db, create=False) as clinic:
        somebody = clinic.queries.search()[0]
    fact = {"do": "fact", "start": 0, "kind": "code", "to": somebody.code}
    corrections.write_text(json.dumps([fact]), encoding="utf-8")
    words = ["review", "text", str(text), "--corrections", str(corrections), "--db", db]
    assert somebody.code in told(words, capsys, code=1)
    fact["to"] = "M77"
    at = text.read_text(encoding="utf-8").index("口苦")
    drop = {"do": "drop", "start": at, "end": at + 2, "kind": "symptom", "code": "sym.bitter_mouth"}
    corrections.write_text(json.dumps([drop, fact]), encoding="utf-8")
    told(words, capsys)
    with Clinic.open(db, create=False) as clinic:
        assert {o.concept for o in clinic.queries.case("M77").visits[0].observations} >= {"sym.insomnia"}
        assert "sym.bitter_mouth" not in {o.concept for o in clinic.queries.case("M77").visits[0].observations}
        batch = clinic.imports.batches()[0]
        assert clinic.imports.report(batch.id)["committed"] is True
