/* Every line of tests/data/nifti/README.md is held to its word. */
#include <config.h>
#include "nvc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#ifndef HAVE_ISAL
#define INFLATERS 1
#else
#define INFLATERS 2
#endif

enum { NAME, RECIPE, VALUE, TR, MM, SAID, WHAT, COLUMNS };
static const enum nvc_inflater inflaters[2] = { NVC_INFLATE_ZLIB, NVC_INFLATE_ISAL };
static const char *folder = SRCDIR "/tests/data/nifti";

/* Cells between " | "; false when the line describes no file. */
static bool split(char *line, char *cell[COLUMNS])
{
    if (strncmp(line, "| good-", 7) && strncmp(line, "| bad-", 6) && strncmp(line, "| unsupported-", 14))
        return false;
    char *at = line + 2;
    for (int i = 0; i < COLUMNS; i++) {
        cell[i] = at;
        at = strstr(at, i + 1 < COLUMNS ? " | " : " |");
        assert_non_null(at);
        *at = '\0';
        at += 3;
    }
    return true;
}

struct outcome {
    int status;
    double value, mm[3];
    struct nvc_nifti_header header;
    char said[2048];
};

static void read_image(const char *path, enum nvc_inflater how, struct outcome *o)
{
    struct nvc_error err = { 0 };
    struct nvc_nifti *n;
    const char *warning = "";
    const void *bytes;
    const size_t fifth = 5; /* every good image has it */
    memset(o, 0, sizeof *o);
    if (!(o->status = nvc_nifti_open(&n, path, NVC_ORIENT_AUTO, how, &err))) {
        o->header = *nvc_nifti_header(n);
        for (size_t v = 0; !o->status && v < o->header.n_volumes; v++)
            if (!(o->status = nvc_nifti_next_raw(n, &bytes, &err)))
                nvc_nifti_decode(n, bytes, &fifth, 1, &o->value);
        if (!o->status)
            o->status = nvc_nifti_finish(n, &warning, &err);
        nvc_grid_to_mm(&o->header.grid, (double[3]) { 1, 1, 1 }, o->mm);
        (void)snprintf(o->said, sizeof o->said, "%s%s%s", nvc_nifti_remarks(n), *nvc_nifti_remarks(n) && *warning ? "\n" : "", warning);
        nvc_nifti_close(n);
    }
    if (o->status)
        (void)snprintf(o->said, sizeof o->said, "%s", err.text);
}

/* What is wrong about the outcome, or NULL. */
static const char *judge_tr(const struct nvc_nifti_header *h, const char *want)
{
    bool suspect = strcmp(want, "ms?") == 0, unknown = suspect || strcmp(want, "n/a") == 0;
    if (h->tr_ms_suspect != suspect || h->tr_unit_guessed != (!suspect && strchr(want, '?') != NULL))
        return "the TR is doubted otherwise";
    return (unknown ? isnan(h->tr_s) : h->tr_s == strtod(want, NULL)) ? NULL : "another TR";
}

static const char *judge_good(char *cell[COLUMNS], const struct outcome *o)
{
    double mm[3] = { 88, -124, -70 };
    if (o->status)
        return "refused";
    if (o->value != strtod(cell[VALUE], NULL))
        return "another value";
    if (strcmp(cell[MM], "-") && sscanf(cell[MM], "%lf,%lf,%lf", &mm[0], &mm[1], &mm[2]) != 3)
        return "no place in the README";
    for (int d = 0; d < 3; d++)
        if (!(fabs(o->mm[d] - mm[d]) <= 1e-5 * fmax(1, fabs(mm[d]) / 100)))
            return "another place";
    if (o->header.big_endian != (strstr(cell[RECIPE], "big") != NULL) || o->header.version != (strstr(cell[RECIPE], "v2") ? 2 : 1))
        return "another byte order or version";
    return judge_tr(&o->header, cell[TR]);
}

static const char *judge_said(char *cell[COLUMNS], const struct outcome *o)
{
    bool nothing = strcmp(cell[SAID], "-") == 0;
    if (o->status && (!*o->said || strchr(o->said, '\n')))
        return "refused with less or more than one line";
    return (nothing ? o->status || !*o->said : strstr(o->said, cell[SAID]) != NULL) ? NULL : "something else is said";
}

/* Visit all lines and say what is wrong about which. */
static void each_line(const char *(*visit)(char *cell[COLUMNS], struct outcome *o))
{
    static struct outcome o;
    size_t wrong = 0;
    char line[2000], path[500], *cell[COLUMNS];
    size_t n = 0;
    (void)snprintf(path, sizeof path, "%s/README.md", folder);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f))
        if (split(line, cell)) {
            const char *problem = visit(cell, &o);
            if (problem)
                print_error("%s: %s (value %.17g, TR %.17g, at %.9g,%.9g,%.9g; %s)\n", cell[NAME], problem, o.value, o.header.tr_s,
                            o.mm[0], o.mm[1], o.mm[2], o.said);
            wrong += problem != NULL;
            n++;
        }
    (void)fclose(f);
    assert_int_equal(wrong, 0);
    assert_true(n >= 150);
}

static const char *visit_by_name(char *cell[COLUMNS], struct outcome *o)
{
    char path[500];
    const char *problem = NULL;
    bool absent = strstr(cell[NAME], "-pointer") || strstr(cell[SAID], "No such file");
    (void)snprintf(path, sizeof path, "%s/%s", folder, cell[NAME]);
    for (int k = 0; k < INFLATERS && !problem; k++) {
        read_image(path, inflaters[k], o);
        if (strncmp(cell[NAME], "good-", 5) == 0)
            problem = judge_good(cell, o);
        else if (o->status != (absent ? NVC_ESYS : NVC_EDATA))
            problem = o->status ? "another status" : "read";
        problem = problem ? problem : judge_said(cell, o);
    }
    return problem;
}

static void every_file_is_read_or_refused_as_its_line_says(void **state)
{
    (void)state;
    each_line(visit_by_name);
}

/* Its size is not known beforehand, so that a refusal may come later and say something else. */
static const char *visit_pipe(char *cell[COLUMNS], struct outcome *o)
{
    static unsigned char bytes[60000];
    const bool good = strncmp(cell[NAME], "good-", 5) == 0;
    const char *problem = NULL;
    char path[500];
    int ends[2];
    (void)snprintf(path, sizeof path, "%s/%s", folder, cell[NAME]);
    FILE *f = strstr(cell[NAME], ".hdr") ? NULL : fopen(path, "rb");
    size_t n = f ? fread(bytes, 1, sizeof bytes, f) : 0;
    if (f)
        (void)fclose(f);
    for (int k = 0; f && k < INFLATERS && !problem; k++) {
        if (pipe(ends) || write(ends[1], bytes, n) != (ssize_t)n) /* fits in the pipe */
            return "no pipe";
        (void)close(ends[1]);
        (void)snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
        read_image(path, inflaters[k], o);
        (void)close(ends[0]);
        if (good)
            problem = judge_good(cell, o);
        else if (o->status != NVC_EDATA && !strstr(cell[NAME], "-pointer"))
            problem = o->status ? "another status" : "read";
        if (good && !problem)
            problem = judge_said(cell, o);
    }
    return problem;
}

static void a_pipe_is_judged_as_the_file_it_carries(void **state)
{
    (void)state;
    each_line(visit_pipe);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_is_read_or_refused_as_its_line_says),
        cmocka_unit_test(a_pipe_is_judged_as_the_file_it_carries),
    };
    if (argc > 1)
        folder = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
