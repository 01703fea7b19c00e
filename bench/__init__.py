"""A guest beside the product: how fast it answers, measured side by side with others on the same data."""
