"""Where judges looked: tables of an export, coverage of judges and images, maps of time over an image."""
