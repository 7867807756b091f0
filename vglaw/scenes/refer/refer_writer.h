// RefScenes on disk: generated scenes in the layout of RefCOCO, RefCOCO+, RefCOCOg and RefCLEF (formats.md 1).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace vglaw {

struct ReferSetOptions {
    std::string dataset = "refcoco";  ///< refcoco, refcoco+, refcocog or refclef: style, folder and kind of annotations
    int images = 1000;                ///< 1 to 999999; from 16 on every split has some
    std::uint64_t seed = 1;           ///< the same seed gives the same bytes, whatever the machine and `threads`
    int threads = 0;                  ///< 0: as many as the machine runs at once
    int min_objects = 3, max_objects = 12;  ///< in a picture
    int min_side = 160, max_side = 320;     ///< long side of a picture, pixels
    int jpeg_quality = 92;                  ///< 1 to 100
    /// Told how many pictures are done; may be called from any thread, one call at a time. May be empty.
    std::function<void(int)> progress = {};
};

struct ReferSetSummary {
    std::string split_by;  ///< unc, umd or berkeley
    int images = 0, annotations = 0, refs = 0, sentences = 0;
};

/// Writes, under `folder`:
///     DATASET/instances.json      every object: tight box, COCO polygons of its visible pixels (refclef: RLE)
///     DATASET/refs(SPLIT_BY).p    references with their sentences, protocol 0
///     DATASET/scenes.json         each picture's objects, each sentence's program (scene_json.h, program.h)
///     images/...                  JPEG, at the path where REFER keeps that data set's pictures
/// Splits by picture, in 20ths: refcoco and refcoco+ (unc) 16 train, 2 val, 1 testA, 1 testB; refcocog (umd) and
/// refclef (berkeley) 16 train, 2 val, 2 test. RefCOCO's testA speaks of people and testB of the rest; here testA
/// speaks of shapes with round outlines (ball, heart, ring, moon, cylinder, flower), testB of those with straight ones.
/// Picture ids of the four data sets do not meet, so one folder can hold them all. Throws invalid_argument for options
/// out of range, io when something cannot be written.
ReferSetSummary write_refer_layout(const std::filesystem::path& folder, const ReferSetOptions& options);

}  // namespace vglaw
