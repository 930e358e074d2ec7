/* Measures: the document of `codetta evaluate`. */
#include "check.h"

/* The number behind `"key":` or `"key":{"value":`, from the first `after` on. */
static double number(const char *json, const char *after, const char *key) {
    char pattern[64];
    snprintf(pattern, sizeof pattern, "\"%s\":", key);
    const char *place = strstr(json, after);
    EXPECT(place);
    place = strstr(place, pattern);
    EXPECT(place);
    place += strlen(pattern);
    if (strncmp(place, "{\"value\":", 9) == 0) place += 9;
    return atof(place);
}

int main(void) {
    codetta_model *model = load_model();
    enum { SAMPLES = 48000 };
    float *values = make_tones(1, SAMPLES);
    static float late[SAMPLES];
    for (int t = 100; t < SAMPLES; t++) late[t] = values[t - 100] + 1e-5f * (float)(t % 2);
    const codetta_audio audio = codetta_planar(values, CODETTA_FLOAT32, 1, SAMPLES), delayed = codetta_planar(late, CODETTA_FLOAT32, 1, SAMPLES);
    char *json;
    codetta_measure_options options = {sizeof options, "siSDR,snr", 0, NULL};
    OK(codetta_measure(&audio, 24000, &delayed, 24000, &options, &json));
    EXPECT(strstr(json, "\"schema\":\"codetta-comparison/1\"") && strstr(json, "\"degradedSampleRate\":24000"));
    EXPECT(number(json, "\"delay\"", "samples") == 100 && number(json, "\"overall\"", "siSDR") > 60);
    OK(codetta_free(json));
    options.max_delay = -1;
    OK(codetta_measure(&audio, 24000, &delayed, 24000, &options, &json));
    EXPECT(number(json, "\"delay\"", "samples") == 0 && number(json, "\"overall\"", "siSDR") < 20);
    OK(codetta_free(json));
    options.measures = "beauty";
    FAILS(codetta_measure(&audio, 24000, &delayed, 24000, &options, &json), CODETTA_USAGE, "no measure \"beauty\"");
    options.measures = NULL;
    options.max_delay = 11;
    FAILS(codetta_measure(&audio, 24000, &delayed, 24000, &options, &json), CODETTA_USAGE, "max_delay");
    options.max_delay = 0;
    const codetta_audio stereo = codetta_planar(values, CODETTA_FLOAT32, 2, SAMPLES / 2);
    FAILS(codetta_measure(&audio, 24000, &stereo, 24000, &options, &json), CODETTA_BAD_DATA, "channel");
    const int32_t stop = 1;
    options.cancel = &stop;
    FAILS(codetta_measure(&audio, 24000, &delayed, 24000, &options, &json), CODETTA_CANCELLED, "cancelled");
    /* Another rate is converted, and nothing at all has measures that are undefined. */
    OK(codetta_measure(&audio, 24000, &delayed, 16000, NULL, &json));
    OK(codetta_free(json));
    const codetta_audio nothing = codetta_planar(NULL, CODETTA_FLOAT32, 1, 0);
    OK(codetta_measure(&nothing, 24000, &nothing, 24000, NULL, &json));
    OK(codetta_free(json));
    free(values);
    OK(codetta_free(model));
    return 0;
}
