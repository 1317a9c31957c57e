from .straight_through import (
    greedy as greedy,
    pick_explicit as pick_explicit,
    pick_latent as pick_latent,
    sample as sample,
)
from .multiweight import (
    PackedLayer as PackedLayer,
    SlotDict as SlotDict,
    SlotModule as SlotModule,
    register_packed as register_packed,
    slots_of as slots_of,
)
from .slotlayers import SlotLayer as SlotLayer, make_slots as make_slots, slot_class as slot_class
from .inventory import (
    SlotTable as SlotTable,
    slot_table as slot_table,
    slots as slots,
    weight_keys as weight_keys,
)
