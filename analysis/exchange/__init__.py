"""Forms of other tools, read into our tables and written from them."""
