/* The response to each half of a run: the model of nvc-glm with every condition halved, combined as by nvc-coupling. */
#include "base/memory.h"
#include "cmd/habituation_job.h"
#include "table/coupling.h"
#include "table/glm_rows.h"

#include <stdlib.h>
#include <string.h>

struct half {
    struct nvc_design design;
    struct nvc_plan plan;
    struct nvc_glm *glm;
    struct nvc_glm_fit fit;
    struct nvc_glm_table rows;
    struct nvc_coupling indices;
    const char **contrasts;        /* those of halved conditions */
    size_t n_contrasts;
};

static void half_release(struct half *h)
{
    nvc_coupling_release(&h->indices);
    nvc_glm_table_release(&h->rows);
    nvc_glm_fit_release(&h->fit);
    nvc_glm_free(h->glm);
    nvc_plan_release(&h->plan);
    nvc_design_release(&h->design);
    free(h->contrasts);
}

const char *const habituation_half_names[] = { "odd", "even" };

static bool is_halved(const struct habituation_job *j, size_t item)
{
    bool all = true;
    for (size_t k = 0; k < j->run.events.n_conditions; k++)
        all = all && (j->items[item].C[k] == 0 || j->halved[k]);
    return all;
}

static int make_design(struct nvc_design *d, const struct habituation_job *j, int half, struct nvc_error *err)
{
    struct nvc_events parts = { 0 };
    int status = nvc_habituation_half(&parts, &j->run.events, j->even, j->halved, half, err);
    if (!status)
        status = task_run_design(d, &j->run, &parts, err);
    nvc_events_release(&parts);
    return status;
}

/* What the error variances of both halves of every condition would be, were the noise white and of variance 1; INFINITY where there are none. */
static int measure_halves(const struct habituation_job *j, double *variance, struct nvc_error *err)
{
    struct nvc_design d = { 0 };
    struct nvc_design_report report = { 0 };
    int status = make_design(&d, j, 0, err);
    if (!status)
        status = nvc_design_check(&report, &d, err);
    for (size_t k = 0; k < j->run.events.n_conditions; k++) {
        const char *name = j->run.events.conditions[k];
        const size_t length = strlen(name);
        size_t found = 0;
        variance[k] = 0;
        for (size_t c = 0; c < d.n_cols && !status && j->halved[k]; c++)
            if (!strncmp(d.columns[c].name, name, length) && (!d.columns[c].name[length] || !strcmp(d.columns[c].name + length, "@other")))
                variance[k] += 1 / report.efficiency[c], found++;
        if (found < 2)
            variance[k] = INFINITY;
    }
    nvc_design_report_release(&report);
    nvc_design_release(&d);
    return status == NVC_EDATA ? 0 : status;
}

int habituation_choose_halves(struct habituation_job *j, struct nvc_error *err)
{
    const struct nvc_events *e = &j->run.events;
    const size_t n = e->n_conditions;
    double *gap_s = nvc_array(3 * n, sizeof *gap_s, err), *of_blocks = gap_s + n, *of_events = of_blocks + n;
    j->even = nvc_array(e->n, sizeof *j->even, err), j->halved = nvc_array(n, sizeof *j->halved, err);
    int status = gap_s && j->even && j->halved ? 0 : NVC_ESYS;
    for (size_t k = 0; k < e->n_conditions && !status; k++)
        gap_s[k] = -INFINITY;
    if (!status && !(status = nvc_habituation_parity(j->even, j->halved, e, gap_s, j->end_s, err)))
        status = measure_halves(j, of_events, err);
    for (size_t k = 0; k < e->n_conditions && !status; k++)
        gap_s[k] = j->o->block_gap_s;
    if (!status && !(status = nvc_habituation_parity(j->even, j->halved, e, gap_s, j->end_s, err)))
        status = measure_halves(j, of_blocks, err);
    for (size_t k = 0; k < e->n_conditions && !status; k++)
        gap_s[k] = of_events[k] < of_blocks[k] ? -INFINITY : j->o->block_gap_s;
    if (!status)
        status = nvc_habituation_parity(j->even, j->halved, e, gap_s, j->end_s, err);
    free(gap_s);
    return status;
}

static int fit_half(struct habituation_job *j, struct half *h, int half, struct nvc_error *err)
{
    const enum nvc_noise noise = (enum nvc_noise)j->o->noise;
    const struct nvc_list contrasts = { h->contrasts, h->n_contrasts };
    const struct nvc_design *d = &h->design;
    struct nvc_series series = j->run.series; /* the same under the name of the half */
    const struct nvc_glm_columns columns = { series.Y + d->n_dummy, d->n_rows, series.n_volumes };
    nvc_identity_half(&series.who, habituation_half_names[half]);
    int status = nvc_plan_init(&h->plan, d, &(struct nvc_plan_wish){ .contrasts = &contrasts, .psc = true }, err);
    if (!status)
        status = nvc_glm_new(&h->glm, &(struct nvc_glm_spec){ .X = d->X, .n = d->n_rows, .m = d->n_cols, .C = h->plan.C,
                                                              .n_effects = h->plan.n_effects, .want = h->plan.want, .tests = h->plan.tests,
                                                              .n_tests = h->plan.n_tests, .noise = noise, .high_pass = h->plan.drift,
                                                              .interest = h->plan.task }, err);
    if (!status)
        status = nvc_glm_fit_init(&h->fit, h->glm, series.n_regions, err);
    if (!status)
        status = nvc_glm_run(h->glm, &(struct nvc_glm_source){ nvc_glm_load_columns, &columns }, &h->fit, j->o->threads, err);
    return status ? status : nvc_glm_rows_add(&h->rows, &(struct nvc_glm_rows){ &h->plan, d, &series, h->glm, &h->fit, noise, j->o->minus }, err);
}

/* The rows of what was halved; the others are those of the rest of the model. */
static int keep_rows(struct habituation_job *j, struct half *h, struct nvc_error *err)
{
    int status = nvc_coupling_of_glm(&h->indices, &h->rows, j->run.mean_fd_mm, err);
    for (size_t i = 0; i < h->indices.n && !status; i++)
        for (size_t k = 0; k < j->n_items && !status; k++)
            if (!strcmp(h->indices.rows[i].contrast, j->items[k].name) && is_halved(j, k))
                status = nvc_coupling_add(&j->halves, &h->indices.rows[i], err);
    return status;
}

static int add_half(struct habituation_job *j, int half, struct nvc_error *err)
{
    struct half h = { .contrasts = nvc_array(j->n_items, sizeof *h.contrasts, err) };
    int status = h.contrasts ? make_design(&h.design, j, half, err) : NVC_ESYS;
    for (size_t k = j->run.events.n_conditions; k < j->n_items; k++)
        if (is_halved(j, k) && !status)
            h.contrasts[h.n_contrasts++] = j->texts[k];
    if (!status && !(status = fit_half(j, &h, half, err)))
        status = keep_rows(j, &h, err);
    half_release(&h);
    return status;
}

int habituation_halves(struct habituation_job *j, struct nvc_error *err)
{
    const size_t before = j->halves.n;
    bool any = false;
    for (size_t k = 0; k < j->run.events.n_conditions; k++)
        any |= j->halved[k];
    int status = any ? add_half(j, 0, err) : nvc_fail(err, NVC_EDATA, "%s: no condition has two events or blocks inside the run", j->o->run.events);
    status = status ? status : add_half(j, 1, err);
    if (status)
        j->halves.n = before; /* never one half without the other */
    return habituation_pass(j, status, "halves of the response", err);
}
