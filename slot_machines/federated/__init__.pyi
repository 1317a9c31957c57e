from .codecs import CODERS as CODERS, decode as decode, encode as encode, send as send
from .shared import Known as Known, MessageError as MessageError, draw as draw
