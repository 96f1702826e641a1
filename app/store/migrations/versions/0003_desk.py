"""Tags, annotations, signatures and photos beside a record; pins, saved filters, visits begun.

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BESIDE = {
    "tag": ([sa.Column("name", sa.Text(), nullable=False), sa.Column("name_key", sa.Text(), nullable=False)], False),
    "annotation": (
        [
            sa.Column("day", sa.Float(), nullable=False),
            sa.Column("until", sa.Float(), nullable=True),
            sa.Column("text", sa.Text(), nullable=False),
            sa.Column("who", sa.Text(), nullable=False),
            sa.Column("at", sa.DateTime(), nullable=False),
        ],
        False,
    ),
    "signature": (
        [
            sa.Column("rule", sa.String(length=32), nullable=False),
            sa.Column("herbs", sa.JSON(), nullable=False),
            sa.Column("digest", sa.String(length=64), nullable=False),
            sa.Column("reason", sa.Text(), nullable=False),
            sa.Column("who", sa.Text(), nullable=False),
            sa.Column("at", sa.DateTime(), nullable=False),
        ],
        True,
    ),
    "photo": (
        [
            sa.Column("kind", sa.String(length=16), nullable=False),
            sa.Column("name", sa.Text(), nullable=False),
            sa.Column("media_type", sa.String(length=32), nullable=False),
            sa.Column("sha256", sa.String(length=64), nullable=False),
            sa.Column("content", sa.LargeBinary(), nullable=False),
            sa.Column("at", sa.DateTime(), nullable=False),
        ],
        True,
    ),
}


def upgrade() -> None:
    for name, (columns, of_visit) in BESIDE.items():
        op.create_table(
            name,
            sa.Column("id", sa.Integer(), nullable=False),
            sa.Column("patient_id", sa.Integer(), nullable=False),
            *([sa.Column("visit_id", sa.Integer(), nullable=False)] if of_visit else []),
            *columns,
            sa.Column("removed", sa.Boolean(), nullable=False),
            sa.Column("version", sa.Integer(), nullable=False),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
            sqlite_autoincrement=True,
        )
        op.create_index(op.f(f"ix_{name}_patient_id"), name, ["patient_id"], unique=False)
        if of_visit:
            op.create_index(op.f(f"ix_{name}_visit_id"), name, ["visit_id"], unique=False)
    op.create_index(op.f("ix_tag_name_key_patient_id"), "tag", ["name_key", "patient_id"], unique=False)
    op.create_table(
        "pin",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_pin_patient_id_patient"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("patient_id", "who", name=op.f("pk_pin")),
    )
    op.create_table(
        "saved_filter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_saved_filter")),
    )
    op.create_table(
        "visit_draft",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_visit_draft_patient_id_patient"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("patient_id", "who", "number", name=op.f("pk_visit_draft")),
    )


def downgrade() -> None:
    for name in ("visit_draft", "saved_filter", "pin", *reversed(BESIDE)):
        op.drop_table(name)
