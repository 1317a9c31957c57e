"""Is the package right, and how fast, on this machine's GPU? One command, under six minutes on a large card:

    python tools/gpu_check.py --out DIR                 prints one JSON object and writes it to DIR/gpu_check.json
    python tools/gpu_check.py --out DIR --device cpu    the same questions, small, for a machine without one

It needs the installed package and nothing beside it. Exactness comes first: whatever the kernel selects must be, bit for
bit, the first argmax of base*s + latent*w in float64 over the symbols and scores that the processor draws. Times are
multiples of the dense network's step, measured in turns; a part that finds no time left says so."""
import argparse
import json
import platform
import statistics
import sys
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

import slot_machines
from slot_machines import Reels, Slots, freeze, get_model, save_ticket, slotify, slots
from slot_machines.distributions import DISTRIBUTIONS

LIMIT = 330   # seconds for everything


# --- networks to time

class Decoder(nn.Module):
    "A decoder of the size of GPT-2 small, or smaller"
    def __init__(self, words=50257, width=768, heads=12, depth=12, length=512):
        super().__init__()
        self.words = nn.Embedding(words, width)
        self.places = nn.Parameter(torch.zeros(length, width))
        layer = nn.TransformerEncoderLayer(width, heads, 4*width, 0., 'gelu', batch_first=True, norm_first=True)
        self.layers = nn.TransformerEncoder(layer, depth, nn.LayerNorm(width), enable_nested_tensor=False)
        self.head = nn.Linear(width, words, bias=False)

    def forward(self, x):
        mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1], device=x.device)
        return self.head(self.layers(self.words(x) + self.places[:x.shape[1]], mask, is_causal=True)).flatten(0, 1)

def images(n, channels, side, device):
    g = torch.Generator().manual_seed(0)
    return torch.randn(n, channels, side, side, generator=g).to(device), torch.randint(10, (n,), generator=g).to(device)

def tokens(n, length, words, device):
    x = torch.randint(words, (n, length + 1), generator=torch.Generator().manual_seed(0)).to(device)
    return x[:, :-1].contiguous(), x[:, 1:].flatten()

def vit(side, patch, width, heads, depth):
    from torchvision.models.vision_transformer import VisionTransformer
    return VisionTransformer(side, patch, depth, heads, width, 4*width, num_classes=10)

def contenders(device, small):
    "Name -> (a function that makes the dense network, a batch)"
    from torchvision.models import resnet18
    if small:
        return {'lenet': (lambda: get_model('lenet', (1, 28, 28), 10, seed=0), images(32, 1, 28, device)),
                'conv2': (lambda: get_model('conv2', (3, 32, 32), 10, seed=0), images(8, 3, 32, device)),
                'decoder': (lambda: Decoder(500, 64, 4, 2, 32), tokens(2, 32, 500, device))}
    return {'lenet': (lambda: get_model('lenet', (1, 28, 28), 10, seed=0), images(128, 1, 28, device)),
            'conv6': (lambda: get_model('conv6', (3, 32, 32), 10, seed=0), images(128, 3, 32, device)),
            'vgg19': (lambda: get_model('vgg19', (3, 32, 32), 10, seed=0), images(128, 3, 32, device)),
            'resnet18 at 224': (lambda: resnet18(num_classes=10), images(64, 3, 224, device)),
            'vit tiny at 224': (lambda: vit(224, 16, 192, 3, 12), images(64, 3, 224, device)),
            'gpt-2 small': (Decoder, tokens(4, 512, 50257, device))}


# --- what is checked

def same_bits(a, b):
    kind = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[a.element_size()]
    return a.dtype == b.dtype and torch.equal(a.contiguous().view(kind), b.contiguous().view(kind))

def definition(layer, drawing, dtype):
    "The first argmax of the scores in float64, from symbols and scores drawn on the processor"
    w,s = drawing.draw(torch.arange(drawing.n, dtype=torch.int64, device='cpu'))
    big = torch.finfo(torch.float64).max/2**64
    p = layer.latent.detach().cpu().double().flatten().clamp(-big, big)
    scores = layer.base.detach().cpu().double()*s.double() + p[:, None]*w.double()
    return w.gather(1, scores.argmax(1, keepdim=True))[:, 0].view(layer.latent.shape).to(dtype)

def walk(layer, drawing, dtype):
    "How many weights of a few steps of one tensor are not the definition's"
    g = torch.Generator().manual_seed(1)
    wrong = 0
    for size,base in ((0., 1.), (1e-3, 1.), (.05, .9), (1., .5), (30., 1e-3), (0., 1.), (float('inf'), 1.)):
        noise = torch.randn(layer.latent.shape, generator=g)
        move = noise.sign()*float('inf') if size == float('inf') else size*noise
        with torch.no_grad():
            layer.latent.copy_(move.to(dtype))
            layer.base.fill_(base)
        wrong += not same_bits(layer.weight.detach().cpu(), definition(layer, drawing, dtype))
    return wrong

def exactness(device, small):
    "Kernel against definition: all distributions, K, shares and number types"
    ks = (1, 2, 3, 8, 33) if small else (1, 2, 3, 8, 64, 130)
    shape = (23, 11) if small else (301, 67)
    wrong,checked = [],0
    for dist,rule in DISTRIBUTIONS.items():
        if rule.given: continue
        for k in [rule.k] if rule.k else [k for k in ks if k >= rule.least]:
            for share in ('connection', 'layer', 'network'):
                for dtype in (torch.float32, torch.float64, torch.float16, torch.bfloat16):
                    layer = Slots(shape, Reels(k, dist, share=share, sigma=.05), seed=2**40 + k, tensor=3, device=device,
                                  dtype=dtype)
                    bad = walk(layer, layer.drawing(), dtype)
                    checked += 7*shape[0]*shape[1]
                    if bad: wrong.append(f'{dist} K={k} share={share} {dtype}: {bad} of 7 steps')
    return dict(selections=checked, wrong=wrong)

def tickets(device, out, small):
    "The same latents give the same bytes and weights, wherever they lie"
    model = slotify(get_model('lenet' if small else 'conv6', (3, 32, 32), 10, seed=0), Reels(k=8), seed=5)
    g = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for s in slots(model).values(): s.latent.copy_(.05*torch.randn(s.shape, generator=g))
    save_ticket(model, out/'cpu.slot')
    here = freeze(model).state_dict()
    moved = model.to(device)
    save_ticket(moved, out/'device.slot')
    there = freeze(moved).state_dict()
    equal = (out/'cpu.slot').read_bytes() == (out/'device.slot').read_bytes()
    for name in ('cpu.slot', 'device.slot'): (out/name).unlink()
    return dict(bytes_equal=equal, weights_equal=all(same_bits(here[n], there[n].cpu()) for n in here))


# --- what is timed

def finish(device):
    if device.type == 'cuda': torch.cuda.synchronize(device)

class Runner:
    "A network that takes training steps on one batch"
    def __init__(self, model, batch, device, cast=None):
        self.model = model.to(device).train()
        self.x,self.y = batch
        self.device = device
        self.cast = cast
        self.optimiser = torch.optim.SGD([p for p in self.model.parameters() if p.requires_grad], lr=.01, momentum=.9)

    def step(self):
        with torch.autocast(self.device.type, self.cast or torch.bfloat16, enabled=self.cast is not None):
            loss = F.cross_entropy(self.model(self.x).float(), self.y)
        loss.backward()
        self.optimiser.step()
        self.optimiser.zero_grad()

    def seconds(self, steps):
        finish(self.device)
        start = time.perf_counter()
        for _ in range(steps): self.step()
        finish(self.device)
        return (time.perf_counter() - start)/steps

def in_turns(runners, rounds, steps):
    "Median seconds of a step of each, measured in turns, and for each the median ratio to the first"
    for r in runners.values():
        for _ in range(3): r.step()
    times = {name: [] for name in runners}
    for _ in range(rounds):
        for name,r in runners.items(): times[name].append(r.seconds(steps))
    first = times[next(iter(times))]
    return {name: dict(ms=1000*statistics.median(t), ratio=statistics.median(a/b for a,b in zip(t, first)))
            for name,t in times.items()}

def peak(make, device):
    "Most memory that three training steps of a network take, in MiB; None where torch does not count it"
    if device.type != 'cuda': return None
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats(device)
    runner = make()
    for _ in range(3): runner.step()
    finish(device)
    return torch.cuda.max_memory_allocated(device)/2**20

def costs(device, small, left):
    "Step time over dense, drawn and greedy, and peak memory, of each network"
    res = {}
    rounds,steps = (3, 2) if small else (7, 10)
    for name,(make,batch) in contenders(device, small).items():
        if left() < 60 and not small:
            res[name] = 'no time left'
            continue
        makers = {'dense': make,
                  'K=8': lambda: slotify(make(), Reels(k=8), seed=1),
                  'K=64': lambda: slotify(make(), Reels(k=64), seed=1),
                  'K=2 drawn': lambda: slotify(make(), Reels(k=2), seed=1, selection='sample'),
                  'K=8 drawn': lambda: slotify(make(), Reels(k=8), seed=1, selection='sample')}
        found = in_turns({n: Runner(o(), batch, device) for n,o in makers.items()}, rounds, steps)
        for n,o in makers.items(): found[n]['peak_mib'] = peak(lambda: Runner(o(), batch, device), device)
        cast = in_turns({n: Runner(makers[n](), batch, device, torch.bfloat16) for n in ('dense', 'K=8')}, rounds, steps)
        res[name] = dict(found, **{f'{n}, autocast': o for n,o in cast.items()})
    return res

def compiled(device, small, left):
    "torch.compile with CUDA graphs: the same outputs, and the step over the compiled dense one"
    if small: return 'not on the processor'
    if left() < 90: return 'no time left'
    make,batch = contenders(device, small)['conv6']
    def ready(model): return torch.compile(model.to(device), mode='reduce-overhead')
    plain = slotify(make(), Reels(k=8), seed=1).to(device).eval()
    with torch.no_grad(): close = torch.allclose(ready(plain)(batch[0]), plain(batch[0]), atol=1e-3, rtol=1e-3)
    found = in_turns({'dense': Runner(ready(make()), batch, device),
                      'K=8': Runner(ready(slotify(make(), Reels(k=8), seed=1)), batch, device)}, 5, 10)
    return dict(found, outputs_close=close)


def attempt(call, *args):
    "The answer of a part of the check, or what it failed with"
    try: return call(*args)
    except Exception as e: return f'failed: {type(e).__name__}: {e}'.splitlines()[0]

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--out', required=True, type=Path, help='folder for gpu_check.json')
    parser.add_argument('--device', default='cuda', help='cuda, cuda:N, or cpu for a small form')
    args = parser.parse_args()
    device = torch.device(args.device)
    if device.type == 'cuda' and not torch.cuda.is_available():
        print('--device cuda: torch sees no GPU here; --device cpu asks the same on the processor', file=sys.stderr)
        sys.exit(2)
    args.out.mkdir(parents=True, exist_ok=True)
    small = device.type == 'cpu'
    start = time.perf_counter()
    def left(): return LIMIT - (time.perf_counter() - start)
    card = torch.cuda.get_device_name(device) if device.type == 'cuda' else platform.machine()
    result = dict(device=card, torch=torch.__version__, slot_machines=slot_machines.__version__,
                  python=platform.python_version())
    result['exactness'] = attempt(exactness, device, small)
    result['tickets'] = attempt(tickets, device, args.out, small)
    result['costs'] = attempt(costs, device, small, left)
    result['compiled'] = attempt(compiled, device, small, left)
    result['seconds'] = round(time.perf_counter() - start)
    text = json.dumps(result, indent=1)
    (args.out/'gpu_check.json').write_text(text + '\n')
    print(text)
    right = (isinstance(result['exactness'], dict) and not result['exactness']['wrong']
             and result['tickets'] == dict(bytes_equal=True, weights_equal=True) and isinstance(result['costs'], dict))
    sys.exit(0 if right else 1)

if __name__ == '__main__': main()
