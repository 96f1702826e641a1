"""Accounts, the chained audit log, operations with their history, vocabulary packs, review, search keys, summaries.

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op

from app.store import chain, names

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CHUNK = 1000


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name_key", name=op.f("uq_account_name_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "mapping_profile",
        sa.Column("signature", sa.String(length=64), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("signature", name=op.f("pk_mapping_profile")),
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )
    op.create_table(
        "synonym",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("term_key", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synonym")),
        sa.UniqueConstraint("kind", "term_key", name=op.f("uq_synonym_kind_term_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "vocabulary_pack",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vocabulary_pack")),
        sa.UniqueConstraint("name", name=op.f("uq_vocabulary_pack_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "concept",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pack_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("pinyin", sa.Text(), nullable=False),
        sa.Column("synonyms", sa.JSON(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("scale", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.String(length=10), nullable=False),
        sa.Column("valid_to", sa.String(length=10), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pack_id"], ["vocabulary_pack.id"], name=op.f("fk_concept_pack_id_vocabulary_pack"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concept")),
        sa.UniqueConstraint("kind", "code", name=op.f("uq_concept_kind_code")),
    )
    op.create_index(op.f("ix_concept_pack_id"), "concept", ["pack_id"], unique=False)
    op.create_table(
        "operation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("label", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_operation_batch_id_import_batch"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["undoes"], ["operation.id"], name=op.f("fk_operation_undoes_operation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_operation_batch_id"), "operation", ["batch_id"], unique=False)
    op.create_index(op.f("ix_operation_who_id"), "operation", ["who", "id"], unique=False)
    op.create_table(
        "review_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("term_key", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("column", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_review_item_batch_id_import_batch"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_item")),
        sa.UniqueConstraint("kind", "term_key", name=op.f("uq_review_item_kind_term_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_review_item_batch_id"), "review_item", ["batch_id"], unique=False)
    op.create_index(op.f("ix_review_item_state"), "review_item", ["state"], unique=False)
    op.create_table(
        "history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("entity", sa.String(length=16), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["operation_id"], ["operation.id"], name=op.f("fk_history_operation_id_operation"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_history_entity_entity_id"), "history", ["entity", "entity_id"], unique=False)
    op.create_index(op.f("ix_history_operation_id"), "history", ["operation_id"], unique=False)
    op.create_index(op.f("ix_history_patient_id"), "history", ["patient_id"], unique=False)
    op.create_table(
        "patient_alias",
        sa.Column("code_key", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_patient_alias_patient_id_patient"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("code_key", name=op.f("pk_patient_alias")),
    )
    op.create_index(op.f("ix_patient_alias_patient_id"), "patient_alias", ["patient_id"], unique=False)
    op.create_table(
        "patient_key",
        sa.Column("key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_patient_key_patient_id_patient"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", "patient_id", name=op.f("pk_patient_key")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_patient_key_patient_id"), "patient_key", ["patient_id"], unique=False)
    op.create_table(
        "unlike",
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["first_id"], ["patient.id"], name=op.f("fk_unlike_first_id_patient"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["patient.id"], name=op.f("fk_unlike_second_id_patient"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_unlike")),
    )
    op.create_index(op.f("ix_unlike_second_id"), "unlike", ["second_id"], unique=False)
    op.add_column("audit", sa.Column("hash", sa.String(length=64), server_default="", nullable=False))
    op.add_column("patient", sa.Column("visits", sa.Integer(), server_default="0", nullable=False))
    op.add_column("patient", sa.Column("first_date", sa.Date(), nullable=True))
    op.add_column("patient", sa.Column("recent_date", sa.Date(), server_default="0001-01-01", nullable=False))
    op.add_column("patient", sa.Column("recent_day", sa.Float(), server_default="-1", nullable=False))
    op.add_column("patient", sa.Column("batch_id", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_patient_batch_id"), "patient", ["batch_id"], unique=False)
    op.create_index(
        op.f("ix_patient_recent_date_recent_day_code_key"),
        "patient",
        ["recent_date", "recent_day", "code_key"],
        unique=False,
    )
    op.drop_column("patient", "pinyin")
    op.drop_column("patient", "initials")
    connection = op.get_bind()
    _index_patients(connection)
    _sum_up(connection)
    _chain(connection)


def _index_patients(connection) -> None:
    patient = sa.table("patient", sa.column("id"), sa.column("code"), sa.column("name"))
    key = sa.table("patient_key", sa.column("key"), sa.column("patient_id"))
    last = 0
    while rows := connection.execute(
        sa.select(patient.c.id, patient.c.code, patient.c.name)
        .where(patient.c.id > last)
        .order_by(patient.c.id)
        .limit(CHUNK)
    ).all():
        connection.execute(
            sa.insert(key),
            [{"key": k, "patient_id": i} for i, code, name in rows for k in names.search_keys(code, name)],
        )
        last = rows[-1][0]


def _sum_up(connection) -> None:
    connection.execute(
        sa.text(
            "UPDATE patient SET"
            " visits = (SELECT count(*) FROM visit WHERE patient_id = patient.id),"
            " first_date = (SELECT min(date) FROM visit WHERE patient_id = patient.id),"
            " recent_date = coalesce((SELECT max(date) FROM visit WHERE patient_id = patient.id), '0001-01-01'),"
            " recent_day = coalesce((SELECT max(day) FROM visit WHERE patient_id = patient.id), -1)"
        )
    )


def _chain(connection) -> None:
    """Entries written before there was a chain are taken into it as they stand, numbered without a gap."""
    audit = sa.table(
        "audit",
        *(sa.column(name) for name in ("id", "who", "action", "entity", "entity_id", "hash")),
        sa.column("at", sa.DateTime()),
        sa.column("detail", sa.JSON()),
    )
    key, last = chain.new_key(), chain.START
    rows = connection.execute(sa.select(audit).order_by(audit.c.id)).mappings().all()
    for number, row in enumerate(rows, start=1):
        last = chain.hash_of(key, last, {**row, "id": number})
        connection.execute(sa.update(audit).where(audit.c.id == row["id"]).values(id=number, hash=last))
    head = sa.table("audit_head", *(sa.column(name) for name in ("id", "count", "hash", "key")))
    connection.execute(sa.insert(head), {"id": 1, "count": len(rows), "hash": last, "key": key})


def downgrade() -> None:
    op.drop_index(op.f("ix_patient_recent_date_recent_day_code_key"), table_name="patient")
    op.drop_index(op.f("ix_patient_batch_id"), table_name="patient")
    with op.batch_alter_table("patient") as patient:
        patient.add_column(sa.Column("pinyin", sa.Text(), nullable=False, server_default=""))
        patient.add_column(sa.Column("initials", sa.Text(), nullable=False, server_default=""))
        for name in ("visits", "first_date", "recent_date", "recent_day", "batch_id"):
            patient.drop_column(name)
    op.drop_column("audit", "hash")
    op.drop_table("unlike")
    op.drop_table("patient_key")
    op.drop_table("patient_alias")
    op.drop_table("history")
    op.drop_table("review_item")
    op.drop_table("operation")
    op.drop_table("concept")
    op.drop_table("vocabulary_pack")
    op.drop_table("synonym")
    op.drop_table("setting")
    op.drop_table("mapping_profile")
    op.drop_table("draft")
    op.drop_table("audit_head")
    op.drop_table("account")
