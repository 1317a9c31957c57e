from .optimisers import (
    cosine as cosine,
    default_lr as default_lr,
    make_optimiser as make_optimiser,
    norm_bias_params as norm_bias_params,
    param_groups as param_groups,
)
from .computing import Compute as Compute, SingleProcess as SingleProcess, pick_device as pick_device
from .checkpoints import write_log as write_log
from .loop import Training as Training
from .trainer import count_correct as count_correct, train as train
