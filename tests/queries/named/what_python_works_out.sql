SELECT array((SELECT ARRAY['"number":' || coalesce(CAST(to_json(purchase_order1.number) AS TEXT), 'null'), CAST(purchase_order1.id AS TEXT), purchase_order1.kind, purchase_order1.number] AS anon_1 
FROM read.purchase_order AS purchase_order1 
WHERE purchase_order1.company_id = ANY ($1::UUID[]) AND purchase_order1.archived_at IS NULL ORDER BY purchase_order1.number ASC NULLS LAST, purchase_order1.id ASC 
 LIMIT 3)) AS array_1;

select set_config('tradegraph.tenant', $1, true), set_config('tradegraph.now', $2, true);

SELECT line_1.document_id AS "of", line_2.document_id, read.line_link.relation 
FROM read.line AS line_1 JOIN read.line_link ON read.line_link.to_line_id = line_1.id JOIN read.line AS line_2 ON line_2.id = read.line_link.from_line_id JOIN read.document AS document_1 ON document_1.id = line_2.document_id 
WHERE line_1.document_id = ANY ($1::UUID[]) AND document_1.company_id = ANY ($2::UUID[]) GROUP BY line_1.document_id, line_2.document_id, read.line_link.relation ORDER BY line_2.document_id, read.line_link.relation
