SELECT array((SELECT ARRAY['"number":' || coalesce(CAST(to_json(purchase_order1.number) AS TEXT), 'null') || ',"custom":{"incoterm":' || coalesce('"' || upper(purchase_order1.custom ->> $1::VARCHAR) || '"', 'null') || '}', purchase_order1.custom ->> $2::VARCHAR, CAST(purchase_order1.id AS TEXT)] AS anon_1 
FROM read.purchase_order AS purchase_order1 
WHERE purchase_order1.company_id = ANY ($3::UUID[]) AND purchase_order1.custom @> $4::JSONB AND purchase_order1.archived_at IS NULL ORDER BY (purchase_order1.custom ->> $5::VARCHAR) ASC NULLS LAST, purchase_order1.id ASC 
 LIMIT 51)) AS array_1
