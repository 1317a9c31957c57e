"The two apps that `flwr run` starts; pyproject.toml says what they do"
from slot_machines.federated.flower import Playing

playing = Playing()
server = playing.server_app()
client = playing.client_app()
