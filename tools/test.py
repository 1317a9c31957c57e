"""Run the notebooks as tests, a line for each as it ends:

    python tools/test.py             all of them, the long ones first
    python tools/test.py --quick     only the pages that make the package, without tests, tutorials and experiments
    python tools/test.py PATH ...    these notebooks, or all below these folders

It is `nbdev-test` with three things more: it says how far it is, each notebook computes with one thread, so that
notebooks side by side do not fight over the processors, and it tells which pages show another text than their cells
print today. A cell whose text differs from run to run (seconds, versions) says so in a comment `# varies`."""
import argparse
import multiprocessing
import os
import re
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SLOW = 'tests', 'tutorials', 'experiments'   # folders of long pages: they begin first
ONE_THREAD = dict(OMP_NUM_THREADS='1', MKL_NUM_THREADS='1', OPENBLAS_NUM_THREADS='1')
STALE = 'shows another text than its cells print'


def text_of(cell):
    "What a cell shows in words, without addresses of objects"
    found = []
    for o in cell.get('outputs', []):
        if o['output_type'] == 'stream' and o['name'] == 'stdout': found.append(o['text'])
        data = o.get('data', {})
        if 'text/markdown' in data: found.append(data['text/markdown'])
        elif 'text/plain' in data and not any(k.startswith('image/') for k in data): found.append(data['text/plain'])
    text = ''.join(''.join(o) for o in found)
    return re.sub(r'0x[0-9a-f]{6,}', '0x', text).strip()

def stale(before, after):
    "Numbers of the cells that were run and show something else than they did, and first lines that differ"
    found = []
    for i,(old,new) in enumerate(zip(before, after)):
        if '# varies' in ''.join(new['source']) or old == text_of(new): continue
        pairs = zip(old.splitlines() + [''], text_of(new).splitlines() + [''])
        found.append((i, next((p for p in pairs if p[0] != p[1]), ('', ''))))
    return found

def run(file, save):
    "Run a notebook: (seconds, what is wrong or '', cells that are stale)"
    from execnb.shell import CaptureShell
    from fastcore.xtras import working_directory
    from nbdev.config import get_config
    from nbdev.process import NBProcessor
    from nbdev.test import _skip_cell, write_nb
    start = time.time()
    sys.path.insert(0, str(ROOT))
    os.environ['IN_TEST'] = '1'
    nb = NBProcessor(file, rm_directives=False, process=True).nb
    skip = _skip_cell(nb, get_config(file).tst_flags.split(), [])
    before = [text_of(c) for c in nb.cells]
    shell = CaptureShell(file)
    try:
        with working_directory(file.parent): shell.run_all(nb, exc_stop=True, preproc=skip)
    except BaseException: return time.time() - start, shell.prettytb(fname=file) or traceback.format_exc(), []
    if save: write_nb(nb, file)
    return time.time() - start, '', stale(before, nb.cells)

def notebooks(paths, quick):
    "The notebooks to run, those of `SLOW` folders first"
    places = [Path(p).resolve() for p in paths] or [ROOT/'nbs']
    files = {f for p in places for f in ([p] if p.is_file() else p.rglob('*.ipynb'))}
    files = {f for f in files if not re.search(r'(^|/)[_.]', f.relative_to(ROOT).as_posix())}
    slow = {f for f in files if f.parent.name in SLOW}
    return sorted(files - slow) if quick else [*sorted(slow, key=lambda f: (SLOW.index(f.parent.name), f)),
                                               *sorted(files - slow)]

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('paths', nargs='*', help='notebooks or folders; none: all')
    parser.add_argument('--quick', action='store_true', help='without tests, tutorials and experiments')
    parser.add_argument('--save', action='store_true', help='keep the fresh outputs')
    parser.add_argument('--strict', action='store_true', help='a page that shows old text has failed')
    parser.add_argument('--workers', type=int, default=min(os.cpu_count() or 1, 8), help='notebooks side by side')
    args = parser.parse_args()
    for name,value in ONE_THREAD.items(): os.environ.setdefault(name, value)
    files = notebooks(args.paths, args.quick)
    if not files: parser.error(f'{args.paths}: expected notebooks, or folders that hold some')
    failed = []
    begun = time.time()
    context = multiprocessing.get_context('spawn')   # a process of its own for each: no state is left to the next
    with ProcessPoolExecutor(args.workers, context, max_tasks_per_child=1) as pool:
        jobs = {pool.submit(run, f, args.save): f for f in files}
        for i,job in enumerate(as_completed(jobs), 1):
            name = jobs[job].relative_to(ROOT).as_posix()
            seconds,wrong,old = job.result()
            bad = 'FAILED' if wrong else 'STALE ' if old else 'ok    '
            print(f'{i:3}/{len(files)}  {bad}  {name}  {seconds:.0f} s', flush=True)
            if wrong: print(wrong, file=sys.stderr, flush=True)
            if bad == 'STALE ':
                for cell,(a,b) in old: print(f'    cell {cell}: {a!r} is shown, {b!r} is printed', flush=True)
            if wrong or (old and args.strict and not args.save): failed.append(name + ('' if wrong else f' {STALE}'))
    print(f'{len(files) - len(failed)} of {len(files)} notebooks in {time.time() - begun:.0f} s')
    if failed:
        print('\nFailed:\n' + '\n'.join('\t' + o for o in failed), file=sys.stderr)
        sys.exit(1)

if __name__ == '__main__': main()
