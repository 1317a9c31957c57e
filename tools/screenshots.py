"""Open every page of a built site in headless Chromium: `python tools/screenshots.py [_html] [--shots DIR]`.

Each page is loaded at desktop (1280) and phone (390) width and looked at in light and dark. A failure is a message on the console's error level,
an exception, a file or address that does not load, a page wider than its window, code wider than its column at desktop
width, a formula left as TeX, a picture that does not show, a page that stays light in the dark, and whatever axe-core (the package axe-core-python, where it is installed) finds against the rules of
accessibility; any makes the exit status 1. With `--shots`, PNG screenshots of the landing page, one API page and one
tutorial. Chromium is driven through its DevTools protocol over a pipe: no driver and no package is needed. Without one: skipped."""
import argparse, base64, importlib.util, itertools, json, os, select, shutil, signal, sys, tempfile, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sizes = dict(desktop=(1280, 1600), phone=(390, 1500))
names = 'chromium chromium-browser google-chrome google-chrome-stable chrome'.split()
flags = ('--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync '
    '--disable-dev-shm-usage --hide-scrollbars --allow-file-access-from-files --remote-debugging-pipe').split()

def find_chromium(): return os.environ.get('CHROMIUM') or next(filter(None, map(shutil.which, names)), None)

class Chromium:
    "One tab of a headless Chromium; `events` is what it said since it was last cleared. With `online=False` no other host can be reached."
    def __init__(self, exe, online=False, patience=60):
        self.patience, self.events, self.buffer, self.count, self.session = patience, [], b'', itertools.count(1), None
        self.home = tempfile.TemporaryDirectory(prefix='chromium-', ignore_cleanup_errors=True)
        (hear, self.out), (self.inp, say) = os.pipe(), os.pipe()
        args = [exe, *flags, f'--user-data-dir={self.home.name}', *([] if online else ['--host-resolver-rules=MAP * ~NOTFOUND']), 'about:blank']
        acts = [(os.POSIX_SPAWN_DUP2, hear, 3), (os.POSIX_SPAWN_DUP2, say, 4)]   # Chromium listens on 3 and answers on 4
        acts += [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)]
        self.pid = os.posix_spawnp(exe, args, os.environ, file_actions=acts, setpgroup=0)
        os.close(hear); os.close(say)
        tab = self.call('Target.createTarget', url='about:blank')['targetId']
        self.session = self.call('Target.attachToTarget', targetId=tab, flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'Log', 'Network'): self.call(f'{domain}.enable')

    def _message(self, until):
        while b'\0' not in self.buffer:
            if not select.select([self.inp], [], [], max(0, until - time.monotonic()))[0]: raise TimeoutError('Chromium does not answer')
            got = os.read(self.inp, 1 << 20)
            if not got: raise ConnectionError('Chromium ended')
            self.buffer += got
        one, _, self.buffer = self.buffer.partition(b'\0')
        return json.loads(one)

    def call(self, method, **params):
        "Call a method of the protocol and return its result; events that arrive meanwhile are kept. RuntimeError if it fails."
        n, until = next(self.count), time.monotonic() + self.patience
        data = json.dumps(dict(id=n, method=method, params=params, **(dict(sessionId=self.session) if self.session else {}))).encode() + b'\0'
        while data: data = data[os.write(self.out, data):]
        while (m := self._message(until)).get('id') != n: self.events.append(m)
        if 'error' in m: raise RuntimeError(f"{method}: {m['error']['message']}")
        return m['result']

    def open(self, url):
        "Load `url` and wait until it and its pictures are there."
        self.events, until = [], time.monotonic() + self.patience
        self.call('Page.navigate', url=url)
        while not any(e.get('method') == 'Page.loadEventFired' for e in self.events): self.events.append(self._message(until))

    def run(self, script):
        "The value of the JavaScript expression `script` in the page; RuntimeError if it throws."
        res = self.call('Runtime.evaluate', expression=script, returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in res: raise RuntimeError(res['exceptionDetails'].get('exception', {}).get('description', 'an exception'))
        return res['result'].get('value')

    def window(self, width, height, scheme):
        "Give the tab this size in CSS pixels, below 600 as a phone, and this preferred colour scheme."
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.call('Emulation.setEmulatedMedia', features=[dict(name='prefers-color-scheme', value=scheme)])

    def errors(self):
        "A line for each exception, error message and failed load among the events."
        for e in self.events:
            m, p = e.get('method'), e.get('params', {})
            if m == 'Runtime.exceptionThrown': yield 'exception: ' + p['exceptionDetails'].get('exception', {}).get('description', p['exceptionDetails']['text']).split('\n')[0]
            elif m == 'Runtime.consoleAPICalled' and p['type'] in ('error', 'assert'): yield 'console: ' + ' '.join(str(a.get('value', a.get('description', ''))) for a in p['args'])[:200]
            elif m == 'Log.entryAdded' and p['entry']['level'] == 'error': yield f"{p['entry']['text']} {p['entry'].get('url', '')}".strip()[:200]

    def close(self):
        try: self.call('Browser.close')
        except (OSError, RuntimeError): pass
        for _ in range(50):
            if os.waitpid(self.pid, os.WNOHANG)[0]: break
            time.sleep(.1)
        else:
            os.killpg(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self.home.cleanup()

_look = r'''(async width => {
  await document.fonts.ready; await new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)));
  const bad = [], w = document.documentElement, near = (s, i) => s.slice(Math.max(0, i - 20), i + 40).replace(/\s+/g, " ");
  if (w.scrollWidth > width) {
    let worst = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > width + 1);
    worst = worst.filter(e => { for (let p = e.parentElement; p; p = p.parentElement) if (getComputedStyle(p).overflowX != "visible") return false; return true });
    const e = worst.at(-1); bad.push(`${w.scrollWidth} wide in a window of ${width}` + (e ? `: <${e.tagName.toLowerCase()} class="${e.className}"> ${e.textContent.trim().slice(0, 60)}` : ""));
  }
  const wide = [...document.querySelectorAll("main pre")].filter(p => width > 1200 && p.scrollWidth > p.clientWidth + 1);
  for (const p of wide) bad.push("code wider than its column: " + p.textContent.trim().slice(0, 60));
  for (const i of document.images) if (!i.complete || !i.naturalWidth) bad.push("picture does not show: " + i.src.slice(0, 80));
  for (const m of document.querySelectorAll("math")) { const r = m.getBoundingClientRect(); if (m.querySelector("merror") || r.width < 1 || r.height < 1) bad.push("formula does not show: " + m.textContent.slice(0, 60)) }
  const walk = document.createTreeWalker(document.querySelector("main") || document.body, NodeFilter.SHOW_TEXT);
  for (let n; n = walk.nextNode();) {
    if (n.parentElement.closest("pre, code, script, style, annotation, math, textarea")) continue;
    const m = /\$[^\s$][^$]*\$|\\[a-zA-Z]{2,}|\\\(/.exec(n.data); if (m) bad.push("TeX in the text: " + near(n.data, m.index));
  }
  return { bad, paper: getComputedStyle(document.body).backgroundColor, scheme: !!document.getElementById("scheme") };
})'''

# Tokens of code have the same colours on every page, and all pages have one sidebar: these are looked at on those of `examples` alone.
# The two schemes differ in colours alone: in the dark only the rules about colours are asked again.
_audit = '''(async (whole, again) => {
  const rules = again ? {runOnly: ["color-contrast", "link-in-text-block"]} : {};
  const res = await axe.run(whole ? document : {include: [["html"]], exclude: [["pre > code"], [".sidebar"]]}, {resultTypes: ["violations"], ...rules});
  return res.violations.map(v => `axe ${v.id}: ${v.nodes.length} of ${v.nodes[0].html.slice(0, 100)}`);
})'''

def axe_source():
    "The script of axe-core, or None where it is not installed."
    spec = importlib.util.find_spec('axe_core_python')
    return spec and Path(spec.origin).with_name('axe.min.js').read_text('utf-8')

def look(tab, url, axe=None, whole=False):
    "A line for each thing wrong with the page at `url`, also to `axe`, a script, which skips code unless `whole`."
    bad = []
    for size,(width, height) in sizes.items():
        tab.window(width, height, 'light')
        tab.open(url)
        seen = {}
        for scheme in ('light', 'dark'):
            tab.window(width, height, scheme)
            seen[scheme] = tab.run(f'({_look})({width})')
            bad += [f'{size}, {scheme}: {b}' for b in seen[scheme]['bad']]
            if axe:
                tab.run(axe + ';0')
                bad += [f'{size}, {scheme}: {b}' for b in tab.run(f'({_audit})({str(whole).lower()}, {str(scheme == "dark").lower()})')]
        if seen['light']['scheme']:
            tab.run('document.getElementById("scheme").click()')   # from dark to light, and back
            turned = tab.run(f'({_look})({width})')['paper']
            tab.run('localStorage.clear()')
            if not seen['light']['paper'] == turned != seen['dark']['paper']: bad.append(f'{size}: the colours do not follow the scheme and the button')
        bad += [f'{size}: {e}' for e in tab.errors()]
    return list(dict.fromkeys(bad))

def shoot(tab, url, path):
    "Screenshots of the page at `url`, top part, in both sizes and schemes: `path` with -desktop-light.png and so on."
    for (size, (width, height)), scheme in itertools.product(sizes.items(), ('light', 'dark')):
        tab.window(width, height, scheme)
        tab.open(url)
        tab.run(f'({_look})({width})')
        Path(f'{path}-{size}-{scheme}.png').write_bytes(base64.b64decode(tab.call('Page.captureScreenshot', format='png')['data']))

def examples(pages):
    "Of these page names those to take a picture of: the landing page, an API page and the first tutorial."
    return [p for p in ['index.html', 'selection.html', next((p for p in ['tutorials/first.html', *pages] if p.startswith('tutorials/') and p in pages), '')] if p in pages]

def main():
    root = Path(__file__).resolve().parent.parent
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('site', type=Path, nargs='?', default=root/'_html', help='folder of the built site (default: _html)')
    p.add_argument('--shots', type=Path, help='folder for screenshots, made if it is not there (default: none are taken)')
    p.add_argument('--pages', nargs='+', help='pages to take screenshots of, relative to the site (default: three)')
    p.add_argument('--only', nargs='+', help='open only these pages')
    p.add_argument('--workers', type=int, default=min(os.cpu_count() or 1, 4),
                   help='browsers side by side (default: one for each core, at most 4)')
    p.add_argument('--online', action='store_true', help='let pages load from other hosts, as Quarto\'s load MathJax')
    args = p.parse_args()
    exe, site = find_chromium(), args.site.resolve()
    pages = args.only or sorted(f.relative_to(site).as_posix() for f in site.rglob('*.html') if not {'site_libs', 'search.html'} & {*f.relative_to(site).parts})
    if not pages: sys.exit(f'{args.site}: no pages; first python tools/docs_build.py')
    if not exe: return print(f'skipped: no Chromium (looked for {", ".join(names)} and the variable CHROMIUM); {len(pages)} pages not opened')
    axe = axe_source()
    def _open(some):
        "A line for each thing wrong with these pages, in a browser of their own"
        tab = Chromium(exe, args.online)
        def _faults(page): return look(tab, (site/page).as_uri(), axe, page in examples(pages))
        try: return [f'{page}: {line}' for page in some for line in _faults(page)]
        finally: tab.close()
    shares = [pages[i::args.workers] for i in range(args.workers)]
    with ThreadPoolExecutor(args.workers) as pool: bad = sum(pool.map(_open, shares), [])
    for line in bad: print(line, file=sys.stderr)
    if args.shots:
        args.shots.mkdir(parents=True, exist_ok=True)
        tab = Chromium(exe, args.online)
        try:
            for page in args.pages or examples(pages):
                shoot(tab, (site/page).as_uri(), args.shots/page.removesuffix('.html').replace('/', '-'))
        finally: tab.close()
    failed = len(bad)
    print(f'{len(pages)} pages opened at {len(sizes)} widths, light and dark{", with axe-core" if axe else ""}, {failed} failures')
    sys.exit(1 if failed else 0)

if __name__ == '__main__': main()
