"""Layers of sequences: recurrences, attention, transformers."""

from math import prod

from tests.fuzz_layers.drawing import Built, Configuration


def recurrence(d):
    name, size, hidden = d.pick("RNN", "LSTM", "GRU"), d.upto(1, 4), d.upto(1, 4)
    options = {
        "num_layers": d.upto(1, 3),
        "bias": d.chance(0.7),
        "batch_first": d.chance(0.4),
        "bidirectional": d.chance(0.4),
    }
    projected = d.upto(1, hidden - 1) if name == "LSTM" and hidden > 1 and d.chance(0.3) else 0
    if projected:
        options["proj_size"] = projected
    if name == "RNN":
        options["nonlinearity"] = d.pick("tanh", "relu")
    steps, batch = d.upto(1, 5), () if d.chance(0.2) else (d.pick(0, 1, 2, 3),)
    shape = (*batch, steps) if batch and options["batch_first"] else (steps, *batch)
    inputs = [d.x(*shape, size)]
    if d.chance(0.5):
        layers = options["num_layers"] * (1 + options["bidirectional"])
        state = d.x(layers, *batch, projected or hidden)
        inputs.append((state, d.x(layers, *batch, hidden)) if name == "LSTM" else state)
    lengths = tuple(d.upto(1, steps) for _ in range(sum(batch))) if d.chance(0.3) else ()
    return Configuration(name, (size, hidden), options, inputs, lengths=lengths, tolerance=50)


def recurrent_cell(d):
    name, size, hidden = d.pick("RNNCell", "LSTMCell", "GRUCell"), d.upto(1, 4), d.upto(1, 4)
    options, batch = {"bias": d.chance(0.7)}, d.batch()
    inputs = [d.x(*batch, size)]
    if d.chance(0.5):
        state = d.x(*batch, hidden)
        inputs.append((state, d.x(*batch, hidden)) if name == "LSTMCell" else state)
    return Configuration(name, (size, hidden), options, inputs, tolerance=30)


def attention(d):
    heads, queries, keys = d.upto(1, 3), d.upto(1, 4), d.upto(1, 4)
    if d.chance(0.3):
        lead, width, value = d.sizes(d.upto(1, 2), 1, 3), d.upto(1, 4), d.upto(1, 4)
        options = {"is_causal": d.chance(0.3), "scale": d.pick(None, 0.3)}
        if not options["is_causal"]:
            options["attn_mask"] = d.mask(queries, keys)
        inputs = [d.x(*lead, queries, width), d.x(*lead, keys, width), d.x(*lead, keys, value)]
        name = "scaled_dot_product_attention"
        return Configuration(name, (), options, inputs, tolerance=50)
    width, batch = heads * d.upto(1, 3), () if d.chance(0.2) else (d.upto(1, 3),)
    options = {
        "bias": d.chance(0.7),
        "add_bias_kv": d.chance(0.2),
        "add_zero_attn": d.chance(0.2),
        "batch_first": d.chance(0.4),
    }
    widths, shared = (width, width), d.chance(0.3)
    if d.chance(0.3) and not shared:
        widths = d.sizes(2, 1, 4)
        options |= {"kdim": widths[0], "vdim": widths[1]}
    keys = queries if shared else keys
    shape = lambda n, w: (*batch, n, w) if options["batch_first"] else (n, *batch, w)  # noqa: E731
    inputs = [d.x(*shape(queries, width)), *(d.x(*shape(keys, w)) for w in widths)]
    call = {"need_weights": d.chance(0.6), "average_attn_weights": d.chance(0.5)}
    call["key_padding_mask"] = d.mask(*batch, keys)
    every = (prod(batch) * heads,) if d.chance(0.4) else ()
    call["attn_mask"] = d.mask(*every, queries, keys)
    return Configuration(
        "MultiheadAttention", (width, heads), options, inputs, call, shared=shared, tolerance=50
    )


def transformer(d):
    heads, batch = d.upto(1, 2), () if d.chance(0.2) else (d.upto(1, 3),)
    width, source, target = heads * d.upto(1, 3), d.upto(1, 4), d.upto(1, 4)
    options = {
        "dim_feedforward": d.upto(1, 5),
        "dropout": 0.0,
        "activation": d.pick("relu", "gelu"),
        "batch_first": d.chance(0.4),
        "norm_first": d.chance(0.4),
        "bias": d.chance(0.8),
    }
    shape = lambda n: (*batch, n, width) if options["batch_first"] else (n, *batch, width)  # noqa: E731
    x, memory = d.x(*shape(source)), d.x(*shape(target))
    name = d.pick("EncoderLayer", "DecoderLayer", "Encoder", "Decoder", "")
    padding = {"src_key_padding_mask": d.mask(*batch, source)}
    masks = {"src_mask": d.mask(source, source), **padding}
    if "coder" in name:
        across = {"tgt_mask": d.mask(source, source), "memory_mask": d.mask(source, target)}
        call = across if name.startswith("De") else masks
        inputs = [x, memory] if name.startswith("De") else [x]
        args, kwargs = (width, heads), options
        if not name.endswith("Layer"):
            layer = Built(f"Transformer{name}Layer", args, options)
            args, kwargs = (
                (layer, d.upto(1, 2)),
                {"norm": d.pick(None, Built("LayerNorm", (width,)))},
            )
            call = {"mask": masks["src_mask"], **padding} if name == "Encoder" else call
            kwargs |= {"enable_nested_tensor": False} if name == "Encoder" else {}
    else:
        args, kwargs, inputs = (width, heads, d.upto(1, 2), 1), options, [x, memory]
        call = {**masks, "tgt_mask": d.mask(target, target), "memory_mask": d.mask(target, source)}
    return Configuration(f"Transformer{name}", args, kwargs, inputs, call, tolerance=300)
