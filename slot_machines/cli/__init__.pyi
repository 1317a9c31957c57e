from .program import main as main, table as table
from .terminal import app as app
