SELECT (SELECT CAST(count(*) AS TEXT) AS count_1 
FROM read.partner AS partner_1 
WHERE partner_1.is_vendor = $1::BOOLEAN AND partner_1.archived_at IS NULL) AS anon_1, array((SELECT ARRAY[unit_2.code, unit_2.name, CAST(unit_2.id AS TEXT)] AS anon_2 
FROM read.unit AS unit_2 
WHERE unit_2.archived_at IS NULL ORDER BY unit_2.id ASC 
 LIMIT 51)) AS array_1, (SELECT CAST(count(*) AS TEXT) AS count_2 
FROM read.purchase_order AS purchase_order_3 
WHERE purchase_order_3.company_id = ANY ($2::UUID[]) AND purchase_order_3.archived_at IS NULL) AS anon_3
