"""what partners come to is summed from an index alone."""

from alembic import op
revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f('ix_document_tenant_id_kind_partner_id'), 'document', ['tenant_id', 'kind', 'partner_id'], unique=False, postgresql_include=['company_id', 'currency', 'total'])


def downgrade() -> None:
    op.drop_index(op.f('ix_document_tenant_id_kind_partner_id'), table_name='document', postgresql_include=['company_id', 'currency', 'total'])
