"""Writes small files of weights under the names people's files have, and what the networks they belong to compute with them:

tests/golden/model/{bert,bert_legacy,bert_shards}/   a BERT by transformers: safetensors, legacy torch with gamma and beta, shards
tests/golden/model/model_final_DIGEST.pkl            a ViTDet as detectron2's model zoo has it
tests/golden/model/{mae.pth,timm.safetensors,sam.pth}
tests/golden/net/{bert,vit}.safetensors              inputs and outputs

The ViT is detectron2's by its formulas (Li et al. 2022), in plain PyTorch. Sizes: import_config() in tests/unit/model/golden_weights.h.
Run from the repository root, with torch, numpy, transformers and safetensors: python tools/golden/weights.py
"""

import collections
import hashlib
import pickle
import shutil
from pathlib import Path

import torch
import torch.nn.functional as F
import transformers
from safetensors.torch import save_file

MODEL, NET = Path("tests/golden/model"), Path("tests/golden/net")
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + [f"w{i}" for i in range(25)]
HIDDEN, TEXT_HEADS, FFN, BERT_LAYERS, TAKEN_LAYERS = 32, 4, 48, 3, 2
IMAGE, PATCH, DIM, HEADS, DEPTH, MLP, WINDOW, GLOBAL, GRID = 28, 4, 16, 2, 3, 32, 3, (1,), 5
TRAINED_GRID = 13  # tokens a side that the global blocks' tables were made for; 7 are used


def randomize(tensors):
    """Every number matters: norms around 1, the rest around 0."""
    generator = torch.Generator().manual_seed(11)
    for name, tensor in tensors.items():
        values = torch.randn(tensor.shape, generator=generator) * 0.3
        norm = name.endswith("weight") and "norm" in name.lower()
        tensor.copy_(values + 1 if norm else values)


def write_bert():
    config = transformers.BertConfig(
        vocab_size=len(PIECES),
        hidden_size=HIDDEN,
        num_hidden_layers=BERT_LAYERS,
        num_attention_heads=TEXT_HEADS,
        intermediate_size=FFN,
        max_position_embeddings=16,
        attn_implementation="eager",
    )
    model = transformers.BertForPreTraining(config).eval()
    with torch.no_grad():
        randomize(model.state_dict())
    for folder in ("bert", "bert_legacy", "bert_shards"):
        shutil.rmtree(MODEL / folder, ignore_errors=True)
        (MODEL / folder).mkdir(parents=True)
    model.bert.save_pretrained(MODEL / "bert")
    (MODEL / "bert/vocab.txt").write_text("\n".join(PIECES) + "\n")

    # As bert-base-uncased/pytorch_model.bin of 2018: legacy file, `bert.`, gamma and beta, heads that nobody needs.
    old = collections.OrderedDict()
    for name, tensor in model.state_dict().items():
        name = name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
        old[name] = tensor.half() if tensor.is_floating_point() else tensor
    torch.save(old, MODEL / "bert_legacy/pytorch_model.bin", _use_new_zipfile_serialization=False)
    shutil.copy(MODEL / "bert/vocab.txt", MODEL / "bert_legacy/vocab.txt")

    model.bert.to(torch.bfloat16).save_pretrained(MODEL / "bert_shards", max_shard_size="20KB")
    model.bert.float()
    with torch.no_grad():
        randomize(model.state_dict())  # bfloat16 lost some digits
        ids = torch.tensor([[2, 5, 9, 17, 3], [2, 29, 3, 0, 0]])
        mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
        states = model.bert(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
    outputs = {"ids": ids, "token_mask": mask, "F_l": states[TAKEN_LAYERS].contiguous()}
    save_file(outputs, NET / "bert.safetensors")


def vit_tensors(relative):
    head = DIM // HEADS
    tensors = collections.OrderedDict()
    tensors["pos_embed"] = torch.empty(1, 1 + GRID * GRID, DIM)
    tensors["patch_embed.proj.weight"] = torch.empty(DIM, 3, PATCH, PATCH)
    tensors["patch_embed.proj.bias"] = torch.empty(DIM)
    for i in range(DEPTH):
        block = f"blocks.{i}."
        for norm in ("norm1", "norm2"):
            tensors[f"{block}{norm}.weight"], tensors[f"{block}{norm}.bias"] = torch.empty(DIM), torch.empty(DIM)
        tensors[f"{block}attn.qkv.weight"], tensors[f"{block}attn.qkv.bias"] = torch.empty(3 * DIM, DIM), torch.empty(3 * DIM)
        tensors[f"{block}attn.proj.weight"], tensors[f"{block}attn.proj.bias"] = torch.empty(DIM, DIM), torch.empty(DIM)
        if relative:
            rows = 2 * (TRAINED_GRID if i in GLOBAL else WINDOW) - 1
            tensors[f"{block}attn.rel_pos_h"], tensors[f"{block}attn.rel_pos_w"] = torch.empty(rows, head), torch.empty(rows, head)
        tensors[f"{block}mlp.fc1.weight"], tensors[f"{block}mlp.fc1.bias"] = torch.empty(MLP, DIM), torch.empty(MLP)
        tensors[f"{block}mlp.fc2.weight"], tensors[f"{block}mlp.fc2.bias"] = torch.empty(DIM, MLP), torch.empty(DIM)
    randomize(tensors)
    return tensors


def fitted(table, size, how):
    """detectron2's get_rel_pos interpolates; VG-LAW's authors crop the middle."""
    rows = 2 * size - 1
    if table.shape[0] == rows:
        return table
    if how == "crop":
        begin = (table.shape[0] - rows) // 2
        return table[begin : begin + rows]
    return F.interpolate(table.t()[None], size=rows, mode="linear")[0].t()


def attention(x, tensors, block, how):
    """x: (windows, n, n, C)"""
    windows, n, _, _ = x.shape
    qkv = F.linear(x, tensors[block + "attn.qkv.weight"], tensors[block + "attn.qkv.bias"])
    q, k, v = qkv.reshape(windows, n * n, 3, HEADS, DIM // HEADS).permute(2, 0, 3, 1, 4).flatten(1, 2)
    scores = (q * (DIM // HEADS) ** -0.5) @ k.transpose(-2, -1)
    if block + "attn.rel_pos_h" in tensors:
        steps = torch.arange(n)
        distance = steps[:, None] - steps[None, :] + n - 1
        R_h = fitted(tensors[block + "attn.rel_pos_h"], n, how)[distance]
        R_w = fitted(tensors[block + "attn.rel_pos_w"], n, how)[distance]
        grid = q.reshape(-1, n, n, q.shape[-1])
        rel_h = torch.einsum("bhwc,hkc->bhwk", grid, R_h)
        rel_w = torch.einsum("bhwc,wkc->bhwk", grid, R_w)
        scores = (scores.view(-1, n, n, n, n) + rel_h[:, :, :, :, None] + rel_w[:, :, :, None, :]).view_as(scores)
    y = (scores.softmax(-1) @ v).view(windows, HEADS, n, n, -1).permute(0, 2, 3, 1, 4).reshape(windows, n, n, DIM)
    return F.linear(y, tensors[block + "attn.proj.weight"], tensors[block + "attn.proj.bias"])


def vit(images, tensors, grid, how="crop"):
    """images: (1, 3, S, S), grid: (1, GRID, GRID, C) -> (1, h, w, C)"""
    x = F.conv2d(images, tensors["patch_embed.proj.weight"], tensors["patch_embed.proj.bias"], stride=PATCH)
    x = x.permute(0, 2, 3, 1)
    side = x.shape[1]
    x = x + F.interpolate(grid.permute(0, 3, 1, 2), size=(side, side), mode="bicubic").permute(0, 2, 3, 1)
    for i in range(DEPTH):
        block = f"blocks.{i}."
        norm = lambda t, name: F.layer_norm(t, (DIM,), tensors[f"{block}{name}.weight"], tensors[f"{block}{name}.bias"], 1e-6)
        y = norm(x, "norm1")
        if i in GLOBAL:
            y = attention(y, tensors, block, how)
        else:
            pad = (WINDOW - side % WINDOW) % WINDOW
            y = F.pad(y, (0, 0, 0, pad, 0, pad))
            rows = (side + pad) // WINDOW
            y = y.view(rows, WINDOW, rows, WINDOW, DIM).transpose(1, 2).reshape(-1, WINDOW, WINDOW, DIM)
            y = attention(y, tensors, block, how)
            y = y.view(rows, rows, WINDOW, WINDOW, DIM).transpose(1, 2).reshape(1, side + pad, side + pad, DIM)
            y = y[:, :side, :side]
        x = x + y
        y = F.linear(norm(x, "norm2"), tensors[block + "mlp.fc1.weight"], tensors[block + "mlp.fc1.bias"])
        x = x + F.linear(F.gelu(y), tensors[block + "mlp.fc2.weight"], tensors[block + "mlp.fc2.bias"])
    return x


def write_vits():
    for old in MODEL.glob("model_final_*.pkl"):
        old.unlink()
    images = torch.randn(1, 3, IMAGE, IMAGE, generator=torch.Generator().manual_seed(5))
    outputs = {"images": images}
    grid_of = lambda tensors: tensors["pos_embed"][:, 1:].reshape(1, GRID, GRID, DIM)

    tensors = vit_tensors(relative=True)
    for how in ("crop", "interpolate"):
        outputs[f"vitdet_{how}"] = vit(images, tensors, grid_of(tensors), how)
    model = collections.OrderedDict((f"backbone.net.{name}", tensor.numpy()) for name, tensor in tensors.items())
    model["backbone.simfp_2.0.weight"] = torch.ones(2, 2).numpy()
    model["roi_heads.box_head.fc1.weight"] = torch.ones(2, 2).numpy()
    model._metadata = collections.OrderedDict([("", {"version": 1})])
    data = pickle.dumps({"model": model, "__author__": "Detectron2 Model Zoo"})
    (MODEL / f"model_final_{hashlib.md5(data).hexdigest()[:6]}.pkl").write_bytes(data)

    # SAM: other names for the MLP, a grid of its own without a class token's row.
    sam = collections.OrderedDict()
    for name, tensor in tensors.items():
        sam["image_encoder." + name.replace("fc1", "lin1").replace("fc2", "lin2")] = tensor
    large = torch.randn(1, TRAINED_GRID, TRAINED_GRID, DIM, generator=torch.Generator().manual_seed(6))
    sam["image_encoder.pos_embed"] = large
    sam["image_encoder.neck.0.weight"] = torch.ones(2)
    sam["prompt_encoder.not_a_point_embed.weight"] = torch.ones(2)
    torch.save(sam, MODEL / "sam.pth")
    small = F.interpolate(large.permute(0, 3, 1, 2), size=(GRID, GRID), mode="bicubic").permute(0, 2, 3, 1)
    outputs["sam"] = vit(images, tensors, small)

    tensors = vit_tensors(relative=False)
    outputs["mae"] = vit(images, tensors, grid_of(tensors))
    mae = collections.OrderedDict(tensors)
    mae["cls_token"] = torch.ones(1, 1, DIM)
    mae["norm.weight"], mae["norm.bias"] = torch.ones(DIM), torch.zeros(DIM)
    torch.save({"model": {**mae, "mask_token": torch.ones(1, 1, DIM), "decoder_blocks.0.attn.qkv.weight": torch.ones(3, 1)}}, MODEL / "mae.pth")
    timm = {**mae, "head.weight": torch.ones(4, DIM), "head.bias": torch.ones(4)}
    save_file(timm, MODEL / "timm.safetensors", metadata={"format": "pt"})
    save_file({name: tensor.contiguous() for name, tensor in outputs.items()}, NET / "vit.safetensors")


if __name__ == "__main__":
    MODEL.mkdir(parents=True, exist_ok=True)
    write_bert()
    write_vits()
