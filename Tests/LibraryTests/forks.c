/* Fork: the child goes on with what the parent made, threads and streams included; what another thread was using gives a status. */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static codetta_model *model;
static codetta_encoder *busy;
static codetta_audio audio, minute;
static codetta_codes *expected;

static void *keep_busy(void *unused) {
    (void)unused;
    codetta_codes *codes;
    OK(codetta_encoder_push(busy, &minute, &codes));
    OK(codetta_free(codes));
    return NULL;
}

/* What a child does: everything. Ends the process. */
static void use_everything(codetta_encoder *encoder) {
    codetta_codes *codes, *batch[3];
    const codetta_audio items[3] = {audio, audio, audio};
    OK(codetta_encode(model, &audio, 24000, NULL, &codes));
    EXPECT(same_codes(codes, expected));
    free(decode_all(model, codes));
    OK(codetta_encode_batch(model, items, 3, 24000, NULL, batch));
    for (int i = 0; i < 3; i++) EXPECT(same_codes(batch[i], expected));
    OK(codetta_encoder_push(encoder, &audio, &codes));
    codetta_model *other;
    OK(codetta_model_load(MODEL, &other));
    OK(codetta_free(other));
    exit(0);
}

static void wait_for(pid_t child) {
    int status;
    EXPECT(child > 0 && waitpid(child, &status, 0) == child);
    EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void) {
    model = load_model();
    float *values = make_tones(1, 20000), *silence = calloc(24000 * 60, sizeof *silence);
    EXPECT(silence);
    audio = codetta_planar(values, CODETTA_FLOAT32, 1, 20000);
    minute = codetta_planar(silence, CODETTA_FLOAT32, 1, 24000 * 60);
    OK(codetta_encode(model, &audio, 24000, NULL, &expected));
    OK(codetta_set_threads(model, 2));
    codetta_encoder *encoder;
    codetta_codes *codes;
    OK(codetta_encoder_create(model, 24000, 1, NULL, &encoder));
    OK(codetta_encoder_push(encoder, &audio, &codes));
    OK(codetta_free(codes));
    for (int i = 0; i < 3; i++) {
        const pid_t child = fork();
        if (child == 0) {
            /* And a child of the child. */
            const pid_t grandchild = fork();
            if (grandchild == 0) use_everything(encoder);
            wait_for(grandchild);
            use_everything(encoder);
        }
        wait_for(child);
    }
    /* While another thread is in the middle of a call. */
    OK(codetta_encoder_create(model, 24000, 1, NULL, &busy));
    pthread_t thread;
    EXPECT(pthread_create(&thread, NULL, keep_busy, NULL) == 0);
    usleep(20000);
    const pid_t child = fork();
    if (child == 0) {
        alarm(60);
        FAILS(codetta_encoder_push(busy, &audio, &codes), CODETTA_USAGE, "in use by another thread when this process was forked");
        OK(codetta_free(busy));
        use_everything(encoder);
    }
    wait_for(child);
    pthread_join(thread, NULL);
    OK(codetta_encoder_finish(busy, &codes));
    return 0;
}
