"""Cases as one JSON file: a line with the format, then one case a line."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from app.domain.records import Case
from app.files import replacing

FORMAT = "mailiu-cases"
VERSION = 1


def write_json_cases(cases: Iterable[Case], path: Path, about: dict[str, Any]) -> None:
    """Old or new, never half; never more than one case in memory. about: goes into the first line."""
    head = json.dumps({"format": FORMAT, "version": VERSION, **about}, ensure_ascii=False)
    with replacing(path) as aside, aside.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(head[:-1] + ', "cases": [')
        before = "\n"
        for case in cases:
            # as app.store.snapshots makes them, without the way back from text
            record = {
                **dataclasses.asdict(case.patient),
                "attributes": case.attributes,
                "visits": [dataclasses.asdict(visit) for visit in case.visits],
            }
            stream.write(before + json.dumps(record, ensure_ascii=False, allow_nan=False, default=str))
            before = ",\n"
        stream.write("\n]}\n")
