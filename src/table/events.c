#include "table/events.h"

#include "base/memory.h"
#include "io/timing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct event_columns {
    size_t onset, duration, *modulators;
    long condition;
};

static int find_columns(struct event_columns *c, const struct nvc_table *t, const char *condition, const struct nvc_list *modulators,
                        struct nvc_error *err)
{
    int status = nvc_table_need(t, "onset", &c->onset, err);
    if (!status)
        status = nvc_table_need(t, "duration", &c->duration, err);
    c->condition = nvc_table_column(t, condition ? condition : "trial_type");
    if (!status && condition && c->condition < 0)
        status = nvc_table_need(t, condition, &(size_t){ 0 }, err);
    for (size_t i = 0; !status && i < modulators->n; i++)
        status = nvc_table_need(t, modulators->items[i], &c->modulators[i], err);
    return status;
}

static int add_row(struct nvc_events *e, const struct nvc_table *t, size_t row, const struct event_columns *c, double *modulation,
                   struct nvc_error *err)
{
    struct nvc_event one = { .weight = 1, .condition = "event", .modulation = modulation };
    if (c->condition >= 0 && nvc_table_is_na(t, row, (size_t)c->condition)) {
        e->n_unnamed++;
        return 0;
    }
    if (c->condition >= 0)
        one.condition = nvc_table_cell(t, row, (size_t)c->condition);
    int status = nvc_table_real(t, row, c->onset, &one.onset_s, err);
    if (!status)
        status = nvc_table_real(t, row, c->duration, &one.duration_s, err);
    for (size_t i = 0; !status && i < e->n_modulators; i++)
        status = nvc_table_real(t, row, c->modulators[i], &modulation[i], err);
    if (!status && (status = nvc_events_add(e, &one, err)))
        return nvc_fail_in(err, "%s: line %zu", t->path, nvc_table_line(t, row));
    return status;
}

int nvc_events_parse(struct nvc_events *e, const struct nvc_table *t, const char *condition, const struct nvc_list *modulators,
                     struct nvc_error *err)
{
    static const struct nvc_list none = { NULL, 0 };
    const struct nvc_list *wanted = modulators ? modulators : &none;
    struct event_columns c = { 0 };
    double *modulation = nvc_array(wanted->n, sizeof *modulation, err);
    int status = nvc_events_init(e, wanted, err);
    if (!status && (!modulation || !(c.modulators = nvc_array(wanted->n, sizeof *c.modulators, err))))
        status = (int)err->status;
    if (!status)
        status = find_columns(&c, t, condition, wanted, err);
    e->one_condition = c.condition < 0;
    for (size_t row = 0; !status && row < t->n_rows; row++)
        status = add_row(e, t, row, &c, modulation, err);
    if (!status && !e->n)
        status = nvc_fail(err, NVC_EDATA, e->n_unnamed ? "%s: none of its events has a trial_type" : "%s: a header, and no event below it: is it "
                          "the events table of the run?", t->path);
    if (!status)
        status = nvc_events_finish(e, err);
    free(c.modulators);
    free(modulation);
    if (status)
        nvc_events_release(e);
    return status;
}

int nvc_events_read(struct nvc_events *e, const char *path, const char *condition, const struct nvc_list *modulators,
                    struct nvc_error *err)
{
    struct nvc_table t;
    *e = (struct nvc_events){ 0 };
    int status = nvc_table_read(&t, path, err);
    if (status)
        return status;
    status = nvc_events_parse(e, &t, condition, modulators, err);
    nvc_table_release(&t);
    return status;
}

static int add_timing(struct nvc_events *e, const struct nvc_timing *t, const char *name, const struct nvc_timing_request *r,
                      struct nvc_error *err)
{
    int status = 0;
    if (!r->run && t->n_runs > 1)
        return nvc_fail(err, NVC_EDATA, "the file has %zu runs; say which one with --timing-run", t->n_runs);
    if (r->run > 0 && (size_t)r->run > t->n_runs)
        return nvc_fail(err, NVC_EDATA, "the file has %zu runs; run %d is not among them", t->n_runs, r->run);
    for (size_t i = 0; !status && i < t->n; i++) {
        const struct nvc_timing_event *one = &t->events[i];
        double duration = isnan(one->duration_s) ? r->duration_s : one->duration_s;
        if (r->run > 0 && one->run != (size_t)r->run - 1)
            continue;
        if (isnan(duration))
            return nvc_fail(err, NVC_EDATA, "the file does not say how long the events last; say --timing-duration SECONDS");
        status = nvc_events_add(e, &(struct nvc_event){ one->onset_s, duration, one->weight, name, NULL }, err);
    }
    return status;
}

static int read_timing(struct nvc_events *e, const char *word, bool afni, const struct nvc_timing_request *r, struct nvc_error *err)
{
    const char *equals = strchr(word, '='), *path = equals ? equals + 1 : "";
    struct nvc_timing t;
    if (!equals || equals == word || !*path)
        return nvc_fail(err, NVC_EUSAGE, "--%s '%s': want NAME=FILE", afni ? "afni" : "fsl", word);
    char *name = nvc_strndup(word, (size_t)(equals - word), err);
    int status = !name ? (int)err->status : afni ? nvc_timing_read_afni(&t, path, err) : nvc_timing_read_fsl(&t, path, err);
    if (!status) {
        struct nvc_timing_request one = *r;
        one.run = afni ? r->run : 0;
        status = add_timing(e, &t, name, &one, err);
        if (status)
            (void)nvc_fail_in(err, "%s", path);
        nvc_timing_release(&t);
    }
    free(name);
    return status;
}

int nvc_events_read_timing(struct nvc_events *e, const struct nvc_timing_request *r, struct nvc_error *err)
{
    int status = nvc_events_init(e, NULL, err);
    for (size_t i = 0; !status && i < r->fsl->n; i++)
        status = read_timing(e, r->fsl->items[i], false, r, err);
    for (size_t i = 0; !status && i < r->afni->n; i++)
        status = read_timing(e, r->afni->items[i], true, r, err);
    if (!status && !e->n)
        status = nvc_fail(err, NVC_EDATA, "no event in the timing files");
    if (!status)
        status = nvc_events_finish(e, err);
    if (status)
        nvc_events_release(e);
    return status;
}
