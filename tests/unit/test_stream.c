#include <config.h>
#include "nvc.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>
#include <cmocka.h>

#include "scratch.h"

static const enum nvc_inflater inflaters[] = {
    NVC_INFLATE_ZLIB,
#ifdef HAVE_ISAL
    NVC_INFLATE_ISAL,
#endif
};
enum { N_INFLATERS = sizeof inflaters / sizeof *inflaters, N = 200000, CAP = 2 * N + 4096 };
static unsigned char data[N], file[CAP], back[3 * N];

static void fill_data(void)
{
    uint32_t x = 2463534242u;
    for (size_t i = 0; i < N; i++) {
        x ^= x << 13, x ^= x >> 17, x ^= x << 5;
        data[i] = (unsigned char)(i % 7 < 4 ? i / 100 : x);
    }
}

/* Read all of `path` in pieces; the status of whatever failed first. */
static int read_all(const char *path, enum nvc_inflater how, size_t piece, size_t *n, uint32_t *crc, struct nvc_error *err)
{
    struct nvc_stream *s;
    size_t got = piece;
    int status = nvc_stream_open(&s, path, how, err);
    for (*n = 0; !status && got == piece && *n + piece <= sizeof back; *n += got)
        status = nvc_stream_read(s, back + *n, piece, &got, err);
    if (!status && crc) {
        *crc = nvc_stream_crc32(s);
        assert_int_equal(nvc_stream_bytes(s), *n);
    }
    nvc_stream_close(s);
    return status;
}

static void assert_reads(const char *path, size_t want)
{
    static const size_t pieces[] = { 1, 13, 4096, 70000, N + 1000 };
    for (size_t k = 0; k < N_INFLATERS; k++)
        for (size_t p = want > 5000; p < sizeof pieces / sizeof *pieces; p++) {
            struct nvc_error err = { 0 };
            uint32_t crc = 0;
            size_t n;
            if (read_all(path, inflaters[k], pieces[p], &n, &crc, &err))
                fail_msg("%s", err.text);
            assert_int_equal(n, want);
            assert_memory_equal(back, data, want);
            assert_int_equal(crc, crc32(0, data, (uInt)want));
        }
}

static void assert_refused(const char *path, int status, const char *why)
{
    for (size_t k = 0; k < N_INFLATERS; k++) {
        struct nvc_error err = { 0 };
        size_t n;
        assert_int_equal(read_all(path, inflaters[k], 4096, &n, NULL, &err), status);
        if (!strstr(err.text, why))
            fail_msg("'%s' lacks '%s'", err.text, why);
    }
}

static void both_inflaters_hand_out_the_same_bytes(void **state)
{
    (void)state;
    static const size_t sizes[] = { 2, 3, 5000, N };
    for (size_t i = 0; i < 4; i++) {
        assert_reads(scratch_file("plain", data, sizes[i]), sizes[i]);
        for (int level = 0; level <= 9; level += 3)
            assert_reads(scratch_file("x.gz", file, scratch_gzip(data, sizes[i], level, NULL, file, CAP)), sizes[i]);
    }
}

static void members_join_and_padding_is_silent(void **state)
{
    (void)state;
    size_t n = 0, step = 30000;
    for (size_t at = 0; at < N; at += step)
        n += scratch_gzip(data + at, at + step < N ? step : N - at, 6, NULL, file + n, CAP - n);
    assert_reads(scratch_file("members.gz", file, n), N);
    n += scratch_gzip("", 0, 6, NULL, file + n, CAP - n); /* the empty tail of BGZF */
    assert_reads(scratch_file("bgzf.gz", file, n), N);
    memset(file + n, 0, 1000);
    assert_reads(scratch_file("padded.gz", file, n + 1000), N);
    file[n + 999] = 7;
    assert_refused(scratch_file("garbage.gz", file, n + 1000), NVC_EDATA, "follow the gzip data");
}

static void every_field_of_a_gzip_header_is_understood(void **state)
{
    (void)state;
    unsigned char extra[700] = { 1, 2, 3 };
    gz_header h = { .text = 1, .time = 99, .os = 3, .extra = extra, .extra_len = sizeof extra,
                    .name = (Bytef *)(size_t)"name", .comment = (Bytef *)(size_t)"comment", .hcrc = 1 };
    size_t n = scratch_gzip(data, 5000, 6, &h, file, CAP);
    assert_reads(scratch_file("fields.gz", file, n), 5000);
    file[20] ^= 1;
    assert_refused(scratch_file("fields.gz", file, n), NVC_EDATA, "its CRC is wrong");
}

static void a_gzip_file_cut_anywhere_is_refused(void **state)
{
    (void)state;
    size_t n = scratch_gzip(data, 700, 6, NULL, file, CAP), all = n + scratch_gzip(data, 200, 6, NULL, file + n, CAP - n);
    for (size_t cut = 2; cut < all; cut++)
        if (cut != n)
            assert_refused(scratch_file("cut.gz", file, cut), NVC_EDATA, "end early");
}

static void no_flipped_bit_changes_what_is_read(void **state)
{
    (void)state;
    size_t all = scratch_gzip(data, 700, 6, NULL, file, CAP), refused = 0;
    all += scratch_gzip(data + 700, 200, 9, NULL, file + all, CAP - all);
    for (size_t bit = 16; bit < 8 * all; bit++) { /* without its first two bytes it is not gzip */
        file[bit / 8] ^= (unsigned char)(1u << bit % 8);
        const char *path = scratch_file("flip.gz", file, all);
        for (size_t k = 0; k < N_INFLATERS; k++) {
            struct nvc_error err = { 0 };
            size_t n;
            if (read_all(path, inflaters[k], 4096, &n, NULL, &err)) {
                assert_int_equal(err.status, NVC_EDATA);
                refused++;
            } else {
                assert_int_equal(n, 900);
                assert_memory_equal(back, data, 900);
            }
        }
        file[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    assert_true(refused > N_INFLATERS * 8 * (all - 40));
}

static void what_is_not_a_file_is_named(void **state)
{
    (void)state;
    assert_refused(scratch_dir, NVC_EDATA, "is a directory");
    assert_refused("/dev/null", NVC_EDATA, "is a device");
    assert_refused("", NVC_EUSAGE, "is empty");
    assert_refused(scratch_path("absent"), NVC_ESYS, "No such file");
    assert_refused(scratch_file("empty", "", 0), NVC_EDATA, "is empty (0 bytes)");
    assert_int_equal(symlink("../.git/annex/objects/x", scratch_path("dangling")), 0);
    assert_refused(scratch_path("dangling"), NVC_ESYS, "datalad get");
    static const char annex[] = "/annex/objects/MD5E-s1--0.nii.gz\n", lfs[] = "version https://git-lfs.github.com/spec/v1\n";
    assert_refused(scratch_file("annex", annex, sizeof annex - 1), NVC_ESYS, "datalad get");
    assert_refused(scratch_file("lfs", lfs, sizeof lfs - 1), NVC_ESYS, "git lfs pull");
    if (geteuid() != 0) {
        const char *path = scratch_file("secret", "x", 1);
        assert_int_equal(chmod(path, 0), 0);
        assert_refused(path, NVC_ESYS, "Permission denied");
    }
}

static void peeking_consumes_nothing(void **state)
{
    (void)state;
    struct nvc_stream *s;
    struct nvc_error err = { 0 };
    unsigned char head[2000];
    size_t got;
    const char *path = scratch_file("peek.gz", file, scratch_gzip(data, 5000, 6, NULL, file, CAP));
    assert_int_equal(nvc_stream_open(&s, path, NVC_INFLATE_BEST, &err), 0);
    for (size_t n = 1; n <= 2000; n += 333) {
        assert_int_equal(nvc_stream_peek(s, head, n, &got, &err), 0);
        assert_int_equal(got, n < 1024 ? n : 1024);
        assert_memory_equal(head, data, got);
        assert_int_equal(nvc_stream_bytes(s), 0);
    }
    assert_int_equal(nvc_stream_read(s, head, 600, &got, &err), 0);
    assert_int_equal(nvc_stream_read(s, head, 600, &got, &err), 0);
    assert_memory_equal(head, data + 600, 600);
    assert_int_equal(nvc_stream_bytes(s), 1200);
    nvc_stream_close(s);
}

static void slurping_stops_at_its_limit(void **state)
{
    (void)state;
    struct nvc_error err = { 0 };
    for (size_t limit = N - 1; limit <= N + 1; limit++) {
        struct nvc_stream *s;
        char *text;
        size_t n;
        assert_int_equal(nvc_stream_open(&s, scratch_file("slurp", data, N), NVC_INFLATE_BEST, &err), 0);
        assert_int_equal(nvc_stream_slurp(s, limit, &text, &n, &err), limit < N ? NVC_EDATA : 0);
        if (limit >= N) {
            assert_int_equal(n, N);
            assert_memory_equal(text, data, N);
            assert_int_equal(text[N], 0);
        }
        free(text);
        nvc_stream_close(s);
    }
}

static void draining_tells_zeros_from_bytes(void **state)
{
    (void)state;
    static unsigned char tail[200000];
    for (int last = 0; last < 2; last++) {
        struct nvc_stream *s;
        struct nvc_error err = { 0 };
        uint64_t extra;
        bool zero;
        tail[sizeof tail - 1] = (unsigned char)last;
        assert_int_equal(nvc_stream_open(&s, scratch_file("tail", tail, sizeof tail), NVC_INFLATE_BEST, &err), 0);
        assert_int_equal(nvc_stream_drain(s, &extra, &zero, &err), 0);
        assert_int_equal(extra, sizeof tail);
        assert_int_equal(zero, !last);
        nvc_stream_close(s);
    }
}

static void *write_slowly(void *path)
{
    usleep(30000); /* the reader is there first */
    int fd = open(path, O_WRONLY);
    size_t n = scratch_gzip(data, N, 6, NULL, file, CAP);
    for (size_t at = 0, step = 1; fd >= 0 && at < n; at += step, step = step * 3 < 60000 ? step * 3 : 60000) {
        if (write(fd, file + at, step < n - at ? step : n - at) < 0)
            break;
        usleep(5000);
    }
    (void)close(fd);
    return NULL;
}

static void ignore_alarm(int number) { (void)number; }

/* Without SA_RESTART every read of the pipe is interrupted again and again. */
static void a_pipe_is_waited_for_and_read_once_through_interruptions(void **state)
{
    (void)state;
    struct sigaction action = { .sa_handler = ignore_alarm }, before;
    struct itimerval often = { { 0, 3000 }, { 0, 3000 } }, never = { { 0, 0 }, { 0, 0 } };
    const char *path = scratch_path("fifo");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(sigaction(SIGALRM, &action, &before), 0);
    for (size_t k = 0; k < N_INFLATERS; k++) {
        struct nvc_error err = { 0 };
        pthread_t writer;
        uint32_t crc;
        size_t n;
        sigset_t alarms;
        (void)sigemptyset(&alarms);
        (void)sigaddset(&alarms, SIGALRM);
        assert_int_equal(pthread_sigmask(SIG_BLOCK, &alarms, NULL), 0);
        assert_int_equal(pthread_create(&writer, NULL, write_slowly, (void *)(size_t)path), 0);
        assert_int_equal(pthread_sigmask(SIG_UNBLOCK, &alarms, NULL), 0);
        assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
        int status = read_all(path, inflaters[k], 4096, &n, &crc, &err);
        assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
        (void)pthread_join(writer, NULL);
        if (status)
            fail_msg("%s", err.text);
        assert_int_equal(n, N);
        assert_int_equal(crc, crc32(0, data, N));
    }
    (void)sigaction(SIGALRM, &before, NULL);
}

static void a_descriptor_of_the_shell_can_be_named(void **state)
{
    (void)state;
    char path[32];
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], data, 5000), 5000);
    (void)close(ends[1]);
    (void)snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    struct nvc_error err = { 0 };
    size_t n;
    assert_int_equal(read_all(path, NVC_INFLATE_BEST, 4096, &n, NULL, &err), 0);
    assert_int_equal(n, 5000);
    assert_memory_equal(back, data, 5000);
    (void)close(ends[0]);
}

/* A shared description may be non-blocking because its other holder wants that. */
static void standard_input_may_be_non_blocking_and_half_read(void **state)
{
    (void)state;
    int saved = dup(0), fd = open(scratch_file("stdin", data, 5000), O_RDONLY | O_NONBLOCK);
    struct nvc_error err = { 0 };
    struct nvc_stream *s;
    size_t got;
    assert_int_equal(lseek(fd, 100, SEEK_SET), 100);
    assert_int_equal(dup2(fd, 0), 0);
    assert_int_equal(nvc_stream_open(&s, "-", NVC_INFLATE_BEST, &err), 0);
    assert_int_equal(nvc_stream_file_size(s), 4900);
    assert_string_equal(nvc_stream_name(s), "standard input");
    assert_int_equal(nvc_stream_read(s, back, N, &got, &err), 0);
    assert_int_equal(got, 4900);
    assert_memory_equal(back, data + 100, 4900);
    nvc_stream_close(s);
    assert_int_equal(fcntl(0, F_GETFD) >= 0, 1);
    (void)close(0);
    assert_int_equal(nvc_stream_open(&s, "-", NVC_INFLATE_BEST, &err), NVC_ESYS);
    if (saved >= 0)
        (void)dup2(saved, 0);
    (void)close(saved);
    (void)close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_inflaters_hand_out_the_same_bytes),
        cmocka_unit_test(members_join_and_padding_is_silent),
        cmocka_unit_test(every_field_of_a_gzip_header_is_understood),
        cmocka_unit_test(a_gzip_file_cut_anywhere_is_refused),
        cmocka_unit_test(no_flipped_bit_changes_what_is_read),
        cmocka_unit_test(what_is_not_a_file_is_named),
        cmocka_unit_test(peeking_consumes_nothing),
        cmocka_unit_test(slurping_stops_at_its_limit),
        cmocka_unit_test(draining_tells_zeros_from_bytes),
        cmocka_unit_test(a_pipe_is_waited_for_and_read_once_through_interruptions),
        cmocka_unit_test(a_descriptor_of_the_shell_can_be_named),
        cmocka_unit_test(standard_input_may_be_non_blocking_and_half_read),
    };
    fill_data();
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
