"""A file read in blocks is the file read whole."""

from __future__ import annotations

import io
import os
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import KnownError
from app.importing import text_file
from app.importing.encoding import decode
from app.importing.text_file import open_text

TEXT = st.text(st.sampled_from('ab,"号病\n\r\u2028\x0b\x85é'), max_size=60)
CODECS = st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "big5", "latin-1", "utf-7"])


def same(data: bytes, encoding: str | None, block: int) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_file, "_BLOCK", block)
        path = Path(folder) / "a.csv"
        path.write_bytes(data)
        try:
            whole = decode(data, "a.csv", encoding)
        except KnownError as error:
            with pytest.raises(KnownError, match=re.escape(str(error))):
                open_text(path, encoding)
            return
        found = open_text(path, encoding)
        assert (found.encoding, found.guessed) == (whole.encoding, whole.guessed)
        assert found.read() == whole.text
        assert list(found.rows()) == whole.text.split("\n")
        lines = io.StringIO(whole.text, newline=None).readlines()
        assert list(found.lines) == lines
        assert len(found.lines) == len(lines)
        assert [found.lines[at] for at in reversed(range(len(lines)))] == lines[::-1]
        assert found.lines[1:4] == lines[1:4]
        assert all(list(found.lines.after(at)) == lines[at:] for at in range(len(lines) + 2))


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(TEXT, CODECS, st.booleans(), st.integers(1, 9))
def test_text_in_any_encoding_is_read_in_blocks_as_it_is_whole(text: str, codec: str, told: bool, block: int):
    data = text.encode(codec, "ignore")
    same(data, codec if told else None, block)


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(st.binary(max_size=60), st.sampled_from([None, "utf-8", "gb18030", "big5", "no such"]), st.integers(1, 9))
def test_any_bytes_are_read_or_refused_as_they_are_whole(data: bytes, encoding: str | None, block: int):
    same(data, encoding, block)


def test_a_line_beyond_the_last_does_not_exist(tmp_path: Path):
    (tmp_path / "a.csv").write_text("a\nb\n")
    lines = open_text(tmp_path / "a.csv").lines
    for at in (2, -1):
        with pytest.raises(IndexError):
            lines[at]


def test_a_file_changed_between_two_looks_is_refused(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("a\nb\n")
    found = open_text(path)
    path.write_text("a\nc\n")
    os.utime(path, ns=(0, 0))
    with pytest.raises(KnownError, match="changed while it was read"):
        list(found.lines)
    path.unlink()
    with pytest.raises(KnownError, match="cannot be read"):
        list(found.lines)
