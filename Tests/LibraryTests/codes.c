/* Codes: made of arrays, checked, joined, tagged. */
#include "check.h"

static codetta_code_array array_of(const codetta_codes_info *info, const int32_t *values) {
    codetta_code_array array;
    memset(&array, 0, sizeof array);
    array.size = sizeof array;
    array.codes = values;
    array.count = info->count;
    array.tracks = info->tracks;
    array.codebooks = info->codebooks;
    array.frames = info->frames;
    array.sample_rate = info->sample_rate;
    array.samples = info->samples;
    return array;
}

static void arrays_become_codes_again(const codetta_model *model, int rate, int channels) {
    float *values = make_tones(channels, 10000);
    const codetta_audio audio = codetta_planar(values, CODETTA_FLOAT32, channels, 10000);
    codetta_codes *codes, *made;
    OK(codetta_encode(model, &audio, rate, NULL, &codes));
    const codetta_codes_info info = info_of(codes);
    int32_t *array_values = values_of(codes);
    const codetta_code_array array = array_of(&info, array_values);
    OK(codetta_codes_make(model, &array, &made));
    EXPECT(same_codes(codes, made));
    float *a = decode_all(model, codes), *b = decode_all(model, made);
    EXPECT(memcmp(a, b, sizeof *a * (size_t)channels * 10000) == 0);
    free(a);
    free(b);
    free(array_values);
    free(values);
    OK(codetta_free(codes));
    OK(codetta_free(made));
}

static void wrong_arrays_are_refused(const codetta_model *model) {
    int32_t values[24] = {0};
    codetta_codes_info info;
    memset(&info, 0, sizeof info);
    info.count = 24;
    info.tracks = 1;
    info.codebooks = 12;
    info.frames = 2;
    info.samples = -1;
    codetta_codes *codes;
    codetta_code_array array = array_of(&info, values);
    OK(codetta_codes_make(model, &array, &codes));
    EXPECT(info_of(codes).samples == 960 && info_of(codes).sample_rate == 24000);
    OK(codetta_free(codes));
    values[13] = 1024;
    FAILS(codetta_codes_make(model, &array, &codes), CODETTA_BAD_DATA, "code 1024 at place 1 of codebook 7, track 1, which has 0 to 1023");
    EXPECT(codes == NULL);
    values[13] = -1;
    FAILS(codetta_codes_make(model, &array, &codes), CODETTA_BAD_DATA, "code -1");
    values[13] = 0;
    array.count = 23;
    FAILS(codetta_codes_make(model, &array, &codes), CODETTA_USAGE, "array: has 23 codes, expected 24");
    array.count = 24;
    array.tracks = 0;
    FAILS(codetta_codes_make(model, &array, &codes), CODETTA_USAGE, "array: has 0 tracks");
    array.tracks = 1;
    array.codebooks = 13;
    FAILS(codetta_codes_make(model, &array, &codes), CODETTA_USAGE, "13 codebooks");
    array.codebooks = 12;
    array.frames = -2;
    FAILS(codetta_codes_make(model, &array, &codes), CODETTA_USAGE, "array: has -2 frames");
    array.frames = INT64_MAX;
    FAILS(codetta_codes_make(model, &array, &codes), CODETTA_USAGE, "frames");
    array.frames = (int64_t)1 << 39;
    FAILS(codetta_codes_make(model, &array, &codes), CODETTA_BAD_DATA, "bytes");
    array.frames = 2;
    array.samples = 1000000;
    FAILS(codetta_codes_make(model, &array, &codes), CODETTA_USAGE, "samples");
    array.samples = -1;
    array.sample_rate = 3;
    FAILS(codetta_codes_make(model, &array, &codes), CODETTA_USAGE, "3 Hz");
    array.sample_rate = 0;
    const codetta_segment segment = {0, 0, 1};
    array.segments = &segment;
    array.segment_count = 1;
    FAILS(codetta_codes_make(model, &array, &codes), CODETTA_BAD_DATA, "segments");
    array.segment_count = 0;
    array.codes = NULL;
    FAILS(codetta_codes_make(model, &array, &codes), CODETTA_USAGE, "codes are NULL");
    array.size = 0;
    FAILS(codetta_codes_make(model, &array, &codes), CODETTA_USAGE, "size is not set");
}

static void tags_and_codebooks(const codetta_model *model) {
    float *values = make_tones(1, 100);
    const codetta_audio audio = codetta_planar(values, CODETTA_FLOAT32, 1, 100);
    codetta_codes *codes;
    OK(codetta_encode(model, &audio, 24000, NULL, &codes));
    codetta_codebook codebook;
    OK(codetta_codes_get_codebook(codes, 0, &codebook));
    EXPECT(codebook.count > 1 && codebook.stride == 1);
    FAILS(codetta_codes_get_codebook(codes, 12, &codebook), CODETTA_USAGE, "index: is 12, expected 0 to 11");
    char *text;
    OK(codetta_codes_get_tag(codes, "title", &text));
    EXPECT(text == NULL);
    OK(codetta_codes_set_tag(codes, "title", "Grüße"));
    OK(codetta_codes_set_tag(codes, "speaker", "a"));
    FAILS(codetta_codes_set_tag(codes, "Not a key", "x"), CODETTA_USAGE, "key");
    FAILS(codetta_codes_set_tag(codes, "title", "\xff"), CODETTA_USAGE, "text: is not UTF-8");
    OK(codetta_codes_get_tag(codes, "title", &text));
    EXPECT(strcmp(text, "Grüße") == 0);
    OK(codetta_free(text));
    OK(codetta_codes_set_tag(codes, "speaker", NULL));
    OK(codetta_codes_get_tags(codes, &text));
    EXPECT(strcmp(text, "{\"title\":\"Grüße\"}") == 0);
    OK(codetta_free(text));
    int32_t few[3];
    FAILS(codetta_codes_get(codes, few, 3), CODETTA_USAGE, "capacity: is 3");
    FAILS(codetta_codes_get(codes, NULL, 1000), CODETTA_USAGE, "values: is NULL");
    OK(codetta_codes_get_segments(codes, NULL, 0));
    OK(codetta_free(codes));
    free(values);
}

int main(void) {
    codetta_model *model = load_model();
    arrays_become_codes_again(model, 24000, 1);
    arrays_become_codes_again(model, 44100, 2);
    wrong_arrays_are_refused(model);
    tags_and_codebooks(model);
    OK(codetta_free(model));
    return 0;
}
