// Draws a picture from a prior, in C++: handles that release themselves, errors that are exceptions.
//
//     c++ -std=c++11 -O2 sample.cpp -o sample $(pkg-config --cflags --libs reglow)
//     ./sample face.ppm 7
#include <reglow.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "ppm.h"

struct Release {
    void operator()(reglow_model *model) const { reglow_model_free(model); }
};
using Model = std::unique_ptr<reglow_model, Release>;

static void require(reglow_status status) {
    if (status != REGLOW_OK) throw std::runtime_error(std::string(reglow_status_name(status)) + ": " + reglow_last_error());
}

static Model load(const char *name) {
    reglow_model *model = nullptr;
    require(reglow_model_load(name, REGLOW_FP32, &model));
    return Model(model);
}

int main(int count, char **arguments) try {
    if (count != 3) {
        std::fprintf(stderr, "usage: sample PICTURE.ppm SEED\n");
        return 64;
    }
    Model model = load("faces64");
    const std::size_t side = 64;
    std::vector<float> image(3 * side * side);
    require(reglow_sample(model.get(), side, side, 1, 0.7, std::strtoull(arguments[2], nullptr, 10), 0, image.data()));
    ppm_write(arguments[1], image.data(), side, side);

    double bits = 0;
    require(reglow_bits_per_dimension(model.get(), image.data(), 1, side, side, 5, 0, 0, &bits));
    const char *license = reglow_model_card(model.get(), "license");
    std::printf("%.2f bits per dimension; terms of use of the prior: %s\n", bits, license ? license : "not told");
    (void)ppm_read;
    return 0;
} catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
