/*
 * codetta.h: neural audio codecs from C and C++.
 *
 * Audio becomes discrete tokens ("codes") and audio again: whole buffers, streams, files and batches. Docs/c.md is the guide, with
 * examples; this header is the reference.
 *
 * Rules that hold for every function:
 *
 * Status.    A function returns CODETTA_OK or says what kind of thing went wrong; codetta_last_message() then has one line of text
 *            that names the argument or the file. What a function gives, it stores through its last parameters; on failure it stores
 *            NULL or 0 there. Nothing is printed, and nothing ends the process.
 * Ownership. What is stored through a `T **` parameter is the caller's, be it an object, text or bytes: hand it to codetta_free()
 *            once. Text is UTF-8 and ends in a zero. Buffers that the caller passes in stay the caller's and are not kept: they
 *            may be changed or freed as soon as the call returns.
 * Objects.   Objects are named by handles, which are no addresses: a handle that was freed, is of another kind, or is none at all
 *            gives CODETTA_USAGE.
 * Threads.   Any function may be called from any thread. Calls on the same object take turns, except that one model may encode,
 *            decode and make streams in many threads at the same time. An object may be freed while another thread uses it: that
 *            call still ends well.
 * Fork.      After fork() the child may use every object that no other thread was using at that moment; those give CODETTA_USAGE.
 * Structs.   Structs of options and of facts begin with `size`, which the caller sets to sizeof the struct, so that programs built
 *            with an older header keep working. Options that are zero have their default: clear the struct, then set what you want.
 *            Where a struct of options is asked for, NULL stands for all defaults.
 * Units.     Samples are counted per channel. Bitrates are in kb/s (1000 bit/s), sample rates in Hz, times in seconds.
 */
#ifndef CODETTA_H
#define CODETTA_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this header; codetta_version() is that of the library. */
#define CODETTA_VERSION_MAJOR 0
#define CODETTA_VERSION_MINOR 1
#define CODETTA_VERSION_PATCH 0

/* ---- Status ---------------------------------------------------------------------------------------------------------------- */

/* What came of a call. The numbers are the exit codes of the command `codetta`. */
typedef enum codetta_status {
    CODETTA_OK = 0,
    /* An argument makes no sense, or the model cannot do what is asked for. */
    CODETTA_USAGE = 64,
    /* The input is there, but not what it should be: damaged files, codes out of range, samples that are not numbers. */
    CODETTA_BAD_DATA = 65,
    /* There is no input, it cannot be opened, or a library that it needs is not installed. */
    CODETTA_NO_INPUT = 66,
    /* The library broke a promise to itself. */
    CODETTA_INTERNAL = 70,
    /* The output exists and is to be kept, or cannot be made. */
    CODETTA_CANNOT_CREATE = 73,
    /* Reading or writing failed half-way. */
    CODETTA_IO = 74,
    /* A model's config holds a value that no model can have. */
    CODETTA_BAD_CONFIG = 78,
    /* The call's cancel flag was set: what a shell reports for a program that was interrupted. */
    CODETTA_CANCELLED = 130,
    /* The reader of the output went away. */
    CODETTA_BROKEN_PIPE = 141
} codetta_status;

/* The name of a status, such as "bad data"; "unknown status" for other numbers. Never freed. */
const char *codetta_status_name(codetta_status status);

/*
 * One line of text on the last call of this thread that failed; "" if none failed. It stays as it is until the next call of this
 * thread fails; copy what is to last.
 */
const char *codetta_last_message(void);

/* The version of the library, such as "0.1.0". Never freed. */
const char *codetta_version(void);

/*
 * Frees what another function stored through a `T **` parameter: a handle, text or bytes. NULL is fine.
 *
 * CODETTA_USAGE: it is not the library's, or was freed before; nothing is done then.
 */
codetta_status codetta_free(void *object);

/* ---- Audio in memory ------------------------------------------------------------------------------------------------------- */

/* How samples are stored. */
typedef enum codetta_sample_type {
    /* float, in -1 ... 1. Must be finite. */
    CODETTA_FLOAT32 = 0,
    /* int16_t; full scale is 32768. On the way out values are rounded to the nearest and limited. */
    CODETTA_INT16 = 1
} codetta_sample_type;

/*
 * Samples in memory of the caller, in any layout: sample t of channel c is element c * channel_stride + t * sample_stride of the
 * array that begins at `data`. Strides may be negative; those of audio that is written must keep samples apart.
 */
typedef struct codetta_audio {
    /* The first sample of the first channel. Only read where audio goes in. May be NULL without samples. */
    void *data;
    codetta_sample_type type;
    /* 1 to 64. */
    int32_t channels;
    /* Per channel. */
    int64_t samples;
    /* In elements, not bytes. */
    int64_t sample_stride;
    int64_t channel_stride;
} codetta_audio;

/* One channel after the other: [channels][samples]. */
static inline codetta_audio codetta_planar(const void *data, codetta_sample_type type, int32_t channels, int64_t samples) {
    codetta_audio audio = {(void *)(uintptr_t)data, type, channels, samples, 1, samples};
    return audio;
}

/* The channels of one instant beside each other: [samples][channels]. */
static inline codetta_audio codetta_interleaved(const void *data, codetta_sample_type type, int32_t channels, int64_t samples) {
    codetta_audio audio = {(void *)(uintptr_t)data, type, channels, samples, channels, 1};
    return audio;
}

/* ---- Models ---------------------------------------------------------------------------------------------------------------- */

/* A codec with its weights. Immutable but for its number of threads. */
typedef struct codetta_model codetta_model;

/* What a model is. */
typedef struct codetta_model_info {
    size_t size;
    /* The codec's own rate; audio of other rates is converted. */
    int32_t sample_rate;
    /* Channels that are coded together, in one track. A mono model codes up to 8 channels in tracks of their own. */
    int32_t channels;
    /* Samples at `sample_rate` that one frame stands for. */
    int32_t hop_length;
    /* Of a track. */
    int32_t codebooks;
    /* Frames per second. */
    double frame_rate;
    /* Of a track with all codebooks. */
    double kilobits;
    /* Samples at `sample_rate` that a decoded sample is known later than the one that it stands for. */
    int64_t latency;
    /* Elements of all tensors. */
    int64_t parameters;
    /* 1 if the first n codebooks alone decode. */
    int32_t is_truncatable;
    /* 1 if nothing waits for the end of the signal. */
    int32_t is_streaming;
    /* 1 if codebooks have different rates, see codetta_codebook.stride. */
    int32_t is_ragged;
    /* 1 if there is an entropy model beside the weights, for CODETTA_ENTROPY_LM. */
    int32_t has_entropy_model;
    /* Texts live as long as the model. */
    const char *name;
    /* The family, such as "soundstream". */
    const char *type;
    /* Licence of the weights. */
    const char *license;
} codetta_model_info;

/* A codebook. */
typedef struct codetta_codebook {
    /* Codes are 0 to count - 1. */
    int64_t count;
    /* Frames that one code covers. */
    int32_t stride;
} codetta_codebook;

/*
 * Loads the model called `name`, or the one in the folder at the path `name`, or one of the hub's cache ("owner/name"). No network
 * is used. Names are looked up in the folders of CODETTA_MODELS, in those of codetta_add_models(), in `Models` of the working
 * directory, near the library and the program, and last in the hub's cache.
 *
 * CODETTA_NO_INPUT: there is none; the message has the places searched. CODETTA_BAD_DATA, CODETTA_BAD_CONFIG: it is damaged.
 */
codetta_status codetta_model_load(const char *name, codetta_model **model);

/*
 * A model from memory: the bytes of its config.json and model.safetensors, and of its entropy.safetensors or NULL. `name` is what
 * token files shall call it.
 */
codetta_status codetta_model_load_bytes(
    const char *name, const void *config, size_t config_size, const void *weights, size_t weights_size, const void *entropy,
    size_t entropy_size, codetta_model **model);

/* What the model is. `info->size` must be set. */
codetta_status codetta_model_get_info(const codetta_model *model, codetta_model_info *info);

/* A codebook of the model, `index` 0 to codebooks - 1. */
codetta_status codetta_model_get_codebook(const codetta_model *model, int32_t index, codetta_codebook *codebook);

/* The nominal bitrate of one track with the first `codebooks` codebooks. */
codetta_status codetta_model_get_kilobits(const codetta_model *model, int32_t codebooks, double *kilobits);

/* Has codetta_model_load() look for names in the folder of model folders `path` too. For the whole process. */
codetta_status codetta_add_models(const char *path);

/* The models that names find, as a JSON array of names. */
codetta_status codetta_list_models(char **json);

/*
 * Sets how many threads calls on a model, an encoder or a decoder may use: 1 to 64, 0 for as many as there are processors. Unless
 * set, models have one; streams share those of their model. Results do not depend on it, to the bit.
 */
codetta_status codetta_set_threads(void *object, int32_t threads);

/* ---- Options --------------------------------------------------------------------------------------------------------------- */

/* How a `.codetta` file codes its codes. Decoded codes do not depend on it. */
typedef enum codetta_entropy {
    /* For codes that come from a file, as there; else CODETTA_ENTROPY_NONE. */
    CODETTA_ENTROPY_DEFAULT = 0,
    /* Fixed numbers of bits. */
    CODETTA_ENTROPY_NONE = 1,
    /* A range coder that learns from the codes before; never larger. */
    CODETTA_ENTROPY_ADAPTIVE = 2,
    /* A range coder with the entropy model beside the codec's weights. */
    CODETTA_ENTROPY_LM = 3
} codetta_entropy;

/* How a `.codetta` file cuts its codes. */
typedef enum codetta_preset {
    /* As CODETTA_PRESET_ARCHIVE; for codes that come from a file, as there. */
    CODETTA_PRESET_DEFAULT = 0,
    /* Few bytes: pages of some seconds. */
    CODETTA_PRESET_ARCHIVE = 1,
    /* Little lost with a page and little waited for. */
    CODETTA_PRESET_STREAM = 2
} codetta_preset;

/*
 * A flag of the caller's that ends a call early. While it is 0 the call goes on; once it is anything else, the call ends with
 * CODETTA_CANCELLED within some hundredths of a second. It may be set by another thread or by a signal handler.
 */
typedef const volatile int32_t *codetta_flag;

/* How audio is encoded. */
typedef struct codetta_encode_options {
    size_t size;
    /* Use as many codebooks as stay within this bitrate, all tracks together. 0: see `codebooks`. */
    double kilobits;
    /* Use the first so many codebooks. 0: all. Not together with `kilobits`. */
    int32_t codebooks;
    /* 1: mix all channels to one first. */
    int32_t downmix;
    /* How to search for codes: "greedy", "beam:N", "beam:N:R", "rate:N" or "rate:N:W", as the command's --search. NULL: greedy. */
    const char *search;
    /* What the codes are to be written with; a search by rate needs it. */
    codetta_entropy entropy;
    codetta_preset preset;
    /* NULL: cannot be ended early. */
    codetta_flag cancel;
} codetta_encode_options;

/* How codes are decoded. */
typedef struct codetta_decode_options {
    size_t size;
    /* Decode the first so many codebooks. 0: all that there are. */
    int32_t codebooks;
    /* 1: decode even what other weights of the same codec made. */
    int32_t ignore_weights;
    /*
     * For codetta_decoder_create(). The exact length is known at the end of a stream only, so the last samples, some hundreds of
     * milliseconds, are held back until then. 1: nothing is held back, audio comes as soon as the codec knows it, and at the end up to as
     * much audio may have come that was not in the original.
     */
    int32_t live;
    /* NULL: cannot be ended early. */
    codetta_flag cancel;
} codetta_decode_options;

/* ---- Codes ----------------------------------------------------------------------------------------------------------------- */

/*
 * Codes with all that is needed to decode them: the model's name and the identity of its weights, the original's rate, channels and
 * length, and tags. Always well-formed: codes are within their codebooks, and streams end together.
 */
typedef struct codetta_codes codetta_codes;

/* The facts of codes. */
typedef struct codetta_codes_info {
    size_t size;
    /* Streams that were coded independently of each other. */
    int32_t tracks;
    /* Of each track. */
    int32_t codebooks;
    /* Of each track. A codebook of stride s has frames / s codes in each. */
    int64_t frames;
    /* Codes of all codebooks of all tracks: what codetta_codes_get() gives. */
    int64_t count;
    /* Segments of all tracks: what codetta_codes_get_segments() gives. */
    int64_t segments;
    /* Samples per channel of the original, and that decoding gives. Of the pieces of a stream, those taken in for this piece. */
    int64_t samples;
    /* Of the original, and of what decoding gives. */
    int32_t sample_rate;
    /* That decoding gives. */
    int32_t channels;
    /* That the original had before it was mixed down, if it was. */
    int32_t original_channels;
    /* Of the codec. */
    int32_t codec_sample_rate;
    /* Samples of the codec's rate that a frame stands for. */
    int32_t hop_length;
    /* 1 if codebooks have different strides. */
    int32_t is_ragged;
    /* Frames per second. */
    double frame_rate;
    /* The nominal bitrate of all tracks together. */
    double kilobits;
    /* What the codes are written with unless told otherwise. Never CODETTA_ENTROPY_DEFAULT. */
    codetta_entropy entropy;
    /* CODETTA_PRESET_DEFAULT if it is neither of the others. */
    codetta_preset preset;
    /* Texts live as long as the codes. */
    const char *model;
    /* The family, such as "soundstream". */
    const char *type;
} codetta_codes_info;

/* A piece of the signal that the codec codes by itself (EnCodec at 48 kHz). */
typedef struct codetta_segment {
    /* Of the track's codes: where the segment begins. */
    int64_t frame;
    int32_t track;
    /* What its samples are multiplied by. */
    float scale;
} codetta_segment;

/* Codes in memory of the caller. */
typedef struct codetta_code_array {
    size_t size;
    /* [tracks][codebooks][frames]; of codebooks with other strides, frames / stride codes. */
    const int32_t *codes;
    /* Of `codes`, to be checked. */
    int64_t count;
    int32_t tracks;
    /* The first so many of the model. */
    int32_t codebooks;
    /* A multiple of every stride. */
    int64_t frames;
    /* Of the original; 0: the model's. */
    int32_t sample_rate;
    /* Of the original, where it was mixed to one; 0: those of the tracks. */
    int32_t original_channels;
    /* Of the original; -1: as many as the frames stand for. */
    int64_t samples;
    /* In order of track and frame; NULL without any. */
    const codetta_segment *segments;
    int64_t segment_count;
} codetta_code_array;

/*
 * Codes that came from elsewhere, of this model.
 *
 * CODETTA_BAD_DATA: a code that its codebook does not have, segments of a model without any.
 */
codetta_status codetta_codes_make(const codetta_model *model, const codetta_code_array *array, codetta_codes **codes);

/* The facts of the codes. `info->size` must be set. */
codetta_status codetta_codes_get_info(const codetta_codes *codes, codetta_codes_info *info);

/* A codebook of the codes, `index` 0 to codebooks - 1. */
codetta_status codetta_codes_get_codebook(const codetta_codes *codes, int32_t index, codetta_codebook *codebook);

/*
 * Copies all codes: [tracks][codebooks][frames], in which codebooks of other strides have frames / stride codes.
 *
 * CODETTA_USAGE: `capacity` is below `count` of the facts.
 */
codetta_status codetta_codes_get(const codetta_codes *codes, int32_t *values, int64_t capacity);

/*
 * Copies all segments, in order of track and frame.
 *
 * CODETTA_USAGE: `capacity` is below `segments` of the facts.
 */
codetta_status codetta_codes_get_segments(const codetta_codes *codes, codetta_segment *segments, int64_t capacity);

/* Another object of the same codes. */
codetta_status codetta_codes_copy(const codetta_codes *codes, codetta_codes **copy);

/* Adds the codes and the samples of the next piece of the same stream. */
codetta_status codetta_codes_append(codetta_codes *codes, const codetta_codes *next);

/* The tag of this key, such as "title"; stores NULL if there is none. */
codetta_status codetta_codes_get_tag(const codetta_codes *codes, const char *key, char **text);

/* Sets a tag, for files of `.codetta`; `text` NULL removes it. Keys have the letters a to z, digits, '.', '_' and '-'. */
codetta_status codetta_codes_set_tag(codetta_codes *codes, const char *key, const char *text);

/* All tags as a JSON object. */
codetta_status codetta_codes_get_tags(const codetta_codes *codes, char **json);

/* ---- Whole buffers --------------------------------------------------------------------------------------------------------- */

/*
 * Encodes audio of any rate (1000 to 768 000 Hz) and length. Decoding gives the same rate and the very number of samples back.
 *
 * CODETTA_BAD_DATA: a sample is not finite; more channels than the model codes. CODETTA_USAGE: a bitrate that the model does not
 * have. CODETTA_NO_INPUT: another rate than the model's, without libsoxr.
 */
codetta_status codetta_encode(
    const codetta_model *model, const codetta_audio *audio, int32_t sample_rate, const codetta_encode_options *options,
    codetta_codes **codes);

/*
 * Decodes all codes into a buffer of the caller's: `audio->samples` and `audio->channels` must be those of the codes' facts.
 *
 * CODETTA_BAD_DATA: another model made the codes.
 */
codetta_status codetta_decode(
    const codetta_model *model, const codetta_codes *codes, const codetta_decode_options *options, const codetta_audio *audio);

/*
 * Encodes `count` items on all threads of the model (codetta_set_threads), each as by codetta_encode() and with the same result to
 * the bit, whatever the batch, its order and the threads. `codes` has room for `count` handles.
 *
 * If an item fails, nothing is given, and the message names the first that did: "items[3]: ...".
 */
codetta_status codetta_encode_batch(
    const codetta_model *model, const codetta_audio *items, int64_t count, int32_t sample_rate,
    const codetta_encode_options *options, codetta_codes **codes);

/* Decodes `count` items likewise, each into its own `audio`. If an item fails, what the others hold is not defined. */
codetta_status codetta_decode_batch(
    const codetta_model *model, const codetta_codes *const *items, int64_t count, const codetta_decode_options *options,
    const codetta_audio *audio);

/* ---- Streams --------------------------------------------------------------------------------------------------------------- */

/* Turns audio into codes as it comes. The codes do not depend on how the audio is cut, and are those of codetta_encode(). */
typedef struct codetta_encoder codetta_encoder;

/* Turns codes into audio as they come. The audio does not depend on how the codes are cut. */
typedef struct codetta_decoder codetta_decoder;

/* An encoder for audio of this rate and these channels. `options->cancel` holds for all its calls, and must live as long. */
codetta_status codetta_encoder_create(
    const codetta_model *model, int32_t sample_rate, int32_t channels, const codetta_encode_options *options,
    codetta_encoder **encoder);

/*
 * Takes any number of samples, and gives the codes known after them: often none, which is an object of no frames.
 *
 * After wrong usage, and samples that are not finite, the encoder is as it was; after any other failure it is at its end.
 */
codetta_status codetta_encoder_push(codetta_encoder *encoder, const codetta_audio *audio, codetta_codes **codes);

/* The end: gives the remaining codes. Nothing can be pushed afterwards. */
codetta_status codetta_encoder_finish(codetta_encoder *encoder, codetta_codes **codes);

/* Another encoder in the same state, which goes on by itself. */
codetta_status codetta_encoder_copy(const codetta_encoder *encoder, codetta_encoder **copy);

/* A decoder for codes of the same stream as `codes`, which may be empty. They are not decoded. */
codetta_status codetta_decoder_create(
    const codetta_model *model, const codetta_codes *codes, const codetta_decode_options *options, codetta_decoder **decoder);

/*
 * Takes the next codes. `available`, which may be NULL, becomes the samples that can be read.
 *
 * After wrong usage the decoder is as it was; after any other failure it is at its end.
 */
codetta_status codetta_decoder_push(codetta_decoder *decoder, const codetta_codes *codes, int64_t *available);

/*
 * The end of a signal of `samples` samples in all; -1 for the sum of the samples of the codes that were pushed. Audio that was pushed
 * stays readable.
 */
codetta_status codetta_decoder_finish(codetta_decoder *decoder, int64_t samples, int64_t *available);

/*
 * Moves up to `audio->samples` decoded samples into the caller's buffer, whose channels must be those of the codes' facts.
 * `samples` becomes how many.
 */
codetta_status codetta_decoder_read(codetta_decoder *decoder, const codetta_audio *audio, int64_t *samples);

/* Another decoder in the same state, which goes on by itself. */
codetta_status codetta_decoder_copy(const codetta_decoder *decoder, codetta_decoder **copy);

/* ---- Token files ----------------------------------------------------------------------------------------------------------- */

/* How token files are read. */
typedef struct codetta_read_options {
    size_t size;
    /* The model of files that do not name it (.npy, .dac), and whose entropy model files need. NULL: found by name. */
    const codetta_model *model;
    /* 1: conceal what is damaged, and give what was found. */
    int32_t lenient;
    codetta_flag cancel;
} codetta_read_options;

/* How token files are written. */
typedef struct codetta_write_options {
    size_t size;
    /* "codetta", "npy", "npz", "json", "safetensors", "ecdc" or "dac". NULL: by the extension of the path, else "codetta". */
    const char *format;
    codetta_entropy entropy;
    codetta_preset preset;
    /* 1: a file that is there already stays, and the call fails with CODETTA_CANNOT_CREATE. */
    int32_t keep_existing;
    /* Whose entropy model CODETTA_ENTROPY_LM uses. NULL: found by the name that the codes give. */
    const codetta_model *model;
} codetta_write_options;

/* Reads a token file of any format that holds one recording. */
codetta_status codetta_read(const char *path, const codetta_read_options *options, codetta_codes **codes);

/* Reads the bytes of a token file. */
codetta_status codetta_read_bytes(const void *bytes, size_t size, const codetta_read_options *options, codetta_codes **codes);

/* Writes a token file, which appears whole or not at all. */
codetta_status codetta_write(const codetta_codes *codes, const char *path, const codetta_write_options *options);

/* The bytes of a token file. */
codetta_status codetta_write_bytes(
    const codetta_codes *codes, const codetta_write_options *options, uint8_t **bytes, size_t *size);

/* Reads a token file in pieces. */
typedef struct codetta_reader codetta_reader;

/* Writes a token file in pieces. */
typedef struct codetta_writer codetta_writer;

/* Opens a token file. */
codetta_status codetta_reader_open(const char *path, const codetta_read_options *options, codetta_reader **reader);

/* Opens the bytes of a token file, which are copied. */
codetta_status codetta_reader_open_bytes(
    const void *bytes, size_t size, const codetta_read_options *options, codetta_reader **reader);

/* The next codes, with the facts of the recording; stores NULL at its end. */
codetta_status codetta_reader_next(codetta_reader *reader, codetta_codes **codes);

/* Samples of the recording, known once codetta_reader_next() has stored NULL; -1 before. */
codetta_status codetta_reader_get_samples(const codetta_reader *reader, int64_t *samples);

/* Goes on with the next recording of a file that holds several; `found` becomes 0 when there is none, else 1. */
codetta_status codetta_reader_next_recording(codetta_reader *reader, int32_t *found);

/* What was read so far, as a JSON object: format, concealedFrames, isSalvaged, damage (texts). */
codetta_status codetta_reader_get_report(const codetta_reader *reader, char **json);

/*
 * Begins a token file for codes of the same stream as `codes`, which are not written yet. `path` NULL collects the bytes in memory,
 * for codetta_writer_take().
 */
codetta_status codetta_writer_create(
    const char *path, const codetta_codes *codes, const codetta_write_options *options, codetta_writer **writer);

/* Adds the next codes. */
codetta_status codetta_writer_push(codetta_writer *writer, const codetta_codes *codes);

/*
 * Ends the file of a recording of `samples` samples; -1 for the sum of the samples of the codes that were pushed. A file appears at
 * its path now; a writer that is freed before leaves nothing there.
 */
codetta_status codetta_writer_finish(codetta_writer *writer, int64_t samples);

/* The bytes since the last call, of a writer without a path: what can be sent on already. May be none. */
codetta_status codetta_writer_take(codetta_writer *writer, uint8_t **bytes, size_t *size);

/* ---- Measures -------------------------------------------------------------------------------------------------------------- */

/* What is measured. */
typedef struct codetta_measure_options {
    size_t size;
    /* Names separated by commas, as the command's --measures; "all" for all. NULL: all that suit the reference's rate. */
    const char *measures;
    /* The largest delay to search for either way. 0: 0.25. Negative: the signals are taken as aligned. */
    double max_delay;
    codetta_flag cancel;
} codetta_measure_options;

/*
 * Compares a recording with its original as `codetta evaluate` does, and gives the same JSON object: waveform, spectrum,
 * intelligibility, quality, pitch, loudness.
 *
 * CODETTA_BAD_DATA: other channels than the reference's. CODETTA_NO_INPUT: without the library of Fourier transforms, or for another
 * rate without libsoxr.
 */
codetta_status codetta_measure(
    const codetta_audio *reference, int32_t reference_rate, const codetta_audio *degraded, int32_t degraded_rate,
    const codetta_measure_options *options, char **json);

/* Compares two audio files. */
codetta_status codetta_measure_files(
    const char *reference, const char *degraded, const codetta_measure_options *options, char **json);

/* ---- Audio files ----------------------------------------------------------------------------------------------------------- */

/*
 * Encodes an audio file to a token file, in constant memory. Audio but uncompressed WAV and AU needs libsndfile, and MPEG audio
 * libmpg123: where they are not installed, CODETTA_NO_INPUT. `report`, which may be NULL, becomes what `codetta encode --json` prints.
 */
codetta_status codetta_encode_file(
    const codetta_model *model, const char *source, const char *target, const codetta_encode_options *options,
    const codetta_write_options *writing, char **report);

/*
 * Decodes a token file to an audio file, in constant memory. The extension of `target` chooses the format, WAV if there is none.
 * `report`, which may be NULL, becomes what `codetta decode --json` prints.
 */
codetta_status codetta_decode_file(
    const codetta_model *model, const char *source, const char *target, const codetta_decode_options *options,
    const codetta_read_options *reading, char **report);

#ifdef __cplusplus
}
#endif

#endif
