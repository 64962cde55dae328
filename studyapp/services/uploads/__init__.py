"""Files on their way to a site, and those that arrived: bytes on disk, and a row for each."""
