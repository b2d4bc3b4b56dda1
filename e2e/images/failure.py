"""What keeps an image from being built, and what a person can do about it."""


class ImageError(Exception):
    """The text says what happened, to which image, and what to do next."""
