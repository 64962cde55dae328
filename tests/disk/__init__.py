"""Commands on disks that are full."""
