SELECT array((SELECT ARRAY[product_1.sku, CAST(product_1.id AS TEXT)] AS anon_1 
FROM read.product AS product_1 
WHERE product_1.archived_at IS NULL ORDER BY product_1.sku DESC, product_1.id DESC 
 LIMIT 3)) AS array_1
