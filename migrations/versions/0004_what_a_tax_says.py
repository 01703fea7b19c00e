"""what a tax says."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tax", sa.Column("included", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("tax", sa.Column("recoverable_percent", sa.Numeric(), server_default="100", nullable=False))
    op.add_column("tax", sa.Column("reverse_charge_rate", sa.Numeric(), nullable=True))
    op.add_column("tax", sa.Column("exemption_code", sa.Text(), nullable=True))
    op.add_column("tax", sa.Column("exemption_reason", sa.Text(), nullable=True))
    op.create_check_constraint(op.f("ck_tax_recoverable"), "tax", "recoverable_percent between 0 and 100")
    op.create_check_constraint(op.f("ck_tax_reverse_charge_rate_positive"), "tax", "reverse_charge_rate > 0")
    op.execute(
        "update tax set exemption_code = case category when 'AE' then 'VATEX-EU-AE' when 'K' then 'VATEX-EU-IC'"
        " when 'G' then 'VATEX-EU-G' else 'VATEX-EU-O' end where category in ('AE', 'K', 'G', 'O')"
    )
    op.execute("update tax set exemption_reason = name where category = 'E'")
    op.add_column("document", sa.Column("tax_rounding", sa.Text(), server_default="document", nullable=False))
    for table in ("line", "charge"):
        op.add_column(table, sa.Column("tax_category", sa.Text(), nullable=True))
        op.add_column(table, sa.Column("tax_included", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        op.add_column(table, sa.Column("tax_recoverable_percent", sa.Numeric(), server_default="100", nullable=False))
        op.add_column(table, sa.Column("reverse_charge_rate", sa.Numeric(), nullable=True))
        op.add_column(table, sa.Column("exemption_code", sa.Text(), nullable=True))
        op.add_column(table, sa.Column("exemption_reason", sa.Text(), nullable=True))
        op.execute(
            f"update {table} p set tax_category = t.category, exemption_code = t.exemption_code,"
            " exemption_reason = t.exemption_reason"
            " from tax t where (t.tenant_id, t.id) = (p.tenant_id, p.tax_id)"
        )
    op.add_column("charge", sa.Column("gross", sa.Numeric(), nullable=True))
    op.drop_constraint(op.f("uq_tax_amount_tenant_id_document_id_rate"), "tax_amount", type_="unique")
    op.add_column("tax_amount", sa.Column("tax_id", sa.Uuid(), nullable=True))
    op.add_column("tax_amount", sa.Column("category", sa.Text(), nullable=True))
    op.add_column("tax_amount", sa.Column("included", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("tax_amount", sa.Column("recoverable_percent", sa.Numeric(), server_default="100", nullable=False))
    op.add_column("tax_amount", sa.Column("reverse_charge_rate", sa.Numeric(), nullable=True))
    op.add_column("tax_amount", sa.Column("exemption_code", sa.Text(), nullable=True))
    op.add_column("tax_amount", sa.Column("exemption_reason", sa.Text(), nullable=True))
    op.add_column("tax_amount", sa.Column("self_assessed", sa.Numeric(), server_default="0", nullable=False))
    op.add_column("tax_amount", sa.Column("unrecoverable", sa.Numeric(), server_default="0", nullable=False))
    op.create_foreign_key(
        op.f("fk_tax_amount_tenant_id_tax_id"), "tax_amount", "tax", ["tenant_id", "tax_id"], ["tenant_id", "id"]
    )
    op.execute(  # where several taxes of one rate were rounded as one, the row stays theirs together
        "update tax_amount a set tax_id = t.id, category = t.category, exemption_code = t.exemption_code,"
        " exemption_reason = t.exemption_reason"
        " from (select tenant_id, document_id, trim_scale(tax_rate) as rate, (array_agg(distinct tax_id))[1] as tax_id"
        " from (select tenant_id, document_id, tax_rate, tax_id from line where tax_id is not null"
        " union all select tenant_id, document_id, tax_rate, tax_id from charge where tax_id is not null) part"
        " group by 1, 2, 3 having count(distinct tax_id) = 1) p"
        " join tax t on (t.tenant_id, t.id) = (p.tenant_id, p.tax_id)"
        " where (p.tenant_id, p.document_id, p.rate) = (a.tenant_id, a.document_id, trim_scale(a.rate))"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_tax_amount_tenant_id_tax_id"), "tax_amount", type_="foreignkey")
    for column in ("unrecoverable", "self_assessed", "exemption_reason", "exemption_code", "reverse_charge_rate"):
        op.drop_column("tax_amount", column)
    for column in ("recoverable_percent", "included", "category", "tax_id"):
        op.drop_column("tax_amount", column)
    op.create_unique_constraint(
        op.f("uq_tax_amount_tenant_id_document_id_rate"), "tax_amount", ["tenant_id", "document_id", "rate"]
    )
    op.drop_column("charge", "gross")
    for table in ("charge", "line"):
        for column in ("exemption_reason", "exemption_code", "reverse_charge_rate", "tax_recoverable_percent"):
            op.drop_column(table, column)
        op.drop_column(table, "tax_included")
        op.drop_column(table, "tax_category")
    op.drop_column("document", "tax_rounding")
    op.drop_constraint(op.f("ck_tax_reverse_charge_rate_positive"), "tax", type_="check")
    op.drop_constraint(op.f("ck_tax_recoverable"), "tax", type_="check")
    for column in ("exemption_reason", "exemption_code", "reverse_charge_rate", "recoverable_percent", "included"):
        op.drop_column("tax", column)
