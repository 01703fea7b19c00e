SELECT (SELECT CAST(count(*) AS TEXT) AS count_1 
FROM read.partner AS partner1 
WHERE partner1.is_vendor = $1::BOOLEAN AND partner1.archived_at IS NULL) AS anon_1, array((SELECT ARRAY['"code":' || CAST(to_json(unit2.code) AS TEXT) || ',"name":' || CAST(to_json(unit2.name) AS TEXT), CAST(unit2.id AS TEXT)] AS anon_2 
FROM read.unit AS unit2 
WHERE unit2.archived_at IS NULL ORDER BY unit2.id ASC 
 LIMIT 51)) AS array_1, (SELECT CAST(count(*) AS TEXT) AS count_2 
FROM read.purchase_order AS purchase_order3 
WHERE purchase_order3.company_id = ANY ($2::UUID[]) AND purchase_order3.archived_at IS NULL) AS anon_3
