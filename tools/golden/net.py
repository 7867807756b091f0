#!/usr/bin/env python3
"""Golden files of vglaw/net, made by PyTorch and Hugging Face's BERT: python tools/golden/net.py

Needs torch, transformers, safetensors. Writes tests/golden/net/:
  network.safetensors    a tiny network with random weights (names as in the model file), inputs.*, outputs.*
  positions.safetensors  bicubic resizes of a position grid

The network is written here a second time, from the formulas (ViTDet's, and the paper's for what language adapts) and in
the plainest form: W is built for every sample, windows are cut one by one, transposed convolutions are torch's own.
"""

import math
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from transformers import BertConfig, BertModel

OUT = pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden" / "net"

# The same numbers as golden_config() in tests/unit/net/tiny_network.h.
SIZE, PATCH, C, HEADS, DEPTH, WINDOW, GLOBAL, GRID = 28, 4, 16, 2, 3, 3, {1}, 5
VOCAB, POSITIONS, HIDDEN, TEXT_HEADS, LAYERS, FFN = 30, 12, 32, 4, 2, 48
GROUPS, REDUCTION, RANK = 4, 4, 5
POOL, BOX_HIDDEN, MASK = 6, 10, 8


def random(*shape, std=0.3):
    return torch.randn(*shape) * std


def text_encoder():
    config = BertConfig(vocab_size=VOCAB, hidden_size=HIDDEN, num_hidden_layers=LAYERS, num_attention_heads=TEXT_HEADS,
                        intermediate_size=FFN, max_position_embeddings=POSITIONS, hidden_act="gelu",
                        layer_norm_eps=1e-12)
    bert = BertModel(config, add_pooling_layer=False).eval()
    with torch.no_grad():
        for name, parameter in bert.named_parameters():
            centre = 1.0 if "LayerNorm.weight" in name else 0.0
            parameter.copy_(centre + random(*parameter.shape))
    return bert


def weights():
    w = {}

    def linear(name, out, into):
        w[name + ".weight"], w[name + ".bias"] = random(out, into), random(out)

    def norm(name, width):
        w[name + ".weight"], w[name + ".bias"] = 1 + random(width), random(width)

    v = "visual_encoder."
    w[v + "patch_embed.proj.weight"], w[v + "patch_embed.proj.bias"] = random(C, 3, PATCH, PATCH), random(C)
    w[v + "pos_embed"] = random(1, GRID * GRID, C)
    for i in range(DEPTH):
        b = f"{v}blocks.{i}."
        side = SIZE // PATCH if i in GLOBAL else WINDOW
        norm(b + "norm1", C)
        linear(b + "attn.qkv", 3 * C, C)
        linear(b + "attn.proj", C, C)
        w[b + "attn.rel_pos_h"] = random(2 * side - 1, C // HEADS)
        w[b + "attn.rel_pos_w"] = random(2 * side - 1, C // HEADS)
        norm(b + "norm2", C)
        linear(b + "mlp.fc1", 2 * C, C)
        linear(b + "mlp.fc2", C, 2 * C)
        g = f"weight_generator.blocks.{i}."
        linear(g + "reduce", HIDDEN // REDUCTION, HIDDEN)
        norm(g + "norm", HIDDEN // REDUCTION)
        linear(g + "generate", RANK * RANK, HIDDEN // REDUCTION)
    w["weight_generator.layer_embedding"] = random(DEPTH, HIDDEN, std=1)
    w["weight_generator.P"], w["weight_generator.Q"] = random(3 * C, RANK), random(C, RANK)
    linear("box_head.pool.query", POOL, HIDDEN)
    linear("box_head.pool.key", POOL, C)
    linear("box_head.mlp.0", BOX_HIDDEN, C)
    linear("box_head.mlp.1", BOX_HIDDEN, BOX_HIDDEN)
    linear("box_head.mlp.2", 4, BOX_HIDDEN)
    w["mask_head.up1.weight"], w["mask_head.up1.bias"] = random(C, MASK, 2, 2), random(MASK)
    norm("mask_head.norm", MASK)
    w["mask_head.up2.weight"], w["mask_head.up2.bias"] = random(MASK, HIDDEN, 2, 2), random(HIDDEN)
    return w


def affine(w, name, x):
    return x @ w[name + ".weight"].T + w[name + ".bias"]


def layer_norm(w, name, x, eps):
    return F.layer_norm(x, x.shape[-1:], w[name + ".weight"], w[name + ".bias"], eps)


def adapted_weights(w, F_l, count, i):
    """One sample. F_l (L, HIDDEN) with `count` real tokens -> W (3C, C), alpha (GROUPS, L)."""
    width = HIDDEN // GROUPS
    alpha, h0 = torch.zeros(GROUPS, len(F_l)), []
    for g in range(GROUPS):
        words = F_l[:count, g * width:(g + 1) * width]
        asks = w["weight_generator.layer_embedding"][i, g * width:(g + 1) * width]
        alpha[g, :count] = torch.softmax(words @ asks / math.sqrt(width), 0)
        h0.append(alpha[g, :count] @ words)
    name = f"weight_generator.blocks.{i}."
    h1 = F.gelu(layer_norm(w, name + "norm", affine(w, name + "reduce", torch.cat(h0)), 1e-5))
    phi = affine(w, name + "generate", h1).reshape(RANK, RANK)
    W0 = w[f"visual_encoder.blocks.{i}.attn.qkv.weight"]
    return W0 + w["weight_generator.P"] @ phi @ w["weight_generator.Q"].T, alpha


def attention(w, name, x, W):
    """One window of one sample: x (n, n, C) -> (n, n, C)."""
    n, d = x.shape[0], C // HEADS
    qkv = (x.reshape(n * n, C) @ W.T + w[name + "qkv.bias"]).reshape(n * n, 3, HEADS, d)
    at = torch.arange(n)
    R_h = w[name + "rel_pos_h"][at[:, None] - at[None, :] + n - 1]  # (n_q, n_k, d)
    R_w = w[name + "rel_pos_w"][at[:, None] - at[None, :] + n - 1]
    out = []
    for head in range(HEADS):
        q, k, v = qkv[:, 0, head], qkv[:, 1, head], qkv[:, 2, head]
        grid = q.reshape(n, n, d)
        bias = torch.einsum("hwc,hkc->hwk", grid, R_h)[:, :, :, None] \
            + torch.einsum("hwc,wkc->hwk", grid, R_w)[:, :, None, :]
        scores = (q * d ** -0.5) @ k.T + bias.reshape(n * n, n * n)
        out.append(torch.softmax(scores, -1) @ v)
    return affine(w, name + "proj", torch.cat(out, -1)).reshape(n, n, C)


def block(w, i, x, W):
    name, (h, width, _) = f"visual_encoder.blocks.{i}.", x.shape
    n = h if i in GLOBAL else WINDOW
    y = F.pad(layer_norm(w, name + "norm1", x, 1e-6), (0, 0, 0, -width % n, 0, -h % n))
    out = torch.empty_like(y)
    for top in range(0, y.shape[0], n):
        for left in range(0, y.shape[1], n):
            out[top:top + n, left:left + n] = attention(w, name + "attn.", y[top:top + n, left:left + n], W)
    x = x + out[:h, :width]
    hidden = F.gelu(affine(w, name + "mlp.fc1", layer_norm(w, name + "norm2", x, 1e-6)))
    return x + affine(w, name + "mlp.fc2", hidden)


def network(w, F_l, count, image):
    """One sample; every output by its name."""
    out, v = {}, "visual_encoder."
    x = F.conv2d(image[None], w[v + "patch_embed.proj.weight"], w[v + "patch_embed.proj.bias"], PATCH)
    positions = w[v + "pos_embed"].reshape(1, GRID, GRID, C).permute(0, 3, 1, 2)
    x = (x + F.interpolate(positions, x.shape[2:], mode="bicubic", align_corners=False))[0].permute(1, 2, 0)
    alphas = []
    for i in range(DEPTH):
        W, alpha = adapted_weights(w, F_l, count, i)
        x = block(w, i, x, W)
        alphas.append(alpha)
    out["token_attention"], out["F_v"] = torch.stack(alphas), x
    cls, flat = F_l[0], x.reshape(-1, C)
    scores = affine(w, "box_head.pool.key", flat) @ affine(w, "box_head.pool.query", cls) / math.sqrt(POOL)
    pool = torch.softmax(scores, 0)
    hidden = F.relu(affine(w, "box_head.mlp.0", pool @ flat))
    hidden = F.relu(affine(w, "box_head.mlp.1", hidden))
    out["pool_attention"] = pool.reshape(x.shape[:2])
    out["boxes_cxcywh"] = torch.sigmoid(affine(w, "box_head.mlp.2", hidden))
    y = F.conv_transpose2d(x.permute(2, 0, 1)[None], w["mask_head.up1.weight"], w["mask_head.up1.bias"], 2)
    y = F.gelu(layer_norm(w, "mask_head.norm", y.permute(0, 2, 3, 1), 1e-6)).permute(0, 3, 1, 2)
    y = F.conv_transpose2d(y, w["mask_head.up2.weight"], w["mask_head.up2.bias"], 2)
    logits = torch.einsum("bchw,c->bhw", y, cls)[:, None]
    out["mask_logits"] = F.interpolate(logits, (SIZE, SIZE), mode="bilinear", align_corners=True)[0, 0]
    return out


@torch.no_grad()
def main():
    OUT.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    bert, w = text_encoder(), weights()
    ids = torch.randint(1, VOCAB, (2, 9))
    counts = [9, 5]
    mask = torch.arange(9)[None, :] < torch.tensor(counts)[:, None]
    ids[~mask] = 0
    images = torch.randn(2, 3, SIZE, SIZE)
    F_l = bert(input_ids=ids, attention_mask=mask.long()).last_hidden_state
    samples = [network(w, F_l[b], counts[b], images[b]) for b in range(2)]
    tensors = {"text_encoder." + name: value for name, value in bert.named_parameters()} | w
    tensors |= {"inputs.ids": ids, "inputs.token_mask": mask.long(), "inputs.images": images, "outputs.F_l": F_l}
    tensors |= {"outputs." + name: torch.stack([sample[name] for sample in samples]) for name in samples[0]}
    save_file({name: value.detach().contiguous().clone() for name, value in tensors.items()},
              OUT / "network.safetensors")

    grid = torch.randn(1, 14 * 14, 2)
    resized = {"grid": grid}
    for rows, columns in [(28, 28), (7, 7), (10, 17), (1, 1), (14, 20)]:
        as_map = grid.reshape(1, 14, 14, 2).permute(0, 3, 1, 2)
        out = F.interpolate(as_map, (rows, columns), mode="bicubic", align_corners=False).permute(0, 2, 3, 1)
        resized[f"{rows}x{columns}"] = out.contiguous()
    save_file(resized, OUT / "positions.safetensors")


if __name__ == "__main__":
    main()
