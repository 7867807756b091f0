// Resolves the programs of scenes.json from the stored text alone, written from the definitions in program.h without
// any of the product's code: two readings that must agree.
#pragma once

#include <nlohmann/json.hpp>

#include <cmath>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace vglaw::testing {

class JsonResolver {
public:
    using Objects = std::set<int>;

    /// `scene` holds width, height and objects.
    explicit JsonResolver(const nlohmann::json& scene) : scene_(scene), objects_(scene.at("objects")) {}

    Objects run(const nlohmann::json& program) const {
        std::vector<Objects> results;
        for (const auto& step : program) results.push_back(apply(step, results));
        return results.back();
    }

private:
    double number(int o, const char* key) const { return objects_.at(std::size_t(o)).at(key).get<double>(); }
    std::string word(int o, const char* key) const { return objects_.at(std::size_t(o)).at(key).get<std::string>(); }
    int rank_of_size(int o) const {
        const auto size = word(o, "size");
        return size == "small" ? 0 : size == "medium" ? 1 : 2;
    }
    bool hides(int front, int back) const {
        const auto list = objects_.at(std::size_t(front)).at("hides").get<std::set<int>>();
        return list.count(back) != 0;
    }
    double distance(int a, int b) const {
        return std::hypot(number(a, "cx") - number(b, "cx"), number(a, "cy") - number(b, "cy"));
    }

    template <typename Keep>
    static Objects keep(const Objects& in, Keep&& wanted) {
        Objects out;
        for (const int o : in) {
            if (wanted(o)) out.insert(o);
        }
        return out;
    }
    /// Those with the smallest key.
    template <typename Key>
    static Objects least(const Objects& in, Key&& key) {
        return keep(in, [&](int o) {
            for (const int other : in) {
                if (key(other) < key(o)) return false;
            }
            return true;
        });
    }

    /// How far the object is from that side, or from the centre.
    double from_side(int o, const std::string& side) const {
        const double x = number(o, "cx"), y = number(o, "cy");
        const double width = scene_.at("width").get<double>(), height = scene_.at("height").get<double>();
        if (side == "left") return x;
        if (side == "right") return width - x;
        if (side == "top") return y;
        if (side == "bottom") return height - y;
        if (side == "centre") return std::hypot(x - width / 2, y - height / 2);
        throw std::runtime_error("unknown side " + side);
    }

    bool in_region(int o, const std::string& region) const {
        const double x = number(o, "cx") / scene_.at("width").get<double>();
        const double y = number(o, "cy") / scene_.at("height").get<double>();
        if (region == "middle") return std::abs(x - 0.5) < 0.2 && std::abs(y - 0.5) < 0.2;
        bool in = true;
        if (region.find("left") != std::string::npos) in = in && x < 0.5;
        if (region.find("right") != std::string::npos) in = in && x > 0.5;
        if (region.find("top") != std::string::npos) in = in && y < 0.5;
        if (region.find("bottom") != std::string::npos) in = in && y > 0.5;
        return in;
    }

    Objects counted(const Objects& in, const std::string& side, std::size_t rank) const {
        return keep(in, [&](int o) {
            std::size_t nearer = 0;
            for (const int other : in) nearer += from_side(other, side) < from_side(o, side) ? 1U : 0U;
            return nearer + 1 == rank;
        });
    }

    bool related(int o, int a, const std::string& relation) const {
        const double dx = number(o, "cx") - number(a, "cx"), dy = number(o, "cy") - number(a, "cy");
        if (relation == "left_of") return dx < 0;
        if (relation == "right_of") return dx > 0;
        if (relation == "above") return dy < 0;
        if (relation == "below") return dy > 0;
        if (relation == "in_front_of") return hides(o, a);
        if (relation == "behind") return hides(a, o);
        if (relation == "larger_than") return rank_of_size(o) > rank_of_size(a);
        if (relation == "smaller_than") return rank_of_size(o) < rank_of_size(a);
        if (relation == "same_colour") return word(o, "colour") == word(a, "colour");
        throw std::runtime_error("unknown relation " + relation);
    }

    bool between(int o, int a, int b) const {
        // In the frame that has a at 0 and b at 1.
        const double ux = number(b, "cx") - number(a, "cx"), uy = number(b, "cy") - number(a, "cy");
        const double px = number(o, "cx") - number(a, "cx"), py = number(o, "cy") - number(a, "cy");
        const double length = std::hypot(ux, uy);
        const double along = (px * ux + py * uy) / length / length,
                     aside = std::abs(ux * py - uy * px) / length / length;
        return along > 0.15 && along < 0.85 && aside < 0.32;
    }

    Objects apply(const nlohmann::json& step, const std::vector<Objects>& results) const {
        const auto op = step.at("op").get<std::string>();
        if (op == "scene") {
            Objects all;
            for (int o = 0; o < int(objects_.size()); ++o) all.insert(o);
            return all;
        }
        const auto at = [&](const char* key) -> const Objects& { return results.at(step.at(key).get<std::size_t>()); };
        const Objects& in = at("input");
        const std::string value = step.value("value", "");
        for (const char* attribute : {"shape", "colour", "size", "pattern"}) {
            if (op == std::string("filter_") + attribute)
                return keep(in, [&](int o) { return word(o, attribute) == value; });
        }
        if (op == "filter_not_colour") return keep(in, [&](int o) { return word(o, "colour") != value; });
        if (op == "filter_hidden") return keep(in, [&](int o) { return number(o, "visible") < 0.92; });
        if (op == "region") return keep(in, [&](int o) { return in_region(o, value); });
        if (op == "extreme") return least(in, [&](int o) { return from_side(o, value); });
        if (op == "ordinal") return counted(in, value, step.at("rank").get<std::size_t>());
        if (op == "middle") return in.size() % 2 == 0 ? Objects{} : counted(in, value, in.size() / 2 + 1);
        if (op == "largest") return least(in, [&](int o) { return -rank_of_size(o); });
        if (op == "smallest") return least(in, [&](int o) { return rank_of_size(o); });
        if (op == "unique") return in.size() == 1 ? in : Objects{};
        const Objects& anchor = at("anchor");
        if (anchor.size() != 1) return {};
        const int a = *anchor.begin();
        Objects others = in;
        others.erase(a);
        if (op == "relate" && value == "nearest_to") return least(others, [&](int o) { return distance(o, a); });
        if (op == "relate") return keep(others, [&](int o) { return related(o, a, value); });
        if (op != "between") throw std::runtime_error("unknown op " + op);
        const Objects& second = at("second_anchor");
        if (second.size() != 1) return {};
        const int b = *second.begin();
        others.erase(b);
        return keep(others, [&](int o) { return between(o, a, b); });
    }

    const nlohmann::json& scene_;
    const nlohmann::json& objects_;
};

}  // namespace vglaw::testing
