#include "io/timing.h"

#include "base/memory.h"
#include "base/number.h"
#include "io/plain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE_LIMIT = 16 << 20 };

static const char blanks[] = " \t";

void nvc_timing_release(struct nvc_timing *t)
{
    free(t->events);
    *t = (struct nvc_timing){ 0 };
}

static int add(struct nvc_timing *t, const struct nvc_timing_event *e, struct nvc_error *err)
{
    int status = nvc_grow(&t->events, &t->cap, t->n + 1, sizeof *t->events, err);
    if (!status)
        t->events[t->n++] = *e;
    return status;
}

static int parse(double *value, const char *text, size_t n, const char *what, struct nvc_error *err)
{
    if (nvc_parse_real(text, n, value))
        return 0;
    return nvc_fail(err, NVC_EDATA, "%s '%.*s' is not a number", what, (int)(n < 40 ? n : 40), text);
}

static int check_duration(double duration_s, struct nvc_error *err)
{
    return duration_s < 0 ? nvc_fail(err, NVC_EDATA, "duration %g is negative", duration_s) : 0;
}

/* The next word of a line, or NULL; *n is its length. */
static const char *next_word(const char **at, size_t *n)
{
    const char *word = *at + strspn(*at, blanks);
    *n = strcspn(word, blanks);
    *at = word + *n;
    return *n ? word : NULL;
}

static int fsl_line(struct nvc_timing *t, const char *line, struct nvc_error *err)
{
    static const char *const what[] = { "onset", "duration", "weight" };
    double value[3] = { 0 };
    size_t n, found = 0;
    int status = 0;
    for (const char *word; !status && (word = next_word(&line, &n)); found++)
        status = found < 3 ? parse(&value[found], word, n, what[found], err) : 0;
    if (!status && found != 3)
        status = nvc_fail(err, NVC_EDATA, "%zu values; wanted onset, duration and weight", found);
    if (!status)
        status = check_duration(value[1], err);
    return status ? status : add(t, &(struct nvc_timing_event){ value[0], value[1], value[2], 0 }, err);
}

/* t[*amplitude][:duration] */
static int afni_word(struct nvc_timing *t, const char *word, size_t n, struct nvc_error *err)
{
    struct nvc_timing_event e = { .duration_s = NAN, .weight = 1, .run = t->n_runs };
    const char *end = word + n, *colon = memchr(word, ':', n);
    if (!colon)
        colon = end;
    const char *star = memchr(word, '*', (size_t)(colon - word));
    if (!star)
        star = colon;
    int status = parse(&e.onset_s, word, (size_t)(star - word), "time", err);
    if (!status && e.onset_s < 0)
        status = nvc_fail(err, NVC_EDATA, "time %g is negative; a run without events is written *", e.onset_s);
    if (!status && star < colon) {
        size_t k = (size_t)(colon - star - 1);
        status = memchr(star + 1, ',', k)
            ? nvc_fail(err, NVC_EDATA, "'%.*s' has several amplitudes; one is read", (int)(n < 40 ? n : 40), word)
            : parse(&e.weight, star + 1, k, "amplitude", err);
    }
    if (!status && colon < end) {
        status = parse(&e.duration_s, colon + 1, (size_t)(end - colon - 1), "duration", err);
        if (!status)
            status = check_duration(e.duration_s, err);
    }
    return status ? status : add(t, &e, err);
}

/* One line is one run.  *single: no line so far held anything but one time. */
static int afni_line(struct nvc_timing *t, const char *line, bool *single, struct nvc_error *err)
{
    size_t n, words = 0;
    int status = 0;
    for (const char *word; !status && (word = next_word(&line, &n)); words++) {
        bool none = n == 1 && *word == '*';
        if (none || words)
            *single = false;
        if (!none)
            status = afni_word(t, word, n, err);
    }
    t->n_runs++;
    return status;
}

static int read_timing(struct nvc_timing *t, const char *path, bool afni, struct nvc_error *err)
{
    struct nvc_plain p;
    size_t n, n_lines = 0;
    bool single = true, blank = false;
    const char *name = strcmp(path, "-") ? path : "standard input";
    *t = (struct nvc_timing){ 0 };
    int status = nvc_plain_read_path(&p, path, SIZE_LIMIT, err);
    struct nvc_lines lines = nvc_lines_of(&p);
    for (const char *line; !status && (line = nvc_lines_next(&lines, &n));) {
        if (afni && *line == '#')
            continue;
        bool empty = !line[strspn(line, blanks)];
        if (blank && !empty)
            status = nvc_fail(err, NVC_EDATA, "follows a blank line; remove it%s",
                              afni ? ", or write * for a run without events" : "");
        else if (!empty)
            status = afni ? afni_line(t, line, &single, err) : fsl_line(t, line, err);
        if (status)
            status = nvc_fail_in(err, "%s: line %zu", name, lines.number);
        blank = empty;
        n_lines += !empty;
    }
    if (!status && !n_lines)
        status = nvc_fail(err, NVC_EDATA, "%s: empty; a file without events holds %s", name,
                          afni ? "a * for each run" : "the line 0 0 0");
    nvc_plain_release(&p);
    if (status)
        nvc_timing_release(t);
    t->global = !status && afni && single && n_lines > 1;
    return status;
}

int nvc_timing_read_fsl(struct nvc_timing *t, const char *path, struct nvc_error *err)
{
    int status = read_timing(t, path, false, err);
    const struct nvc_timing_event *e = t->events;
    if (status)
        return status;
    t->n_runs = 1;
    if (t->n == 1 && e->onset_s == 0 && e->duration_s == 0 && e->weight == 0)
        t->n = 0;
    return 0;
}

int nvc_timing_read_afni(struct nvc_timing *t, const char *path, struct nvc_error *err)
{
    int status = read_timing(t, path, true, err);
    if (t->global) {
        t->n_runs = 1;
        for (size_t i = 0; i < t->n; i++)
            t->events[i].run = 0;
    }
    return status;
}
