SELECT array((SELECT ARRAY['"number":' || coalesce(CAST(to_json(purchase_order1.number) AS TEXT), 'null') || ',"total":{"amount":"' || CAST(round(purchase_order1.total, greatest(min_scale(purchase_order1.total), CASE WHEN (purchase_order1.currency IN ('XOF', 'BIF', 'XAF', 'CLP', 'KMF', 'DJF', 'XPF', 'GNF', 'ISK', 'XDR', 'JPY', 'KRW', 'XUA', 'PYG', 'RWF', 'XSU', 'UGX', 'UYI', 'VUV', 'VND', 'XBA', 'XBB', 'XBC', 'XBD', 'XTS', 'XXX', 'XAU', 'XPD', 'XPT', 'XAG')) THEN 0 WHEN (purchase_order1.currency IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND')) THEN 3 WHEN (purchase_order1.currency IN ('CLF', 'UYW')) THEN 4 ELSE 2 END)) AS TEXT) || '"},"partner":' || coalesce((SELECT '{"name":' || CAST(to_json(partner2.name) AS TEXT) || '}' AS anon_2 
FROM read.partner AS partner2 
WHERE partner2.id = purchase_order1.partner_id), 'null'), CAST(purchase_order1.id AS TEXT)] AS anon_1 
FROM read.purchase_order AS purchase_order1 
WHERE purchase_order1.company_id = ANY ($1::UUID[]) AND (purchase_order1.state = $2::VARCHAR OR (EXISTS (SELECT line_1.id 
FROM read.line AS line_1 
WHERE line_1.document_id = purchase_order1.id AND line_1.quantity > $3::NUMERIC AND (EXISTS (SELECT document_1.id 
FROM read.document AS document_1 
WHERE document_1.id = line_1.document_id AND document_1.company_id = ANY ($1::UUID[])))))) AND (EXISTS (SELECT partner_1.id 
FROM read.partner AS partner_1 
WHERE partner_1.id = purchase_order1.partner_id AND lower(partner_1.name) LIKE $4::VARCHAR ESCAPE '/')) AND purchase_order1.total >= $5::NUMERIC AND purchase_order1.archived_at IS NULL ORDER BY purchase_order1.id ASC 
 LIMIT 6)) AS array_1, (SELECT CAST(count(*) AS TEXT) AS count_1 
FROM read.purchase_order AS purchase_order1 
WHERE purchase_order1.company_id = ANY ($1::UUID[]) AND (purchase_order1.state = $2::VARCHAR OR (EXISTS (SELECT line_1.id 
FROM read.line AS line_1 
WHERE line_1.document_id = purchase_order1.id AND line_1.quantity > $3::NUMERIC AND (EXISTS (SELECT document_1.id 
FROM read.document AS document_1 
WHERE document_1.id = line_1.document_id AND document_1.company_id = ANY ($1::UUID[])))))) AND (EXISTS (SELECT partner_1.id 
FROM read.partner AS partner_1 
WHERE partner_1.id = purchase_order1.partner_id AND lower(partner_1.name) LIKE $4::VARCHAR ESCAPE '/')) AND purchase_order1.total >= $5::NUMERIC AND purchase_order1.archived_at IS NULL) AS anon_3
