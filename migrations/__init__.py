"""How a database comes to be: the embedded cluster, the tables, the walls around each tenant."""
