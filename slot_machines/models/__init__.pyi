from .networks import (
    ResBlock as ResBlock,
    conv2 as conv2,
    conv4 as conv4,
    conv6 as conv6,
    lenet as lenet,
    resnet18 as resnet18,
    resnet20 as resnet20,
    vgg19 as vgg19,
)
from .registry import (
    bare_model as bare_model,
    check_model as check_model,
    get_model as get_model,
    init_weights as init_weights,
    list_models as list_models,
    register_model as register_model,
)
