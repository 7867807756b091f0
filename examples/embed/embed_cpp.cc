// Grounds expressions in a picture by the C++ interface, a thread an expression, all over one model:
// embed_cpp MODEL PICTURE.ppm EXPRESSION...
// One line an expression: the words, the box in pixels, the mask's area, its COCO counts.
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <future>
#include <iostream>
#include <string>
#include <vector>
#include <vglaw/vglaw.hpp>

namespace {

struct Picture {
    int width = 0, height = 0;
    std::vector<std::uint8_t> rgb;
};

/// A binary PPM is the plainest file of pixels; a product has its own decoder, camera or canvas.
Picture read_ppm(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string magic;
    Picture picture;
    int greatest = 0;
    file >> magic >> picture.width >> picture.height >> greatest;
    file.get();
    if (file && magic == "P6" && greatest == 255 && picture.width > 0 && picture.height > 0 &&
        picture.width <= 100'000'000 / picture.height) {
        picture.rgb.resize(std::size_t(picture.width) * std::size_t(picture.height) * 3);
        file.read(reinterpret_cast<char*>(picture.rgb.data()), std::streamsize(picture.rgb.size()));
        if (file) return picture;
    }
    throw std::runtime_error("cannot read " + path + "; it should be a binary PPM");
}

vglaw::api::Grounding ground(const vglaw::api::Model& model, const Picture& picture, const std::string& expression) {
    vglaw::api::Options options;
    options.threads = 1;  // the threads are ours
    vglaw::api::Grounder grounder(model, options);
    return grounder.ground({picture.rgb.data(), picture.width, picture.height}, {expression}).front();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        std::cerr << "usage: embed_cpp MODEL PICTURE.ppm EXPRESSION...\n";
        return 2;
    }
    try {
        const Picture picture = read_ppm(argv[2]);
        const vglaw::api::Model model(argv[1]);
        std::vector<std::future<vglaw::api::Grounding>> answers;
        for (int i = 3; i < argc; ++i)
            answers.push_back(std::async(std::launch::async, ground, std::cref(model), std::cref(picture), argv[i]));
        for (auto& answer : answers) {
            const auto found = answer.get();
            std::printf("%s\t%.9g %.9g %.9g %.9g\t%zu\t%s\n", found.expression.c_str(), found.box.x0, found.box.y0,
                        found.box.x1, found.box.y1, found.mask_area, found.rle().c_str());
        }
    } catch (const std::exception& error) {
        std::cerr << "embed_cpp: " << error.what() << "\n";
        return 1;
    }
    return 0;
}
