"""From a folder of images to a study that is entered: import, check, tile, register."""
