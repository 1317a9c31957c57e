from .codecs import CODERS as CODERS, decode as decode, encode as encode, send as send
from .downlink import (
    decode_counts as decode_counts,
    decode_latents as decode_latents,
    encode_counts as encode_counts,
    encode_latents as encode_latents,
    on_grid as on_grid,
)
from .shared import Known as Known, MessageError as MessageError, draw as draw
from .partitions import participants as participants, partition as partition
from .methods import list_methods as list_methods, make_method as make_method, method_table as method_table
from .server import Report as Report, Server as Server
from .client import Client as Client
from .simulation import Simulation as Simulation, simulate as simulate
