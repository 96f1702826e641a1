"""Documents to text: Word, plain text, and files that are none of it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.errors import KnownError
from app.importing.free_text.reading import is_free_text, read_source

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def word_file(path: Path) -> Path:
    document = docx.Document()
    document.add_paragraph("案1 王某 女 45岁")
    table = document.add_table(rows=2, cols=2)
    for cell, words in zip((c for row in table.rows for c in row.cells), ["舌", "红", "脉", "弦"], strict=True):
        cell.text = words
    document.add_paragraph("二诊：咳减。\n仍服前方。")
    document.save(str(path))
    return path


def test_paragraphs_and_tables_come_in_the_order_of_the_page(tmp_path: Path):
    source = read_source(word_file(tmp_path / "a.docx"))
    assert source.kind == "docx"
    assert source.text == "案1 王某 女 45岁\n舌\t红\n脉\t弦\n二诊：咳减。\n仍服前方。"


def test_a_merged_cell_is_read_once(tmp_path: Path):
    document = docx.Document()
    table = document.add_table(rows=1, cols=3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "主诉"
    table.cell(0, 2).text = "咳嗽"
    document.save(str(tmp_path / "a.docx"))
    assert read_source(tmp_path / "a.docx").text == "主诉\t咳嗽"


def test_inserted_words_are_read_and_deleted_ones_are_not(tmp_path: Path):
    document = docx.Document()
    paragraph = document.add_paragraph("头痛")
    paragraph._p.append(parse_xml(f"<w:ins {_W} w:id='1' w:author='a'><w:r><w:t>恶寒</w:t></w:r></w:ins>"))
    paragraph._p.append(parse_xml(f"<w:del {_W} w:id='2' w:author='a'><w:r><w:delText>发热</w:delText></w:r></w:del>"))
    document.save(str(tmp_path / "a.docx"))
    assert read_source(tmp_path / "a.docx").text == "头痛恶寒"


def test_what_a_document_links_to_is_not_touched(tmp_path: Path):
    path = word_file(tmp_path / "a.docx")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    rels = parts["word/_rels/document.xml.rels"].decode()
    link = (
        '<Relationship Id="rX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" '
        f'Target="file://{tmp_path}/none.png" TargetMode="External"/></Relationships>'
    )
    parts["word/_rels/document.xml.rels"] = rels.replace("</Relationships>", link).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert read_source(path).text.startswith("案1")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_files_are_read_in_their_encoding(tmp_path: Path, encoding: str):
    path = tmp_path / "a.txt"
    path.write_bytes("初诊：咳嗽。\r\n二诊：咳减。".encode(encoding))
    source = read_source(path)
    assert source.text == "初诊：咳嗽。\n二诊：咳减。"
    assert source.guessed == (encoding == "gb18030")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" \n ",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old word",
        b"PK\x03\x04 no zip at all",
        b"\x00\x01\x02\x03" * 50,
    ],
)
def test_what_is_no_document_is_refused_with_words(tmp_path: Path, content: bytes):
    path = tmp_path / "a.docx"
    path.write_bytes(content)
    with pytest.raises(KnownError) as told:
        read_source(path)
    assert "a.docx" in str(told.value)


def test_a_workbook_is_no_word_document(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    with pytest.raises(KnownError, match=r"no Word document"):
        read_source(tmp_path / "a.docx")


def test_a_missing_file_is_a_known_error(tmp_path: Path):
    with pytest.raises(KnownError):
        read_source(tmp_path / "none.txt")


def read_or_refused(path: Path) -> str:
    """The text or the words of the refusal; any other exception fails the test."""
    try:
        return read_source(path).text
    except KnownError as error:
        return str(error)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return word_file(tmp_path_factory.mktemp("word") / "whole.docx").read_bytes()


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 100_000), byte=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_word_file_is_read_or_refused(whole: bytes, tmp_path: Path, at: int, byte: int, cut: bool):
    at %= len(whole)
    path = tmp_path / "broken.docx"
    path.write_bytes(whole[:at] if cut else whole[:at] + bytes([byte]) + whole[at + 1 :])
    assert read_or_refused(path)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(xml=st.text(max_size=60) | st.just(f"<w:document {_W}/>") | st.just(f"<w:document {_W}><w:body/></w:document>"))
def test_whatever_xml_a_word_file_holds_it_is_read_or_refused(whole: bytes, tmp_path: Path, xml: str):
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    path = tmp_path / "odd.docx"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (parts | {"word/document.xml": xml.encode()}).items():
            archive.writestr(name, content)
    assert read_or_refused(path)


def test_the_name_tells_which_files_are_free_text():
    assert is_free_text(Path("a.DOCX")) and is_free_text(Path("b.md")) and not is_free_text(Path("c.csv"))
