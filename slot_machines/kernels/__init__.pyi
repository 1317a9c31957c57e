from .reference import latent_scores as latent_scores, update_torch as update_torch
from .engine import Engine as Engine
from .sampler import Sampler as Sampler
from .native import compiled_loop as compiled_loop
