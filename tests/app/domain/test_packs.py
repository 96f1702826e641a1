"""A vocabulary pack is read whole or refused with every fault; written and read again it is the same."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.concept import ALL_KINDS, Concept
from app.domain.errors import KnownError
from app.domain.packs import OPTIONAL, REQUIRED, Pack, PackError, PackRow, kind_of_code, parse, read, to_csv

ENGLISH = "code,term,aliases,kind,en,pinyin,unit,scale,valid_from,valid_to,replaces,chapter\n"


def pack(text: str, **options: str) -> Pack:
    return parse(text.encode(), file="pack.csv", **options)


def test_a_full_row_becomes_a_concept_with_all_its_fields():
    row = "L01,体温,温度|T;体温值,symptom,Temperature,tǐ wēn,Cel,main,2021-10-01,2030/1/1,L00,signs\n"
    read_back = pack(ENGLISH + row, name="own").rows
    assert read_back == (
        PackRow(
            2,
            Concept(
                "L01",
                "体温",
                "Temperature",
                "tǐ wēn",
                "symptom",
                ("温度", "T", "体温值"),
                {"chapter": "signs"},
                unit="Cel",
                scale="main",
                source="own",
                valid_from="2021-10-01",
                valid_to="2030-01-01",
            ),
            "L00",
        ),
    )


def test_chinese_headings_the_kind_of_the_standard_and_missing_pinyin():
    concept = pack("编码,名称,别名\nB07.01.,肝郁证,肝气郁结证、肝郁\n").concepts[0]
    assert (concept.kind, concept.synonyms, concept.pinyin) == ("syndrome", ("肝气郁结证", "肝郁"), "gān yù zhèng")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("A02.12.", "disease"),
        ("B07.01.", "syndrome"),
        ("C02.04.", "method"),
        ("BNG070", "disease"),
        ("SA00", "disease"),
        ("SE70", "syndrome"),
        ("SF10.1", "syndrome"),
        ("sym.fever", "symptom"),
        ("J06.9", ""),  # ICD-10 looks like none of ours
    ],
)
def test_a_code_of_a_standard_says_its_kind(code: str, kind: str):
    assert kind_of_code(code) == kind


def test_files_of_chinese_excel_are_read():
    text = "代码,术语,同义词\nA02.12.,感冒,伤风\n"
    assert parse(text.encode("gb18030")).rows == parse(text.encode("utf-8-sig")).rows == parse(text.encode()).rows
    assert parse(text.encode("gb18030")).encoding == "gb18030"
    assert parse(text.replace(",", "\t").encode()).rows == parse(text.encode()).rows


def test_a_kind_may_be_said_for_the_whole_pack():
    assert pack("code,term,aliases\nJ06.9,急性上呼吸道感染,\n", kind="western").concepts[0].kind == "western"


@pytest.mark.parametrize(
    ("rows", "row", "column"),
    [
        ("A02.12.,,\n", 2, "term"),
        (",感冒,\n", 2, "code"),
        ("A02.12.,感冒,\n\nA 1,伤风,\n", 4, "code"),
        (f"A02.12.,感冒,{'长' * 201}\n", 2, "aliases"),
        ("X1,感冒,\n", 2, "kind"),
    ],
)
def test_a_fault_is_told_with_file_row_and_column(rows: str, row: int, column: str):
    with pytest.raises(KnownError) as refusal:
        pack("code,term,aliases\n" + rows)
    params = refusal.value.params
    assert (params["file"], params["row"], params["column"]) == ("pack.csv", row, column)


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("L1,甲,,vegetable", "kind"),
        ("L1,甲,,symptom,,,,,2021-13-01", "no date"),
        ("L1,甲,,symptom,,,,,2021-12-01,2021-11-01", "before its beginning"),
        ("L1,甲,,symptom,,,,,,,,c,more", "more cells"),
        ('L1,"甲', "quotation mark"),
    ],
)
def test_what_else_does_not_hold_is_refused(row: str, word: str):
    with pytest.raises(KnownError, match=word):
        pack(ENGLISH + row + "\n")


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "column code is missing"),
        (b"code,term\nA02.12.,x\n", "column aliases is missing"),
        ("code,term,名称,aliases\n".encode(), "twice"),
        ("code,term,aliases\n".encode("utf-16"), "no CSV"),
        (b"code,term,aliases\n\xff\xff\xff", "neither UTF-8"),
    ],
)
def test_a_file_that_is_no_pack_is_refused(data: bytes, word: str):
    with pytest.raises(KnownError, match=word):
        parse(data)


def test_all_faults_come_together_and_the_first_is_the_message():
    with pytest.raises(PackError) as refusal:
        pack("code,term,aliases\nA02.12.,,\nA02.13.,感冒,\nX1,乙,\n")
    assert [fault.params["row"] for fault in refusal.value.faults] == [2, 4]
    assert str(refusal.value) == str(refusal.value.faults[0])
    assert str(copy.copy(refusal.value)) == str(refusal.value)  # as on its way between processes


def test_a_file_is_read_under_its_own_name_and_a_missing_one_refused(tmp_path: Path):
    path = tmp_path / "TM1.csv"
    path.write_text("code,term,aliases\nSE70,脾虚证,\n", encoding="utf-8")
    assert read(path).name == read(path).concepts[0].source == "TM1"
    with pytest.raises(KnownError, match="cannot be read"):
        read(tmp_path / "none.csv")


def test_a_cell_that_a_spreadsheet_would_run_is_written_as_text():
    one = pack("code,term,aliases,kind\n=1+1,甲,@x|乙,symptom\n")
    written = to_csv(one)
    assert b"\n'=1+1," in written
    assert b",'@x|" in written
    assert parse(written, file="pack.csv").rows == one.rows


term = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters="|;；、"), min_size=1, max_size=12)
code = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12)
cell = term | st.just("")
concepts = st.builds(
    Concept,
    code,
    term,
    cell,
    term,
    st.sampled_from(ALL_KINDS),
    st.lists(term, max_size=3, unique=True).map(tuple),
    st.fixed_dictionaries({"chapter": cell}),
    unit=cell,
    scale=cell,
    source=st.just("pack.csv"),
    valid_from=st.dates().map(str),
)


@given(st.lists(concepts.filter(lambda c: c.zh not in c.synonyms), min_size=1, max_size=5))
def test_a_written_pack_is_read_back_the_same(made: list[Concept]):
    one = Pack("pack.csv", tuple(PackRow(line, concept) for line, concept in enumerate(made, start=2)))
    assert parse(to_csv(one), file="pack.csv") == one


@given(st.binary(max_size=400))
@example(b"code,term,aliases\nA02.12.,a,\r\r\n")
@example(b'code,term,aliases\n"' + b"x" * 140_000)
def test_no_bytes_at_all_bring_the_reader_down(data: bytes):
    for bytes_ in (data, ",".join(REQUIRED + OPTIONAL).encode() + b"\n" + data):
        try:
            made = parse(bytes_)
        except KnownError:
            continue
        assert all(c.code and c.zh and c.kind in ALL_KINDS for c in made.concepts)
