from .saliency import grasp as grasp, set_merits as set_merits, snip as snip, synflow as synflow
from .recipes import (
    list_relatives as list_relatives,
    make_relative as make_relative,
    relative_table as relative_table,
    relative_training as relative_training,
)
