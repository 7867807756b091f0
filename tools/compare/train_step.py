#!/usr/bin/env python3
"""A training step of the same network three ways: low-rank, with W built for every sample, and as a plain PyTorch module.

    build/vglaw init configs/base.toml --seed 1 --active --out base.safetensors
    build/vglaw export base.safetensors --to torch --out base.pth
    python3 tools/compare/train_step.py base.safetensors base.pth --batch 8 --steps 5

Needs torch, and build/benchmarks/train_step (make bench). Each way is a process of its own, so that its peak of resident memory is its
own. All three get the same batch and weights; outputs, loss and gradient norm of the first step must agree, or this ends with 1.

The PyTorch module is written as a researcher would from the paper's formulas: W = W0 + P Phi Q^T is made for every sample and applied by
torch.baddbmm; the rest is torch.nn.functional. AdamW and clipping are torch's own.
"""
import argparse
import json
import math
import os
import pathlib
import statistics
import struct
import subprocess
import sys
import tempfile
import time

import torch
import torch.nn.functional as F

ROOT = pathlib.Path(__file__).resolve().parents[2]


def read_safetensors(path):
    """Tensors by name, and the metadata; F32 and I64 are all that is asked of it."""
    data = pathlib.Path(path).read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    meta = header.pop("__metadata__", {})
    types = {"F32": torch.float32, "I64": torch.int64}
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        if entry["dtype"] in types and end > begin:
            raw = bytearray(data[8 + length + begin:8 + length + end])
            tensors[name] = torch.frombuffer(raw, dtype=types[entry["dtype"]]).reshape(entry["shape"])
    return tensors, meta


def read_config(path):
    """Only the header: a model of the base size has 600 MB."""
    with open(path, "rb") as file:
        length = struct.unpack("<Q", file.read(8))[0]
        return json.loads(json.loads(file.read(length))["__metadata__"]["vglaw.config"])


def attend(q, k, v, bias):
    """Softmax attention; bias is added to the scores. PyTorch's own where it has it (since 2.0)."""
    if hasattr(F, "scaled_dot_product_attention"):
        return F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
    return (q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]) + bias).softmax(-1) @ v


class Network(torch.nn.Module):
    def __init__(self, config, weights):
        super().__init__()
        self.c = config
        self.names = {name: name.replace(".", "__") for name in weights}
        for name, tensor in weights.items():
            self.register_parameter(self.names[name], torch.nn.Parameter(tensor))

    def w(self, name):
        return getattr(self, self.names[name])

    def linear(self, name, x):
        return F.linear(x, self.w(name + ".weight"), self.w(name + ".bias"))

    def norm(self, name, x, eps):
        return F.layer_norm(x, x.shape[-1:], self.w(name + ".weight"), self.w(name + ".bias"), eps)

    def text_encoder(self, ids, mask):
        t, root = self.c["text"], "text_encoder."
        e = root + "embeddings."
        x = F.embedding(ids, self.w(e + "word_embeddings.weight")) \
            + self.w(e + "position_embeddings.weight")[:ids.shape[1]] + self.w(e + "token_type_embeddings.weight")[0]
        x = self.norm(e + "LayerNorm", x, 1e-12)
        batch, length, width = x.shape
        padding = torch.zeros(mask.shape).masked_fill(~mask, float("-inf"))[:, None, None, :]
        for i in range(t["layers"]):
            name = f"{root}encoder.layer.{i}."
            q, k, v = (self.linear(name + "attention.self." + part, x).view(batch, length, t["heads"], -1).transpose(1, 2)
                       for part in ("query", "key", "value"))
            heard = attend(q, k, v, padding)
            heard = self.linear(name + "attention.output.dense", heard.transpose(1, 2).reshape(batch, length, width))
            x = self.norm(name + "attention.output.LayerNorm", heard + x, 1e-12)
            inner = self.linear(name + "output.dense", F.gelu(self.linear(name + "intermediate.dense", x)))
            x = self.norm(name + "output.LayerNorm", inner + x, 1e-12)
        return x

    def adapted_weights(self, F_l, mask, row, block):
        law, name = self.c["law"], f"weight_generator.blocks.{block}."
        batch, length, width = F_l.shape
        words = F_l.view(batch, length, law["groups"], -1).transpose(1, 2)  # (B, G, L, d_g)
        asks = self.w("weight_generator.layer_embedding")[row].view(1, law["groups"], -1, 1)
        scores = (words @ asks).squeeze(-1)
        if law["scale_scores"]:
            scores = scores / math.sqrt(width / law["groups"])
        alpha = scores.masked_fill(~mask[:, None, :], float("-inf")).softmax(-1)
        h = self.linear(name + "reduce", (alpha.unsqueeze(-1) * words).sum(2).reshape(batch, width))
        if law["norm"]:
            h = self.norm(name + "norm", h, 1e-5)
        phi = self.linear(name + "generate", F.gelu(h)).view(batch, law["rank"], law["rank"])
        P, Q = self.w("weight_generator.P"), self.w("weight_generator.Q")
        return self.w(f"visual_encoder.blocks.{block}.attn.qkv.weight") + P @ phi @ Q.T  # (B, 3C, C)

    def attention(self, name, x, W, batch):
        """x: (B windows, n, n, C)."""
        heads, n, dim = self.c["vision"]["heads"], x.shape[1], x.shape[3]
        d = dim // heads
        qkv = torch.baddbmm(self.w(name + "qkv.bias"), x.reshape(batch, -1, dim), W.transpose(1, 2))
        q, k, v = qkv.view(-1, n * n, 3, heads, d).permute(2, 0, 3, 1, 4).unbind(0)  # (B windows, heads, n n, d)
        at = torch.arange(n)
        index = at[:, None] - at[None, :] + n - 1
        grid = q.reshape(-1, heads, n, n, d)
        rel_h = torch.einsum("bghwc,hkc->bghwk", grid, self.w(name + "rel_pos_h")[index])
        rel_w = torch.einsum("bghwc,wkc->bghwk", grid, self.w(name + "rel_pos_w")[index])
        bias = (rel_h[..., :, None] + rel_w[..., None, :]).reshape(-1, heads, n * n, n * n)
        out = attend(q, k, v, bias)
        return self.linear(name + "proj", out.transpose(1, 2).reshape(-1, n, n, dim))

    def block(self, i, x, W):
        vision, name = self.c["vision"], f"visual_encoder.blocks.{i}."
        batch, h, w, dim = x.shape
        n = h if i in vision["global_blocks"] else vision["window"]
        y = F.pad(self.norm(name + "norm1", x, 1e-6), (0, 0, 0, -w % n, 0, -h % n))
        rows, columns = y.shape[1] // n, y.shape[2] // n
        y = y.view(batch, rows, n, columns, n, dim).transpose(2, 3).reshape(-1, n, n, dim)
        y = self.attention(name + "attn.", y, W, batch)
        y = y.view(batch, rows, columns, n, n, dim).transpose(2, 3).reshape(batch, rows * n, columns * n, dim)
        x = x + y[:, :h, :w]
        return x + self.linear(name + "mlp.fc2", F.gelu(self.linear(name + "mlp.fc1", self.norm(name + "norm2", x, 1e-6))))

    def forward(self, images, ids, mask):
        vision, v = self.c["vision"], "visual_encoder."
        F_l = self.text_encoder(ids, mask)
        cls = F_l[:, 0]
        x = F.conv2d(images, self.w(v + "patch_embed.proj.weight"), self.w(v + "patch_embed.proj.bias"), vision["patch"])
        side = vision["position_grid"]
        positions = self.w(v + "pos_embed").view(1, side, side, -1).permute(0, 3, 1, 2)
        if x.shape[2] != side:
            positions = F.interpolate(positions, x.shape[2:], mode="bicubic", align_corners=False)
        x = (x + positions).permute(0, 2, 3, 1)
        for i in range(vision["depth"]):
            x = self.block(i, x, self.adapted_weights(F_l, mask, i, i))
        flat = x.flatten(1, 2)
        asks = self.linear("box_head.pool.query", cls).unsqueeze(2)
        look = ((self.linear("box_head.pool.key", flat) @ asks).squeeze(2) / math.sqrt(asks.shape[1])).softmax(1)
        box = (look.unsqueeze(1) @ flat).squeeze(1)
        for layer in ("0", "1"):
            box = F.relu(self.linear("box_head.mlp." + layer, box))
        box = self.linear("box_head.mlp.2", box).sigmoid()
        y = F.conv_transpose2d(x.permute(0, 3, 1, 2), self.w("mask_head.up1.weight"), self.w("mask_head.up1.bias"), 2)
        # Contiguous before the GELU: PyTorch 1.13's backward of it, in float on the CPU, is wrong for a gradient laid out otherwise.
        y = F.gelu(self.norm("mask_head.norm", y.permute(0, 2, 3, 1), 1e-6).permute(0, 3, 1, 2).contiguous())
        y = F.conv_transpose2d(y, self.w("mask_head.up2.weight"), self.w("mask_head.up2.bias"), 2)
        logits = (y * cls[:, :, None, None]).sum(1, keepdim=True)
        return box, F.interpolate(logits, images.shape[2:], mode="bilinear", align_corners=True)[:, 0]


def grounding_loss(box, logits, true_box, mask):
    """L1 + GIoU + 4 focal + 4 dice (docs/training.md)."""
    def corners(b):
        return b[:, 0] - b[:, 2] / 2, b[:, 1] - b[:, 3] / 2, b[:, 0] + b[:, 2] / 2, b[:, 1] + b[:, 3] / 2
    ax0, ay0, ax1, ay1 = corners(box)
    bx0, by0, bx1, by1 = corners(true_box)
    overlap = (torch.min(ax1, bx1) - torch.max(ax0, bx0)).clamp(min=0) * (torch.min(ay1, by1) - torch.max(ay0, by0)).clamp(min=0)
    union = (ax1 - ax0) * (ay1 - ay0) + (bx1 - bx0) * (by1 - by0) - overlap
    hull = (torch.max(ax1, bx1) - torch.min(ax0, bx0)) * (torch.max(ay1, by1) - torch.min(ay0, by0))
    giou = overlap / (union + 1e-7) - (hull - union) / (hull + 1e-7)
    p = logits.sigmoid()
    entropy = F.binary_cross_entropy_with_logits(logits, mask, reduction="none")
    focal = ((0.25 * mask + 0.75 * (1 - mask)) * (1 - (p * mask + (1 - p) * (1 - mask))) ** 2 * entropy).mean()
    p, t = p.flatten(1), mask.flatten(1)
    dice = (1 - (2 * (p * t).sum(1) + 1) / (p.sum(1) + t.sum(1) + 1)).mean()
    return (box - true_box).abs().sum(1).mean() + (1 - giou).mean() + 4 * focal + 4 * dice


def peak_megabytes():
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return float(line.split()[1]) / 1024
    return 0.0


def pytorch(options):
    """The worker for the PyTorch module: one line of JSON."""
    torch.set_num_threads(options.threads or os.cpu_count())  # Debian's starts with one
    batch, _ = read_safetensors(options.worker)
    network = Network(read_config(options.model), torch.load(options.weights, weights_only=True))
    backbone, rest = [], []
    for name, ours in network.names.items():
        (backbone if name.startswith(("text_encoder.", "visual_encoder.")) else rest).append(getattr(network, ours))
    optimizer = torch.optim.AdamW([{"params": backbone, "lr": 4e-5}, {"params": rest, "lr": 4e-4}], weight_decay=1e-4)
    pathlib.Path("/proc/self/clear_refs").write_text("5")
    seconds, first = [], {}
    for step in range(options.steps + 1):
        start = time.perf_counter()
        box, logits = network(batch["images"], batch["ids"], batch["token_mask"].bool())
        loss = grounding_loss(box, logits, batch["boxes"], batch["masks"])
        optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(network.parameters(), 0.15)
        optimizer.step()
        if step > 0:
            seconds.append(time.perf_counter() - start)
        else:
            first = {"loss": loss.item(), "gradient_norm": norm.item(),
                     "box_difference": (box - batch["out.boxes"]).abs().max().item(),
                     "logit_difference": (logits - batch["out.mask_logits"]).abs().max().item(),
                     "largest_logit": batch["out.mask_logits"].abs().max().item()}
    print(json.dumps({"form": "pytorch", "median_s": statistics.median(seconds), "least_s": min(seconds),
                      "peak_mb": peak_megabytes(), "torch": torch.__version__, "threads": torch.get_num_threads(), **first}))


def run(command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="model file, law.kind = lowrank, all blocks adapting, box_head.pool = lap")
    parser.add_argument("weights", help="the same from vglaw export --to torch")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--tokens", type=int, default=16)
    parser.add_argument("--steps", type=int, default=5, help="counted steps, after one that is not")
    parser.add_argument("--threads", type=int, default=0, help="0: every core")
    parser.add_argument("--program", default=ROOT / "build/benchmarks/train_step")
    parser.add_argument("--worker", help=argparse.SUPPRESS)  # the batch file; this process is then the PyTorch one
    options = parser.parse_args()
    if options.worker:
        return pytorch(options)

    config = read_config(options.model)
    law = config["law"]
    if law["kind"] != "lowrank" or law.get("blocks") or config["box_head"]["pool"] != "lap" \
            or config.get("fusion", {}).get("kind", "none") != "none":
        sys.exit(f"{options.model}: the PyTorch module is the paper's network, not an ablation of it")
    shared = ["--batch", options.batch, "--tokens", options.tokens, "--steps", options.steps, "--threads", options.threads]
    with tempfile.TemporaryDirectory() as folder:
        saved = pathlib.Path(folder) / "batch.safetensors"
        rows = [run([options.program, options.model, "--form", "lowrank", "--save", saved, *shared]),
                run([options.program, options.model, "--form", "materialized", *shared]),
                run([sys.executable, __file__, options.model, options.weights, "--worker", saved, *shared])]
    ours = rows[0]
    print(f"{'form':<14}{'median s':>10}{'least s':>10}{'peak MB':>10}{'loss':>12}{'grad norm':>12}   time and memory of lowrank")
    for row in rows:
        print(f"{row['form']:<14}{row['median_s']:>10.3f}{row['least_s']:>10.3f}{row['peak_mb']:>10.0f}{row['loss']:>12.6f}"
              f"{row['gradient_norm']:>12.5f}   {ours['median_s'] / row['median_s']:.2f}x {ours['peak_mb'] / row['peak_mb']:.2f}x")
    torchs = rows[2]
    print(f"PyTorch {torchs['torch']}, {torchs['threads']} threads; largest difference of a box {torchs['box_difference']:.1e}, "
          f"of a mask logit {torchs['logit_difference']:.1e} of {torchs['largest_logit']:.1f}")
    # float32 through a dozen blocks, sums in another order.
    same = torchs["box_difference"] < 1e-3 and torchs["logit_difference"] < 1e-3 * max(1, torchs["largest_logit"])
    for row in rows[1:]:
        same = same and math.isclose(row["loss"], ours["loss"], rel_tol=1e-3) \
            and math.isclose(row["gradient_norm"], ours["gradient_norm"], rel_tol=1e-2)
    if not same:
        sys.exit("the three do not compute the same")
    return None


if __name__ == "__main__":
    main()
