"""The core vocabulary holds what it promises and refuses files that contradict themselves."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.domain import vocabulary
from app.domain.errors import KnownError
from app.domain.vocabulary import KINDS, TERMINOLOGY, core, element_weights, load


def test_the_core_vocabulary_has_the_promised_size():
    counts = {kind: len(core().by_kind(kind)) for kind in KINDS}
    assert counts["pulse"] == 31
    assert counts["element"] == 55
    assert counts["syndrome"] >= 60
    assert counts["symptom"] >= 150
    assert counts["tongue"] >= 30


def test_every_concept_has_a_chinese_an_english_and_a_pinyin_name():
    for concept in core().concepts.values():
        assert concept.zh
        assert concept.en.isascii()
        assert concept.pinyin
        assert not any("\u4e00" <= char <= "\u9fff" for char in concept.pinyin)


def test_no_two_symptoms_share_a_body_part_and_a_complaint():
    pairs = [(c.extra["body_part"], c.extra["feel"]) for c in core().by_kind("symptom") if c.extra["feel"]]
    assert len(pairs) == len(set(pairs))


def test_twenty_elements_are_loci():
    assert sum(concept.extra["type"] == "locus" for concept in core().by_kind("element")) == 20


@pytest.mark.parametrize(
    ("term", "code"),
    [
        ("身热", "sym.fever"),
        ("不寐", "sym.insomnia"),
        (" 寐不安 ", "sym.insomnia"),
        ("溏泄", "sym.loose_stool"),
        ("咳逆", "sym.cough"),
        ("小便短赤", "sym.dark_urine"),
        ("舌红", "ton.body_red"),
        ("弦", "pul.wiry"),
        ("肝郁气滞", "syn.liver_qi_stagnation"),
        ("气虚", "ele.qi_deficiency"),
    ],
)
def test_a_term_is_found_by_name_or_synonym(term: str, code: str):
    concept = core().find(term)
    assert concept is not None
    assert concept.code == code


def test_a_kind_restricts_the_search():
    assert core().find("弦", "symptom") is None
    assert core().find("no such term") is None


def test_labels_come_in_both_languages_and_unknown_codes_as_they_are():
    assert core().label("sym.insomnia") == "失眠"
    assert core().label("sym.insomnia", "en") == "Insomnia"
    assert core().label("x.own") == "x.own"


def test_symptoms_lend_weight_and_syndromes_name_elements_that_exist():
    for concept in core().concepts.values():
        assert set(element_weights(concept)) <= set(core().concepts)
    weights = element_weights(core().concepts["sym.insomnia"])
    assert weights["ele.heart"] > 1
    assert element_weights(core().concepts["syn.heart_spleen"])["ele.spleen"] == 1.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, _ in KINDS.values():
        shutil.copy(TERMINOLOGY / name, tmp_path / name)
    return tmp_path


def _append(path: Path, row: str) -> None:
    with path.open("a", encoding="utf-8") as stream:
        stream.write(row + "\n")


def test_a_copy_of_the_shipped_files_loads(folder: Path):
    assert load(folder).concepts == core().concepts


@pytest.mark.parametrize(
    ("name", "row", "word"),
    [
        ("elements.csv", "ele.lung,金,Metal,jin,,locus", "twice"),
        ("elements.csv", "ele.metal,金,Metal,jin,肺脏,locus", "already belongs"),
        ("elements.csv", "ele.metal,金,Metal,jin,a|a,locus", "already belongs"),
        ("elements.csv", "sym.metal,金,Metal,jin,,locus", "starts with"),
        ("elements.csv", "ele.metal,金,Metal", "number of columns"),
        ("pulses.csv", "pul.odd,怪,Odd,guai,,3,0,0,0,0,0,0,0,other,x", "whole number"),
        ("syndromes.csv", "syn.odd,怪证,Odd,guai,,nothing", "unknown"),
        ("symptoms.csv", "sym.odd,怪,Odd,guai,,,whole,,main,lung:much", "no weight"),
    ],
)
def test_a_contradiction_is_refused_with_file_and_row(folder: Path, name: str, row: str, word: str):
    _append(folder / name, row)
    with pytest.raises(KnownError) as refusal:
        load(folder)
    assert word in str(refusal.value)
    assert refusal.value.params["file"] == name
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    assert refusal.value.params["row"] == len(lines)


def test_a_missing_file_or_column_is_refused(folder: Path):
    (folder / "tongue.csv").write_text("code,zh\n", encoding="utf-8")
    with pytest.raises(KnownError, match="column en"):
        load(folder)
    (folder / "tongue.csv").unlink()
    with pytest.raises(KnownError, match="missing"):
        load(folder)


def test_terms_are_compared_after_normalisation():
    assert vocabulary.normal_term(" Ｑi　虚 ") == "qi虚"
