"""How papers are written before they bind anybody: their heads, their lines, their charges."""
