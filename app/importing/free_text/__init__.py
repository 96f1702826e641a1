"""Case histories told in free text."""
