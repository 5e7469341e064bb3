"""Pictures as a test looks at them: opened, their mean colour, how different two are."""

import io

from PIL import Image, ImageChops, ImageStat


def opened(png):
    image = Image.open(io.BytesIO(png))
    image.load()
    return image


def mean(png):
    return ImageStat.Stat(opened(png).convert("RGB")).mean


def far(one, other):
    """How different two pictures are, of 255."""
    both = [opened(png).convert("RGB").resize((64, 64)) for png in (one, other)]
    return sum(ImageStat.Stat(ImageChops.difference(*both)).mean) / 3
