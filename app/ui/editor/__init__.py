"""The visit editor: a side panel in which a follow-up is entered, copied forward from the last visit."""

WIDTH = 372  # pixels
