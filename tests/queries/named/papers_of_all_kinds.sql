SELECT array((SELECT row(document1.kind, document1.number, document1.state, array((SELECT '{"received":"' || CAST(line2.received AS TEXT) || '","accepted":"' || CAST(line2.accepted AS TEXT) || '"}' AS anon_1 
FROM read.line AS line2 
WHERE line2.document_id = document1.id ORDER BY line2.position, line2.id)), document1.receipt_state, document1.billing_state, CAST(document1.id AS TEXT)) AS row_1 
FROM read.document AS document1 
WHERE document1.company_id = ANY ($1::UUID[]) AND document1.archived_at IS NULL ORDER BY document1.kind ASC, document1.number ASC NULLS LAST, document1.id ASC 
 LIMIT 51)) AS array_1
