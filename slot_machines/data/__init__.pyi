from .facts import data_changes as data_changes, data_facts as data_facts
from .batches import (
    ImageTensors as ImageTensors,
    SlotDataLoaders as SlotDataLoaders,
    channel_stats as channel_stats,
)
from .sources import (
    data_root as data_root,
    folder_images as folder_images,
    get_dls as get_dls,
    list_data as list_data,
    split_valid as split_valid,
)
from .loaders import as_dls as as_dls
from .readings import find_reading as find_reading
