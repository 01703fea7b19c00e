SELECT array((SELECT ARRAY['"number":' || coalesce(CAST(to_json(purchase_order1.number) AS TEXT), 'null') || ',"state":"' || upper(purchase_order1.state) || '","partner":' || coalesce((SELECT '{"name":' || CAST(to_json(partner2.name) AS TEXT) || '}' AS anon_2 
FROM read.partner AS partner2 
WHERE partner2.id = purchase_order1.partner_id AND partner2.id = $1::UUID), 'null'), CAST(purchase_order1.id AS TEXT)] AS anon_1 
FROM read.purchase_order AS purchase_order1 
WHERE purchase_order1.company_id = ANY ($2::UUID[]) AND purchase_order1.partner_id = $1::UUID AND purchase_order1.issued_at IS NOT NULL AND purchase_order1.archived_at IS NULL ORDER BY purchase_order1.id ASC 
 LIMIT 51)) AS array_1, (SELECT CAST(count(*) AS TEXT) AS count_1 
FROM read.purchase_order AS purchase_order1 
WHERE purchase_order1.company_id = ANY ($2::UUID[]) AND purchase_order1.partner_id = $1::UUID AND purchase_order1.issued_at IS NOT NULL AND purchase_order1.archived_at IS NULL) AS anon_3, array((SELECT ARRAY['"name":' || CAST(to_json(partner3.name) AS TEXT), CAST(partner3.id AS TEXT)] AS anon_4 
FROM read.partner AS partner3 
WHERE partner3.id = $1::UUID AND partner3.archived_at IS NULL ORDER BY partner3.id ASC 
 LIMIT 51)) AS array_2
