// A live stream in C++: 20 ms of audio at a time into packets of codes, and out of them again.
//
//   c++ -std=c++17 live.cpp $(pkg-config --cflags --libs codetta) -o live && ./live
#include <codetta.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <vector>

namespace {

/// What the library says, as an exception.
struct Failure : std::runtime_error {
    codetta_status status;
    explicit Failure(codetta_status status) : std::runtime_error(codetta_last_message()), status(status) {}
};

void must(codetta_status status) {
    if (status != CODETTA_OK) throw Failure(status);
}

/// Frees any object of the library.
struct Free {
    void operator()(void *object) const { codetta_free(object); }
};

/// An object of the library that is freed when it goes.
template <typename Object> using Owned = std::unique_ptr<Object, Free>;

} // namespace

int main() try {
    codetta_model *loaded = nullptr;
    must(codetta_model_load("codetta-24k", &loaded));
    const Owned<codetta_model> model(loaded);

    codetta_encode_options options{};
    options.size = sizeof options;
    options.kilobits = 3;
    options.preset = CODETTA_PRESET_STREAM;
    codetta_encoder *made = nullptr;
    must(codetta_encoder_create(model.get(), 24000, 1, &options, &made));
    const Owned<codetta_encoder> encoder(made);

    // Audio comes out as soon as it can; a few samples more than went in may come at the end.
    codetta_decode_options live{};
    live.size = sizeof live;
    live.live = 1;
    Owned<codetta_decoder> decoder;
    std::vector<float> heard;
    std::int64_t sent = 0, first = -1;

    // What would go over a network: the integers of each packet. Here the codes go straight on.
    const auto receive = [&](codetta_codes *packet) {
        const Owned<codetta_codes> codes(packet);
        if (!decoder) {
            codetta_decoder *new_decoder = nullptr;
            must(codetta_decoder_create(model.get(), codes.get(), &live, &new_decoder));
            decoder.reset(new_decoder);
        }
        std::int64_t available = 0;
        must(codetta_decoder_push(decoder.get(), codes.get(), &available));
        return available;
    };
    const auto play = [&](std::int64_t available) {
        const std::size_t start = heard.size();
        heard.resize(start + static_cast<std::size_t>(available));
        const codetta_audio room = codetta_planar(heard.data() + start, CODETTA_FLOAT32, 1, available);
        must(codetta_decoder_read(decoder.get(), &room, &available));
        if (first < 0 && available > 0) first = sent;
    };

    const auto begin = std::chrono::steady_clock::now();
    float block[480];
    for (int packet = 0; packet < 500; packet++) {
        for (int t = 0; t < 480; t++) block[t] = 0.25f * std::sin(0.05f * static_cast<float>(packet * 480 + t));
        const codetta_audio audio = codetta_planar(block, CODETTA_FLOAT32, 1, 480);
        codetta_codes *codes = nullptr;
        must(codetta_encoder_push(encoder.get(), &audio, &codes));
        sent += 480;
        play(receive(codes));
    }
    codetta_codes *rest = nullptr;
    must(codetta_encoder_finish(encoder.get(), &rest));
    receive(rest);
    std::int64_t available = 0;
    must(codetta_decoder_finish(decoder.get(), -1, &available));
    play(available);
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - begin;

    std::printf("%zu of %lld samples came back, the first of them after %lld; %.2f ms for 20 ms of audio\n", heard.size(),
                static_cast<long long>(sent), static_cast<long long>(first), time.count() / 500);
    return heard.size() >= static_cast<std::size_t>(sent) && first <= 1440 ? 0 : 1;
} catch (const Failure &failure) {
    std::fprintf(stderr, "live: %s\n", failure.what());
    return failure.status;
}
