#!/usr/bin/env python3
"""Is the house in order? Measures the exported modules and fails where a rule of the house is broken:

    python tools/house.py                 the rules, as CI asks
    python tools/house.py --measure DIR   the numbers of the package in DIR, as one JSON object

Reads code, imports nothing of the package. Words per exported line need the notebooks beside the package."""
import argparse
import ast
import json
import re
import sys
import tokenize
from pathlib import Path

PACKAGE = 'slot_machines'
WIDTH = 120       # columns of a line of code
LONGEST = 250     # lines of code of a module
MOST = 10         # positional arguments of a function
GROUND = {'generator', 'checks', 'files', 'images'}   # know nothing of slots
NO_FASTAI = {'training', 'optimisers', 'distributed', 'layers', 'selection', 'reels'}

# Modules that may be longer, each with its reason
LONGER = {}


def modules(root):
    "Name within the package -> file, for every module that is written by hand or exported"
    files = sorted(Path(root).rglob('*.py'))
    return {_name(f.relative_to(root)): f for f in files if not f.name.startswith('_modidx')}

def _name(path):
    parts = list(path.with_suffix('').parts)
    if parts[-1] == '__init__': parts.pop()
    return '.'.join(parts)


class Source:
    "What there is to know of one module"
    def __init__(self, name, file):
        self.name = name
        self.file = file
        self.text = file.read_text(encoding='utf-8')
        self.tree = ast.parse(self.text)
        self.lines = self.text.splitlines()
        self.is_package = file.name == '__init__.py'

    def code_lines(self):
        "Numbers of the lines that hold code, docstrings and comments left out"
        held = set()
        docs = {n.body[0].value for n in ast.walk(self.tree) if _has_doc(n)}
        skip = {i for d in docs for i in range(d.lineno, d.end_lineno + 1)}
        with open(self.file, 'rb') as f:
            for t in tokenize.tokenize(f.readline):
                if t.type in (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENCODING, tokenize.ENDMARKER): continue
                held.update(range(t.start[0], t.end[0] + 1))
        return held - skip

    def wide(self):
        return [i for i, line in enumerate(self.lines, 1) if len(line) > WIDTH]

    def exported(self):
        "Names in `__all__`"
        for n in self.tree.body:
            if isinstance(n, ast.Assign) and any(getattr(t, 'id', None) == '__all__' for t in n.targets):
                return [e.value for e in getattr(n.value, 'elts', [])]
        return []

    def imports(self, known):
        "(module of the package, line, whether late) for each import, also inside functions"
        found = []
        late = {id(m) for f in ast.walk(self.tree) if isinstance(f, (ast.FunctionDef, ast.Lambda)) for m in ast.walk(f)}
        for n in ast.walk(self.tree):
            for target in _targets(n, self.name, self.is_package):
                hit = _longest_known(target, known)
                if hit is not None and hit != self.name: found.append((hit, n.lineno, id(n) in late))
        return found


def _has_doc(n):
    if not isinstance(n, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) or not n.body: return False
    first = n.body[0]
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)

def _targets(n, here, is_package):
    "Dotted names within the package that an import statement may mean"
    if isinstance(n, ast.Import):
        return [a.name[len(PACKAGE) + 1:] for a in n.names if a.name == PACKAGE or a.name.startswith(PACKAGE + '.')]
    if not isinstance(n, ast.ImportFrom): return []
    if n.level:
        up = here.split('.') if here else []
        drop = n.level - 1 if is_package else n.level
        base = '.'.join(up[:len(up) - drop] if drop else up)
        base = '.'.join(o for o in (base, n.module) if o)
    elif n.module == PACKAGE or (n.module or '').startswith(PACKAGE + '.'): base = n.module[len(PACKAGE) + 1:]
    else: return []
    return ['.'.join(o for o in (base, a.name) if o) for a in n.names]

def _longest_known(target, known):
    while target and target not in known: target = target.rpartition('.')[0]
    return target if target in known and target else None


def arrows(sources):
    "Module -> the modules that it imports, late ones too; `__init__` and `__main__` are doors and left out"
    known = {n for n in sources if n and n != '__main__'}
    return {n: {t for t, _, _ in sources[n].imports(known) if not sources[t].is_package} for n in known if not sources[n].is_package}

def circles(graph):
    "Groups of modules that import each other"
    reach = {n: _reach(n, graph) for n in graph}
    groups = {frozenset(m for m in graph if m in reach[n] and n in reach[m]) for n in graph if n in reach[n]}
    return sorted(sorted(g) for g in groups)

def _reach(start, graph):
    seen = set()
    todo = list(graph[start])
    while todo:
        n = todo.pop()
        if n in seen: continue
        seen.add(n)
        todo += graph.get(n, ())
    return seen

def floors(graph):
    "Module -> how many floors lie under it, modules in a circle counted as one"
    seen = {}
    def depth(n, path):
        if n in seen: return seen[n]
        below = [depth(m, path | {n}) for m in graph[n] if m not in path and m in graph]
        seen[n] = 1 + max(below, default=0)
        return seen[n]
    for n in graph: depth(n, frozenset())
    return seen

def fastai_in(sources, graph):
    "Modules of `NO_FASTAI` through which fastai is imported, other than late"
    heads = {n: _early(sources[n]) for n in graph}
    found = []
    for n in sorted(NO_FASTAI & set(graph)):
        through = [m for m in {n} | _reach(n, {k: {t for t, _, late in sources[k].imports(set(graph)) if not late} for k in graph}) if 'fastai' in heads[m]]
        if through: found.append((n, sorted(through)))
    return found

def _early(source):
    "Packages imported when the module is"
    late = {id(m) for f in ast.walk(source.tree) if isinstance(f, (ast.FunctionDef, ast.Lambda)) for m in ast.walk(f)}
    names = set()
    for n in ast.walk(source.tree):
        if id(n) in late: continue
        if isinstance(n, ast.Import): names |= {a.name.split('.')[0] for a in n.names}
        if isinstance(n, ast.ImportFrom) and not n.level: names.add((n.module or '').split('.')[0])
    return names


def assignments(source):
    "(parallel ones, all): assignments of several values to as many names in one statement"
    every = [n for n in ast.walk(source.tree) if isinstance(n, ast.Assign)]
    parallel = [n for n in every if isinstance(n.targets[0], ast.Tuple) and isinstance(n.value, ast.Tuple)]
    return parallel, every

def unrelated(n):
    "Whether a parallel assignment is more than a swap or a shift of values among its own names"
    targets = [ast.dump(t).replace('Store', 'Load') for t in n.targets[0].elts]
    values = [ast.dump(v) for v in n.value.elts]
    related = any(t in v for t in targets for v in values)   # a, b = b, a + b
    return not related

def tuple_statements(source):
    return [n.lineno for n in ast.walk(source.tree) if isinstance(n, ast.Expr) and isinstance(n.value, ast.Tuple)]

def many_arguments(source):
    found = []
    for n in ast.walk(source.tree):
        if not isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)): continue
        count = len(n.args.posonlyargs) + len(n.args.args)
        if count >= MOST: found.append((n.lineno, n.name, count))
    return found

def short_names(sources):
    "Share of assigned names of one or two letters"
    names = [n.id for s in sources.values() for n in ast.walk(s.tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    return sum(len(n) <= 2 for n in names)/max(len(names), 1)

def words_per_line(nbs):
    "Words of prose in the notebooks over the exported lines of code in them"
    words = lines = 0
    for f in Path(nbs).rglob('*.ipynb'):
        if '.ipynb_checkpoints' in f.parts: continue
        cells = json.loads(f.read_text(encoding='utf-8'))['cells']
        exports = [c for c in cells if re.match(r'#\|\s*exports?i?\b', ''.join(c['source']))]
        if not exports: continue
        lines += sum(len([o for o in c['source'] if o.strip() and not o.startswith('#|')]) for c in exports)
        words += sum(len(''.join(c['source']).split()) for c in cells if c['cell_type'] == 'markdown')
    return round(words/max(lines, 1), 2)


def measure(root):
    "The numbers of a package, as plain values"
    sources = {n: Source(n, f) for n, f in modules(root).items()}
    graph = arrows(sources)
    sizes = {n: len(sources[n].code_lines()) for n in graph}
    longest = max(sizes, key=sizes.get)
    parallel, every = (sum(len(assignments(s)[i]) for s in sources.values()) for i in (0, 1))
    total = sum(len(s.lines) for s in sources.values())
    wide = sum(len(s.wide()) for s in sources.values())
    nbs = Path(root).parent/'nbs'
    return dict(
        modules=len(graph),
        at_the_top=len({n.split('.')[0] for n in graph}),
        wings=sorted({n.split('.')[0] for n in graph if '.' in n}),
        floors=max(floors(graph).values()),
        circles=circles(graph),
        late_imports=sum(late for n in graph for _, _, late in sources[n].imports(set(graph))),
        longest=[longest, sizes[longest]],
        longer_than_250=sum(v > LONGEST for v in sizes.values()),
        lines=total,
        lines_over_120=wide,
        lines_over_120_percent=round(100*wide/total, 1),
        parallel_assignments=parallel,
        parallel_percent=round(100*parallel/every, 1),
        unrelated_parallel=sum(unrelated(n) for s in sources.values() for n in assignments(s)[0]),
        tuple_statements=sum(len(tuple_statements(s)) for s in sources.values()),
        ten_arguments=sum(len(many_arguments(s)) for s in sources.values()),
        short_names_percent=round(100*short_names(sources), 1),
        names_in_all=sum(len(sources[n].exported()) for n in graph),
        words_per_exported_line=words_per_line(nbs) if nbs.is_dir() else None)


def complaints(root):
    "What breaks a rule of the house, a line each"
    sources = {n: Source(n, f) for n, f in modules(root).items()}
    graph = arrows(sources)
    said = []
    for n, s in sources.items():
        said += [f'{s.file}:{i}: {len(s.lines[i-1])} columns, at most {WIDTH}' for i in s.wide()]
        said += [f'{s.file}:{o.lineno}: unrelated things assigned in one statement' for o in assignments(s)[0] if unrelated(o)]
        said += [f'{s.file}:{i}: a tuple as a statement' for i in tuple_statements(s)]
        said += [f'{s.file}:{i}: {name} takes {count} positional arguments, fewer than {MOST}' for i, name, count in many_arguments(s)]
        size = len(s.code_lines())
        if size > LONGEST and n not in LONGER: said.append(f'{s.file}: {size} lines of code, at most {LONGEST}, or a reason in LONGER')
    said += [f'{n} is in LONGER and need not be' for n in LONGER if n not in sources or len(sources[n].code_lines()) <= LONGEST]
    said += ['a circle: ' + ' and '.join(c) for c in circles(graph)]
    for n in sorted(GROUND & set(graph)):
        up = sorted(graph[n] - GROUND)
        if up: said.append(f'{n} is the ground and imports {", ".join(up)}')
    said += [f'{n} imports fastai through {", ".join(through)}' for n, through in fastai_in(sources, graph)]
    return said


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--measure', metavar='DIR', help='print the numbers of the package in DIR')
    args = parser.parse_args()
    if args.measure:
        print(json.dumps(measure(args.measure), indent=1))
        return 0
    root = Path(__file__).resolve().parent.parent/PACKAGE
    said = complaints(root)
    print('\n'.join(said) if said else 'the house is in order')
    return 1 if said else 0


if __name__ == '__main__': sys.exit(main())
