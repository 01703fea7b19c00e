"""charges know where they come from."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("charge", sa.Column("origin_id", sa.Uuid(), nullable=True))
    # What went over already stays where it is: the charge of the same place and words on a paper that it was made from.
    op.execute("""
        update charge c set origin_id = o.id
        from charge o
        where o.tenant_id = c.tenant_id and (o.position, o.text) = (c.position, c.text) and o.document_id = (
          select t.document_id
          from line f
          join line_link k on (k.tenant_id, k.from_line_id) = (f.tenant_id, f.id)
          join line t on (t.tenant_id, t.id) = (k.tenant_id, k.to_line_id)
          join charge s on (s.tenant_id, s.document_id) = (t.tenant_id, t.document_id)
          where (f.tenant_id, f.document_id) = (c.tenant_id, c.document_id)
          order by t.document_id desc limit 1)""")
    op.create_index(op.f("ix_charge_tenant_id_origin_id"), "charge", ["tenant_id", "origin_id"])
    op.create_foreign_key(
        op.f("fk_charge_tenant_id_origin_id"), "charge", "charge", ["tenant_id", "origin_id"], ["tenant_id", "id"],
        ondelete="SET NULL (origin_id)",
    )  # fmt: skip
