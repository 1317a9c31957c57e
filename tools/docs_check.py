"""Build the documentation without Quarto and check it: `python tools/docs_check.py [--out _html]`.

A failure, each one line, is a notebook that cannot be processed or is missing from nbs/sidebar.yml; a dead link, anchor or
picture; a link left as Markdown; a picture without words for those who do not see it (`#| fig-alt:` says what is seen); a
page above 400 KB; prose that nbdev would drop or that pandoc would run together; an output that is missing, or holds a
warning or a path of somebody's machine; an exported name without documentation. Any makes the exit status 1. `python tools/screenshots.py` opens the same pages in a browser."""
import argparse, ast, importlib, inspect, pkgutil, re, sys, textwrap
from concurrent.futures import ProcessPoolExecutor
from html.parser import HTMLParser
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import yaml
from doc_links import definitions
from docs_build import build, directives, section_of, sidebar_text, source_pages
from fastcore.docments import docments
from fastcore.nbio import read_nb
from nbdev.config import get_config
from nbdev.doclinks import NbdevLookup

max_bytes = 400_000   # of one page with the pictures in it

# --- the notebooks

_machine = re.compile(r'(?<![\w.~/-])/(?:home|root|Users|tmp|private|var/folders|work|mnt|opt|usr|content)/[\w.@/-]*')
_noise = re.compile(r'\b\w*Warning\b:|warnings\.warn|\d(?:it/s|s/it)\b|\r(?!\n)|Traceback \(most recent')

def lost_prose(nb):
    "What the title cell of the notebook at `nb` holds besides `# title`, `> description` and `- key: value`: nbdev's pages drop it."
    first = next((c.source for c in read_nb(nb).cells if c.cell_type == 'markdown'), '')
    if not first.startswith('# '): return ''
    return '\n'.join(l for l in first.splitlines() if l.strip() and not re.match(r'# |> |- \S.*:', l))

def run_together(src):
    "Lines of the Markdown `src` that open a list, a table or a heading right below a paragraph: pandoc takes them for more of the paragraph."
    fence, math, last, opened = False, False, '', ''
    for line in src.splitlines():
        if re.match(r'\s*(```|~~~)', line): fence = not fence
        elif not fence:
            if line.count('$$') % 2: math = not math
            kind = next((k for k,p in dict(list=r'([-*+]|\d+[.)])\s+\S', table=r'\|.*\|\s*$', heading=r'#{1,6} ').items() if re.match(p, line)), '')
            if kind and not math and last.strip() and not opened: yield f'{kind} right below a paragraph, leave a line free: {line[:60]}'
            opened = '' if not line.strip() else opened or kind or ('other' if line.startswith(('>', ':::')) else '')   # the block that this line is part of
        last = line

def notebook_faults(path, flags):
    "A line for each fault of the notebook at `path` that shows in its cells; cells with one of `flags` need no output."
    if lost := lost_prose(path): yield f'move to a cell of its own: {lost}'
    for cell in read_nb(path).cells:
        if cell.cell_type == 'markdown': yield from run_together(cell.source)
        if cell.cell_type != 'code': continue
        how, src = directives(cell.source)
        for o in cell.outputs:
            text = o.get('text', '') + ''.join(v for k,v in o.get('data', {}).items() if k.startswith('text/') and isinstance(v, str)) if o.output_type != 'error' else 'Traceback (most recent call last)'
            for found in (_machine.search(text), _noise.search(text)):
                if found: yield f'an output holds {found[0]!r}: {src.splitlines()[0][:60]}'
            if o.get('name') == 'stderr' and o.text.strip(): yield f'an output on stderr: {o.text.strip()[:60]}'
        if cell.outputs or not src or how.keys() & {'hide', 'export', 'exporti', 'exports', *flags} or how.get('eval') == 'false': continue
        try: last = ast.parse(src).body[-1]
        except (SyntaxError, IndexError): continue   # magics, comments
        shows = isinstance(last, ast.Expr) and not isinstance(last.value, (ast.Call, ast.Constant, ast.Await)) and not src.rstrip().endswith(';')
        if shows: yield f'ends in a value and has no output, run nbdev-test --save: {src.splitlines()[-1][:60]}'

def sidebar_faults(nbs):
    "A line if nbs/sidebar.yml is not what the pages make it, and for each page of no section or not carried."
    now, file = sidebar_text(nbs), nbs/'sidebar.yml'
    if not file.exists() or file.read_text('utf-8') != now: yield 'nbs/sidebar.yml is not in step with the pages: run python tools/docs_build.py --sidebar'
    extra = [p.relative_to(nbs).as_posix() for g in yaml.safe_load((nbs/'_quarto.yml').read_text('utf-8'))['project'].get('resources', []) for p in nbs.glob(g.lstrip('/'))]
    for p in source_pages(nbs):
        if section_of(p)[0] is None: yield f'{p}: no section of the sidebar takes it: see `order` in tools/docs_build.py'
        if p.endswith('.html') and p not in extra: yield f'{p}: name it under project: resources: in nbs/_quarto.yml'

# --- the pages

class Page(HTMLParser):
    """Of one page the targets (`links`), the anchors (`ids`), the words for pictures (`alts`, with their files `shown`)
    and links left as Markdown (`unmade`)."""
    def __init__(self, text):
        super().__init__()
        self.links, self.alts, self.unmade = [], [], []
        self.ids, self.shown = set(), set()
        self.code = 0   # how many elements of code are open
        self.feed(text)
    def handle_endtag(self, tag): self.code -= tag in ('pre', 'code', 'script')
    def handle_data(self, data):
        if not self.code and (m := re.search(r'\]\([^)\s]*', data)): self.unmade.append(m[0])
    def handle_starttag(self, tag, attrs):
        d = dict(attrs)
        self.code += tag in ('pre', 'code', 'script')
        if tag == 'img':
            self.alts.append(d.get('alt'))
            self.shown.add((d.get('alt'), d.get('src', '').rpartition('/')[2]))
        if d.get('id'): self.ids.add(d['id'].lower())
        url = d.get({'a': 'href', 'link': 'href', 'img': 'src', 'script': 'src', 'iframe': 'src', 'source': 'src'}.get(tag, ''))
        if url and not url.startswith('data:'): self.links.append(url)

def inner_names():
    "Page -> anchors that nbdev links to although the page does not show them: names of cells with `exporti`. Such a link opens the page."
    from slot_machines._modidx import d
    found = {}
    for names in d['syms'].values():
        for url,_ in names.values():
            path,_,anchor = url.partition('#')
            found.setdefault(path, set()).add(anchor.lower())
    return found

def dead_links(pages, out, site):
    "A line for each link in `pages` (path within the site to `Page`) whose page, anchor or file is not in `out`; other sites are not asked."
    inner = inner_names()
    for name,page in pages.items():
        for url in page.links:
            full = urlsplit(urljoin(site + name, url))
            if not full.geturl().startswith(site):
                if not urlsplit(url).scheme and not url.startswith('//'): yield f'{name}: {url}: leads out of the site'
                continue
            path, frag = unquote(full.path[len(urlsplit(site).path):]) or 'index.html', unquote(full.fragment).lower()
            if path in pages:   # nbdev links a method to its own anchor even where only the class is shown
                known = pages[path].ids | inner.get(path, set())
                if frag and not {frag, frag.split('.')[0]} & known: yield f'{name}: {url}: no such anchor'
            elif not (out/path).is_file(): yield f'{name}: {url}: no such page or file'

def picture_faults(pages):
    "A line for each picture whose words are missing, say only that it is one, or are those of other pages' pictures."
    seen = {}
    for name,page in pages.items():
        for alt in page.alts:
            if alt is None or alt == '' and not page.alts.count('') == 1:   # one is the logo beside its name
                yield f'{name}: a picture without words: say in `#| fig-alt:` what is seen'
            elif alt and (len(alt.split()) < 4 or re.match(r'(?i)(figure|image|picture|plot|output)\b', alt)):
                yield f'{name}: {alt!r} does not say what is seen'
        for alt,src in page.shown: seen.setdefault(alt, {}).setdefault(src, name)
    for alt,names in seen.items():
        same = sorted(set(names.values()))
        if alt and len(same) > 1: yield f'{", ".join(same)}: the same words for pictures of each: {alt[:60]!r}'

def link_faults(pages, texts):
    "A line for each link left as Markdown, and for each name that its page defines and that leads elsewhere."
    places = definitions()
    for name,page in pages.items():
        for found in page.unmade: yield f'{name}: a link left as Markdown: {found}'
        for url,word in re.findall(r'<a href="([^"]+)"><code>([\w.]+)(?:\(\))?</code></a>', texts[name]):
            own = places.get(word, {}).get(name)
            if not own or len(places[word]) < 2: continue
            here, there = own.partition('#')[0], urljoin(own, url).partition('#')[0]
            if here != there: yield f'{name}: `{word}` leads to {url}, and this page defines it'

# --- the exported names

# What needs no documentation of its own: constants (any value that is neither a class nor called), which the page speaks of; *args and **kwargs;
# the fields of a named tuple, which its docstring explains; methods that redefine a documented one, or one of another package's classes
# (`new`) or of torch's modules (`forward`), and fastai's events (`before_fit`); parameters that the docstring names in backticks; a command's
# options, which have a help text; the parameters of loops that numba or Triton compiles, which no user calls (their docstring is asked for);
# what is returned, if the docstring says what it is and not what is done.
_done = re.compile(r'(Add|Build|Change|Choose|Collect|Compute|Convert|Copy|Count|Create|Draw|Fill|Find|Give|Keep|Load|Make|Mirror|Move|Number|Put|Raise|Re-spin'
    r'|Read|Remove|Replace|Restore|Return|Run|Save|Select|Set|Spin|Split|Start|Store|Take|Train|Turn|Update|Wait|Write)\b')

def unwrapped(f):
    "The Python function within what a decorator made of it, and whether that was a compiler."
    for name in ('py_func', '_defn', 'fn', 'callback', '__wrapped__'):
        if not inspect.isfunction(f) and inspect.isfunction(getattr(f, name, None)): return getattr(f, name), name in ('py_func', '_defn', 'fn')
    return (f.func if type(f).__name__ == 'partial' else f), False

def definition(f):
    "The syntax tree of the function `f`, None without source."
    try: return ast.parse(textwrap.dedent(inspect.getsource(f))).body[0]
    except (OSError, TypeError, SyntaxError, IndexError): return None

def gives(tree):
    "Whether the function of this syntax tree returns or yields a value."
    def _walk(n):
        for c in ast.iter_child_nodes(n):
            if not isinstance(c, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)): yield c; yield from _walk(c)
    def _value(n): return n is not None and not (isinstance(n, ast.Constant) and n.value is None)
    return any(isinstance(n, (ast.Yield, ast.YieldFrom)) or isinstance(n, ast.Return) and _value(n.value) for n in _walk(tree))

def lacking(f, doc):
    "Names of the parameters of `f` that neither a docment nor the docstring `doc` speaks of. Parameters on one line share its comment, as `show_doc` prints them."
    sig, dm = inspect.signature(f), docments(f, full=True)
    if {'after_create', 'before_fit'} <= dm.keys(): return []   # a fastai callback with no parameters of its own
    named = set(re.findall(r'\w+', ' '.join(re.findall(r'`([^`]*)`', doc))))
    tree = definition(f.__init__ if inspect.isclass(f) and inspect.isfunction(f.__init__) else f)
    line = {a.arg: a.lineno for a in [*tree.args.posonlyargs, *tree.args.args, *tree.args.kwonlyargs]} if isinstance(tree, ast.FunctionDef) else {}
    told = {line[k] for k,v in dm.items() if v.docment and k in line}
    return [k for k,v in dm.items() if k in sig.parameters and k not in ('self', 'cls') and not v.docment and k not in named and line.get(k) not in told
            and sig.parameters[k].kind not in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)]

def undocumented(o):
    "What the documentation of the function, command or class `o` lacks, '' if nothing."
    f, machine = (o, False) if inspect.isclass(o) else unwrapped(o)
    doc = (vars(f).get('__doc__') if inspect.isclass(f) else f.__doc__ or o.__doc__) or ''
    if not doc.strip() or inspect.isclass(f) and doc.startswith(f'{f.__name__}('): return 'no docstring'
    if hasattr(o, 'params') and hasattr(o, 'callback'): return '; '.join(f'no help for --{p.name}' for p in o.params if p.param_type_name == 'option' and not p.help)   # a click command
    if machine or inspect.isclass(f) and (hasattr(f, '_fields') or issubclass(f, BaseException) or f.__init__ is object.__init__): return ''
    if any('option' in o.metadata for o in getattr(f, '__dataclass_fields__', {}).values()): return ''   # its fields say it themselves
    try: lacks = lacking(f, doc)
    except (ValueError, TypeError): return ''
    res = [f"no docment for {', '.join(lacks)}"] if lacks else []
    if not inspect.isclass(f):
        tree = definition(f)
        if tree and (m := re.search(r'^\s*\)\s*:\s*#\s*(.+)$', inspect.getsource(f), re.M)): res.append(f'no annotation `)->type:`, without which nbdev does not show what it returns: {m[1].strip()}')
        elif tree and _done.match(doc) and gives(tree) and not docments(f).get('return'): res.append('no docment for what it returns')
    return '; '.join(res)

def inherits(cls, name):
    "Whether the method `name` of `cls` is documented by a class above, or is another package's to explain."
    above = [vars(b)[name] for b in cls.__mro__[1:] if name in vars(b) and b is not object]
    torchs = 'torch' in sys.modules and hasattr(sys.modules['torch'].nn.Linear, name)
    foreign = torchs or any(name in vars(b) and b.__module__.split('.')[0] != cls.__module__.split('.')[0] for b in cls.__mro__[1:])
    event = re.fullmatch(r'(before|after)_\w+', name) and any(b.__name__ == 'Callback' for b in cls.__mro__)
    return foreign or bool(event) or any(getattr(unwrapped(getattr(a, 'fget', a))[0], '__doc__', None) for a in above)

def methods(cls):
    "The public methods and properties that `cls` defines, as pairs of name and function; those that inherit their documentation are left out."
    for name,v in vars(cls).items():
        if name.startswith('_') or inherits(cls, name): continue
        f = v.fget if isinstance(v, property) else getattr(v, '__func__', getattr(v, 'f', v))   # `f`: fastcore's classmethod patches
        if inspect.isfunction(f) and f.__module__.split('.')[0] == cls.__module__.split('.')[0]: yield name, f

def export_faults(package):
    "A line for each exported name of `package` that is not documented, or not shown on the page of its notebook. Runs in a process of its own."
    bad, shown, seen = [], {}, set()
    for info in pkgutil.iter_modules(importlib.import_module(package).__path__):
        if info.name.startswith('_'): continue
        mod = importlib.import_module(f'{package}.{info.name}')
        for name in getattr(mod, '__all__', []):
            o = getattr(mod, name)
            f = o if inspect.isclass(o) else unwrapped(o)[0]
            if id(o) in seen or not (inspect.isclass(f) or inspect.isfunction(f)) or f.__module__.split('.')[0] != package: continue
            seen.add(id(o))
            bad += [f'{info.name}.{n}: {lack}' for n,f in [(name, o)] + ([(f'{name}.{k}', f) for k,f in methods(o)] if inspect.isclass(o) else []) if (lack := undocumented(f))]
            if isinstance(place := NbdevLookup().syms.get(f'{mod.__name__}.{name}'), tuple): shown[f'{info.name}.{name}'] = place[0]
    return bad, shown

def main():
    cfg = get_config()
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('--out', type=Path, default=cfg.config_path/'_html', help='folder for the pages, emptied first (default: _html)')
    p.add_argument('--workers', type=int, help='processes (default: one for each core, at most 8)')
    args = p.parse_args()
    nbs, out, flags = cfg.nbs_path, args.out.resolve(), str(cfg.get('tst_flags', '')).split()
    with ProcessPoolExecutor(1, mp_context=get_context('spawn')) as pool:
        job = pool.submit(export_faults, cfg.lib_path.name)
        names, bad = build(out, args.workers)
        undone, shown = job.result()
    texts = {n: (out/n).read_text('utf-8') for n in names if (out/n).exists()}
    pages = {n: Page(t) for n,t in texts.items()}
    bad += list(sidebar_faults(nbs))
    for nb in source_pages(nbs):
        if nb.endswith('.ipynb'): bad += [f'{nb}: {line}' for line in dict.fromkeys(notebook_faults(nbs/nb, flags))]
    links = list(dict.fromkeys(dead_links(pages, out, cfg.doc_url)))
    bad += list(link_faults(pages, texts)) + list(dict.fromkeys(picture_faults(pages)))
    bad += links + [f'{n}: {len(t.encode()):,} bytes: expected at most {max_bytes:,}' for n,t in texts.items() if len(t.encode()) > max_bytes] + undone
    for name,url in shown.items():
        page, _, anchor = url.removeprefix(cfg.doc_url).partition('#')
        if page in pages and anchor.lower() not in pages[page].ids: bad.append(f'{name}: exported and not shown on {page}')
    for line in bad: print(line, file=sys.stderr)
    print(f'{len(pages)} of {len(names)} pages made, {sum(len(o.links) for o in pages.values())} links and pictures, {len(links)} dead, {len(undone)} exported names undocumented, {len(bad)} failures')
    sys.exit(1 if bad or not names else 0)

if __name__ == '__main__': main()
