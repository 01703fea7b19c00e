SELECT array((SELECT ARRAY[purchase_order1.number, purchase_order1.state, CAST(partner2.id AS TEXT), partner2.name, CAST(purchase_order1.id AS TEXT)] AS anon_1 
FROM (SELECT purchase_order1.id AS id, purchase_order1.number AS number, purchase_order1.partner_id AS partner_id, purchase_order1.state AS state 
FROM read.purchase_order AS purchase_order1 
WHERE purchase_order1.company_id = ANY ($1::UUID[]) AND purchase_order1.partner_id = $2::UUID AND purchase_order1.issued_at IS NOT NULL AND purchase_order1.archived_at IS NULL ORDER BY purchase_order1.id ASC 
 LIMIT 51) AS purchase_order1 LEFT OUTER JOIN read.partner AS partner2 ON partner2.id = purchase_order1.partner_id AND partner2.id = $2::UUID ORDER BY purchase_order1.id ASC)) AS array_1, (SELECT CAST(count(*) AS TEXT) AS count_1 
FROM read.purchase_order AS purchase_order1 
WHERE purchase_order1.company_id = ANY ($1::UUID[]) AND purchase_order1.partner_id = $2::UUID AND purchase_order1.issued_at IS NOT NULL AND purchase_order1.archived_at IS NULL) AS anon_2, array((SELECT ARRAY[partner3.name, CAST(partner3.id AS TEXT)] AS anon_3 
FROM read.partner AS partner3 
WHERE partner3.id = $2::UUID AND partner3.archived_at IS NULL ORDER BY partner3.id ASC 
 LIMIT 51)) AS array_2
