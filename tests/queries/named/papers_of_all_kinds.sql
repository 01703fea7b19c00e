SELECT array((SELECT row(document_1.kind, document_1.number, document_1.state, array((SELECT ARRAY[CAST(line_2.received AS TEXT), CAST(line_2.accepted AS TEXT)] AS anon_1 
FROM read.line AS line_2 
WHERE line_2.document_id = document_1.id ORDER BY line_2.position, line_2.id)), document_1.receipt_state, document_1.billing_state, CAST(document_1.id AS TEXT)) AS row_1 
FROM read.document AS document_1 
WHERE document_1.company_id = ANY ($1::UUID[]) AND document_1.archived_at IS NULL ORDER BY document_1.kind ASC, document_1.number ASC NULLS LAST, document_1.id ASC 
 LIMIT 51)) AS array_1
