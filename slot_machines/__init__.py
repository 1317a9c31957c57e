__version__ = "0.1.0"

from .reels import Reels
from .selection import ExplicitSlots, Slots
from .layers import (SlotConv1d, SlotConv2d, SlotConv3d, SlotConvTranspose1d, SlotConvTranspose2d, SlotConvTranspose3d, SlotEmbedding,
                     SlotLinear, freeze, n_slots, reseed, slot_table, slotify, slots)
from .models import get_model, list_models

_lazy = dict(slot_learner='learner', get_dls='data')   # these need fastai, which is imported when they are first asked for

def __getattr__(name):
    if name not in _lazy: raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    from importlib import import_module
    return getattr(import_module(f'.{_lazy[name]}', __name__), name)

def __dir__(): return sorted([*globals(), *_lazy])
