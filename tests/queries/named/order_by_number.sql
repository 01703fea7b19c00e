select set_config('tradegraph.tenant', $1, true), set_config('tradegraph.now', $2, true);

SELECT read.document.id 
FROM read.document 
WHERE read.document.kind = $1::VARCHAR AND read.document.number = $2::VARCHAR AND read.document.company_id = ANY ($3::UUID[]) 
 LIMIT $4::INTEGER
