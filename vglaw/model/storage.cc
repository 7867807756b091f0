#include "vglaw/model/storage.h"

#include <algorithm>
#include <cmath>
#include <list>

#include "vglaw/core/error.h"
#include "vglaw/model/int8_weight.h"

namespace vglaw {
namespace {

constexpr float largest_half = 65504;

/// Owns what the views of one file point to.
class StoredTensors {
public:
    void add(const std::string& name, const TensorView& like, const std::vector<float>& values, Storage storage) {
        const bool small =
            std::all_of(values.begin(), values.end(), [](float value) { return std::abs(value) <= largest_half; });
        if (storage == Storage::int8 && may_be_int8(name)) {
            const auto out = std::size_t(like.shape[0]);
            const Int8Weight weight = to_int8(values, out);
            keep(name, Dtype::i8, like.shape, weight.values);
            keep(scale_name(name), Dtype::f32, {std::int64_t(out)}, weight.scales);
        } else if (storage == Storage::fp32 || like.shape.size() < 2 || !small) {
            keep(name, Dtype::f32, like.shape, values);
        } else {
            std::vector<std::uint16_t> halves(values.size());
            std::transform(values.begin(), values.end(), halves.begin(), float_to_half);
            keep(name, Dtype::f16, like.shape, halves);
        }
    }
    [[nodiscard]] const std::map<std::string, TensorView>& views() const { return views_; }

private:
    template <typename T>
    void keep(const std::string& name, Dtype dtype, std::vector<std::int64_t> shape, const std::vector<T>& values) {
        const auto* begin = reinterpret_cast<const std::uint8_t*>(values.data());
        const auto& bytes = bytes_.emplace_back(begin, begin + values.size() * sizeof(T));
        views_[name] = {dtype, std::move(shape), bytes};
    }

    std::list<std::vector<std::uint8_t>> bytes_;
    std::map<std::string, TensorView> views_;
};

}  // namespace

std::string_view name_of(Storage storage) {
    switch (storage) {
        case Storage::fp32:
            return "fp32";
        case Storage::f16:
            return "f16";
        case Storage::int8:
            return "int8";
    }
    fail(ErrorCode::internal, "storage {} has no name", int(storage));
}

Storage storage_of(const ModelBundle& bundle) {
    Storage found = Storage::fp32;
    for (const auto& [name, view] : bundle.file.tensors()) {
        if (view.dtype == Dtype::i8) return Storage::int8;
        if (view.dtype != Dtype::f32) found = Storage::f16;
    }
    return found;
}

void write_bundle_stored(const std::filesystem::path& path, const ModelBundle& bundle, Storage storage) {
    StoredTensors tensors;
    for (const auto& [name, shape] : tensor_shapes(bundle.config)) {
        const auto values = bundle.values(name);
        if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); })) {
            fail(ErrorCode::corrupt_data, "{}: tensor '{}' holds a number that is not finite; the file is damaged",
                 bundle.path.string(), name);
        }
        tensors.add(name, bundle.tensor(name), values, storage);
        bundle.file.done_with(bundle.tensor(name));
    }
    write_bundle(path, bundle.config, bundle.vocabulary, tensors.views(), bundle.license, bundle.source);
}

}  // namespace vglaw
