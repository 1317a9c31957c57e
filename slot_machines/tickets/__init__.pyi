from .rans import TicketError as TicketError
from .format import Ticket as Ticket, parse_ticket as parse_ticket, read_ticket as read_ticket
from .store import load_ticket as load_ticket, save_ticket as save_ticket, ticket_bytes as ticket_bytes
from .inspection import (
    ticket_parts as ticket_parts,
    ticket_predictor as ticket_predictor,
    ticket_table as ticket_table,
    unpack_ticket as unpack_ticket,
    verify_ticket as verify_ticket,
)
