"""stock papers."""

import sqlalchemy as sa
from alembic import op
revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('document', sa.Column('destination_id', sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f('fk_document_tenant_id_destination_id'), 'document', 'location', ['tenant_id', 'destination_id'], ['tenant_id', 'id'])
    op.add_column('line', sa.Column('counted', sa.Numeric(), nullable=True))
    op.add_column('line', sa.Column('booked', sa.Numeric(), nullable=True))
    op.add_column('line', sa.Column('difference', sa.Numeric(), nullable=True))
    op.drop_constraint(op.f('ck_line_quantity_positive'), 'line', type_='check')
    op.create_check_constraint(op.f('ck_line_quantity_positive'), 'line', 'quantity > 0 or (counted is not null and quantity = 0)')


def downgrade() -> None:
    op.drop_constraint(op.f('ck_line_quantity_positive'), 'line', type_='check')
    op.create_check_constraint(op.f('ck_line_quantity_positive'), 'line', 'quantity > 0')
    op.drop_column('line', 'difference')
    op.drop_column('line', 'booked')
    op.drop_column('line', 'counted')
    op.drop_constraint(op.f('fk_document_tenant_id_destination_id'), 'document', type_='foreignkey')
    op.drop_column('document', 'destination_id')
