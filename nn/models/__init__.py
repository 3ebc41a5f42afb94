"""Models of the field, as configurations: a list of layers, a few numbers, and nothing hidden.

Where torchvision has the model, names and shapes of parameters are torchvision's, so that its
``state_dict`` loads. Any of them can be built under ``nn.shape_only()``; ``width``, the channels of
the first convolution, makes a small variant of the same shape.
"""

from .alexnet import AlexNet, alexnet
from .lenet import LeNet5
from .mtcnn import ONet, PNet, RNet, astronaut, onet, pnet, rnet, scale_pixels
from .perceptron import MLP, Perceptron, SelfNormalizingMLP
from .resnet import (
    BasicBlock,
    Bottleneck,
    ResNet,
    cifar_resnet,
    resnet18,
    resnet34,
    resnet50,
    resnet101,
    resnet152,
)
from .sequence import RNNClassifier
from .vgg import (
    VGG,
    vgg11,
    vgg11_bn,
    vgg13,
    vgg13_bn,
    vgg16,
    vgg16_bn,
    vgg19,
    vgg19_bn,
)

__all__ = [
    "MLP",
    "VGG",
    "AlexNet",
    "BasicBlock",
    "Bottleneck",
    "LeNet5",
    "ONet",
    "PNet",
    "Perceptron",
    "RNNClassifier",
    "RNet",
    "ResNet",
    "SelfNormalizingMLP",
    "alexnet",
    "astronaut",
    "cifar_resnet",
    "onet",
    "pnet",
    "resnet101",
    "resnet152",
    "resnet18",
    "resnet34",
    "resnet50",
    "rnet",
    "scale_pixels",
    "vgg11",
    "vgg11_bn",
    "vgg13",
    "vgg13_bn",
    "vgg16",
    "vgg16_bn",
    "vgg19",
    "vgg19_bn",
]
