"""reservations."""

import sqlalchemy as sa
from alembic import op
revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('document', sa.Column('held_until', sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column('document', sa.Column('expired_at', sa.TIMESTAMP(timezone=True), nullable=True))
    op.create_index(op.f('ix_document_tenant_id_held_until'), 'document', ['tenant_id', 'held_until'], unique=False, postgresql_where=sa.text("state = 'active'"))
    op.add_column('line', sa.Column('location_id', sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f('fk_line_tenant_id_location_id'), 'line', 'location', ['tenant_id', 'location_id'], ['tenant_id', 'id'])
    op.create_index(op.f('ix_line_tenant_id_product_id_location_id'), 'line', ['tenant_id', 'product_id', 'location_id'], unique=False, postgresql_where=sa.text('location_id is not null and open_quantity > 0'))


def downgrade() -> None:
    op.drop_index(op.f('ix_line_tenant_id_product_id_location_id'), table_name='line')
    op.drop_constraint(op.f('fk_line_tenant_id_location_id'), 'line', type_='foreignkey')
    op.drop_column('line', 'location_id')
    op.drop_index(op.f('ix_document_tenant_id_held_until'), table_name='document')
    op.drop_column('document', 'expired_at')
    op.drop_column('document', 'held_until')
