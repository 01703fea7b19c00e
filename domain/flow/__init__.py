"""What begets what: the only room that names two kinds of paper at once, and writes what follows from their links."""
