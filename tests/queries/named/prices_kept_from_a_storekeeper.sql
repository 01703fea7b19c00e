SELECT array((SELECT row(purchase_order_1.number, array((SELECT ARRAY[CAST(line_2.quantity AS TEXT)] AS anon_1 
FROM read.line AS line_2 
WHERE line_2.document_id = purchase_order_1.id ORDER BY line_2.position, line_2.id)), CAST(purchase_order_1.id AS TEXT)) AS row_1 
FROM read.purchase_order AS purchase_order_1 
WHERE purchase_order_1.company_id = ANY ($1::UUID[]) AND purchase_order_1.archived_at IS NULL ORDER BY purchase_order_1.id ASC 
 LIMIT 2)) AS array_1
