from .reels import Reels as Reels
from .selection import ExplicitSlots as ExplicitSlots, Slots as Slots
from .quota import Quota as Quota
from .rules import Round as Round
from .layers import (
    SlotConv1d as SlotConv1d,
    SlotConv2d as SlotConv2d,
    SlotConv3d as SlotConv3d,
    SlotConvTranspose1d as SlotConvTranspose1d,
    SlotConvTranspose2d as SlotConvTranspose2d,
    SlotConvTranspose3d as SlotConvTranspose3d,
    SlotEmbedding as SlotEmbedding,
    SlotLinear as SlotLinear,
    freeze as freeze,
    n_slots as n_slots,
    reseed as reseed,
    slot_table as slot_table,
    slotify as slotify,
    slots as slots,
)
from .schedules import Ramp as Ramp, Redraw as Redraw
from .folding import fold as fold
from .models import get_model as get_model, list_models as list_models
from .data import get_dls as get_dls
from .hull import Hull as Hull
from .tickets import (
    Ticket as Ticket,
    TicketError as TicketError,
    load_ticket as load_ticket,
    read_ticket as read_ticket,
    save_ticket as save_ticket,
    ticket_predictor as ticket_predictor,
    ticket_table as ticket_table,
    unpack_ticket as unpack_ticket,
    verify_ticket as verify_ticket,
)
from .learner import KeepBest as KeepBest, slot_learner as slot_learner
from .finetuning import finetune_learner as finetune_learner, moved as moved
