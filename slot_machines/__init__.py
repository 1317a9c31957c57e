__version__ = "0.1.0"

from typing import TYPE_CHECKING

if TYPE_CHECKING:   # for editors and type checkers; at run time a name is imported when it is first asked for
    from .reels import Reels
    from .selection import ExplicitSlots, Slots
    from .layers import (SlotConv1d, SlotConv2d, SlotConv3d, SlotConvTranspose1d, SlotConvTranspose2d, SlotConvTranspose3d, SlotEmbedding,
                         SlotLinear, freeze, n_slots, reseed, slot_table, slotify, slots)
    from .models import get_model, list_models
    from .data import get_dls
    from .hull import Hull
    from .coding import TicketError
    from .format import Ticket, read_ticket
    from .tickets import load_ticket, save_ticket
    from .inspection import ticket_predictor, ticket_table, unpack_ticket, verify_ticket
    from .learner import KeepBest, slot_learner
    from .finetuning import finetune_learner, moved

_homes = dict(reels='Reels', selection='ExplicitSlots Slots',
    layers='SlotConv1d SlotConv2d SlotConv3d SlotConvTranspose1d SlotConvTranspose2d SlotConvTranspose3d SlotEmbedding SlotLinear freeze n_slots '
           'reseed slot_table slotify slots',
    models='get_model list_models', data='get_dls', hull='Hull', coding='TicketError', format='Ticket read_ticket', tickets='load_ticket save_ticket',
    inspection='ticket_predictor ticket_table unpack_ticket verify_ticket', learner='slot_learner KeepBest', finetuning='finetune_learner moved')   # `data` and what follows `inspection` need fastai
_home = {name: module for module,names in _homes.items() for name in names.split()}
__all__ = ['Reels', 'ExplicitSlots', 'Slots', 'SlotConv1d', 'SlotConv2d', 'SlotConv3d', 'SlotConvTranspose1d', 'SlotConvTranspose2d',
           'SlotConvTranspose3d', 'SlotEmbedding', 'SlotLinear', 'freeze', 'n_slots', 'reseed', 'slot_table', 'slotify', 'slots', 'get_model',
           'list_models', 'get_dls', 'Hull', 'TicketError', 'Ticket', 'read_ticket', 'load_ticket', 'save_ticket', 'ticket_predictor', 'ticket_table', 'unpack_ticket',
           'verify_ticket', 'slot_learner', 'KeepBest', 'finetune_learner', 'moved']   # written out, for type checkers read no expression; `nbs/tests/types.ipynb` compares

def __getattr__(name):
    if name not in _home: raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    from importlib import import_module
    return getattr(import_module(f'.{_home[name]}', __name__), name)

def __dir__(): return sorted([*globals(), *_home])
