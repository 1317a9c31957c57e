"""Links from names in backticks to their definitions, in place of nbdev's `add_links`.

nbdev takes the first of several definitions of a name, and breaks a link whose text has a name in backticks. Here a
link that is written stays as it is, and so does a name that the page itself assigns. Of several definitions the page's
own is meant; then the one that `from slot_machines import *` gives; else there is no link. pyproject.toml names this module
under `doc_procs`, so nbdev's commands have to find it: `PYTHONPATH=tools nbdev-preview`."""
import ast
import re
from functools import lru_cache
from pathlib import Path

from nbdev.config import get_config, nbpath2html
from nbdev.doclinks import NbdevLookup
from nbdev.processors import Processor

# What is read as a whole: fences, indented lines, headings, links and what they hold, pictures, code between backticks
_parts = re.compile(r'(?ms)^(?:```|~~~).*?^(?:```|~~~)[^\n]*$|^(?:    |\t|#)[^\n]*$'
    r'|!?\[(?:`[^`]*`|[^\[\]`])*\]\([^)]*\)|(?P<ticks>`+)(?P<code>[^`]+)(?P=ticks)')

@lru_cache(None)
def definitions():
    "Name -> {page: address} for every name of the package, methods too"
    from slot_machines._modidx import d
    site = d['settings']['doc_host'] + d['settings']['doc_baseurl'] + '/'
    found = {}
    for module,names in d['syms'].items():
        for full,(url,_) in names.items():
            found.setdefault(full.removeprefix(module + '.'), {})[url.partition('#')[0]] = site + url
    return found

@lru_cache(None)
def door():
    "Name -> page for what the package's door gives"
    from slot_machines._modidx import d
    pages = {}
    for module,names in d['syms'].items():
        for full,(url,_) in names.items(): pages[full] = url.partition('#')[0]
    stub = ast.parse((get_config().lib_path/'__init__.pyi').read_text(encoding='utf-8'))
    given = [(n.module, a.name) for n in stub.body if isinstance(n, ast.ImportFrom) for a in n.names]
    return {name: pages[full] for module,name in given for full in pages
            if full.startswith(f'slot_machines.{module}') and full.endswith(f'.{name}')}

def assigned(cells):
    "Names that the code cells assign outside functions"
    found = set()
    for cell in cells:
        if cell.cell_type != 'code': continue
        try: body = ast.parse(cell.source).body
        except SyntaxError: continue   # magics
        flat = [n for o in body if not isinstance(o, (ast.FunctionDef, ast.ClassDef)) for n in ast.walk(o)]
        found |= {n.id for n in flat if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return found

def address(name, page, own=()):
    "Where `name` on the page `page` (its path in the site) leads, or None; `own` are names that the page assigns"
    places = definitions().get(name, {})
    if page in places: return places[page]
    if name in own: return None
    if len(places) > 1: return places.get(door().get(name))
    return NbdevLookup().doc(name)   # other packages too

def linked(text, page, own=()):
    "`text`, Markdown of the page `page`, with links"
    def _link(m):
        if len(m['ticks'] or '') != 1: return m[0]
        name = m['code'].removesuffix('()')
        url = None if re.search(r'\s', name) else address(name, page, own)
        return f'[{m[0]}]({url})' if url else m[0]
    return _parts.sub(_link, text)

class PageLinks(Processor):
    "Add links to the Markdown cells and outputs of a notebook"
    def begin(self):
        path = Path(self.nb.path_).resolve()
        self.page = nbpath2html(path.relative_to(get_config().nbs_path.resolve())).as_posix()
        self.own = assigned(self.nb.cells)

    def cell(self, cell):
        if cell.cell_type == 'markdown': cell.source = linked(cell.source, self.page, self.own)
        for o in cell.get('outputs', []):
            data = o.get('data', {})
            text = ''.join(data.get('text/markdown', ''))
            if text: data['text/markdown'] = linked(text, self.page, self.own)
