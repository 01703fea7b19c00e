SELECT array((SELECT row(partner1.name, array((SELECT row(purchase_order2.number, array((SELECT row(CAST(line3.position AS TEXT), CAST(product4.id AS TEXT), product4.sku, array((SELECT ARRAY[CAST(vendor_price5.price AS TEXT), vendor_price5.currency, CAST(partner6.id AS TEXT), partner6.name, CAST(vendor_price5.id AS TEXT)] AS anon_1 
FROM (SELECT vendor_price5.currency AS currency, vendor_price5.id AS id, vendor_price5.partner_id AS partner_id, vendor_price5.price AS price 
FROM read.vendor_price AS vendor_price5 
WHERE vendor_price5.product_id = product4.id AND (vendor_price5.company_id IS NULL OR vendor_price5.company_id = ANY ($1::UUID[])) ORDER BY vendor_price5.id ASC 
 LIMIT 2) AS vendor_price5 LEFT OUTER JOIN read.partner AS partner6 ON partner6.id = vendor_price5.partner_id ORDER BY vendor_price5.id ASC))) AS row_3 
FROM read.line AS line3 LEFT OUTER JOIN read.product AS product4 ON product4.id = line3.product_id 
WHERE line3.document_id = purchase_order2.id ORDER BY line3.position, line3.id)), CAST(purchase_order2.id AS TEXT)) AS row_2 
FROM read.purchase_order AS purchase_order2 
WHERE purchase_order2.partner_id = partner1.id AND purchase_order2.company_id = ANY ($1::UUID[]) ORDER BY purchase_order2.number ASC NULLS LAST, purchase_order2.id ASC 
 LIMIT 3)), (SELECT CAST(count(*) AS TEXT) AS count_1 
FROM read.purchase_order AS purchase_order2 
WHERE purchase_order2.partner_id = partner1.id AND purchase_order2.company_id = ANY ($1::UUID[])), partner1.number, CAST(partner1.id AS TEXT)) AS row_1 
FROM read.partner AS partner1 
WHERE partner1.is_vendor = $2::BOOLEAN AND partner1.archived_at IS NULL ORDER BY partner1.number ASC, partner1.id ASC 
 LIMIT 51)) AS array_1
