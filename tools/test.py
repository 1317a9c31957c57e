"""Run the notebooks as tests, a line for each as it ends:

    python tools/test.py             all of them, the long ones first
    python tools/test.py --quick     only the pages that make the package, without tests, tutorials and experiments
    python tools/test.py PATH ...    these notebooks, or all below these folders

It is `nbdev-test` with four things more: it says how far it is, each notebook computes with one thread, so that
notebooks side by side do not fight over the processors, other people's libraries are imported once for all, and it
tells which pages show another text than their cells print today. With `--strict` a page whose words differ has failed;
other numbers alone are only told, since a network trained on another processor gets a few other images right. A cell
whose text differs from run to run (seconds, versions) says so in a comment `# varies`."""
import argparse
import multiprocessing
import os
import re
import sys
import time
import traceback
from multiprocessing.connection import wait
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SLOW = 'tests', 'tutorials', 'experiments'   # folders of long pages: they begin first
ONE_THREAD = dict(OMP_NUM_THREADS='1', MKL_NUM_THREADS='1', OPENBLAS_NUM_THREADS='1')
# not fastai, which gives torch's tensors new methods when it is imported
LIBRARIES = ['torch', 'torchvision', 'numba', 'pandas', 'scipy.stats', 'sklearn.datasets', 'matplotlib.font_manager',
             'PIL.Image', 'execnb.shell', 'nbdev.test']
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
    return re.sub(r'( at)? 0x[0-9a-f]{6,}', '', text).strip()

def words(text):
    "The text without spaces, rules of tables, hashes and what numbers say"
    text = re.sub(r'\b(?=\w*\d)[0-9a-f]{8,}\b', '0', text)
    return re.sub(r'[\s-]+', '', re.sub(r'[-+−]?\d[\d.,]*(e[-+]?\d+)?', '0', text))

def stale(before, after):
    "(number, whether words differ, first lines that differ) of each cell that was run and shows something else"
    found = []
    for i,(old,new) in enumerate(zip(before, after)):
        if '# varies' in ''.join(new['source']) or old == text_of(new): continue
        pairs = list(zip(old.splitlines() + [''], text_of(new).splitlines() + ['']))
        differ = words(old) != words(text_of(new))
        pairs = [p for p in pairs if words(p[0]) != words(p[1])] if differ else pairs
        found.append((i, differ, next((p for p in pairs if p[0] != p[1]), ('', ''))))
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

def job(file, save, say):
    "Run a notebook in this process, and send what `run` finds"
    import numpy as np
    import torch
    np.random.seed()   # as in a fresh process: forked ones would all begin with the same numbers
    torch.seed()
    say.send(run(file, save))

def run_all(files, save, workers):
    """Run the notebooks in this order, `workers` at a time; (file, what `run` finds) as each ends.

    Each has a process of its own, so that no state is left to the next. Where the system can fork, they are copies of
    one that has imported `LIBRARIES` and nothing of this package: they take longer to import than most pages to run."""
    forks = 'forkserver' in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context('forkserver' if forks else 'spawn')
    if forks: context.set_forkserver_preload(LIBRARIES)
    waiting = list(files)
    running = {}
    while waiting or running:
        while waiting and len(running) < workers:
            hear,say = context.Pipe(duplex=False)
            process = context.Process(target=job, args=(waiting[0], save, say))
            process.start()
            say.close()   # the process holds the other end: when it dies, `hear` ends
            running[hear] = waiting.pop(0), process, time.time()
        for hear in wait(list(running)):
            file,process,begun = running.pop(hear)
            try: found = hear.recv()
            except EOFError: found = None
            process.join()
            yield file, found or (time.time() - begun, f'its process ended with status {process.exitcode}', [])

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('paths', nargs='*', help='notebooks or folders; none: all')
    parser.add_argument('--quick', action='store_true', help='without tests, tutorials and experiments')
    parser.add_argument('--save', action='store_true', help='keep the fresh outputs')
    parser.add_argument('--strict', action='store_true',
                        help='a page that shows other words than its cells print has failed')
    parser.add_argument('--workers', type=int, default=min(os.cpu_count() or 1, 8), help='notebooks side by side')
    args = parser.parse_args()
    for name,value in ONE_THREAD.items(): os.environ.setdefault(name, value)
    files = notebooks(args.paths, args.quick)
    if not files: parser.error(f'{args.paths}: expected notebooks, or folders that hold some')
    failed = []
    begun = time.time()
    for i,(file, (seconds, wrong, old)) in enumerate(run_all(files, args.save, args.workers), 1):
        name = file.relative_to(ROOT).as_posix()
        other = any(differ for _,differ,_ in old)
        bad = 'FAILED' if wrong else 'STALE ' if other else 'ok    '
        print(f'{i:3}/{len(files)}  {bad}  {name}  {seconds:.0f} s', flush=True)
        if wrong: print(wrong, file=sys.stderr, flush=True)
        for cell,differ,(a,b) in old:
            print(f'    cell {cell}, {"words" if differ else "numbers"}: {a!r} is shown, {b!r} is printed', flush=True)
        if wrong or (other and args.strict and not args.save): failed.append(name + ('' if wrong else f' {STALE}'))
    print(f'{len(files) - len(failed)} of {len(files)} notebooks in {time.time() - begun:.0f} s')
    if failed:
        print('\nFailed:\n' + '\n'.join('\t' + o for o in failed), file=sys.stderr)
        sys.exit(1)

if __name__ == '__main__': main()
