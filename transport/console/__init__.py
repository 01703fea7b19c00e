"""What operators ask for at the command line, one file a subject; server.py opens it."""
