// A published image: its candidates side by side, with the teams that made them.
