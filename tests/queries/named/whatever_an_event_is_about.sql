SELECT array((SELECT ARRAY['"type":' || CAST(to_json(event1.type) AS TEXT), event1.record_type, CAST(event1.record_id AS TEXT), CAST(event1.position AS TEXT), CAST(event1.id AS TEXT)] AS anon_1 
FROM (SELECT event.tenant_id AS tenant_id, event.id AS id, event.xid AS xid, event.company_id AS company_id, event.type AS type, event.record_type AS record_type, event.record_id AS record_id, event.sequence AS sequence, event.actor_id AS actor_id, event.actor_name AS actor_name, event.at AS at, event.changes AS changes, event_seal.position AS position 
FROM event JOIN event_seal ON event_seal.tenant_id = event.tenant_id AND event_seal.event_id = event.id) AS event1 
WHERE event1.company_id IS NULL OR event1.company_id = ANY ($1::UUID[]) ORDER BY event1.position ASC, event1.id ASC 
 LIMIT 4)) AS array_1
