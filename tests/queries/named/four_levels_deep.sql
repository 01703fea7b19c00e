SELECT array((SELECT row('"name":' || CAST(to_json(partner1.name) AS TEXT), array((SELECT row('"number":' || coalesce(CAST(to_json(purchase_order2.number) AS TEXT), 'null'), array((SELECT row('"position":' || CAST(line3.position AS TEXT), CAST(product4.id AS TEXT), '"sku":' || CAST(to_json(product4.sku) AS TEXT), array((SELECT ARRAY['"price":"' || CAST(vendor_price5.price AS TEXT) || '","currency":' || CAST(to_json(vendor_price5.currency) AS TEXT) || ',"partner":' || (SELECT '{"name":' || CAST(to_json(partner6.name) AS TEXT) || '}' AS anon_2 
FROM read.partner AS partner6 
WHERE partner6.id = vendor_price5.partner_id), CAST(vendor_price5.id AS TEXT)] AS anon_1 
FROM read.vendor_price AS vendor_price5 
WHERE vendor_price5.product_id = product4.id AND (vendor_price5.company_id IS NULL OR vendor_price5.company_id = ANY ($1::UUID[])) ORDER BY vendor_price5.id ASC 
 LIMIT 2))) AS row_3 
FROM read.line AS line3 LEFT OUTER JOIN read.product AS product4 ON product4.id = line3.product_id 
WHERE line3.document_id = purchase_order2.id ORDER BY line3.position, line3.id)), purchase_order2.number, CAST(purchase_order2.id AS TEXT)) AS row_2 
FROM read.purchase_order AS purchase_order2 
WHERE purchase_order2.partner_id = partner1.id AND purchase_order2.company_id = ANY ($1::UUID[]) ORDER BY purchase_order2.number ASC NULLS LAST, purchase_order2.id ASC 
 LIMIT 3)), (SELECT CAST(count(*) AS TEXT) AS count_1 
FROM read.purchase_order AS purchase_order2 
WHERE purchase_order2.partner_id = partner1.id AND purchase_order2.company_id = ANY ($1::UUID[])), partner1.number, CAST(partner1.id AS TEXT)) AS row_1 
FROM read.partner AS partner1 
WHERE partner1.is_vendor = $2::BOOLEAN AND partner1.archived_at IS NULL ORDER BY partner1.number ASC, partner1.id ASC 
 LIMIT 51)) AS array_1
