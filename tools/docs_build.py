"""Build the documentation without Quarto, to read and to check it: `python tools/docs_build.py [--out _html]`.

Each notebook goes through nbdev's docs processing, as in `nbdev-docs`, and from there to one HTML page that needs no network.
The published site is Quarto's; what both share is read from its files: colours from `nbs/light.scss` and `nbs/dark.scss`, rules from
`nbs/styles.css`, the reading order from `nbs/sidebar.yml`, which `python tools/docs_build.py --sidebar` writes."""
import argparse, json, os, re, shutil, sys
from concurrent.futures import ProcessPoolExecutor
from fnmatch import fnmatch
from html import escape, unescape
from multiprocessing import get_context
from pathlib import Path
from posixpath import relpath
from urllib.parse import unquote, urljoin, urlsplit

import yaml
from fastcore.nbio import read_nb
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from mdit_py_plugins.attrs import attrs_plugin
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from nbdev import serve_drv
from nbdev.config import get_config, nbpath2html
from nbdev.doclinks import nbglob
from nbdev.processors import FilterDefaults
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

# The reading order: a page goes into the first section that has its folder and a pattern of its name, there in the order of patterns, then of names.
order = {'': ['index.ipynb'], 'Tutorials': ['tutorials/*', '*.html'], 'Ideas': ['[!0-9]*'], 'Experiments': ['experiments/*'],
    'API: reels and layers': ['0[1-5]*'], 'API: their parts': ['parts/*'], 'API: networks': ['models/*'], 'API: the relatives': ['relatives/*'], 'API: learning together': ['federated/*'], 'API: data': ['data/*'],
    'API: training': ['training/*', '0[6-8]*'], 'API: tickets': ['tickets/*'], 'API: figures': ['plots/*'], 'API: the experiments': ['paper/*'],
    'API: command line': ['cli/*'], 'API: kernels': ['kernels/*'], 'API: the ground': ['00*'], 'API: a film': ['demo/*'], 'Tests': ['tests/*']}

# --- reading order

def section_of(path):
    "The section of the page at `path`, relative to nbs/, and the number of its pattern there; (None, None) if no pattern takes it."
    places = ((name, i) for name,patterns in order.items() for i,p in enumerate(patterns) if p.count('/') == path.count('/') and fnmatch(path, p))
    return next(places, (None, None))

def source_pages(nbs):
    "Every page under the folder `nbs`, as paths relative to it: notebooks, and HTML that is copied as it is."
    html = [p for p in nbs.rglob('*.html') if not re.search(r'(^|/)[_.]', p.relative_to(nbs).as_posix())]
    return sorted(p.relative_to(nbs).as_posix() for p in [*nbglob(nbs, as_path=True), *html])

def title_of(path):
    "The title of the page at `path`: a notebook's first heading, an HTML page's title."
    if path.suffix == '.html': return unescape(m[1].strip()) if (m := re.search(r'(?s)<title>(.*?)</title>', path.read_text('utf-8'))) else path.stem
    return next((l[2:].strip() for c in read_nb(path).cells if c.cell_type == 'markdown' for l in c.source.splitlines() if l.startswith('# ')), path.stem)

def sidebar_text(nbs):
    "What nbs/sidebar.yml has to hold: a section of each name in `order` that has pages; a page of no section is left out."
    pages, contents = source_pages(nbs), []
    for name in order:
        found = [dict(text=title_of(nbs/p), href=p) if p.endswith('.html') else p for p in sorted(pages, key=lambda p: section_of(p)[1] or 0) if section_of(p)[0] == name]
        if found: contents += [dict(section=name, contents=found)] if name else found
    return '# Made by: python tools/docs_build.py --sidebar\n' + yaml.safe_dump(dict(website=dict(sidebar=dict(contents=contents))), sort_keys=False, allow_unicode=True)

def read_order(nbs):
    "The order that nbs/sidebar.yml declares: a list of (section, path)."
    res = []
    def _walk(items, section):
        for o in items:
            if isinstance(o, dict) and 'contents' in o: _walk(o['contents'], o['section'])
            else: res.append((section, o['href'] if isinstance(o, dict) else o))
    _walk(yaml.safe_load((nbs/'sidebar.yml').read_text('utf-8'))['website']['sidebar']['contents'], '')
    return res

# --- Markdown, formulas and code to HTML

_tex = [(r'\\(mathbb|mathcal|mathbf)\s+(\w)', r'\\\1{\2}'), (r'\\arg(?![a-z])\s*', r'\\operatorname{arg}\\,'),
        (r'\\(log|ln|exp)\s+(?=[\w\\])(?!\\big|\\left)', r'\\\1\\,')]   # what latex2mathml reads otherwise than TeX

def mathml(tex, display):
    "The formula `tex` as MathML, which browsers draw themselves; ValueError if a command is not known or braces do not match."
    bare = re.sub(r'\\[{}\\]', '', tex)
    if bare.count('{') != bare.count('}'): raise ValueError(f'formula {tex!r}: braces do not match')
    for a,b in _tex + [(r'\\(max|min)\s*_', r'\\\1\\limits_')]*display: tex = re.sub(a, b, tex)
    try: res = convert(tex, display='block' if display else 'inline')
    except Exception as e: raise ValueError(f'formula {tex!r}: {type(e).__name__} {e}') from None
    if m := re.search(r'>\s*(\\[A-Za-z]+)', res): raise ValueError(f'formula {tex!r}: unknown command {m[1]}')
    res = re.sub(r'<mo( stretchy="false")?>(/|&#x0002F;|\||&#x0007C;)</mo>', r'<mi mathvariant="normal">\2</mi>', res)   # as TeX sets a/b and |p|: no space around
    res = res.replace('<mi>:</mi><mo>&#x0003D;</mo>', '<mo>&#x02254;</mo>')
    return f'<span class="scroll">{res}</span>' if display else res

def coloured(src, lang):
    "`src` as HTML with Pygments' classes for the tokens that docs.css gives a colour."
    try: lexer = get_lexer_by_name(lang or 'text', stripnl=False)
    except ClassNotFound: lexer = get_lexer_by_name('text')
    return re.sub(r'<span class="(?:n|nn|nx|p|w|x|err)">([^<]*)</span>', r'\1', highlight(src, lexer, HtmlFormatter(nowrap=True))).rstrip('\n')

def code_block(src, lang='python'):
    """A block of code, each line a span as pandoc makes them; `--in` is its indentation, below which styles.css sets
    what does not fit in one line."""
    def _line(html):
        n = len(html) - len(html.lstrip(' '))
        return f'<span style="--in:{n}">{html}</span>' if n else f'<span>{html}</span>'
    lines = '\n'.join(map(_line, coloured(src, lang).split('\n')))
    return f'<div class="sourceCode"><pre tabindex="0" class="sourceCode {lang}"><code>{lines}</code></pre></div>\n'

def _div(self, tokens, idx, options, env):
    if tokens[idx].nesting < 0: return '</div>\n'
    classes = ' '.join(re.findall(r'\.([\w-]+)', tokens[idx].info)) or tokens[idx].info.strip()
    kind = re.search(r'callout-(\w+)', classes)
    if not kind: return f'<div class="{escape(classes)}">\n'
    named = re.search(r'title="([^"]*)"', tokens[idx].info)
    title = named[1] if named else '' if tokens[idx+1].type == 'heading_open' else kind[1].title()
    return f'<div class="callout {escape(classes)}">\n' + f'<p class="callout-title">{escape(title)}</p>\n'*bool(title)

def heading_id(text, taken):
    "The anchor that pandoc gives a heading of this text; `taken` counts those of the page."
    res = re.sub(r'^[^a-z]+', '', re.sub(r'\s+', '-', re.sub(r'[^\w\s.-]', '', text.lower()).strip())) or 'section'
    n = taken[res] = taken.get(res, -1) + 1
    return f'{res}-{n}' if n else res

class Markdown:
    "Quarto's Markdown, as far as these pages use it, to HTML. Keeps the headings (`toc`: level, anchor, HTML) and what failed (`bad`) of one page."
    def __init__(self, relink=lambda url: url):
        self.toc, self.bad, self.taken, self.relink = [], [], {}, relink
        self.md = MarkdownIt('commonmark', {'html': True}).enable(['table', 'strikethrough'])
        self.md.use(dollarmath_plugin, allow_space=False, allow_labels=False, double_inline=True, renderer=self.formula)
        self.md.use(attrs_plugin).use(container_plugin, 'div', validate=lambda *a: True, render=_div)
        self.md.add_render_rule('fence', lambda self, tokens, idx, options, env: code_block(tokens[idx].content, tokens[idx].info.strip('{.} ')))
        self.md.core.ruler.push('pages', self._tokens)

    def formula(self, tex, how):
        try: return mathml(tex, how['display_mode'])
        except ValueError as e:
            self.bad.append(str(e))
            return escape(f'${tex}$')

    def _tokens(self, state):
        "Anchors for headings, links within the site."
        for t,inline in zip(state.tokens, state.tokens[1:] + [None]):
            if t.type == 'heading_open':
                kids = inline.children or []
                name = m[1] if (m := re.search(r'\s*\{#([\w.-]+)[^}]*\}\s*$', kids[-1].content if kids else '')) else ''
                if m: kids[-1].content = kids[-1].content[:m.start()]
                anchor = name or heading_id(''.join(o.content for o in kids if o.type in ('text', 'code_inline', 'math_inline')), self.taken)
                t.attrSet('id', anchor)
                self.toc.append((int(t.tag[1]), anchor, self.md.renderer.render(kids, self.md.options, {})))
            for o in t.children or []:
                for a in ('href', 'src'):
                    if a in o.attrs: o.attrSet(a, self.relink(o.attrs[a]))

    def __call__(self, src): return self.md.render(src)
    def inline(self, src): return self.md.renderInline(src)

# --- one notebook to one page

_ansi = re.compile(r'\x1b\[[0-9;?]*[A-Za-z]')
_mimes = 'text/html', 'text/markdown', 'image/svg+xml', 'image/png', 'image/jpeg', 'text/plain'

def directives(src):
    "The leading `#| name: value` lines of a cell as a dict, and the rest of it."
    lines, found = src.splitlines(), {}
    while lines and (m := re.match(r'#\s*\|\s*([\w-]+):?\s*(.*?)\s*$', lines[0])): found[m[1]] = m[2].strip('"\''); lines.pop(0)
    return found, '\n'.join(lines).strip('\n')

def _joined(x): return ''.join(x) if isinstance(x, list) else x

def output_html(out, how, md):
    "One output of a cell as HTML; `how` are the cell's directives."
    if out.output_type == 'stream': return f'<div class="cell-output cell-output-{out.name}"><pre tabindex="0"><code>{escape(_ansi.sub("", _joined(out.text)).rstrip())}</code></pre></div>\n'
    if out.output_type == 'error': return f'<div class="cell-output cell-output-error"><pre tabindex="0"><code>{escape(_ansi.sub("", chr(10).join(out.traceback)))}</code></pre></div>\n'
    mime = next((m for m in _mimes if m in out.data), None)
    if not mime: return ''
    data = _joined(out.data[mime])
    if mime == 'text/markdown': res = md(data)
    elif mime in ('text/html', 'image/svg+xml'): res = f'<div class="scroll">{data}</div>'
    elif mime == 'text/plain': res = f'<pre tabindex="0"><code>{escape(_ansi.sub("", data))}</code></pre>'
    else:
        alt, caption = escape(how.get('fig-alt', '')), how.get('fig-cap')   # docs_check asks for words
        res = f'<figure class="figure"><img class="figure-img" alt="{alt}" src="data:{mime};base64,{re.sub(r"[^A-Za-z0-9+/=]", "", data)}">' + (f'<figcaption>{md.inline(caption)}</figcaption>' if caption else '') + '</figure>'
    return res if how.get('output') == 'asis' else f'<div class="cell-output cell-output-display">{res}</div>\n'

def cell_html(cell, md):
    "One processed cell as HTML, '' for one that is not shown."
    if cell.cell_type == 'markdown': return md(_joined(cell.source))
    if cell.cell_type != 'code': return ''
    how, src = directives(_joined(cell.source))
    if how.get('include') == 'false': return ''
    code = code_block(src, cell.metadata.get('language', 'python')) if src and how.get('echo') != 'false' else ''
    if 'code-fold' in how and code: code = f'<details{" open" if how["code-fold"] == "show" else ""}><summary>{escape(how.get("code-summary", "Code"))}</summary>{code}</details>\n'
    outs = ''.join(output_html(o, how, md) for o in cell.get('outputs', [])) if how.get('output') != 'false' else ''
    return f'<div class="cell">\n{code}{outs}</div>\n' if code or outs else ''

def relinker(name, site):
    "A function that makes links of page `name` relative: absolute ones into `site`, and those to notebooks."
    def _f(url):
        if url.startswith(site):
            page, _, frag = url[len(site):].partition('#')
            url = relpath(page or 'index.html', os.path.dirname(name) or '.') + (f'#{frag}' if frag else '')
        path, hash_, frag = url.partition('#')
        if path.endswith('.ipynb') and not urlsplit(url).scheme: url = nbpath2html(path).as_posix() + hash_ + frag
        return url
    return _f

def plain(title): return title.replace('`', '')

def links_html(items, root, here):
    "The pages of the site as nested lists; `items` are (section, html name, title) in reading order, `root` leads to the top folder."
    res, last = '', None
    for section,name,title in items:
        if section != last: res += ('</ul>' if last is not None else '') + (f'<h2>{escape(section)}</h2>' if section else '') + '<ul>'
        current = ' aria-current=page' if name == here else ''
        res += f'<li><a href="{root}{name}"{current}>{escape(plain(title))}</a></li>\n'
        last = section
    return res + '</ul>'

_script = '''const b = document.body, dark = matchMedia("(prefers-color-scheme: dark)"), kept = () => { try { return localStorage.getItem("scheme") } catch { return null } };
const paint = () => { const d = (kept() || (dark.matches ? "dark" : "light")) == "dark"; b.classList.toggle("quarto-dark", d); b.classList.toggle("quarto-light", !d) };
paint(); dark.addEventListener("change", paint);
addEventListener("click", e => { const t = e.target.closest("button"); if (!t) return;
  if (t.id == "scheme") { try { localStorage.setItem("scheme", b.classList.contains("quarto-dark") ? "light" : "dark") } catch {} paint() }
  if (t.id == "menu") t.setAttribute("aria-expanded", b.classList.toggle("menu-open")) });'''

_to_current = '''{ const nav = document.querySelector(".sidebar"), here = nav.querySelector("[aria-current]");
if (here) nav.scrollTop = here.offsetTop - nav.clientHeight/2 }'''

def page_html(nb, name, items, cfg):
    "The HTML page of the processed notebook `nb`, and a line for each formula that cannot be read."
    root, md = '../'*name.count('/'), Markdown(relinker(name, cfg['site']))
    fm = next((yaml.safe_load(_joined(c.source).strip().strip('-')) for c in nb.cells if c.cell_type == 'raw'), {})
    body = ''.join(cell_html(c, md) for c in nb.cells)
    early, second, rest = body.partition('<h2')
    body = re.sub(r'(</?)h3\b', r'\1h2', early) + second + rest   # definitions before the first section are sections: no level is left out
    body = re.sub(r'<table(?=[ >])|<(?:span|div) class="scroll"', r'\g<0> tabindex="0"', body)   # what scrolls can be reached by keyboard
    title, at = fm.get('title', name), next((i for i,o in enumerate(items) if o[1] == name), None)
    toc = ''.join(f'<li class="toc-{level}"><a href="#{escape(anchor)}">{re.sub(r"</?a[^>]*>", "", text)}</a></li>' for level,anchor,text in md.toc if level < 4)
    near = [] if at is None else [(way, items[at+step]) for way,step in (('previous', -1), ('next', 1)) if 0 <= at+step < len(items)]
    rel = dict(previous='prev', next='next')
    turn = ''.join(f'<a rel="{rel[way]}" class="{way}" href="{root}{o[1]}">{escape(plain(o[2]))}</a>' for way,o in near)
    return f'''<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>{escape(plain(title) if name == "index.html" else f"{plain(title)} – {cfg['title']}")}</title><meta name="description" content="{escape(fm.get('description', ''))}">
<link rel="icon" href="{root}images/logo.svg"><link rel="stylesheet" href="{root}docs.css"><link rel="stylesheet" href="{root}styles.css"></head>
<body class="quarto-light"><script>{_script}</script>
<header class="navbar"><button id="menu" aria-expanded="false" aria-label="Pages">☰</button><a class="navbar-brand" href="{root}index.html" aria-label="{escape(cfg['title'])}"><img src="{root}images/logo.svg" alt=""><span>{escape(cfg['title'])}</span></a>
<span class="room"></span><div class="search" role="search"><input id="search-query" type="search" placeholder="Search" aria-label="Search the pages" autocomplete="off" data-root="{root}"><div id="search-found" role="region" aria-label="Pages found" aria-live="polite" hidden></div></div>
<a href="{cfg['git']}">GitHub</a><button id="scheme" aria-label="Light or dark">◐</button></header>
<div class="columns"><nav class="sidebar" aria-label="Pages">{links_html(items, root, name)}</nav><script>{_to_current}</script>
<main class="content" id="quarto-document-content">
<header id="title-block-header"><h1 class="title">{md.inline(title)}</h1>{f'<div class="description">{md.inline(fm["description"])}</div>' if fm.get('description') else ''}</header>
{body}<nav class="turn" aria-label="Reading order">{turn}</nav></main>
<nav class="toc" aria-label="On this page">{f'<h2>On this page</h2><ul>{toc}</ul>' if toc else ''}</nav></div><script src="{root}docs.js" defer></script></body></html>
''', [f'{name}: {b}' for b in md.bad]

def make_page(src, dst, name, items, cfg):
    "Process the notebook `src` as nbdev does, beside its page `dst`; returns a line for each failure. Runs in a process of its own."
    try:
        tmp = dst.with_suffix('.ipynb')
        serve_drv.main((src, tmp, FilterDefaults))
        text, bad = page_html(read_nb(tmp), name, items, cfg)
        tmp.unlink()
        dst.write_text(text, encoding='utf-8')
        return bad
    except Exception as e: return [f'{name}: {type(e).__name__}: {e}']

# --- the site

def scss_colours(path, scheme):
    "The colours that a theme file of Quarto's gives its variables, as custom properties with Bootstrap's names."
    found = re.findall(r'^\$([\w-]+):\s*([^;!]+?)\s*(?:!default)?;', path.read_text('utf-8'), re.M)
    return f'body.quarto-{scheme} {{ color-scheme: {scheme}; ' + ' '.join(f'--bs-{k}: {v};' for k,v in found) + ' }\n'

def copy_files(nbs, out, names):
    "Copy to `out` what `project: resources:` of Quarto's configuration names and each file of `names` (relative to `nbs`) that is there; returns the resources."
    quarto = yaml.safe_load((nbs/'_quarto.yml').read_text('utf-8'))
    extra = [p.relative_to(nbs).as_posix() for g in quarto['project'].get('resources', []) for p in nbs.glob(g.lstrip('/'))]
    for name in {*names, *extra}:
        if not (nbs/name).is_file() or (out/name).exists(): continue
        (out/name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(nbs/name, out/name)
    return extra

def targets(text, name):
    "Files of this site that the page `name` with this HTML links to or shows, as paths from the site's top."
    urls = re.findall(r'<(?:a|img|iframe|script|source|link)\b[^>]*?\s(?:href|src)="([^"#?]+)', text)
    full = [urlsplit(urljoin('http://x/' + name, unescape(u))) for u in urls]
    return {unquote(u.path[1:]) for u in full if u.netloc == 'x'}

def sections(text):
    "The parts of a page's HTML between its headings: (anchor, heading, prose of the part without code and outputs)"
    main = re.search(r'(?s)<main.*?</main>', text)[0]
    main = re.sub(r'(?s)<(nav|pre|math|svg|figure|table)\b.*?</\1>', ' ', main)
    def _words(html):
        text = re.sub(r'<[^>]+>', '', re.sub(r'</(?:p|li|h\d)>', ' ', html))
        return re.sub(r'\s+', ' ', unescape(text)).strip()
    parts = re.split(r'<h[1-4][^>]*?(?: id="([^"]*)")?[^>]*>(.*?)</h[1-4]>', main)
    found = zip(parts[1::3], parts[2::3], parts[3::3])
    return [(anchor or '', _words(heading), _words(prose)) for anchor,heading,prose in found]

def search_index(made, items):
    """What docs.js looks words up in, rows (address, title, heading, prose): a script of its own, since a page read from
    a disk may load no JSON"""
    titles = {name: plain(title) for _,name,title in items}
    rows = []
    for name,text in made.items():
        if name not in titles or '<main' not in text: continue
        for anchor,heading,prose in sections(text):
            rows.append([name + f'#{anchor}'*bool(anchor), titles[name], heading if heading != titles[name] else '', prose])
    return 'window.pages = ' + json.dumps(rows, ensure_ascii=False, separators=(',', ':')) + ';\n'

def build(out, workers=None):
    "Write the site into the folder `out`, emptied first; returns (page names in reading order, a line for each failure)."
    cfg = get_config()
    nbs, bad, workers = cfg.nbs_path, [], workers or min(os.cpu_count() or 1, 8)
    shutil.rmtree(out, ignore_errors=True)
    names = {p: nbpath2html(p).as_posix() if p.endswith('.ipynb') else p for p in source_pages(nbs)}
    items = [(section, names[p], title_of(nbs/p)) for section,p in read_order(nbs) if p in names] if (nbs/'sidebar.yml').exists() else []
    for p in names.values(): (out/p).parent.mkdir(parents=True, exist_ok=True)
    info = dict(site=cfg.doc_url, title=cfg.title, git=cfg.git_url)
    with ProcessPoolExecutor(workers, mp_context=get_context('spawn')) as pool:
        jobs = [pool.submit(make_page, nbs/p, out/name, name, items, info) for p,name in names.items() if p.endswith('.ipynb')]
        for j in jobs: bad += j.result()
    made = {n: (out/n).read_text('utf-8') for n in names.values() if (out/n).exists()}
    copy_files(nbs, out, {t for n,text in made.items() for t in targets(text, n)} | {'styles.css', 'images/logo.svg'})
    (out/'docs.css').write_text(''.join(scss_colours(nbs/f'{s}.scss', s) for s in ('light', 'dark')) + Path(__file__).with_name('docs.css').read_text('utf-8'), encoding='utf-8')
    (out/'search.js').write_text(search_index(made, items), encoding='utf-8')
    shutil.copy2(Path(__file__).with_name('docs.js'), out)
    listed = [n for _,n,_ in items]
    return listed + sorted(set(names.values()) - set(listed)), bad

def main():
    cfg = get_config()
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('--out', type=Path, default=cfg.config_path/'_html', help='folder for the pages, emptied first (default: _html)')
    p.add_argument('--workers', type=int, help='processes (default: one for each core, at most 8)')
    p.add_argument('--sidebar', action='store_true', help='only write nbs/sidebar.yml')
    args = p.parse_args()
    if args.sidebar: return (cfg.nbs_path/'sidebar.yml').write_text(sidebar_text(cfg.nbs_path), encoding='utf-8')
    names, bad = build(args.out.resolve(), args.workers)
    for line in bad: print(line, file=sys.stderr)
    print(f'{len(names)} pages in {args.out}')
    sys.exit(1 if bad else 0)

if __name__ == '__main__':
    import docs_build   # by its name: while a notebook is processed, __main__ is the notebook, and the worker's next job would not find its function
    docs_build.main()
