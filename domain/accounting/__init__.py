"""What papers mean for the books: balanced entries that a host's ledger or an accountant takes.

A paper that took effect is entered by `entering.enter`, what takes it back by `entering.undo`; what an order commits
the company to follows from `commitment.pledge`.
"""
