/* Arguments that make no sense: a status that names them, and nothing else. */
#include "check.h"

static void handles_are_looked_up(const codetta_model *model) {
    codetta_model_info info = {0};
    codetta_codes *codes;
    codetta_encoder *encoder;
    info.size = sizeof info;
    FAILS(codetta_model_get_info(NULL, &info), CODETTA_USAGE, "model: is NULL");
    FAILS(codetta_model_get_info(model, NULL), CODETTA_USAGE, "info: is NULL");
    FAILS(codetta_model_get_info((const codetta_model *)(uintptr_t)&info, &info), CODETTA_USAGE, "no such model");
    OK(codetta_encoder_create(model, 24000, 1, NULL, &encoder));
    FAILS(codetta_model_get_info((const codetta_model *)encoder, &info), CODETTA_USAGE, "model: is an encoder, not a model");
    OK(codetta_free(encoder));
    FAILS(codetta_free(encoder), CODETTA_USAGE, "freed before");
    FAILS(codetta_encoder_finish(encoder, &codes), CODETTA_USAGE, "no such encoder");
    FAILS(codetta_free(&info), CODETTA_USAGE, "object: is not this library's");
    OK(codetta_free(NULL));
    FAILS(codetta_set_threads((void *)(uintptr_t)model, 65), CODETTA_USAGE, "threads: is 65");
    FAILS(codetta_set_threads(NULL, 1), CODETTA_USAGE, "object: is NULL");
    char *json;
    OK(codetta_list_models(&json));
    FAILS(codetta_set_threads(json, 1), CODETTA_USAGE, "no model, encoder or decoder");
    OK(codetta_free(json));
    /* No handle is given out twice. */
    codetta_encoder *earlier = encoder;
    for (int i = 0; i < 1000; i++) {
        OK(codetta_encoder_create(model, 24000, 1, NULL, &encoder));
        EXPECT(encoder != earlier);
        OK(codetta_free(encoder));
    }
}

static void audio_is_checked(const codetta_model *model) {
    float values[10] = {0};
    codetta_codes *codes = (codetta_codes *)(uintptr_t)1;
    codetta_audio audio = codetta_planar(values, CODETTA_FLOAT32, 1, 10);
    FAILS(codetta_encode(model, NULL, 24000, NULL, &codes), CODETTA_USAGE, "audio: is NULL");
    EXPECT(codes == NULL);
    FAILS(codetta_encode(model, &audio, 24000, NULL, NULL), CODETTA_USAGE, "codes: is NULL");
    FAILS(codetta_encode(model, &audio, 0, NULL, &codes), CODETTA_USAGE, "sample_rate: is 0 Hz");
    FAILS(codetta_encode(model, &audio, -24000, NULL, &codes), CODETTA_USAGE, "sample_rate");
    audio.samples = -1;
    FAILS(codetta_encode(model, &audio, 24000, NULL, &codes), CODETTA_USAGE, "audio: has -1 samples");
    audio.samples = INT64_MAX;
    FAILS(codetta_encode(model, &audio, 24000, NULL, &codes), CODETTA_USAGE, "audio: has");
    audio.samples = 10;
    audio.sample_stride = INT64_MIN;
    FAILS(codetta_encode(model, &audio, 24000, NULL, &codes), CODETTA_USAGE, "strides");
    audio.sample_stride = 1;
    audio.channels = 0;
    FAILS(codetta_encode(model, &audio, 24000, NULL, &codes), CODETTA_USAGE, "audio: has 0 channels");
    audio.channels = 9;
    audio.channel_stride = 0;
    FAILS(codetta_encode(model, &audio, 24000, NULL, &codes), CODETTA_BAD_DATA, "9 channels");
    audio.channels = 1;
    audio.type = (codetta_sample_type)7;
    FAILS(codetta_encode(model, &audio, 24000, NULL, &codes), CODETTA_USAGE, "sample type 7");
    audio.type = CODETTA_FLOAT32;
    audio.data = NULL;
    FAILS(codetta_encode(model, &audio, 24000, NULL, &codes), CODETTA_USAGE, "data is NULL");
    audio.data = values;
    values[3] = INFINITY;
    FAILS(codetta_encode(model, &audio, 24000, NULL, &codes), CODETTA_BAD_DATA, "audio: sample 3 of channel 1 is NaN or infinite");
    values[3] = 0;
    OK(codetta_encode(model, &audio, 24000, NULL, &codes));
    audio.samples = 9;
    FAILS(codetta_decode(model, codes, NULL, &audio), CODETTA_USAGE, "audio: has room for 9 samples on 1 channel(s), the codes stand for 10 on 1");
    OK(codetta_free(codes));
}

static void options_are_checked(const codetta_model *model) {
    float values[10] = {0};
    const codetta_audio audio = codetta_planar(values, CODETTA_FLOAT32, 1, 10);
    codetta_codes *codes;
    codetta_encode_options options;
    memset(&options, 0, sizeof options);
    FAILS(codetta_encode(model, &audio, 24000, &options, &codes), CODETTA_USAGE, "options: its size is not set");
    options.size = SIZE_MAX;
    FAILS(codetta_encode(model, &audio, 24000, &options, &codes), CODETTA_USAGE, "options: its size");
    options.size = sizeof options;
    options.kilobits = NAN;
    FAILS(codetta_encode(model, &audio, 24000, &options, &codes), CODETTA_USAGE, "kilobits");
    options.kilobits = 100;
    FAILS(codetta_encode(model, &audio, 24000, &options, &codes), CODETTA_USAGE, "100 kb/s");
    options.codebooks = 3;
    FAILS(codetta_encode(model, &audio, 24000, &options, &codes), CODETTA_USAGE, "kilobits cannot be combined with codebooks");
    options.kilobits = 0;
    options.codebooks = 99;
    FAILS(codetta_encode(model, &audio, 24000, &options, &codes), CODETTA_USAGE, "99 codebooks");
    options.codebooks = 0;
    options.downmix = 2;
    FAILS(codetta_encode(model, &audio, 24000, &options, &codes), CODETTA_USAGE, "downmix");
    options.downmix = 0;
    options.entropy = (codetta_entropy)9;
    FAILS(codetta_encode(model, &audio, 24000, &options, &codes), CODETTA_USAGE, "entropy mode 9");
    options.entropy = CODETTA_ENTROPY_DEFAULT;
    options.search = "deep";
    FAILS(codetta_encode(model, &audio, 24000, &options, &codes), CODETTA_USAGE, "search \"deep\"");
    options.search = NULL;
    const int32_t stop = 1;
    options.cancel = &stop;
    FAILS(codetta_encode(model, &audio, 24000, &options, &codes), CODETTA_CANCELLED, "cancelled");
    /* A newer program's struct is longer, and may not ask for what is not there; none is shorter. */
    options.size = sizeof options - 1;
    FAILS(codetta_encode(model, &audio, 24000, &options, &codes), CODETTA_USAGE, "options: its size is");
    struct {
        codetta_encode_options known;
        int64_t more;
    } newer;
    memset(&newer, 0, sizeof newer);
    newer.known.size = sizeof newer;
    OK(codetta_encode(model, &audio, 24000, &newer.known, &codes));
    struct {
        codetta_codes_info known;
        int64_t more;
    } facts;
    memset(&facts, 0x55, sizeof facts);
    facts.known.size = sizeof facts;
    OK(codetta_codes_get_info(codes, &facts.known));
    EXPECT(facts.known.tracks == 1 && facts.known.codebooks == 12 && facts.more == 0);
    facts.known.size = 8;
    FAILS(codetta_codes_get_info(codes, &facts.known), CODETTA_USAGE, "info: its size is 8");
    OK(codetta_free(codes));
    newer.more = 1;
    FAILS(codetta_encode(model, &audio, 24000, &newer.known, &codes), CODETTA_USAGE, "this version");
}

static void models_are_checked(void) {
    codetta_model *model = (codetta_model *)(uintptr_t)1;
    FAILS(codetta_model_load("no-such-model", &model), CODETTA_NO_INPUT, "no-such-model");
    EXPECT(model == NULL);
    FAILS(codetta_model_load("/nowhere", &model), CODETTA_NO_INPUT, "/nowhere");
    FAILS(codetta_model_load(NULL, &model), CODETTA_USAGE, "name: is NULL");
    FAILS(codetta_model_load("\xff", &model), CODETTA_USAGE, "name: is not UTF-8");
    FAILS(codetta_model_load("", &model), CODETTA_NO_INPUT, "");
    FAILS(codetta_model_load_bytes("x", "{", 1, "", 0, NULL, 0, &model), CODETTA_BAD_CONFIG, "config.json");
    FAILS(codetta_model_load_bytes("x", NULL, 1, "", 0, NULL, 0, &model), CODETTA_USAGE, "config: is NULL");
    FAILS(codetta_model_load_bytes("x", "{}", SIZE_MAX, "", 0, NULL, 0, &model), CODETTA_USAGE, "config: has");
}

static void *read_file(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    EXPECT(file);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    void *bytes = malloc(*size);
    EXPECT(bytes && fread(bytes, 1, *size, file) == *size);
    fclose(file);
    return bytes;
}

/* A model from memory is the model of the folder. */
static void models_load_from_memory(const codetta_model *model) {
    size_t sizes[3];
    void *config = read_file(MODEL "/config.json", &sizes[0]), *weights = read_file(MODEL "/model.safetensors", &sizes[1]);
    void *entropy = read_file(MODEL "/entropy.safetensors", &sizes[2]);
    codetta_model *loaded;
    OK(codetta_model_load_bytes("codetta-24k", config, sizes[0], weights, sizes[1], entropy, sizes[2], &loaded));
    float *values = make_tones(1, 5000);
    const codetta_audio audio = codetta_planar(values, CODETTA_FLOAT32, 1, 5000);
    codetta_codes *a, *b;
    OK(codetta_encode(model, &audio, 24000, NULL, &a));
    OK(codetta_encode(loaded, &audio, 24000, NULL, &b));
    EXPECT(same_codes(a, b));
    /* Files that one writes, the other reads: the identity of the weights and of the entropy model is the same. */
    const codetta_write_options lm = {sizeof lm, NULL, CODETTA_ENTROPY_LM, CODETTA_PRESET_DEFAULT, 0, loaded};
    uint8_t *bytes;
    size_t size;
    OK(codetta_write_bytes(b, &lm, &bytes, &size));
    const codetta_read_options with_model = {sizeof with_model, model, 0, NULL};
    codetta_codes *read;
    OK(codetta_read_bytes(bytes, size, &with_model, &read));
    free(decode_all(model, read));
    OK(codetta_free(read));
    OK(codetta_free(bytes));
    FAILS(codetta_model_load_bytes("x", config, sizes[0], weights, sizes[1] - 5, NULL, 0, &loaded), CODETTA_BAD_DATA, "model.safetensors");
    OK(codetta_model_load_bytes("x", config, sizes[0], weights, sizes[1], NULL, 0, &loaded));
    codetta_model_info info = {0};
    info.size = sizeof info;
    OK(codetta_model_get_info(loaded, &info));
    EXPECT(info.has_entropy_model == 0 && strcmp(info.name, "x") == 0);
    free(config);
    free(weights);
    free(entropy);
    free(values);
    OK(codetta_free(a));
    OK(codetta_free(b));
}

int main(void) {
    EXPECT(strcmp(codetta_last_message(), "") == 0);
    char version[32];
    snprintf(version, sizeof version, "%d.%d.%d", CODETTA_VERSION_MAJOR, CODETTA_VERSION_MINOR, CODETTA_VERSION_PATCH);
    EXPECT(strcmp(codetta_version(), version) == 0);
    EXPECT(strcmp(codetta_status_name(CODETTA_BAD_DATA), "bad data") == 0);
    EXPECT(strcmp(codetta_status_name((codetta_status)1234), "unknown status") == 0);
    codetta_model *model = load_model();
    handles_are_looked_up(model);
    audio_is_checked(model);
    options_are_checked(model);
    models_are_checked();
    models_load_from_memory(model);
    OK(codetta_free(model));
    return 0;
}
