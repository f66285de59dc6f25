#define _GNU_SOURCE /* memmem */
#include "plot/canvas.h"
#include "plot/description.h"
#include "plot/design_plot.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void the_extension_chooses_the_kind_of_picture(void **state)
{
    (void)state;
    struct nvc_error err = { 0 };
    enum nvc_picture kind;
    assert_int_equal(nvc_picture_of("a/b.PNG", &kind, &err), 0);
    assert_int_equal(kind, NVC_PNG);
    assert_int_equal(nvc_picture_of("b.svg", &kind, &err), 0);
    assert_int_equal(kind, NVC_SVG);
    assert_int_equal(nvc_picture_of("b.pdf", &kind, &err), 0);
    assert_int_equal(kind, NVC_PDF);
    assert_int_equal(nvc_picture_of("b.jpg", &kind, &err), NVC_EUSAGE);
    assert_int_equal(nvc_picture_of(".png", &kind, &err), NVC_EUSAGE);
}

static void draw(struct nvc_text *out, enum nvc_picture kind)
{
    struct nvc_error err = { 0 };
    struct nvc_canvas *c;
    const double x[] = { 60, 70, NAN, 80, 90 }, y[] = { 20, 30, 40, 50, 60 }, v[] = { 0, .5, NAN, 1, 2, -1 };
    struct nvc_frame f = { 40, 10, 100, 60, { 0, 312, "time (s)", 0 }, { -1, 1, "signal change (%)", 0 } };
    assert_int_equal(nvc_canvas_new(&c, kind, 200, 100, &err), 0);
    nvc_frame_draw(c, &f, 1);
    nvc_canvas_path(c, x, y, 5, &(struct nvc_pen){ nvc_colour_of(0), 1, 0, 2 });
    nvc_canvas_area(c, x + 3, y, 2, nvc_colour_of(1), .5);
    nvc_canvas_dot(c, 100, 50, 3, 0, nvc_colour_of(2), 1);
    nvc_canvas_dot(c, NAN, 50, 3, 1, nvc_colour_of(2), 1);
    nvc_canvas_cells(c, 150, 10, 40, 40, v, 3, 2, 0, 1, nvc_map_diverging);
    nvc_canvas_text(c, 150, 80, "\xce\xb2 = 0.5", &(struct nvc_font){ 8, 0, 0, 30, 1, nvc_palette[0] });
    assert_int_equal(nvc_canvas_finish(c, out, &err), 0);
    nvc_canvas_free(c);
}

static void the_same_drawing_gives_the_same_bytes(void **state)
{
    (void)state;
    static const char *const magic[] = { "\x89PNG", "<?xml", "%PDF" };
    for (int kind = 0; kind < 3; kind++) {
        struct nvc_text a = { 0 }, b = { 0 };
        draw(&a, (enum nvc_picture)kind);
        draw(&b, (enum nvc_picture)kind);
        assert_memory_equal(a.data, magic[kind], 4);
        assert_int_equal(a.len, b.len);
        if (kind != NVC_SVG) /* Cairo numbers the surfaces of a process in SVG */
            assert_memory_equal(a.data, b.data, a.len);
        assert_null(memmem(a.data, a.len, "CreationDate", 12));
        nvc_text_release(&a);
        nvc_text_release(&b);
    }
}

static void a_picture_says_what_it_shows(void **state)
{
    (void)state;
    static const char said[] = "R\xc3\xa9ponse < 5 % & \"more\"";
    struct nvc_error err = { 0 };
    for (int kind = 0; kind < 2; kind++) {
        struct nvc_text picture = { 0 }, with = { 0 }, found = { 0 };
        draw(&picture, (enum nvc_picture)kind);
        assert_int_equal(nvc_description_get(&found, (enum nvc_picture)kind, picture.data, picture.len, &err), 0);
        assert_int_equal(found.len, 0);
        assert_int_equal(nvc_description_put(&with, (enum nvc_picture)kind, picture.data, picture.len, said, &err), 0);
        for (size_t cut = 0; cut < with.len && cut < 700; cut++) { /* a file that ends early is read no further */
            char *part = malloc(cut + 1);
            memcpy(part, with.data, cut);
            assert_int_equal(nvc_description_get(&found, (enum nvc_picture)kind, part, cut, &err), 0);
            free(part);
            found.len = 0;
        }
        assert_int_equal(nvc_description_get(&found, (enum nvc_picture)kind, with.data, with.len, &err), 0);
        assert_string_equal(found.data, said);
        nvc_text_release(&picture);
        nvc_text_release(&with);
        nvc_text_release(&found);
    }
}

/* A name that is too long is made smaller and cut, never inside a character. */
static void long_names_stay_within_their_room(void **state)
{
    (void)state;
    struct nvc_error err = { 0 };
    struct nvc_canvas *c;
    struct nvc_text out = { 0 };
    const char *const names[] = { "short", "treatment_resistant_depression_with_anxiety_and_more_of_the_same_kind_for_ever_and_ever_and_again_until_the_end",
                                  "\xce\xb2\xce\xb2\xce\xb2\xce\xb2\xce\xb2\xce\xb2\xce\xb2\xce\xb2\xce\xb2\xce\xb2\xce\xb2\xce\xb2\xce\xb2\xce\xb2\xce\xb2\xce\xb2" };
    assert_int_equal(nvc_canvas_new(&c, NVC_SVG, 200, 100, &err), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (double width = 1; width < 120; width += 7)
            nvc_canvas_text_within(c, 0, 50, names[i], &(struct nvc_font){ .size = 8 }, width);
    assert_int_equal(nvc_canvas_finish(c, &out, &err), 0); /* a character cut in two would fail the drawing */
    nvc_canvas_free(c);
    nvc_text_release(&out);
}

static void ticks_stand_at_round_numbers(void **state)
{
    (void)state;
    static const struct { double lo, hi; int want; const char *first, *last; } cases[] = {
        { 0, 312, 6, "0", "300" },       { -.5, 1.25, 4, "-0.5", "1.0" }, { 0, 1, 5, "0.0", "1.0" },
        { 1e-4, 9e-4, 4, "0.0002", "0.0008" }, { 1, 0, 5, "0.0", "1.0" }, { 23600, 23650, 5, "23600", "23650" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char first[32], last[32];
        struct nvc_ticks t = nvc_ticks_nice(cases[i].lo, cases[i].hi, cases[i].want);
        nvc_ticks_text(&t, 0, first);
        nvc_ticks_text(&t, t.n - 1, last);
        assert_string_equal(first, cases[i].first);
        assert_string_equal(last, cases[i].last);
    }
    assert_int_equal(nvc_ticks_nice(2, 2, 5).n, 0);
    assert_int_equal(nvc_ticks_nice(0, INFINITY, 5).n, 0);
}

static void designs_of_any_shape_are_drawn(void **state)
{
    (void)state;
    enum { MOST = 300 };
    static double X[2 * MOST];
    static char names[MOST][16];
    static struct nvc_regressor columns[MOST];
    struct nvc_error err = { 0 };
    for (size_t j = 0; j < MOST; j++) {
        (void)snprintf(names[j], sizeof names[j], "x%zu", j);
        columns[j] = (struct nvc_regressor){ .name = names[j], .role = j % 50 ? NVC_ROLE_TASK : NVC_ROLE_UNKNOWN, .condition = j % 50 ? names[j - j % 3] : NULL };
        X[2 * j] = (double)j;
    }
    columns[MOST - 1].role = NVC_ROLE_CONSTANT;
    const struct nvc_design shapes[] = {
        { .n_rows = 2, .n_cols = 1, .X = X, .columns = columns + MOST - 1, .tr_s = NAN },
        { .n_rows = 1, .n_cols = 1, .X = X, .columns = columns, .tr_s = 2 },
        { .n_rows = 2, .n_cols = 3, .X = X, .columns = columns, .tr_s = .001, .n_dummy = 1000000 },
        { .n_rows = 2, .n_cols = MOST, .X = X, .columns = columns, .tr_s = 2 },
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int kind = 0; kind < 3; kind++) {
            struct nvc_text out = { 0 };
            assert_int_equal(nvc_design_plot(&out, &shapes[i], (enum nvc_picture)kind, "title", &err), 0);
            assert_true(out.len > 500);
            nvc_text_release(&out);
        }
}

static double luminance(struct nvc_colour c)
{
    const double *v = &c.r;
    double lin[3];
    for (int i = 0; i < 3; i++)
        lin[i] = v[i] <= .04045 ? v[i] / 12.92 : pow((v[i] + .055) / 1.055, 2.4);
    return .2126 * lin[0] + .7152 * lin[1] + .0722 * lin[2];
}

static double lightness(struct nvc_colour c) { return 116 * cbrt(luminance(c)) - 16; }

static void lightness_rises_in_equal_steps(void **state)
{
    (void)state;
    for (int i = 2; i <= 10; i++) {
        double t = i / 10., grey = lightness(nvc_map_grey(t)), heat = lightness(nvc_map_heat(t));
        assert_true(fabs(grey - 100 * t) < .1);
        assert_true(fabs(heat - (12 + 78 * t)) < .6);
        assert_true(fabs(lightness(nvc_map_diverging(.5 + t / 2)) - lightness(nvc_map_diverging(.5 - t / 2))) < .6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_extension_chooses_the_kind_of_picture),
        cmocka_unit_test(the_same_drawing_gives_the_same_bytes),
        cmocka_unit_test(a_picture_says_what_it_shows),
        cmocka_unit_test(long_names_stay_within_their_room),
        cmocka_unit_test(ticks_stand_at_round_numbers),
        cmocka_unit_test(lightness_rises_in_equal_steps),
        cmocka_unit_test(designs_of_any_shape_are_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
