SELECT array((SELECT row('"name":' || CAST(to_json(partner1.name) AS TEXT), array((SELECT ARRAY[CAST(count(*) AS TEXT), purchase_order2.currency, CAST(sum(purchase_order2.total) AS TEXT)] AS anon_1 
FROM read.purchase_order AS purchase_order2 
WHERE purchase_order2.partner_id = partner1.id AND purchase_order2.company_id = ANY ($1::UUID[]) GROUP BY purchase_order2.currency)), partner1.number, CAST(partner1.id AS TEXT)) AS row_1 
FROM read.partner AS partner1 
WHERE partner1.is_vendor = $2::BOOLEAN AND partner1.archived_at IS NULL ORDER BY partner1.number ASC, partner1.id ASC 
 LIMIT 51)) AS array_1
