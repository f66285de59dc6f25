#include <config.h>
#include "nvc.h"

#include <math.h>
#include <nifti1.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/resource.h>
#include <cmocka.h>

#include "scratch.h"

#define CORPUS SRCDIR "/tests/data/nifti/"
#ifdef HAVE_ISAL
static const enum nvc_inflater inflaters[] = { NVC_INFLATE_ZLIB, NVC_INFLATE_ISAL };
#else
static const enum nvc_inflater inflaters[] = { NVC_INFLATE_ZLIB };
#endif
enum { N_INFLATERS = sizeof inflaters / sizeof *inflaters, BASE_VOXELS = 24, CAP = 1 << 20 };
static unsigned char file[CAP], packed[CAP];

static struct nvc_nifti *open_image(const char *path)
{
    struct nvc_error err = { 0 };
    struct nvc_nifti *n;
    if (nvc_nifti_open(&n, path, NVC_ORIENT_AUTO, NVC_INFLATE_BEST, &err))
        fail_msg("%s", err.text);
    return n;
}

static size_t load(const char *path)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(file, 1, sizeof file, f);
    (void)fclose(f);
    return n;
}

/* Read all volumes; the sum weighs each voxel by its place, so that no two images of a test share it. */
static int read_all(const char *path, enum nvc_inflater how, double *sum, struct nvc_error *err)
{
    struct nvc_nifti *n;
    int status = nvc_nifti_open(&n, path, NVC_ORIENT_AUTO, how, err);
    *sum = 0;
    if (status)
        return status;
    const struct nvc_nifti_header *h = nvc_nifti_header(n);
    const size_t voxels = nvc_grid_voxels(&h->grid);
    double volume[64];
    const void *bytes;
    for (size_t v = 0, k = 0; !status && v < h->n_volumes; v++)
        if (!(status = nvc_nifti_next_raw(n, &bytes, err)))
            for (size_t at = 0; at < voxels; at += 64) {
                size_t index[64], m = voxels - at < 64 ? voxels - at : 64;
                for (size_t i = 0; i < m; i++)
                    index[i] = at + i;
                nvc_nifti_decode(n, bytes, index, m, volume);
                for (size_t i = 0; i < m; i++)
                    *sum += volume[i] * (double)(++k % 1009);
            }
    if (!status)
        status = nvc_nifti_finish(n, NULL, err);
    *sum += h->tr_s + h->grid.to_mm[0][3] + 10 * h->grid.to_mm[1][1];
    nvc_nifti_close(n);
    return status;
}

static void every_way_to_decode_gives_the_same_values(void **state)
{
    (void)state;
    static const char *const types[] = { "uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32",
                                         "float64" };
    static const char *const forms[] = { "", "-big", "-nifti2", "-nifti2-big" };
    for (size_t t = 0; t < 10; t++) {
        double first[BASE_VOXELS] = { 0 };
        for (size_t f = 0; f < 4; f++) {
            char path[500];
            double whole[BASE_VOXELS], picked[BASE_VOXELS];
            float floats[BASE_VOXELS];
            size_t index[BASE_VOXELS];
            const void *bytes;
            struct nvc_error err = { 0 };
            (void)snprintf(path, sizeof path, CORPUS "good-%s%s.nii", types[t], forms[f]);
            struct nvc_nifti *n = open_image(path), *again = open_image(path);
            for (size_t v = 0; v < 3; v++) {
                assert_int_equal(nvc_nifti_next(n, whole, &err), 0);
                assert_int_equal(nvc_nifti_next_raw(again, &bytes, &err), 0);
            }
            for (size_t i = 0; i < BASE_VOXELS; i++)
                index[i] = BASE_VOXELS - 1 - i;
            nvc_nifti_decode(again, bytes, index, BASE_VOXELS, picked);
            nvc_nifti_decode_float(again, bytes, 3, BASE_VOXELS - 3, floats + 3);
            for (size_t i = 0; i < BASE_VOXELS; i++) {
                assert_true(picked[BASE_VOXELS - 1 - i] == whole[i]);
                assert_true(i < 3 || floats[i] == (float)whole[i]);
                assert_true(f == 0 || whole[i] == first[i]);
                assert_true(i == 0 || whole[i] > whole[i - 1]);
            }
            memcpy(first, whole, sizeof first);
            nvc_nifti_close(n);
            nvc_nifti_close(again);
        }
    }
}

static void floats_are_scaled_as_doubles_are(void **state)
{
    (void)state;
    struct nvc_error err = { 0 };
    struct nvc_nifti *n = open_image(CORPUS "good-slope-nifti2.nii");
    const void *bytes;
    double whole[BASE_VOXELS];
    float floats[BASE_VOXELS];
    assert_int_equal(nvc_nifti_next_raw(n, &bytes, &err), 0);
    nvc_nifti_decode(n, bytes, NULL, BASE_VOXELS, whole);
    nvc_nifti_decode_float(n, bytes, 0, BASE_VOXELS, floats);
    for (size_t i = 0; i < BASE_VOXELS; i++) {
        assert_true(whole[i] == 0.1 * (double)i - 5);
        assert_true(floats[i] == (float)whole[i]);
    }
    nvc_nifti_close(n);
}

/* 2^60 + 2^36 + 1 rounds to float one way at once and another through double. */
static void large_integers_are_rounded_once_through_double(void **state)
{
    (void)state;
    struct nvc_error err = { 0 };
    const int64_t odd = ((int64_t)1 << 60) + ((int64_t)1 << 36) + 1;
    const void *bytes;
    double value;
    float narrow;
    size_t n = load(CORPUS "good-int64.nii");
    for (size_t i = 0; i < 8; i++)
        file[352 + i] = (unsigned char)((uint64_t)odd >> 8 * i);
    struct nvc_nifti *image = open_image(scratch_file("odd.nii", file, n));
    assert_int_equal(nvc_nifti_next_raw(image, &bytes, &err), 0);
    nvc_nifti_decode(image, bytes, NULL, 1, &value);
    nvc_nifti_decode_float(image, bytes, 0, 1, &narrow);
    assert_true(narrow == (float)value && narrow != (float)odd);
    nvc_nifti_close(image);
}

static void values_that_are_not_finite_are_kept(void **state)
{
    (void)state;
    static const char *const names[] = { CORPUS "good-float32-nan.nii", CORPUS "good-float64-nan-big.nii" };
    for (int i = 0; i < 2; i++) {
        struct nvc_error err = { 0 };
        struct nvc_nifti *n = open_image(names[i]);
        double v[BASE_VOXELS];
        assert_int_equal(nvc_nifti_next(n, v, &err), 0);
        assert_true(isnan(v[0]) && isinf(v[1]) && v[2] == 2);
        nvc_nifti_close(n);
    }
}

static void a_region_table_comes_with_the_header(void **state)
{
    (void)state;
    static const struct { const char *path; bool table; } cases[] = {
        { CORPUS "good-ext-table.nii", true }, { CORPUS "good-ext-table.nii.gz", true },
        { CORPUS "good-ext-table-nifti2-big.nii", true }, { CORPUS "good-ext-several.nii", true },
        { CORPUS "good-pair-table.hdr", true }, { CORPUS "good-ext-comment.nii", false },
        { CORPUS "good-ext-nul-inside.nii", false }, { CORPUS "good-ext-size-7.nii", false } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nvc_nifti *n = open_image(cases[i].path);
        const char *table = nvc_nifti_header(n)->region_table;
        assert_int_equal(table != NULL, cases[i].table);
        if (table)
            assert_string_equal(table, "{\"regions\":[]}");
        nvc_nifti_close(n);
    }
}

static void the_user_may_say_which_form_is_right(void **state)
{
    (void)state;
    static const struct { const char *path; enum nvc_orientation how; int status; double x_mm; } cases[] = {
        { CORPUS "bad-forms-apart.nii", NVC_ORIENT_AUTO, NVC_EDATA, 0 },
        { CORPUS "bad-forms-apart.nii", NVC_ORIENT_SFORM, 0, 92 },
        { CORPUS "bad-forms-apart.nii", NVC_ORIENT_QFORM, 0, 90 },
        { CORPUS "good-sform-only.nii", NVC_ORIENT_QFORM, NVC_EDATA, 0 },
        { CORPUS "good-qform-only.nii", NVC_ORIENT_SFORM, NVC_EDATA, 0 },
        { CORPUS "good-qform-broken-sform-good.nii", NVC_ORIENT_SFORM, 0, 90 },
        { CORPUS "good-qform-broken-sform-good.nii", NVC_ORIENT_QFORM, NVC_EDATA, 0 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nvc_error err = { 0 };
        struct nvc_nifti *n;
        assert_int_equal(nvc_nifti_open(&n, cases[i].path, cases[i].how, NVC_INFLATE_BEST, &err), cases[i].status);
        if (!cases[i].status)
            assert_true(nvc_nifti_header(n)->grid.to_mm[0][3] == cases[i].x_mm);
        nvc_nifti_close(n);
    }
}

static void an_image_cut_anywhere_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = { "good-int16.nii", "good-int16-nifti2-big.nii", "good-gz-level6.nii.gz",
                                         "good-gz-members.nii.gz", "good-ext-table.nii.gz", "good-gz-all-fields.nii.gz" };
    size_t lengths = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[500];
        (void)snprintf(path, sizeof path, CORPUS "%s", names[i]);
        for (size_t n = load(path), cut = 0; cut < n; cut++, lengths++) {
            const char *cut_path = scratch_file(names[i], file, cut);
            for (size_t k = 0; k < N_INFLATERS; k++) {
                struct nvc_error err = { 0 };
                double sum;
                if (read_all(cut_path, inflaters[k], &sum, &err) != NVC_EDATA)
                    fail_msg("%s was accepted with %zu of %zu bytes", names[i], cut, n);
                assert_true(err.text[0]);
            }
        }
    }
    assert_true(lengths > 2000);
}

/* Noise packs badly, so that most bits are voxels; a stored copy has nothing but the CRC to tell. */
static size_t make_noisy_image(int level)
{
    size_t n = load(CORPUS "good-float32.nii"), voxels = 8 * 8 * 8 * 4;
    uint32_t x = 2463534242u;
    static const unsigned char dim[10] = { 4, 0, 8, 0, 8, 0, 8, 0, 4, 0 };
    memcpy(file + 40, dim, sizeof dim);
    assert_true(n > 352);
    for (size_t i = 0; i < voxels; i++) {
        x ^= x << 13, x ^= x >> 17, x ^= x << 5;
        float v = (float)(x % 100000) / 7;
        memcpy(file + 352 + 4 * i, &v, 4);
    }
    return scratch_gzip(file, 352 + 4 * voxels, level, NULL, packed, CAP);
}

static void of_random_bit_flips_none_gives_another_result(void **state)
{
    (void)state;
    uint64_t x = 88172645463325252u;
    for (int level = 0; level <= 6; level += 6) {
        struct nvc_error err = { 0 };
        size_t n = make_noisy_image(level), refused = 0;
        double want, sum;
        assert_int_equal(read_all(scratch_file("whole.nii.gz", packed, n), NVC_INFLATE_ZLIB, &want, &err), 0);
        for (int flip = 0; flip < 1000; flip++) {
            x ^= x << 13, x ^= x >> 7, x ^= x << 17;
            const size_t bit = (size_t)(x % (8 * n));
            packed[bit / 8] ^= (unsigned char)(1u << bit % 8);
            const char *path = scratch_file("flip.nii.gz", packed, n);
            for (size_t k = 0; k < N_INFLATERS; k++)
                if (read_all(path, inflaters[k], &sum, &err)) {
                    assert_int_equal(err.status, NVC_EDATA);
                    refused++;
                } else if (sum != want) {
                    fail_msg("bit %zu changes the result", bit);
                }
            packed[bit / 8] ^= (unsigned char)(1u << bit % 8);
        }
        assert_true(refused >= 990 * N_INFLATERS);
    }
}

static void a_claim_costs_no_memory(void **state)
{
    (void)state;
    static const char *const names[] = { "bad-dim-huge.nii", "bad-dim-huge.nii.gz", "bad-dim-19gb.nii.gz", "bad-dim-max-nifti2.nii",
                                         "good-ext-size-huge.nii", "bad-offset-beyond.nii.gz" };
    struct rusage before, after;
    (void)getrusage(RUSAGE_SELF, &before);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct nvc_error err = { 0 };
        char path[500];
        double sum;
        int ends[2];
        (void)snprintf(path, sizeof path, CORPUS "%s", names[i]);
        (void)read_all(path, NVC_INFLATE_BEST, &sum, &err);
        size_t n = load(path);
        assert_int_equal(pipe(ends), 0); /* which has no size to check against */
        assert_int_equal(write(ends[1], file, n), n);
        (void)close(ends[1]);
        (void)snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
        (void)read_all(path, NVC_INFLATE_BEST, &sum, &err);
        (void)close(ends[0]);
    }
    (void)getrusage(RUSAGE_SELF, &after);
    assert_true(after.ru_maxrss - before.ru_maxrss < 64 * 1024);
}

static void large_volumes_grow_piece_by_piece(void **state)
{
    (void)state;
    enum { N = 120 * 110 * 90 };
    struct nvc_nifti_spec s = { .grid = { { 120, 110, 90 }, { { 2, 0, 0, 0 }, { 0, 2, 0, 0 }, { 0, 0, 2, 0 } }, 1 },
                                .n_volumes = 2, .tr_s = 1, .datatype = DT_FLOAT32 };
    struct nvc_error err = { 0 };
    struct nvc_nifti_writer *w;
    float *volume = malloc(N * sizeof *volume);
    double *back = malloc(N * sizeof *back);
    assert_true(volume && back);
    for (size_t i = 0; i < N; i++)
        volume[i] = (float)i;
    assert_int_equal(nvc_nifti_create(&w, scratch_path("large.nii.gz"), &s, &err), 0);
    assert_int_equal(nvc_nifti_put(w, volume, &err), 0);
    assert_int_equal(nvc_nifti_put(w, volume, &err), 0);
    assert_int_equal(nvc_nifti_commit(w, &err), 0);
    struct nvc_nifti *n = open_image(scratch_path("large.nii.gz"));
    assert_int_equal(nvc_nifti_next_raw(n, NULL, &err), 0);
    assert_int_equal(nvc_nifti_next(n, back, &err), 0);
    for (size_t i = 0; i < N; i++)
        assert_true(back[i] == (double)i);
    assert_int_equal(nvc_nifti_next(n, back, &err), NVC_EBUG);
    assert_int_equal(nvc_nifti_finish(n, NULL, &err), 0);
    nvc_nifti_close(n);
    free(volume);
    free(back);
}

/* Eight volumes of 80 KB, packed: large enough to be read ahead by a thread from a file, not from a pipe. */
static size_t make_run(void)
{
    enum { NX = 40, NY = 32, NZ = 32, NV = 8 };
    static const unsigned char dim[10] = { 4, 0, NX, 0, NY, 0, NZ, 0, NV, 0 };
    uint32_t x = 2463534242u;
    size_t n = load(CORPUS "good-plain-named-gz.nii.gz");
    assert_true(n > 352);
    memcpy(file + 40, dim, sizeof dim);
    for (size_t i = 0; i < (size_t)2 * NX * NY * NZ * NV; i++) {
        x ^= x << 13, x ^= x >> 17, x ^= x << 5;
        file[352 + i] = (unsigned char)(x >> 28);
    }
    return scratch_gzip(file, 352 + (size_t)2 * NX * NY * NZ * NV, 1, NULL, packed, CAP);
}

struct pouring { int fd; size_t n; };

static void *pour(void *user)
{
    struct pouring *p = user;
    for (size_t at = 0; at < p->n;) {
        ssize_t w = write(p->fd, packed + at, p->n - at);
        if (w < 0)
            break;
        at += (size_t)w;
    }
    (void)close(p->fd);
    return NULL;
}

static int read_poured(size_t n, double *sum, struct nvc_error *err)
{
    int ends[2];
    char path[32];
    pthread_t thread;
    assert_int_equal(pipe(ends), 0);
    struct pouring p = { ends[1], n };
    (void)snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    assert_int_equal(pthread_create(&thread, NULL, pour, &p), 0);
    int status = read_all(path, NVC_INFLATE_BEST, sum, err);
    (void)close(ends[0]);
    (void)pthread_join(thread, NULL);
    return status;
}

static void reading_ahead_changes_neither_values_nor_messages(void **state)
{
    (void)state;
    const size_t n = make_run();
    const sighandler_t before = signal(SIGPIPE, SIG_IGN);
    for (size_t part = 1; part <= 16; part++) {
        struct nvc_error ahead = { 0 }, piped = { 0 };
        double sums[2] = { 0 };
        const size_t length = part < 16 ? n * part / 16 : n;
        int status = read_all(scratch_file("run.nii.gz", packed, length), NVC_INFLATE_BEST, &sums[0], &ahead);
        assert_int_equal(status, part < 16 ? NVC_EDATA : 0);
        assert_int_equal(status, read_poured(length, &sums[1], &piped));
        assert_true(sums[0] == sums[1]);
        if (status)
            assert_string_equal(strstr(ahead.text, "volume"), strstr(piped.text, "volume"));
    }
    (void)signal(SIGPIPE, before);
}

static void an_image_may_be_closed_at_any_volume(void **state)
{
    (void)state;
    const char *path = scratch_file("run.nii.gz", packed, make_run());
    for (size_t stop = 0; stop <= 8; stop++) {
        struct nvc_nifti *n = open_image(path);
        struct nvc_error err = { 0 };
        for (size_t v = 0; v < stop; v++)
            assert_int_equal(nvc_nifti_next_raw(n, NULL, &err), 0);
        if (stop % 2)
            assert_int_equal(nvc_nifti_finish(n, NULL, &err), 0);
        nvc_nifti_close(n);
    }
}

static void an_image_is_told_from_a_table_by_its_first_bytes(void **state)
{
    (void)state;
    struct nvc_error err = { 0 };
    struct nvc_stream *s;
    unsigned char head[4];
    struct nvc_nifti *n;
    size_t got;
    assert_false(nvc_nifti_sniff("time", 4));
    assert_false(nvc_nifti_sniff("\x5c\x01", 2));
    assert_int_equal(nvc_stream_open(&s, CORPUS "good-gz-level6.nii.gz", NVC_INFLATE_BEST, &err), 0);
    assert_int_equal(nvc_stream_peek(s, head, 4, &got, &err), 0);
    assert_true(nvc_nifti_sniff(head, got));
    assert_int_equal(nvc_nifti_open_stream(&n, s, NVC_ORIENT_AUTO, NVC_INFLATE_BEST, &err), 0);
    assert_int_equal(nvc_nifti_finish(n, NULL, &err), 0);
    assert_int_equal(nvc_nifti_bytes(n), 352 + 3 * 48);
    assert_int_equal(nvc_nifti_crc32(n), crc32(0, file, (uInt)load(CORPUS "good-plain-named-gz.nii.gz")));
    nvc_nifti_close(n);
}

static void the_real_run_is_read_alike_by_both_inflaters(void **state)
{
    (void)state;
    const char *reference = getenv("NVC_REFERENCE");
    char path[600];
    (void)snprintf(path, sizeof path, "%s/data/localizer/sub-01/func/sub-01_task-objectcategories_space-MNI152NLin6Asym_desc-preproc_"
                   "bold.nii.gz", reference ? reference : SRCDIR "/../shared");
    if (access(path, R_OK))
        skip();
    for (size_t k = 0; k < N_INFLATERS; k++) {
        struct nvc_error err = { 0 };
        struct nvc_nifti *n;
        assert_int_equal(nvc_nifti_open(&n, path, NVC_ORIENT_AUTO, inflaters[k], &err), 0);
        assert_int_equal(nvc_nifti_header(n)->n_volumes, 156);
        assert_true(nvc_nifti_header(n)->tr_s == 2);
        assert_int_equal(nvc_nifti_finish(n, NULL, &err), 0);
        assert_int_equal(nvc_nifti_bytes(n), 69888352);
        assert_int_equal(nvc_nifti_crc32(n), 0xc290d770);
        nvc_nifti_close(n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_to_decode_gives_the_same_values),
        cmocka_unit_test(floats_are_scaled_as_doubles_are),
        cmocka_unit_test(large_integers_are_rounded_once_through_double),
        cmocka_unit_test(values_that_are_not_finite_are_kept),
        cmocka_unit_test(a_region_table_comes_with_the_header),
        cmocka_unit_test(the_user_may_say_which_form_is_right),
        cmocka_unit_test(an_image_cut_anywhere_is_refused),
        cmocka_unit_test(of_random_bit_flips_none_gives_another_result),
        cmocka_unit_test(a_claim_costs_no_memory),
        cmocka_unit_test(large_volumes_grow_piece_by_piece),
        cmocka_unit_test(reading_ahead_changes_neither_values_nor_messages),
        cmocka_unit_test(an_image_may_be_closed_at_any_volume),
        cmocka_unit_test(an_image_is_told_from_a_table_by_its_first_bytes),
        cmocka_unit_test(the_real_run_is_read_alike_by_both_inflaters),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
