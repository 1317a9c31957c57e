// The search of the pages that tools/docs_build.py makes; its index, search.js, is loaded when somebody first asks.
const query = document.getElementById("search-query");
const found = document.getElementById("search-found");
const root = query.dataset.root;
const plain = s => s.toLowerCase();
let asked;

const load = () => asked ||= new Promise(done => {
  const script = document.createElement("script");
  script.src = root + "search.js"; script.onload = done; document.head.append(script);
});

// A part of a page is found if it has every word; words of its heading count most, then those of the page's title
function score([, title, heading, prose], words) {
  let sum = 0;
  for (const w of words) {
    const places = [[heading, 8], [title, 5], [prose, 1]].filter(([text]) => plain(text).includes(w));
    if (!places.length) return 0;
    for (const [text, worth] of places) sum += worth + worth*(plain(text) == w);
  }
  return sum;
}

function row([href, title, heading, prose], words) {
  const a = document.createElement("a"), name = document.createElement("b"), near = document.createElement("span");
  const at = Math.max(0, plain(prose).indexOf(words[0]) - 30);
  a.href = root + href;
  name.textContent = heading ? `${title}: ${heading}` : title;
  near.textContent = (at ? "…" : "") + prose.slice(at, at + 110);
  a.append(name, near);
  return a;
}

async function look() {
  await load();
  const words = plain(query.value).split(/\s+/).filter(Boolean);
  const hits = words.length ? pages.map(p => [score(p, words), p]).filter(([s]) => s) : [];
  hits.sort(([a], [b]) => b - a);
  found.replaceChildren(...hits.slice(0, 12).map(([, p]) => row(p, words)));
  if (words.length && !hits.length) found.textContent = "No page has all of these words.";
  found.hidden = !words.length;
}

query.addEventListener("focus", load);
query.addEventListener("input", look);
addEventListener("keydown", e => {
  const rows = [query, ...found.querySelectorAll("a")], at = rows.indexOf(document.activeElement);
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
  if (e.key == "/" && !typing) { e.preventDefault(); query.focus() }
  if (e.key == "Escape") found.hidden = true;
  if (at < 0 || found.hidden) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
  if (step) { e.preventDefault(); rows[Math.min(rows.length - 1, Math.max(0, at + step))].focus() }
  if (e.key == "Enter" && at == 0 && rows[1]) location = rows[1].href;
});
addEventListener("click", e => { if (!e.target.closest(".search")) found.hidden = true });
