#!/usr/bin/env python3
"""The engine, ONNX Runtime and OpenVINO in turn: same model, same threads, same kind of input, one process a run.

    tools/onnx_python.sh build/compare-python tools/compare/onnx_requirements.txt
    build/compare-python/bin/python tools/compare/peers.py models/scenes-small.safetensors --threads 2

Exports MODEL (folded mask head) and times a forward pass of each contender, without decoding pictures or tokenising:
    engine          build/vglaw bench, fp32
    engine-int8     the same with --precision int8, where the program has it
    ort             ONNX Runtime, every optimisation, fp32
    ort-int8        ONNX Runtime on what its quantize_dynamic makes of the same graph: int8 MatMul, a scale a column
    openvino        OpenVINO reading the same file, fp32
    ort-plain       ONNX Runtime on the graph with the plain mask head
Sizes are fixed for ONNX Runtime and OpenVINO (their best case) unless --free is given. Each round runs each contender
once, in a fresh process; the figure is the median over the rounds of each run's median over --runs passes.
Before that each answers the same questions on the same picture: how far its boxes (of the canvas) and mask logits (of the
largest) lie from the engine's in fp32, at most and on average over the questions, says whether the times are of equal work.
"""
import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PICTURE = ROOT / "examples" / "demo" / "scene.jpg"
QUESTIONS = ["the small red ball left of the blue cube", "the star", "cube on the right", "the red ball", "the big green star",
             "the biggest thing", "the yellow triangle", "the blue cube at the bottom"]
OUTPUTS = ["boxes_cxcywh", "mask_logits"]
CONTENDERS = ["engine", "engine-int8", "ort", "ort-int8", "openvino", "ort-plain"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="model file, .safetensors")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--runs", type=int, default=15, help="passes of a process, after one that is not timed")
    parser.add_argument("--tokens", type=int, default=20)
    parser.add_argument("--expressions", type=int, default=1, help="on one picture, one batch")
    parser.add_argument("--contenders", default="engine,ort,ort-int8,openvino", help="of " + ", ".join(CONTENDERS))
    parser.add_argument("--free", action="store_true", help="leave batch and tokens free in the peers")
    parser.add_argument("--vglaw", default=ROOT / "build" / "vglaw", type=pathlib.Path)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--quantise", help=argparse.SUPPRESS)
    parser.add_argument("--answers", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.quantise:
        return quantise(options.model, options.quantise)
    if options.answers:
        return print(json.dumps(compare_answers(options)))
    if options.worker:
        return print(json.dumps(run_peer(options)))
    contenders = options.contenders.split(",")
    if unknown := [name for name in contenders if name not in CONTENDERS]:
        parser.error(f"unknown contender {unknown[0]}; known are {', '.join(CONTENDERS)}")

    with tempfile.TemporaryDirectory() as folder:
        models = {name: prepare(name, options, pathlib.Path(folder)) for name in contenders}
        answers = ask_all(contenders, models, options, pathlib.Path(folder))
        results = {name: [] for name in contenders}
        for round_ in range(options.rounds):
            for name in contenders:
                results[name].append(run(name, models[name], options))
                print(f"round {round_ + 1}: {name} {results[name][-1]['median']:.2f} ms", file=sys.stderr)
    report(contenders, results, answers, options)


def prepare(name, options, folder):
    """The file that a contender reads."""
    if name.startswith("engine"):
        return options.model
    head = "plain" if name == "ort-plain" else "folded"
    exported = folder / f"{head}.onnx"
    if not exported.exists():
        subprocess.run([options.vglaw, "export", options.model, "--to", "onnx", "--head", head, "--out", exported],
                       check=True, stdout=sys.stderr)
    if name != "ort-int8":
        return exported
    # In a process of its own: a child's peak memory begins with what its parent has.
    quantised = folder / "int8.onnx"
    subprocess.run([sys.executable, __file__, exported, "--quantise", quantised], check=True, stdout=sys.stderr)
    return quantised


def quantise(exported, quantised):
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    graph = onnx.load(exported).graph
    rank = {tensor.name: len(tensor.dims) for tensor in graph.initializer}
    # A scale a column needs a matrix: what multiplies by a stack of small ones (position tables, the blocks' generators)
    # stays float.
    stacks = [node.name for node in graph.node if node.op_type == "MatMul" and any(rank.get(x, 2) > 2 for x in node.input)]
    quantize_dynamic(exported, quantised, op_types_to_quantize=["MatMul"], per_channel=True, weight_type=QuantType.QInt8,
                     nodes_to_exclude=stacks)


def ask_all(contenders, models, options, folder):
    """For each contender: how far its answers lie from the engine's in fp32."""
    def dump(precision):
        (folder / precision).mkdir()
        for i, question in enumerate(QUESTIONS):
            subprocess.run([options.vglaw, "ground", PICTURE, question, "--model", options.model, "--precision", precision,
                            "--threads", str(options.threads), "--dump", folder / precision / f"{i}.safetensors"],
                           check=True, stdout=subprocess.DEVNULL)
    dump("fp32")
    if "engine-int8" in contenders:
        dump("int8")
    answers = {}
    for name in contenders:
        if name == "engine":
            continue
        command = [sys.executable, __file__, models[name], "--worker", name, "--answers", folder, "--threads", options.threads,
                   "--tokens", options.tokens, "--expressions", 1, *(["--free"] if options.free else [])]
        said = subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True).stdout
        answers[name] = json.loads(said.splitlines()[-1])
    return answers


def compare_answers(options):
    """In the child process: one contender's answers against the engine's."""
    import numpy as np
    sys.path.append(str(ROOT / "tests" / "e2e"))
    from onnx_parity import read_dump
    forward = None
    if options.worker != "engine-int8":
        forward = (open_openvino(options) if options.worker == "openvino" else open_onnxruntime(options))[0]
    apart = {"box": [], "mask": []}
    for i in range(len(QUESTIONS)):
        expected = read_dump(f"{options.answers}/fp32/{i}.safetensors")
        if forward is None:
            got = read_dump(f"{options.answers}/int8/{i}.safetensors")
            box, mask = got["box"], got["mask_logits"]
        else:
            count = len(expected["ids"])
            ids, token_mask = np.zeros((1, options.tokens), np.int64), np.zeros((1, options.tokens), np.int64)
            ids[0, :count], token_mask[0, :count] = expected["ids"], 1
            outputs = forward({"images": expected["image"][None], "ids": ids, "token_mask": token_mask})
            if options.worker == "openvino":
                outputs = [outputs[name] for name in OUTPUTS]
            box, mask = outputs[0][0], outputs[1][0]
        apart["box"].append(float(np.abs(box - expected["box"]).max()))
        largest = np.abs(expected["mask_logits"]).max()
        apart["mask"].append(float(np.abs(mask - expected["mask_logits"]).max() / largest))
    return {key: [statistics.mean(values), max(values)] for key, values in apart.items()}


def run(name, model, options):
    """One process. Milliseconds: median, least, first, load; peak memory in MiB."""
    sizes = ["--threads", options.threads, "--runs", options.runs, "--tokens", options.tokens,
             "--expressions", options.expressions]
    if name.startswith("engine"):
        precision = ["--precision", "int8"] if name == "engine-int8" else []
        command = [options.vglaw, "bench", "--model", model, "--backend", "engine", "--json", *sizes, *precision]
    else:
        command = [sys.executable, __file__, model, "--worker", name, *sizes, *(["--free"] if options.free else [])]
    answer = subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True).stdout
    answer = json.loads(answer.splitlines()[-1])
    if name.startswith("engine"):
        times = answer["milliseconds"]
        answer = {**{key: times[key] for key in ("median", "least", "first")}, "load": times["open"] + times["load"],
                  "memory": answer["peak_memory_mib"],
                  "by": f"{answer['products_by']}, {answer['instruction_set']}"}
    return answer


def run_peer(options):
    """In the child process: one peer, timed."""
    import numpy as np
    before = time.perf_counter()
    peer = open_openvino(options) if options.worker == "openvino" else open_onnxruntime(options)
    forward, size, vocabulary, by = peer
    load = milliseconds_since(before)
    rng = np.random.default_rng(1)
    image = rng.uniform(-2, 2, (1, 3, size, size)).astype(np.float32)
    shape = (options.expressions, options.tokens)
    feed = {"images": np.repeat(image, options.expressions, axis=0), "ids": rng.integers(0, vocabulary, shape),
            "token_mask": np.ones(shape, np.int64)}
    times = []
    for _ in range(options.runs + 1):
        before = time.perf_counter()
        forward(feed)
        times.append(milliseconds_since(before))
    return {"median": statistics.median(times[1:]), "least": min(times[1:]), "first": times[0], "load": load,
            "memory": peak_memory(), "by": by}


def open_onnxruntime(options):
    import onnxruntime
    settings = onnxruntime.SessionOptions()
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    if not options.free:
        settings.add_free_dimension_override_by_name("batch", options.expressions)
        settings.add_free_dimension_override_by_name("tokens", options.tokens)
    session = onnxruntime.InferenceSession(options.model, settings, providers=["CPUExecutionProvider"])
    config = json.loads(session.get_modelmeta().custom_metadata_map["vglaw.config"])
    return (lambda feed: session.run(OUTPUTS, feed), config["image"]["size"], config["text"]["vocab_size"],
            f"ONNX Runtime {onnxruntime.__version__}")


def open_openvino(options):
    import openvino
    core = openvino.Core()
    model = core.read_model(options.model)
    size = model.input("images").partial_shape[2].get_length()
    vocabulary = next(constant for constant in model.get_ops()
                      if constant.get_friendly_name() == "text_encoder.embeddings.word_embeddings.weight").shape[0]
    if not options.free:
        shape = [options.expressions, options.tokens]
        model.reshape({"images": [options.expressions, 3, size, size], "ids": shape, "token_mask": shape})
    compiled = core.compile_model(model, "CPU", {"INFERENCE_NUM_THREADS": options.threads, "PERFORMANCE_HINT": "LATENCY",
                                                 "INFERENCE_PRECISION_HINT": "f32"})
    request = compiled.create_infer_request()
    return request.infer, size, vocabulary, f"OpenVINO {openvino.__version__.split('-')[0]}"


def peak_memory():
    """MiB of this process; what getrusage says would begin with its parent's."""
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def milliseconds_since(before):
    return (time.perf_counter() - before) * 1e3


def report(contenders, results, answers, options):
    def middle(name, key):
        return statistics.median(one[key] for one in results[name])
    print(f"{options.model}, {options.expressions} expression(s) of {options.tokens} tokens, {options.threads} threads, "
          f"{options.rounds} rounds of {options.runs} passes; {processor()}")
    print(f"| {'what':11} | median, ms | least, ms | engine / it | load, ms | peak memory, MiB | box apart, mean and most | "
          "mask logits apart | by |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in contenders:
        least = min(one["least"] for one in results[name])
        def apart(what):
            return " ".join(f"{value:.1e}" for value in answers[name][what]) if name in answers else ""
        ratio = f"{middle('engine', 'median') / middle(name, 'median'):.2f}" if "engine" in contenders else ""
        print(f"| {name:11} | {middle(name, 'median'):.2f} | {least:.2f} | {ratio} | {middle(name, 'load'):.0f} | "
              f"{middle(name, 'memory'):.0f} | {apart('box')} | {apart('mask')} | {results[name][0]['by']} |")


def processor():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


if __name__ == "__main__":
    main()
