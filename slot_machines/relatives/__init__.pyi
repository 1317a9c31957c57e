from .saliency import grasp as grasp, set_merits as set_merits, snip as snip, synflow as synflow
from .recipes import (
    list_relatives as list_relatives,
    make_relative as make_relative,
    relative_table as relative_table,
    relative_training as relative_training,
)
from .supsup import Superposition as Superposition, permuted as permuted
from .theory import (
    lottery_ticket as lottery_ticket,
    nearest as nearest,
    nearest_subset as nearest_subset,
    subset_sums as subset_sums,
    worst_error as worst_error,
)
from .powergrad import power_grad_loss as power_grad_loss
