// An experiment: one TOML file. The network's keys stand at the top level as in the model file; here are the rest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vglaw/model/config.h"
#include "vglaw/model/initialize.h"

namespace vglaw {

struct ScenesSourceConfig {
    std::string style = "refcoco";
    int min_objects = 3, max_objects = 12, min_side = 160, max_side = 320;
    std::int64_t train_size = 100000, val_size = 1000;
    std::int64_t train_seed = 1, val_seed = 1000003;
    double grow = 0, captions = 0;

    template <typename Visitor>
    void visit_fields(Visitor& visit) {
        visit("style", style, "expressions in the manner of a data set",
              OneOf{"refcoco", "refcoco+", "refcocog", "refclef", "mixed"});
        visit("min_objects", min_objects, "fewest objects in a scene", Between{1, 12});
        visit("max_objects", max_objects, "most objects in a scene", Between{1, 12});
        visit("min_side", min_side, "shortest long side of a picture, px", Between{32, 2048});
        visit("max_side", max_side, "longest long side of a picture, px", Between{32, 2048});
        visit("train_size", train_size, "scenes an epoch", Between{1, 1e9});
        visit("val_size", val_size, "scenes for validation", Between{1, 1e9});
        visit("train_seed", train_seed, "seed of the training scenes", Between{0, 1e15});
        visit("grow", grow,
              "share of an epoch over which the most objects rise from min_objects + 1 to max_objects; above 0 scenes "
              "come "
              "in order",
              Between{0, 1});
        visit("captions", captions,
              "share of the training's samples that are captions of two or three expressions of their scene, each with "
              "its own box and mask: for vglaw ground --caption",
              Between{0, 1});
        visit("val_seed", val_seed, "seed of the validation scenes; another than train_seed", Between{0, 1e15});
    }
};

struct ReferSourceConfig {
    std::string root, image_root, instances, dataset = "refcoco", split_by = "unc", train_split = "train",
                                             val_split = "val";
    bool skip_missing = false;

    template <typename Visitor>
    void visit_fields(Visitor& visit) {
        visit("root", root, "folder of the annotations (refer: holds refcoco/, refcoco+/, ...), or the file itself");
        visit("image_root", image_root, "folder of the pictures, when it is not below root");
        visit("instances", instances, "COCO's or REFER's instances json: the masks of a layout that has none");
        visit("dataset", dataset, "data set", OneOf{"refcoco", "refcoco+", "refcocog", "refclef"});
        visit("split_by", split_by, "who made the splits", OneOf{"unc", "google", "umd", "berkeley"});
        visit("train_split", train_split, "split trained on");
        visit("val_split", val_split, "split validated on");
        visit("skip_missing", skip_missing, "leave out expressions whose picture or annotation is missing");
    }
};

struct DataConfig {
    std::string source = "scenes", vocabulary;
    ScenesSourceConfig scenes;
    ReferSourceConfig refer, files;

    template <typename Visitor>
    void visit_fields(Visitor& visit) {
        visit("source", source,
              "scenes: generated on the fly; refer: files in the REFER layout, by [data.refer]; the others: files in "
              "that layout, by [data.files]",
              OneOf{"scenes", "refer", "referit", "seqtr", "mdetr", "transvg", "jsonl"});
        visit("vocabulary", vocabulary,
              "vocab.txt; empty: word pieces learned from generated expressions, filled up with [unusedN]");
        visit("scenes", scenes, "");
        visit("refer", refer, "");
        visit("files", files, "");
    }
};

struct AugmentConfig {
    bool random_offset = true;
    double flip = 0.5, crop = 0.5, crop_min_side = 0.75, scale = 0.5, scale_min = 0.7;

    template <typename Visitor>
    void visit_fields(Visitor& visit) {
        visit("random_offset", random_offset, "place the picture at random on the canvas; else centred");
        visit("flip", flip, "probability of a mirror image, the words left and right swapped", Between{0, 1});
        visit("crop", crop, "probability of a crop that keeps the box; not when a side is named", Between{0, 1});
        visit("crop_min_side", crop_min_side, "a crop keeps at least this share of each side", Between{0.05, 1});
        visit("scale", scale, "probability of shrinking the picture on its canvas; not when a side is named",
              Between{0, 1});
        visit("scale_min", scale_min, "smallest long side as a share of the canvas", Between{0.05, 1});
    }
};

struct LossConfig {
    double l1 = 1, giou = 1, focal = 4, dice = 4, pooling = 0, labelling = 0;
    int labelling_block = 0;

    template <typename Visitor>
    void visit_fields(Visitor& visit) {
        visit("l1", l1, "weight of the box's L1", Between{0, 1000});
        visit("giou", giou, "weight of 1 - GIoU", Between{0, 1000});
        visit("focal", focal, "weight of the mask's focal loss", Between{0, 1000});
        visit("dice", dice, "weight of the mask's dice loss", Between{0, 1000});
        visit("pooling", pooling, "weight of the pooling attention's cross-entropy with the mask; 0 in the paper",
              Between{0, 1000});
        visit("labelling", labelling,
              "weight of naming shape, colour and size of what each token shows; generated scenes only, 0 in the paper",
              Between{0, 1000});
        visit("labelling_block", labelling_block, "index of the visual encoder's block whose output is to name them",
              Between{0, 1000});
    }
};

struct TrainConfig {
    std::string out = "runs/experiment", start, tasks = "both", schedule = "step", precision = "fp32",
                optimizer = "adamw";
    int batch = 256, epochs = 90, threads = 0, loader_threads = 2;
    bool checkpoint_blocks = false;
    std::int64_t seed = 1, max_steps = 0;
    double lr_backbone = 4e-5, lr_rest = 4e-4, weight_decay = 1e-4, beta2 = 0.999, clip = 0.15, step_factor = 0.1,
           min_lr_share = 0, muon_factor = 1;
    std::vector<int> step_epochs{10, 60};
    int warmup_steps = 0;
    int log_every = 50, validate_every = 1000, checkpoint_every = 1000, keep_checkpoints = 2;
    int accumulate = 1, rendezvous_timeout = 300;
    std::string on_nan = "stop", device = "cpu", dist_backend = "gloo";

    template <typename Visitor>
    void visit_fields(Visitor& visit) {
        visit("out", out, "folder of the run: checkpoints, metrics.jsonl, curves, best model");
        visit("start", start, "model file to start from; empty: [init]");
        visit("tasks", tasks, "which losses train", OneOf{"box", "mask", "both"});
        visit("precision", precision,
              "of the encoders' matrix products; weights, residual streams, softmaxes and losses stay fp32",
              OneOf{"fp32", "bf16"});
        visit("optimizer", optimizer,
              "adamw, the paper's; muon: orthogonalised momentum for hidden linear layers, AdamW for the rest",
              OneOf{"adamw", "muon"});
        visit("checkpoint_blocks", checkpoint_blocks,
              "keep only the input of each block of the visual encoder and run it again in the backward pass: less "
              "memory, more time, the same weights");
        visit("batch", batch, "samples a step, shared by all processes", Between{1, 65536});
        visit("epochs", epochs, "passes over the training data", Between{1, 100000});
        visit("max_steps", max_steps, "stop after so many steps though the schedule goes on; 0: run to its end",
              Between{0, 1e12});
        visit("threads", threads, "LibTorch's threads; 0: every core", Between{0, 1024});
        visit("loader_threads", loader_threads, "threads that make samples; 0: in the training loop", Between{0, 256});
        visit("seed", seed, "of initialisation, order, augmentation and drop path", Between{0, 1e15});
        visit("lr_backbone", lr_backbone, "learning rate of both encoders, W0 included", Between{0, 10});
        visit("lr_rest", lr_rest, "learning rate of weight generator and heads", Between{0, 10});
        visit("weight_decay", weight_decay, "AdamW's, on every parameter", Between{0, 10});
        visit("beta2", beta2, "AdamW's second decay", Between{0.5, 0.99999});
        visit("clip", clip, "greatest gradient norm; 0: no clipping", Between{0, 1e9});
        visit("muon_factor", muon_factor,
              "optimizer = muon: learning rate of the hidden matrices as a multiple of the others'", Between{0, 1000});
        visit("schedule", schedule, "how the learning rate falls", OneOf{"step", "cosine"});
        visit("step_epochs", step_epochs, "schedule = step: epochs at which it is multiplied", Between{0, 1e6});
        visit("step_factor", step_factor, "schedule = step: by this", Between{0, 1});
        visit("min_lr_share", min_lr_share, "schedule = cosine: share of the learning rate left at the end",
              Between{0, 1});
        visit("warmup_steps", warmup_steps, "steps of linear rise from 0", Between{0, 1e9});
        visit("log_every", log_every, "steps between lines of metrics.jsonl", Between{1, 1e9});
        visit("validate_every", validate_every, "steps between validations", Between{1, 1e9});
        visit("checkpoint_every", checkpoint_every, "steps between checkpoints", Between{1, 1e9});
        visit("keep_checkpoints", keep_checkpoints, "newest checkpoints kept", Between{1, 1000});
        visit("accumulate", accumulate,
              "micro-batches that a process cuts its share of a batch into, one after the other: less memory, the same "
              "step",
              Between{1, 65536});
        visit("rendezvous_timeout", rendezvous_timeout,
              "seconds that the processes of one training wait for each other", Between{1, 86400});
        visit("on_nan", on_nan,
              "a loss or gradient that is not finite: stop ends the run, skip leaves the step out; either saves the "
              "batch's ids",
              OneOf{"stop", "skip"});
        visit("device", device, "where the network is", OneOf{"cpu", "cuda"});
        visit(
            "dist_backend", dist_backend,
            "what sums the gradients of several processes; device = cuda: gloo through the host, nccl from GPU to GPU",
            OneOf{"gloo", "nccl"});
    }
};

struct ExperimentConfig {
    ModelConfig model;
    InitConfig init;
    DataConfig data;
    AugmentConfig augment;
    LossConfig loss;
    TrainConfig train;

    template <typename Visitor>
    void visit_fields(Visitor& visit) {
        model.visit_fields(visit);
        visit("init", init, "");
        visit("data", data, "");
        visit("augment", augment, "");
        visit("loss", loss, "");
        visit("train", train, "");
    }
};

}  // namespace vglaw
