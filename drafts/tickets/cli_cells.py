# %% [markdown]
# ## Tickets
#
# What [inspection](08e_inspection.ipynb) finds, as text. A file that is damaged, or does not keep its word, is exit status 1; one that is not there is misuse.

# %%
#| export
@app.group()
def ticket():
    "A trained network in a file: what it is, whether it keeps its word, its weights."

_FILE = click.argument('file', type=click.Path(path_type=Path, exists=True, dir_okay=False))

@ticket.command('info')
@_FILE
def ticket_info(file):
    "Say what a ticket holds, and its bits per weight in each layer beside the entropy of its selections, log2 K and the 32 of ordinary weights."
    from slot_machines.format import read_ticket
    from slot_machines.inspection import ticket_table
    t = read_ticket(file)
    click.echo(f'{t!r}\n\n{ticket_table(t)!r}')

@ticket.command('verify')
@_FILE
@click.option('--data-dir', type=click.Path(path_type=Path), help='folder of downloaded data  [default: SLOT_MACHINES_DATA or ~/.cache/slot_machines]')
def ticket_verify(file, data_dir):
    "Check the checksum, unpack everything, and repeat the evaluation that is recorded."
    warnings.filterwarnings('ignore')
    from slot_machines.inspection import verify_ticket
    r = verify_ticket(file, data_dir=data_dir)
    click.echo(f"checksum and weights are right, sha256 {r['sha256']}")
    click.echo('{correct:,}/{total:,} on {data}, as the ticket says'.format(**r['evaluation']) if r['evaluation'] else 'no evaluation was repeated: the ticket records none, or names no architecture')

@ticket.command('unpack')
@_FILE
@click.option('--out', type=click.Path(path_type=Path, dir_okay=False), required=True, help='safetensors file to write')
def ticket_unpack(file, out):
    "Write the weights as a safetensors file."
    if not out.absolute().parent.is_dir(): raise click.UsageError(f'--out {out}: its folder does not exist')
    from slot_machines.inspection import unpack_ticket
    click.echo(f'{unpack_ticket(file, out):,} bytes in {out}')
