"""What is owed: bills and invoices, credit notes, debit notes, payments."""
