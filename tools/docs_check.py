"""Make every page of the documentation without Quarto and follow its internal links: `python tools/docs_check.py [--out _html]`.

Each notebook goes through nbdev's docs processing, as in `nbdev-proc-nbs`, and then through nbconvert to HTML in the out folder.
A failure is a notebook that cannot be processed, prose that nbdev would drop, or a link or picture that leads nowhere; any makes the exit status 1."""
import argparse, os, re, shutil, sys
from concurrent.futures import ProcessPoolExecutor
from html.parser import HTMLParser
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import nbformat
from fastcore.nbio import read_nb
from nbconvert import HTMLExporter
from nbdev import serve_drv
from nbdev.config import get_config, nbpath2html
from nbdev.doclinks import nbglob
from nbdev.processors import FilterDefaults

def lost_prose(nb):
    "What the title cell of the notebook at `nb` holds besides `# title`, `> description` and `- key: value`: nbdev's pages drop it."
    first = next((c.source for c in read_nb(nb).cells if c.cell_type == 'markdown'), '')
    if not first.startswith('# '): return ''
    return '\n'.join(l for l in first.splitlines() if l.strip() and not re.match(r'# |> |- \S.*:', l))

def make_pages(nbs, out, workers):
    "Process each notebook under `nbs` and write it and its HTML page under `out`; returns (number of notebooks, a line for each failure)."
    jobs = {nb: out/nbpath2html(nb.relative_to(nbs)).with_suffix('.ipynb') for nb in sorted(nbglob(nbs, as_path=True))}
    for dst in jobs.values(): dst.parent.mkdir(parents=True, exist_ok=True)
    exporter, bad = HTMLExporter(template_name='basic'), []
    with ProcessPoolExecutor(workers, mp_context=get_context('spawn')) as pool:
        done = {nb: pool.submit(serve_drv.main, (nb, dst, FilterDefaults)) for nb, dst in jobs.items()}
        for nb, dst in jobs.items():
            try:
                done[nb].result()
                page = nbformat.v4.reads(dst.read_text(encoding='utf-8'))
                for c in page.cells: c.metadata.pop('execution', None)   # seconds, where the notebook format wants times of day
                dst.with_suffix('.html').write_text(exporter.from_notebook_node(page)[0], encoding='utf-8')
            except Exception as e: bad.append(f'{nb.relative_to(nbs)}: {type(e).__name__}: {e}')
    bad += [f'{nb.relative_to(nbs)}: move to a cell of its own: {s}' for nb in jobs if (s := lost_prose(nb))]
    return len(jobs), bad

class Page(HTMLParser):
    "The targets (`links`) and the anchors (`ids`) of one page; headings get the ids that Quarto gives them."
    def __init__(self, text):
        super().__init__()
        self.links, self.ids, self.heading = [], set(), None
        self.feed(text)
    def handle_starttag(self, tag, attrs):
        d = dict(attrs)
        if d.get('id'): self.ids.add(d['id'].lower())
        url = d.get('href' if tag == 'a' else 'src' if tag == 'img' else '')
        if url and 'anchor-link' not in d.get('class', ''): self.links.append(url)
        if re.fullmatch('h[1-6]', tag): self.heading = ''
    def handle_data(self, data):
        if self.heading is not None: self.heading += data
    def handle_endtag(self, tag):
        if self.heading is None or not re.fullmatch('h[1-6]', tag): return
        text = self.heading.strip().rstrip('¶').strip()
        if m := re.search(r'\{#([\w.-]+)', text): self.ids.add(m[1].lower())
        self.ids.add(re.sub(r'^[^a-z]+', '', re.sub(r'\s+', '-', re.sub(r'[^\w\s.-]', '', text.lower()))))
        self.heading = None

def dead_links(pages, nbs, site):
    "A line for each link in `pages` (path within the site to `Page`) whose page, anchor or file does not exist; other sites are not asked."
    bad = []
    for name, page in pages.items():
        for url in page.links:
            full = urlsplit(urljoin(site + name, url))
            if not full.geturl().startswith(site):
                if not urlsplit(url).scheme and not url.startswith('//'): bad.append(f'{name}: {url}: leads out of the site')
                continue
            path, frag = unquote(full.path[len(urlsplit(site).path):]) or 'index.html', unquote(full.fragment).lower()
            if path.endswith('.ipynb'): path = nbpath2html(path).as_posix()
            if path in pages:   # nbdev links a method to its own anchor even where only the class is shown
                if frag and not {frag, frag.split('.')[0]} & pages[path].ids: bad.append(f'{name}: {url}: no such anchor')
            elif not (nbs/path).is_file(): bad.append(f'{name}: {url}: no such page or file')
    return bad

def main():
    cfg = get_config()
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('--out', type=Path, default=cfg.config_path/'_html', help='folder for the pages, emptied first (default: _html)')
    p.add_argument('--workers', type=int, default=min(os.cpu_count() or 1, 8))
    args = p.parse_args()
    nbs, out = cfg.nbs_path, args.out.resolve()
    shutil.rmtree(out, ignore_errors=True)
    n, bad = make_pages(nbs, out, args.workers)
    pages = {f.relative_to(out).as_posix(): Page(f.read_text(encoding='utf-8')) for f in sorted(out.rglob('*.html'))}
    links = dead_links(pages, nbs, cfg.doc_url)
    for line in bad + links: print(line, file=sys.stderr)
    print(f'{len(pages)} of {n} pages made, {sum(len(o.links) for o in pages.values())} links and pictures, {len(links)} dead')
    sys.exit(1 if bad or links or not n else 0)

if __name__ == '__main__': main()
