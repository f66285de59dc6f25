#include "nvc.h"

#include <math.h>
#include <nifti1.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include "scratch.h"

enum { NX = 5, NY = 4, NZ = 3, NV = NX * NY * NZ };

static struct nvc_nifti_spec plain_spec(void)
{
    return (struct nvc_nifti_spec) {
        .grid = { { NX, NY, NZ }, { { -2, 0, 0, 90 }, { 0, 2.5, 0, -126 }, { 0, 0, 3, -72 } }, 4 },
        .n_volumes = 3, .tr_s = 2.3, .datatype = DT_FLOAT32 };
}

static float value(size_t volume, size_t voxel) { return (float)volume * 1000 + (float)voxel + 0.25f; }

static void write_image(const char *path, const struct nvc_nifti_spec *s)
{
    struct nvc_error err = { 0 };
    struct nvc_nifti_writer *w;
    size_t n = nvc_grid_voxels(&s->grid);
    float *volume = calloc(n, sizeof *volume);
    assert_non_null(volume);
    if (nvc_nifti_create(&w, path, s, &err))
        fail_msg("%s", err.text);
    for (size_t v = 0; v < s->n_volumes; v++) {
        for (size_t i = 0; i < n; i++)
            volume[i] = value(v, i);
        assert_int_equal(nvc_nifti_put(w, volume, &err), 0);
    }
    if (nvc_nifti_commit(w, &err))
        fail_msg("%s", err.text);
    free(volume);
}

static struct nvc_nifti *open_image(const char *path)
{
    struct nvc_error err = { 0 };
    struct nvc_nifti *n;
    if (nvc_nifti_open(&n, path, NVC_ORIENT_AUTO, NVC_INFLATE_BEST, &err))
        fail_msg("%s", err.text);
    return n;
}

static void finish_image(struct nvc_nifti *n)
{
    struct nvc_error err = { 0 };
    const char *warning;
    if (nvc_nifti_finish(n, &warning, &err))
        fail_msg("%s", err.text);
    assert_string_equal(warning, "");
    nvc_nifti_close(n);
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    static const char *const names[] = { "x.nii", "x.nii.gz" };
    for (int i = 0; i < 2; i++) {
        struct nvc_nifti_spec s = plain_spec();
        struct nvc_error err = { 0 };
        double out[NV];
        s.descrip = "nvctools test";
        s.region_table = i ? NULL : "{\"regions\":[\"BLA_L\"]}";
        write_image(scratch_path(names[i]), &s);
        struct nvc_nifti *n = open_image(scratch_path(names[i]));
        const struct nvc_nifti_header *h = nvc_nifti_header(n);
        assert_true(nvc_grid_equal(&h->grid, &s.grid));
        assert_memory_equal(h->grid.to_mm, s.grid.to_mm, sizeof s.grid.to_mm);
        assert_int_equal(h->grid.space_code, 4);
        assert_int_equal(h->n_volumes, 3);
        assert_int_equal(h->version, 1);
        assert_true(h->tr_s == 2.3);
        assert_false(h->tr_unit_guessed);
        assert_string_equal(h->descrip, s.descrip);
        assert_string_equal(nvc_nifti_remarks(n), "");
        if (s.region_table)
            assert_string_equal(h->region_table, s.region_table);
        else
            assert_null(h->region_table);
        for (size_t v = 0; v < 3; v++) {
            assert_int_equal(nvc_nifti_next(n, out, &err), 0);
            for (size_t k = 0; k < NV; k++)
                assert_true(out[k] == (double)value(v, k));
        }
        finish_image(n);
    }
}

static void integers_are_scaled_rounded_and_clamped(void **state)
{
    (void)state;
    static const float in[8] = { 0, 0.5f, 1.5f, -3, 1e9f, -1e9f, 40000, INFINITY };
    static const double u16[8] = { 0, 0, 2, 0, 65535, 0, 40000, 65535 };
    static const double i16[8] = { 0, 0.5, 1.5, -3, 16383.5, -16384, 16383.5, 16383.5 }; /* in halves */
    struct nvc_nifti_spec s = { .grid = { { 8, 1, 1 }, { { 1, 0, 0, 0 }, { 0, 1, 0, 0 }, { 0, 0, 1, 0 } }, 1 },
                                .n_volumes = 1, .tr_s = NAN };
    for (int i = 0; i < 2; i++) {
        struct nvc_error err = { 0 };
        struct nvc_nifti_writer *w;
        double out[8];
        s.datatype = i ? DT_INT16 : DT_UINT16;
        s.slope = i ? 0.5 : 0;
        assert_int_equal(nvc_nifti_create(&w, scratch_path("int.nii"), &s, &err), 0);
        assert_int_equal(nvc_nifti_put(w, in, &err), 0);
        assert_int_equal(nvc_nifti_commit(w, &err), 0);
        struct nvc_nifti *n = open_image(scratch_path("int.nii"));
        assert_int_equal(nvc_nifti_header(n)->datatype, s.datatype);
        assert_true(isnan(nvc_nifti_header(n)->tr_s));
        assert_int_equal(nvc_nifti_next(n, out, &err), 0);
        for (int k = 0; k < 8; k++)
            assert_true(out[k] == (i ? i16 : u16)[k]);
        finish_image(n);
    }
}

static void a_dimension_past_int16_makes_nifti_2(void **state)
{
    (void)state;
    struct nvc_nifti_spec s = plain_spec();
    s.grid.dim[0] = 32768;
    s.grid.dim[1] = s.grid.dim[2] = s.n_volumes = 1;
    s.region_table = "{}";
    write_image(scratch_path("long.nii.gz"), &s);
    struct nvc_nifti *n = open_image(scratch_path("long.nii.gz"));
    assert_int_equal(nvc_nifti_header(n)->version, 2);
    assert_int_equal(nvc_nifti_header(n)->grid.dim[0], 32768);
    assert_string_equal(nvc_nifti_header(n)->region_table, "{}");
    assert_true(nvc_grid_equal(&nvc_nifti_header(n)->grid, &s.grid));
    finish_image(n);
}

/* A quaternion cannot say a shear: then the qform is left out and the reader has nothing to doubt. */
static void a_sheared_grid_survives(void **state)
{
    (void)state;
    struct nvc_nifti_spec s = plain_spec();
    s.grid.to_mm[0][1] = 1.5;
    write_image(scratch_path("sheared.nii"), &s);
    struct nvc_nifti *n = open_image(scratch_path("sheared.nii"));
    assert_true(nvc_grid_equal(&nvc_nifti_header(n)->grid, &s.grid));
    finish_image(n);
}

static void a_flipped_oblique_grid_has_equal_forms(void **state)
{
    (void)state;
    struct nvc_nifti_spec s = plain_spec();
    const double c = cos(0.3), d = sin(0.3);
    const double M[3][4] = { { -2 * c, 2 * d, 0, 10 }, { 2 * d, 2 * c, 0, -20 }, { 0, 0, 3, 30 } };
    struct nvc_error err = { 0 };
    memcpy(s.grid.to_mm, M, sizeof M);
    write_image(scratch_path("oblique.nii"), &s);
    for (enum nvc_orientation how = NVC_ORIENT_AUTO; how <= NVC_ORIENT_QFORM; how++) {
        struct nvc_nifti *n;
        assert_int_equal(nvc_nifti_open(&n, scratch_path("oblique.nii"), how, NVC_INFLATE_BEST, &err), 0);
        assert_true(nvc_grid_equal(&nvc_nifti_header(n)->grid, &s.grid));
        finish_image(n);
    }
}

static void what_cannot_be_written_is_refused(void **state)
{
    (void)state;
    struct nvc_error err = { 0 };
    struct nvc_nifti_writer *w;
    struct nvc_nifti_spec s = plain_spec();
    float volume[NV] = { 0 };
    assert_int_equal(nvc_nifti_create(&w, scratch_path("x.img"), &s, &err), NVC_EUSAGE);
    s.datatype = DT_RGB24;
    assert_int_equal(nvc_nifti_create(&w, scratch_path("x.nii"), &s, &err), NVC_EBUG);
    s = plain_spec();
    s.grid.to_mm[2][2] = 0;
    assert_int_equal(nvc_nifti_create(&w, scratch_path("x.nii"), &s, &err), NVC_EDATA);
    s = plain_spec();
    s.n_volumes = 0;
    assert_int_equal(nvc_nifti_create(&w, scratch_path("x.nii"), &s, &err), NVC_EBUG);
    s = plain_spec();
    s.datatype = DT_INT16;
    s.n_volumes = 2;
    assert_int_equal(nvc_nifti_create(&w, scratch_path("few.nii"), &s, &err), 0);
    assert_int_equal(nvc_nifti_put(w, volume, &err), 0);
    assert_int_equal(nvc_nifti_commit(w, &err), NVC_EBUG);
    assert_int_equal(access(scratch_path("few.nii"), F_OK), -1);
    volume[3] = NAN;
    assert_int_equal(nvc_nifti_create(&w, scratch_path("nan.nii"), &s, &err), 0);
    assert_int_equal(nvc_nifti_put(w, volume, &err), NVC_EDATA);
    nvc_nifti_abandon(w);
    assert_int_equal(access(scratch_path("nan.nii"), F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(integers_are_scaled_rounded_and_clamped),
        cmocka_unit_test(a_dimension_past_int16_makes_nifti_2),
        cmocka_unit_test(a_sheared_grid_survives),
        cmocka_unit_test(a_flipped_oblique_grid_has_equal_forms),
        cmocka_unit_test(what_cannot_be_written_is_refused),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
