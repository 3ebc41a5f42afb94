"""Kernels of layers as operations with their derivatives."""

from nn.ops.allocation import keep_freed_memory
from nn.ops.attention import attention
from nn.ops.averaging import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
)
from nn.ops.convolution import (
    conv1d,
    conv2d,
    conv3d,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
)
from nn.ops.cross_entropy import cross_entropy
from nn.ops.dropout import dropout
from nn.ops.embedding import embedding
from nn.ops.group_normalization import group_norm, instance_norm
from nn.ops.gru import gru
from nn.ops.layer_normalization import layer_norm, rms_norm
from nn.ops.likelihood import binary_cross_entropy, binary_cross_entropy_with_logits, huber
from nn.ops.lstm import lstm
from nn.ops.normalization import batch_norm
from nn.ops.padding import pad
from nn.ops.pooling import (
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    adaptive_max_pool3d,
    max_pool1d,
    max_pool2d,
    max_pool3d,
    max_pool_indices,
)
from nn.ops.resampling import interpolate
from nn.ops.response_normalization import local_response_norm
from nn.ops.rnn import projected_lstm, rnn
from nn.ops.unfolding import col2im, im2col
from nn.ops.unpooling import take_at, unpool, winners_at_random

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "attention",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "batch_norm",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "col2im",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "cross_entropy",
    "dropout",
    "embedding",
    "group_norm",
    "gru",
    "huber",
    "im2col",
    "instance_norm",
    "interpolate",
    "layer_norm",
    "local_response_norm",
    "lstm",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "max_pool_indices",
    "pad",
    "projected_lstm",
    "rms_norm",
    "rnn",
    "take_at",
    "unpool",
    "winners_at_random",
]

keep_freed_memory()
