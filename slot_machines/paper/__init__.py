"""The paper's experiments: runs from a configuration to a result file, in grids, reported beside the paper's numbers"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)   # names and their homes: __init__.pyi
