"""Make README.md from nbs/index.ipynb without Quarto: `python tools/readme.py`, or with `--check` only compare (exit 1 if they differ).

Prose, code and text outputs are kept (tables as Markdown where an output has it). Pictures come from Markdown image links to
committed files; a picture drawn by a cell is not carried over. Links relative to nbs/, also those that a cell prints as Markdown, become links relative to the README."""
import argparse, posixpath, re, sys
from configparser import ConfigParser
from pathlib import Path

import nbformat, yaml

root = Path(__file__).resolve().parent.parent
_directive = re.compile(r'^\s*#\s*\|\s*([\w-]+):?\s*(.*?)\s*$')
_fence = re.compile(r'^(```.*?^```[ \t]*$)', re.M | re.S)
_ansi = re.compile(r'\x1b\[[0-9;]*[A-Za-z]')

def split_directives(src):
    "The leading `#| name: value` lines of a cell as a dict, and the rest of it."
    lines, found = src.splitlines(), {}
    while lines and (m := _directive.match(lines[0])):
        found[m[1]] = m[2]
        lines.pop(0)
    return found, '\n'.join(lines).strip('\n')

def relink(md):
    "Links and pictures of `md`, written relative to nbs/, as seen from the root of the repository; code stays as it is."
    def _target(url):
        if re.match(r'[a-zA-Z][\w+.-]*:|[#/]', url): return url
        return posixpath.normpath(posixpath.join('nbs', url))
    def _prose(s):
        s = re.sub(r'(\]\()([^)\s]+)', lambda m: m[1] + _target(m[2]), s)
        return re.sub(r'(<(?:img|a)\b[^>]*?\b(?:src|href)=")([^"]+)', lambda m: m[1] + _target(m[2]), s)
    return ''.join(p if p.startswith('```') else _prose(p) for p in _fence.split(md))

def fenced(text, lang=''):
    text = _ansi.sub('', text).rstrip()
    ticks = '`' * max(3, 1 + max(map(len, re.findall('`+', text)), default=0))
    return f'{ticks}{lang}\n{text}\n{ticks}'

def output_md(out):
    "One output of a cell as Markdown, or '' where it has no text to show."
    if out.output_type == 'stream': return fenced(out.text) if out.name == 'stdout' and out.text.strip() else ''
    data = out.get('data', {})
    if 'text/markdown' in data: return relink(data['text/markdown'].strip())
    if any(k.startswith('image/') for k in data): return ''
    return fenced(data['text/plain']) if data.get('text/plain', '').strip() else ''

def cell_md(cell):
    "One cell as Markdown, or '' for a hidden one."
    found, src = split_directives(cell.source)
    if 'hide' in found or found.get('include') == 'false' or not (src or cell.get('outputs')): return ''
    if cell.cell_type == 'markdown': return relink(src)
    if cell.cell_type == 'raw':
        fm = yaml.safe_load(src.strip().strip('-')) if src.startswith('---') else {}
        return '\n\n'.join(p + fm[k] for k, p in (('title', '# '), ('description', '> ')) if k in fm)
    code = [] if found.get('echo') == 'false' else [fenced(src, 'python')]
    outs = [] if found.get('output') == 'false' else [output_md(o) for o in cell.outputs]
    return '\n\n'.join(filter(None, code + outs))

def badges():
    "A line of badges, from the files that make them true; PyPI's is for after the first release"
    ini = ConfigParser(delimiters=['='], interpolation=None)
    ini.read(root/'settings.ini', encoding='utf-8')
    repo = re.search(r'^Repository\s*=\s*"(.+?)"', (root/'pyproject.toml').read_text(encoding='utf-8'), re.M)[1]
    tests = yaml.safe_load((root/'.github/workflows/test.yml').read_text(encoding='utf-8'))
    pythons = tests['jobs']['test']['strategy']['matrix']['python']
    def _shield(name, value):
        return f'https://img.shields.io/badge/{name}-{value.replace("-", "--").replace(" ", "_")}-blue'
    licence = ini['DEFAULT']['license']
    versions = f'{pythons[0]} to {pythons[-1]}'
    workflow = f'{repo}/actions/workflows/test.yml'
    shown = [('tests', f'{workflow}/badge.svg', workflow),
             (f'licence: {licence}', _shield('licence', licence), f'{repo}/blob/main/LICENSE'),
             (f'Python {versions}', _shield('python', versions), f'{repo}/blob/main/.github/workflows/test.yml')]
    return '\n'.join(f'[![{words}]({picture})]({link})' for words,picture,link in shown)

def readme(path):
    "The text of README.md for the notebook at `path`, with badges below its title."
    nb = nbformat.read(path, as_version=4)
    title,*rest = filter(None, map(cell_md, nb.cells))
    return '\n\n'.join([title, badges(), *rest]) + '\n'

def main():
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('--check', action='store_true', help='write nothing; exit 1 if README.md differs')
    args = p.parse_args()
    dest, text = root/'README.md', readme(root/'nbs'/'index.ipynb')
    if not args.check: dest.write_text(text, encoding='utf-8')
    elif not dest.exists() or dest.read_text(encoding='utf-8') != text:
        sys.exit('README.md differs from nbs/index.ipynb: run python tools/readme.py')

if __name__ == '__main__': main()
