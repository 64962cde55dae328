"""How judges looked: screens, places and eyes, from an export, and whether agreement goes with them."""
