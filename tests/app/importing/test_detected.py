"""What was detected is told in words, with the field that overrules it."""

from __future__ import annotations

from pathlib import Path

from app.importing.detected import detected
from app.importing.mapping import suggest
from app.importing.readers import read_table
from tests.app.importing.tables_in_text import table_of


def found_in(folder: Path, content: str, encoding: str = "utf-8") -> dict[str, tuple[str | int, str, bool]]:
    path = folder / "a.csv"
    path.write_bytes(content.encode(encoding))
    table = read_table(path)
    return {one.field: (one.value, one.text, one.sure) for one in detected(table, suggest(table))}


def test_a_clinic_export_tells_what_it_was_taken_for(tmp_path: Path):
    text = "某医院门诊病例表\n病历号;就诊日期;体重\n;;kg\n1;2024/1/5;61\n1;昨天;60\n"
    found = found_in(tmp_path, text, "gb18030")
    assert found["encoding"][0::2] == ("gb18030", False)
    assert found["delimiter"][0] == ";"
    assert found["header_row"][0::2] == (2, False)
    assert "某医院门诊病例表" in found["header_row"][1]
    assert "体重 kg" in found["variables"][1]
    assert found["date_style"][0::2] == ("auto", False)
    assert "2024/1/5 → 2024-01-05" in found["date_style"][1]
    assert "1/2" in found["date_style"][1]


def test_a_plain_table_is_sure_of_everything(tmp_path: Path):
    found = found_in(tmp_path, "病历号,就诊日期\n1,2024-01-05\n")
    assert set(found) == {"encoding", "delimiter", "header_row", "date_style"}
    assert all(sure for _value, _text, sure in found.values())


def test_a_file_without_dates_or_text_encoding_tells_only_what_it_has(tmp_path: Path):
    table = table_of(tmp_path, '[{"id": "1", "time": 0, "x": 2}]', "a.json")
    assert [one.field for one in detected(table, suggest(table))] == ["encoding"]
