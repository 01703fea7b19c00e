"""what is kept as JSON has the names of the API."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        update payment_term set instalments =
          replace(instalments::text, '"end_of_month":', '"endOfMonth":')::jsonb""")
    op.execute("""
        update document set frozen =
          replace(replace(frozen::text, '"end_of_month":', '"endOfMonth":'), '"postal_code":', '"postalCode":')::jsonb
        where frozen is not null""")
    # The keys of units were ids that nobody else knows: now their codes, with the lines that are in them.
    op.execute("""
        update document d set frozen = d.frozen || jsonb_build_object('units', (
          select coalesce(jsonb_object_agg(k.value ->> 'code', jsonb_build_object(
            'name', u.name, 'unece', k.value -> 'unece', 'lines', (
              select coalesce(jsonb_agg(l.position order by l.position), '[]')
              from line l where (l.tenant_id, l.document_id, l.unit_id) = (d.tenant_id, d.id, u.id)))), '{}')
          from jsonb_each(d.frozen -> 'units') k
          join unit u on (u.tenant_id, u.id) = (d.tenant_id, k.key::uuid)))
        where d.frozen ? 'units'""")
