SELECT array((SELECT ARRAY[purchase_order1.number, CAST(purchase_order1.id AS TEXT), purchase_order1.kind] AS anon_1 
FROM read.purchase_order AS purchase_order1 
WHERE purchase_order1.company_id = ANY ($1::UUID[]) AND purchase_order1.archived_at IS NULL ORDER BY purchase_order1.number ASC NULLS LAST, purchase_order1.id ASC 
 LIMIT 3)) AS array_1;

select set_config('tradegraph.tenant', $1, true), set_config('tradegraph.now', $2, true);

SELECT document.tenant_id, document.id, document.kind, document.company_id, document.number, document.state, document.dated, document.dated_inferred, document.partner_id, document.partner_reference, document.note, document.currency, document.exchange_rate, document.tax_position_id, document.tax_rounding, document.buyer_reference, document.valid_until, document.invoice_address_id, document.delivery_address_id, document.payment_method, document.payment_direction, document.payment_side, document.bank_account_id, document.carrier, document.tracking_number, document.payment_term_id, document.location_id, document.expected_on, document.destination_id, document.held_until, document.expired_at, document.reason, document.edited_by, document.submitted_by, document.approved_digest, document.lines_amount, document.charges_amount, document.untaxed, document.tax, document.total, document.company_untaxed, document.approval_state, document.receipt_state, document.delivery_state, document.billing_state, document.ordering_state, document.credit_state, document.payment_state, document.residual, document.due_on, document.issued_at, document.confirmed_at, document.acknowledged_at, document.posted_at, document.accounting_date, document.frozen, document.copied_from_id, document.reverses_id, document.provenance_id, document.assignee_id, document.version, document.created_at, document.created_by, document.updated_at, document.updated_by, document.archived_at, document.custom 
FROM document 
WHERE document.tenant_id = $1::INTEGER AND document.id IN ($2::UUID, $3::UUID) AND document.kind IN ($4::VARCHAR);

SELECT document_1.tenant_id, document_1.id, partner.tenant_id, partner.id, partner.number, partner.name, partner.is_vendor, partner.is_customer, partner.language, partner.country, partner.website, partner.currency, partner.preferred, partner.rating, partner.payment_term_id, partner.over_receipt_percent, partner.lead_days, partner.note, partner.electronic_address, partner.electronic_scheme, partner.buyer_reference, partner.price_list_id, partner.tax_position_id, partner.hold_reason, partner.version, partner.created_at, partner.created_by, partner.updated_at, partner.updated_by, partner.archived_at, partner.custom 
FROM document AS document_1 JOIN partner ON document_1.partner_id = partner.id 
WHERE (document_1.tenant_id, document_1.id) IN (($1, $2), ($3, $4));

SELECT document_1.tenant_id, document_1.id, line.tenant_id, line.id, line.document_id, line.position, line.product_id, line.category_id, line.location_id, line.text, line.partner_item_number, line.quantity, line.counted, line.booked, line.difference, line.unit_id, line.stock_numerator, line.stock_denominator, line.stock_digits, line.unit_price, line.price_base, line.discount_percent, line.price_source, line.price_list_item_id, line.vendor_price_id, line.amount, line.source_amount, line.expected_on, line.proposed_on, line.reason, line.received, line.rejected, line.accepted, line.ordered, line.announced, line.delivered, line.returned, line.to_replace, line.billed, line.credited, line.claimed, line.closed, line.open_quantity, line.tax_id, line.tax_rate, line.tax_category, line.tax_included, line.tax_recoverable_percent, line.reverse_charge_rate, line.exemption_code, line.exemption_reason, line_link_1.tenant_id, line_link_1.id, line_link_1.from_line_id, line_link_1.to_line_id, line_link_1.relation, line_link_1.quantity, line_link_1.rejected, line_link_1.replaced 
FROM document AS document_1 JOIN line ON document_1.id = line.document_id LEFT OUTER JOIN line_link AS line_link_1 ON line.id = line_link_1.from_line_id 
WHERE (document_1.tenant_id, document_1.id) IN (($1, $2), ($3, $4)) ORDER BY line.position, line_link_1.id;

SELECT document_1.tenant_id, document_1.id, charge.tenant_id, charge.id, charge.document_id, charge.position, charge.origin_id, charge.text, charge.amount, charge.gross, charge.tax_id, charge.tax_rate, charge.tax_category, charge.tax_included, charge.tax_recoverable_percent, charge.reverse_charge_rate, charge.exemption_code, charge.exemption_reason 
FROM document AS document_1 JOIN charge ON document_1.id = charge.document_id 
WHERE (document_1.tenant_id, document_1.id) IN (($1, $2), ($3, $4)) ORDER BY charge.position;

SELECT document_1.tenant_id, document_1.id, tax_amount.tenant_id, tax_amount.id, tax_amount.document_id, tax_amount.tax_id, tax_amount.rate, tax_amount.category, tax_amount.included, tax_amount.recoverable_percent, tax_amount.reverse_charge_rate, tax_amount.exemption_code, tax_amount.exemption_reason, tax_amount.base, tax_amount.amount, tax_amount.self_assessed, tax_amount.unrecoverable 
FROM document AS document_1 JOIN tax_amount ON document_1.id = tax_amount.document_id 
WHERE (document_1.tenant_id, document_1.id) IN (($1, $2), ($3, $4)) ORDER BY tax_amount.rate;

SELECT product.id, product.is_stocked 
FROM product 
WHERE product.tenant_id = $1::INTEGER AND product.id IN ($2::UUID, $3::UUID);

SELECT product.tenant_id, product.id, product.sku, product.name, product.barcode, product.description, product.category_id, product.is_stocked, product.is_purchased, product.is_sold, product.unit_id, product.purchase_unit_id, product.sales_unit_id, product.purchase_tax_id, product.sales_tax_id, product.list_price, product.standard_cost, product.over_receipt_percent, product.version, product.created_at, product.created_by, product.updated_at, product.updated_by, product.archived_at, product.custom 
FROM product 
WHERE product.tenant_id = $1::INTEGER AND product.id IN ($2::UUID, $3::UUID);

SELECT product_1.tenant_id, product_1.id, product_unit.tenant_id, product_unit.id, product_unit.product_id, product_unit.unit_id, product_unit.numerator, product_unit.denominator, unit_1.tenant_id, unit_1.id, unit_1.code, unit_1.name, unit_1.digits, unit_1.unece, unit_1.version, unit_1.created_at, unit_1.created_by, unit_1.updated_at, unit_1.updated_by, unit_1.archived_at, unit_1.custom 
FROM product AS product_1 JOIN product_unit ON product_1.id = product_unit.product_id JOIN unit AS unit_1 ON product_unit.unit_id = unit_1.id 
WHERE (product_1.tenant_id, product_1.id) IN (($1, $2), ($3, $4)) ORDER BY product_unit.id;

SELECT unit.tenant_id, unit.id, unit.code, unit.name, unit.digits, unit.unece, unit.version, unit.created_at, unit.created_by, unit.updated_at, unit.updated_by, unit.archived_at, unit.custom 
FROM unit 
WHERE unit.tenant_id = $1::INTEGER AND unit.id IN ($2::UUID, $3::UUID);

SELECT DISTINCT line_1.document_id, document_1.id, document_1.number 
FROM line AS line_1 JOIN line_link ON line_link.tenant_id = line_1.tenant_id AND line_link.to_line_id = line_1.id JOIN line AS line_2 ON line_2.tenant_id = line_link.tenant_id AND line_2.id = line_link.from_line_id JOIN document AS document_1 ON document_1.tenant_id = line_2.tenant_id AND document_1.id = line_2.document_id 
WHERE line_1.tenant_id = $1::INTEGER AND line_1.document_id IN ($2::UUID, $3::UUID) AND (document_1.state NOT IN ($4::VARCHAR, $5::VARCHAR, $6::VARCHAR)) AND line_link.relation IN ($7::VARCHAR, $8::VARCHAR, $9::VARCHAR, $10::VARCHAR, $11::VARCHAR, $12::VARCHAR, $13::VARCHAR, $14::VARCHAR, $15::VARCHAR, $16::VARCHAR, $17::VARCHAR) ORDER BY document_1.id DESC;

SELECT line_1.document_id AS "of", line_2.document_id, read.line_link.relation 
FROM read.line AS line_1 JOIN read.line_link ON read.line_link.to_line_id = line_1.id JOIN read.line AS line_2 ON line_2.id = read.line_link.from_line_id JOIN read.document AS document_1 ON document_1.id = line_2.document_id 
WHERE line_1.document_id = ANY ($1::UUID[]) AND document_1.company_id = ANY ($2::UUID[]) GROUP BY line_1.document_id, line_2.document_id, read.line_link.relation ORDER BY line_2.document_id, read.line_link.relation
