"""What is sold: quotes, orders by customers, deliveries, and what comes back."""
