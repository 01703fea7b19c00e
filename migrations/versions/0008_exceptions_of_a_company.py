"""exceptions of a company."""

from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(
        op.f("uq_import_exception_tenant_id_kind_record_id_line_id"), "import_exception", type_="unique"
    )
    op.create_unique_constraint(
        op.f("uq_import_exception_tenant_id_kind_record_id_line_id_company_id"),
        "import_exception",
        ["tenant_id", "kind", "record_id", "line_id", "company_id"],
        postgresql_nulls_not_distinct=True,
    )
    op.execute(  # what was told of a company's orders is that company's, as far as one can say which it was
        "update import_exception e set company_id = o.company_id"
        " from (select d.tenant_id, p.source, (array_agg(distinct d.company_id))[1] as company_id"
        " from document d join provenance p on (p.tenant_id, p.id) = (d.tenant_id, d.provenance_id)"
        " group by 1, 2 having count(distinct d.company_id) = 1) o"
        " where e.kind = 'on_order_mismatch' and e.company_id is null"
        " and (o.tenant_id, o.source) = (e.tenant_id, e.source)"
    )


def downgrade() -> None:
    op.drop_constraint(
        op.f("uq_import_exception_tenant_id_kind_record_id_line_id_company_id"), "import_exception", type_="unique"
    )
    op.create_unique_constraint(
        op.f("uq_import_exception_tenant_id_kind_record_id_line_id"),
        "import_exception",
        ["tenant_id", "kind", "record_id", "line_id"],
        postgresql_nulls_not_distinct=True,
    )
