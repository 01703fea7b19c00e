SELECT array((SELECT row('"number":' || coalesce(CAST(to_json(purchase_order1.number) AS TEXT), 'null'), array((SELECT ARRAY['"quantity":"' || CAST(line2.quantity AS TEXT) || '"'] AS anon_1 
FROM read.line AS line2 
WHERE line2.document_id = purchase_order1.id ORDER BY line2.position, line2.id)), CAST(purchase_order1.id AS TEXT)) AS row_1 
FROM read.purchase_order AS purchase_order1 
WHERE purchase_order1.company_id = ANY ($1::UUID[]) AND purchase_order1.archived_at IS NULL ORDER BY purchase_order1.id ASC 
 LIMIT 2)) AS array_1
