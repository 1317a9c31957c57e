from .film import Film as Film
from .animation import animate as animate
