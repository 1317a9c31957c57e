"""Networks of fixed random weights: every connection is a reel of values, and training selects one"""

__version__ = "0.1.0"

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)   # names and their homes: __init__.pyi
