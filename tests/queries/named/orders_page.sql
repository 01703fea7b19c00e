SELECT array((SELECT row(purchase_order1.number, CAST(purchase_order1.dated AS TEXT), CAST(purchase_order1.total AS TEXT), purchase_order1.currency, CAST(partner2.id AS TEXT), partner2.name, array((SELECT ARRAY[CAST(line3.quantity AS TEXT), CAST(line3.unit_price AS TEXT), purchase_order1.currency, CAST(product4.id AS TEXT), product4.sku, product4.name] AS anon_1 
FROM read.line AS line3 LEFT OUTER JOIN read.product AS product4 ON product4.id = line3.product_id 
WHERE line3.document_id = purchase_order1.id ORDER BY line3.position, line3.id)), CAST(purchase_order1.id AS TEXT)) AS row_1 
FROM (SELECT purchase_order1.currency AS currency, purchase_order1.dated AS dated, purchase_order1.id AS id, purchase_order1.number AS number, purchase_order1.partner_id AS partner_id, purchase_order1.total AS total 
FROM read.purchase_order AS purchase_order1 
WHERE purchase_order1.company_id = ANY ($1::UUID[]) AND purchase_order1.state = $2::VARCHAR AND purchase_order1.archived_at IS NULL ORDER BY purchase_order1.dated DESC, purchase_order1.id ASC 
 LIMIT 3) AS purchase_order1 LEFT OUTER JOIN read.partner AS partner2 ON partner2.id = purchase_order1.partner_id ORDER BY purchase_order1.dated DESC, purchase_order1.id ASC)) AS array_1
