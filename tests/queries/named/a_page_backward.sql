SELECT array((SELECT ARRAY['"sku":' || CAST(to_json(product1.sku) AS TEXT), product1.sku, CAST(product1.id AS TEXT)] AS anon_1 
FROM read.product AS product1 
WHERE product1.archived_at IS NULL ORDER BY product1.sku DESC, product1.id DESC 
 LIMIT 3)) AS array_1
