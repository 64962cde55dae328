"""Getting in: links, passwords, sessions, and how often somebody may try."""
