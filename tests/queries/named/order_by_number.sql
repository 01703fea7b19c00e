select set_config('tradegraph.tenant', $1, true), set_config('tradegraph.now', $2, true);

SELECT read.document.id 
FROM read.document 
WHERE read.document.kind = $1::VARCHAR AND read.document.number = $2::VARCHAR AND read.document.company_id = ANY ($3::UUID[]) 
 LIMIT $4::INTEGER;

SELECT CAST(document0.id AS TEXT) AS id, document0.kind, document0.number, document0.state, CAST(partner1.id AS TEXT) AS id__1, partner1.number AS number_1, partner1.name, partner1.country, document0.currency, CAST(document0.total AS TEXT) AS total, array((SELECT ARRAY[CAST(line2.position AS TEXT), line2.text, CAST(line2.quantity AS TEXT), CAST(unit3.id AS TEXT), unit3.code, CAST(line2.unit_price AS TEXT), document0.currency, CAST(line2.amount AS TEXT), CAST(tax4.id AS TEXT), tax4.code, CAST(tax4.rate AS TEXT)] AS anon_1 
FROM read.line AS line2 LEFT OUTER JOIN read.unit AS unit3 ON unit3.id = line2.unit_id LEFT OUTER JOIN read.tax AS tax4 ON tax4.id = line2.tax_id 
WHERE line2.document_id = document0.id ORDER BY line2.position, line2.id)) AS array_1, document0.receipt_state, document0.billing_state 
FROM read.document AS document0 LEFT OUTER JOIN read.partner AS partner1 ON partner1.id = document0.partner_id 
WHERE document0.id = ANY ($1::UUID[]) AND document0.company_id = ANY ($2::UUID[])
