from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import text

from app.domain.records import Case, DateBasis, Observation, Patient, ValueKind
from app.store import queries
from app.store.clinic import Clinic
from app.store.names import MAX_READINGS, latin_key, search_keys, search_range
from app.store.queries import listed
from tests.app.store.cases import START, undated

PEOPLE = ("单晓明", "单于", "吕绿", "Anna Lee", "王100%", "王100_", "欧阳 娜娜", "解放")


@pytest.fixture
def people(clinic: Clinic) -> Clinic:
    clinic.imports.commit(Case(Patient(f"HZ {n:03d}", name), ()) for n, name in enumerate(PEOPLE))
    return clinic


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("单", {"单晓明", "单于"}),
        ("shanxiaoming", {"单晓明"}),
        ("Shan Xiao Ming", {"单晓明"}),
        ("danxiaoming", {"单晓明"}),
        ("chanyu", {"单于"}),
        ("Shàn Xiǎomíng", {"单晓明"}),
        ("xiaoming", {"单晓明"}),
        ("sxm", {"单晓明"}),
        ("DXM", {"单晓明"}),
        ("ｓｘｍ", {"单晓明"}),
        ("lvlv", {"吕绿"}),
        ("Lǚ Lǜ", {"吕绿"}),
        ("lulu", {"吕绿"}),
        ("xiefang", {"解放"}),
        ("ou'yang", {"欧阳 娜娜"}),
        ("欧阳娜娜", {"欧阳 娜娜"}),
        ("anna lee", {"Anna Lee"}),
        ("ANNALEE", {"Anna Lee"}),
        ("%", {"王100%"}),
        ("100_", {"王100_"}),
        ("hz003", {"Anna Lee"}),
        ("HZ 003", {"Anna Lee"}),
        ("００３", {"Anna Lee"}),
        ("", set(PEOPLE)),
        ("  ", set(PEOPLE)),
        ("nobody", set()),
        ("/", set()),
        ("'; DROP TABLE patient; --", set()),
    ],
)
def test_a_patient_is_found_by_name_pinyin_initials_and_number(people: Clinic, typed: str, names: set[str]):
    assert {row.name for row in people.queries.search(typed)} == names


def test_every_reading_of_a_surname_is_kept_within_a_bound():
    keys = search_keys("", "单晓明")
    assert {"shanxiaoming", "danxiaoming", "chanxiaoming", "xiaoming", "ming"} <= keys
    assert {"sxm", "dxm", "cxm", "xm", "m"} <= keys
    assert {"单晓明", "晓明", "明"} <= keys
    whole = {key for key in search_keys("", "单单单单单单单单") if len(key) > 8 and key.isascii()}
    assert len({key for key in whole if key.startswith("shan")}) <= MAX_READINGS
    assert search_keys("", "Anna") == {"anna", "nna", "na", "a"}


def test_a_search_walks_along_an_index(clinic: Clinic):
    """The keys are never scanned, and the list of everyone comes in its order without a sort."""
    clinic.imports.commit(Case(Patient(f"HZ {n:03d}", "王小明"), ()) for n in range(2000))
    with clinic._database.write() as connection:
        connection.exec_driver_sql("ANALYZE")
    sqlite = clinic._database.label.endswith(".db")
    with clinic._database.read() as connection:

        def plan(typed: str) -> str:
            bounds = search_range(typed)
            given = {"limit": 50, "offset": 0} | (dict(zip(("low", "high"), bounds, strict=True)) if bounds else {})
            query = listed(searched=bounds is not None).params(**given)
            query = query.compile(connection, compile_kwargs={"literal_binds": True})
            explain = "EXPLAIN QUERY PLAN" if sqlite else "EXPLAIN"
            return "\n".join(str(row) for row in connection.execute(text(f"{explain} {query}")))

        for typed in ("王小", "wx", "hz 01", "xiaom"):
            assert "SCAN patient_key" not in plan(typed) and "Seq Scan on patient_key" not in plan(typed), plan(typed)
        assert "ix_patient_recent_date_recent_day_code_key" in plan("")
        assert "TEMP B-TREE" not in plan("") and "Sort" not in plan("")


def test_what_is_typed_for_pinyin_is_folded():
    assert latin_key("Lǚ Xī'ān") == latin_key("lü xi-an") == latin_key("LU: XIAN") == "lvxian"


def test_the_latest_visit_comes_first_and_pages_do_not_overlap(clinic: Clinic):
    def seen(code: str, *dates: int) -> Case:
        visits = (
            dataclasses.replace(undated(n, float(day)), basis=DateBasis.EXACT, date=START + dt.timedelta(days=day))
            for n, day in enumerate(dates, start=1)
        )
        return Case(Patient(code), tuple(visits))

    clinic.imports.commit(
        [seen("a", 5), seen("b", 0, 90), seen("c", 40), Case(Patient("d"), (undated(1, 0.0),)), seen("e")]
    )
    assert [row.code for row in clinic.queries.search()] == ["b", "c", "a", "d", "e"]
    pages = [clinic.queries.search(limit=2, offset=offset) for offset in (0, 2, 4, 6)]
    assert [[row.code for row in page] for page in pages] == [["b", "c"], ["a", "d"], ["e"], []]
    b = clinic.queries.search("b")[0]
    assert (b.visits, b.last_day, b.last_date) == (2, 90.0, START + dt.timedelta(days=90))
    e = clinic.queries.search("e")[0]
    assert (e.visits, e.last_day, e.last_date, e.spark) == (0, None, None, [])


def test_the_age_comes_from_the_birth_date_where_none_is_recorded(clinic: Clinic):
    visit = dataclasses.replace(undated(1, 0.0), basis=DateBasis.EXACT, date=dt.date(2024, 5, 16))
    clinic.imports.commit(
        [
            Case(Patient("born", birth_date=dt.date(1970, 5, 17)), (visit,)),
            Case(Patient("told", birth_date=dt.date(1970, 5, 17), age=50.0), (visit,)),
            Case(Patient("unknown"), (visit,)),
        ]
    )
    assert {row.code: row.age for row in clinic.queries.search()} == {"born": 53.0, "told": 50.0, "unknown": None}


def score(concept: str, value: float) -> Observation:
    return Observation(concept, ValueKind.SCORE, number=value)


def sign(concept: str, *, negated: bool = False) -> Observation:
    return Observation(concept, ValueKind.CODE, number=0.0 if negated else None, code=concept, negated=negated)


def test_the_spark_is_the_total_score_at_each_visit_in_time_order(clinic: Clinic):
    visits = (
        undated(1, 0.0, score("sym.a", 6), score("sym.b", 2), sign("sym.c")),
        undated(2, 9.0, score("sym.a", 1)),
        undated(3, 5.0, score("sym.a", 4)),
        undated(4, 12.0, sign("sym.c")),  # no score said: no point rather than a zero
    )
    clinic.imports.commit([Case(Patient("P1"), visits)])
    assert clinic.queries.search()[0].spark == [8.0, 4.0, 1.0]


def test_without_scores_the_spark_counts_the_symptoms_that_are_present(clinic: Clinic):
    visits = (
        undated(1, 0.0, sign("sym.a"), sign("sym.b"), sign("ton.red")),
        undated(2, 1.0, sign("sym.a"), sign("sym.b", negated=True)),
        undated(3, 2.0, sign("ton.red")),  # nothing said about symptoms
        undated(4, 3.0, sign("sym.a", negated=True)),
    )
    clinic.imports.commit([Case(Patient("P1"), visits)])
    assert clinic.queries.search()[0].spark == [2.0, 1.0, 0.0]


def test_every_patient_of_a_long_list_has_the_spark_of_their_own(clinic: Clinic, monkeypatch: pytest.MonkeyPatch):
    """Sparks are read in rounds, and a round's statement has more places than it may have patients."""
    monkeypatch.setattr(queries, "SPARKS", 4)
    scores = {f"HZ {n:03d}": [float(n % 3), float(n)] for n in range(11)}  # 4 + 4 + 3
    clinic.imports.commit(
        Case(Patient(code), tuple(undated(k + 1, 7.0 * k, score("sym.a", one)) for k, one in enumerate(values)))
        for code, values in scores.items()
    )
    for limit in (1, 2, 3, 4, 5, 9, 11):
        assert {row.code: list(row.spark) for row in clinic.queries.search(limit=limit)}.items() <= scores.items()


def test_a_glance_leaves_no_transaction_open_and_the_next_sees_what_came_since(clinic: Clinic):
    assert clinic.queries.search("王") == []
    clinic.imports.commit([Case(Patient("HZ 001", "王小明"), ())])
    assert [row.code for row in clinic.queries.search("王")] == ["HZ 001"]
    with pytest.raises(RuntimeError), clinic._database.glance():
        raise RuntimeError
    clinic.imports.commit([Case(Patient("HZ 002", "王大明"), ())])
    assert {row.code for row in clinic.queries.search("王")} == {"HZ 001", "HZ 002"}
