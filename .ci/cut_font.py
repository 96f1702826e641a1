"""Cut the shipped font: Noto Sans SC (OFL-1.1) down to the characters of GBK. A maintainer's tool, not run at build.

    pip install fonttools pylopdf-fonts-zh-cn && python .ci/cut_font.py

Cut without GSUB and without the compatibility blocks, because Qt writes the PDF text layer from whichever code point
of a glyph it meets first: with them 血 becomes a Kangxi radical and numbers are lost. GBK rather than GB2312, whose
names stay blank for 喆堃赟. The family is renamed so that an installed Noto Sans SC never takes its place.
"""

import importlib.util
import pathlib
import shutil

from fontTools import subset

OUT = pathlib.Path(__file__).resolve().parent.parent / "resources" / "fonts"
FAMILY = "Mailiu Sans SC"
# what screens and reports use beyond GBK: spaces, arrows, comparison signs, blocks, circled numbers, ellipses
EXTRA = (
    "\u00a0\u2009\u2010\u2011\u2013\u2014\u2022\u2212\u00b1\u00b2\u00b3\u00b7\u00d7\u00e9\u0394\u03bc\u03c3\u03c4"
    "\u2190\u2191\u2192\u2193\u2248\u2260\u2264\u2265\u25b2\u25bc\u25cf\u25cb\u25c6\u25c7\u2713\u2717\u24d8"
)
LEFT_OUT = [(0x2E80, 0x2FDF), (0xF900, 0xFAFF), (0x2012, 0x2012)]


def wanted() -> set[int]:
    """Code points of GBK, of Latin-1 and of EXTRA, less the ones that spoil a PDF's text."""
    points = set(range(0x20, 0x7F)) | set(range(0xA0, 0x180)) | {ord(c) for c in EXTRA}
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            try:
                points.update(map(ord, bytes([lead, trail]).decode("gbk")))
            except UnicodeDecodeError:
                continue
    return {p for p in points if not any(low <= p <= high for low, high in LEFT_OUT)}


def main() -> None:
    package = pathlib.Path(importlib.util.find_spec("pylopdf_fonts_zh_cn").origin).parent
    options = subset.Options(layout_features=["kern", "mark"], name_IDs=["*"], notdef_outline=True, hinting=False)
    options.drop_tables += ["GSUB"]
    font = subset.load_font(package / "NotoSansSC-Regular.otf", options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted())
    cutter.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 4, 16):
            record.string = FAMILY
        elif record.nameID in (3, 6):
            record.string = FAMILY.replace(" ", "") + "-Regular"
    if "CFF " in font:
        cff = font["CFF "].cff
        cff.fontNames[0] = FAMILY.replace(" ", "") + "-Regular"
    OUT.mkdir(parents=True, exist_ok=True)
    subset.save_font(font, OUT / "MailiuSansSC-Regular.otf", options)
    licence = next(package.parent.glob("pylopdf_fonts_zh_cn-*.dist-info/licenses/LICENSE"))
    shutil.copy(licence, OUT / "OFL.txt")


if __name__ == "__main__":
    main()
