SELECT array((SELECT ARRAY[purchase_order1.number, CAST(purchase_order1.total AS TEXT), purchase_order1.currency, CAST(partner2.id AS TEXT), partner2.name, CAST(purchase_order1.id AS TEXT)] AS anon_1 
FROM (SELECT purchase_order1.currency AS currency, purchase_order1.id AS id, purchase_order1.number AS number, purchase_order1.partner_id AS partner_id, purchase_order1.total AS total 
FROM read.purchase_order AS purchase_order1 
WHERE purchase_order1.company_id = ANY ($1::UUID[]) AND (purchase_order1.state = $2::VARCHAR OR (EXISTS (SELECT line_1.id 
FROM read.line AS line_1 
WHERE line_1.document_id = purchase_order1.id AND line_1.quantity > $3::NUMERIC AND (EXISTS (SELECT document_1.id 
FROM read.document AS document_1 
WHERE document_1.id = line_1.document_id AND document_1.company_id = ANY ($1::UUID[])))))) AND (EXISTS (SELECT partner_1.id 
FROM read.partner AS partner_1 
WHERE partner_1.id = purchase_order1.partner_id AND lower(partner_1.name) LIKE $4::VARCHAR ESCAPE '/')) AND purchase_order1.total >= $5::NUMERIC AND purchase_order1.archived_at IS NULL ORDER BY purchase_order1.id ASC 
 LIMIT 6) AS purchase_order1 LEFT OUTER JOIN read.partner AS partner2 ON partner2.id = purchase_order1.partner_id ORDER BY purchase_order1.id ASC)) AS array_1, (SELECT CAST(count(*) AS TEXT) AS count_1 
FROM read.purchase_order AS purchase_order1 
WHERE purchase_order1.company_id = ANY ($1::UUID[]) AND (purchase_order1.state = $2::VARCHAR OR (EXISTS (SELECT line_1.id 
FROM read.line AS line_1 
WHERE line_1.document_id = purchase_order1.id AND line_1.quantity > $3::NUMERIC AND (EXISTS (SELECT document_1.id 
FROM read.document AS document_1 
WHERE document_1.id = line_1.document_id AND document_1.company_id = ANY ($1::UUID[])))))) AND (EXISTS (SELECT partner_1.id 
FROM read.partner AS partner_1 
WHERE partner_1.id = purchase_order1.partner_id AND lower(partner_1.name) LIKE $4::VARCHAR ESCAPE '/')) AND purchase_order1.total >= $5::NUMERIC AND purchase_order1.archived_at IS NULL) AS anon_2
