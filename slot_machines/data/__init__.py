"""Images as loaders: data sets by name or from a folder, and loaders of any kind"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)   # names and their homes: __init__.pyi
