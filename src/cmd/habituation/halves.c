/* The response to each half of a run, about that to the whole: by the model of nvc-glm, combined as by nvc-coupling. */
#include "base/memory.h"
#include "cmd/habituation/job.h"
#include "table/coupling.h"
#include "table/glm_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A model of the run, and the indices that it gives. */
struct model {
    struct nvc_design design;
    struct nvc_plan plan;
    struct nvc_glm *glm;
    struct nvc_glm_fit fit;
    struct nvc_glm_table rows;
    struct nvc_coupling indices;
};

static void model_release(struct model *m)
{
    nvc_coupling_release(&m->indices);
    nvc_glm_table_release(&m->rows);
    nvc_glm_fit_release(&m->fit);
    nvc_glm_free(m->glm);
    nvc_plan_release(&m->plan);
    nvc_design_release(&m->design);
}

const char *const habituation_half_names[] = { "odd", "even" };

static bool is_halved(const struct habituation_job *j, size_t item)
{
    bool all = true;
    for (size_t k = 0; k < j->run.events.n_conditions; k++)
        all = all && (j->items[item].C[k] == 0 || j->halved[k]);
    return all;
}

/* The design with half the difference of its halves for every condition. */
static int make_difference(struct nvc_design *d, const struct habituation_job *j, struct nvc_error *err)
{
    struct nvc_events parts = { 0 };
    int status = nvc_habituation_difference(&parts, &j->run.events, j->even, j->halved, err);
    if (!status)
        status = task_run_design(d, &j->run, &parts, err);
    nvc_events_release(&parts);
    return status;
}

/* What the error variance of every difference would be, were the noise white and of variance 1; INFINITY where there is none. */
static int measure_difference(const struct habituation_job *j, double *variance, struct nvc_error *err)
{
    struct nvc_design d = { 0 };
    struct nvc_design_report report = { 0 };
    int status = make_difference(&d, j, err);
    if (!status)
        status = nvc_design_check(&report, &d, err);
    for (size_t k = 0; k < j->run.events.n_conditions; k++) {
        const long at = status || !j->halved[k] ? -1 : nvc_design_column(&d, j->run.events.conditions[k]);
        variance[k] = at < 0 ? INFINITY : 1 / report.efficiency[at];
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
        status = measure_difference(j, of_events, err);
    for (size_t k = 0; k < e->n_conditions && !status; k++)
        gap_s[k] = j->o->block_gap_s;
    if (!status && !(status = nvc_habituation_parity(j->even, j->halved, e, gap_s, j->end_s, err)))
        status = measure_difference(j, of_blocks, err);
    for (size_t k = 0; k < e->n_conditions && !status; k++)
        gap_s[k] = of_events[k] < of_blocks[k] ? -INFINITY : j->o->block_gap_s;
    if (!status)
        status = nvc_habituation_parity(j->even, j->halved, e, gap_s, j->end_s, err);
    free(gap_s);
    return status;
}

static int fit(struct model *m, const struct habituation_job *j, struct nvc_list contrasts, struct nvc_error *err)
{
    const enum nvc_noise noise = (enum nvc_noise)j->o->noise;
    const struct nvc_design *d = &m->design;
    const struct nvc_series *series = &j->run.series;
    const struct nvc_glm_columns columns = { series->Y + d->n_dummy, d->n_rows, series->n_volumes };
    int status = nvc_plan_init(&m->plan, d, &(struct nvc_plan_wish){ .contrasts = &contrasts, .psc = true }, err);
    if (!status)
        status = nvc_glm_new(&m->glm, &(struct nvc_glm_spec){ .X = d->X, .n = d->n_rows, .m = d->n_cols, .C = m->plan.C,
                                                              .n_effects = m->plan.n_effects, .want = m->plan.want, .tests = m->plan.tests,
                                                              .n_tests = m->plan.n_tests, .noise = noise, .high_pass = m->plan.drift,
                                                              .interest = m->plan.task }, err);
    if (!status)
        status = nvc_glm_fit_init(&m->fit, m->glm, series->n_regions, err);
    if (!status)
        status = nvc_glm_run(m->glm, &(struct nvc_glm_source){ nvc_glm_load_columns, &columns }, &m->fit, j->o->threads, err);
    if (!status)
        status = nvc_glm_rows_add(&m->rows, &(struct nvc_glm_rows){ &m->plan, d, series, m->glm, &m->fit, noise, j->o->minus }, err);
    return status ? status : nvc_coupling_of_glm(&m->indices, &m->rows, j->run.mean_fd_mm, err);
}

static const struct nvc_coupling_row *same_row(const struct nvc_coupling *c, const struct nvc_coupling_row *r)
{
    for (size_t i = 0; i < c->n; i++)
        if (!strcmp(c->rows[i].index, r->index) && !strcmp(c->rows[i].contrast, r->contrast) && !strcmp(c->rows[i].region, r->region) &&
            !strcmp(c->rows[i].side, r->side) && !strcmp(c->rows[i].atlas, r->atlas))
            return &c->rows[i];
    return NULL;
}

int habituation_add_half(struct habituation_job *j, struct nvc_coupling_row row, double difference, double difference_se, int half,
                         struct nvc_error *err)
{
    struct nvc_identity who = j->run.series.who;
    nvc_identity_half(&who, habituation_half_names[half]);
    row.run = who.run;
    row.value += (half ? -1 : 1) * difference * row.se / difference_se;
    row.se *= sqrt(2);
    nvc_coupling_interval(&row);
    return nvc_coupling_add(&j->halves, &row, err);
}

/* The halves of one response, and z where it is one of a region. */
static int add_response(struct habituation_job *j, const struct nvc_coupling_row *whole, const struct nvc_coupling_row *difference, int half,
                        struct nvc_error *err)
{
    int status = habituation_add_half(j, *whole, difference->value, difference->se, half, err);
    if (status || strcmp(whole->index, "psc") != 0 || !strcmp(whole->side, "B"))
        return status;
    struct nvc_coupling_row z = j->halves.rows[j->halves.n - 1];
    z.index = "z", z.unit = "n/a", z.note = "derived", z.value /= z.se, z.se = z.ci_low = z.ci_high = NAN;
    return nvc_coupling_add(&j->halves, &z, err);
}

static int add_rows(struct habituation_job *j, const struct nvc_coupling *whole, const struct nvc_coupling *difference, int half,
                    struct nvc_error *err)
{
    int status = 0;
    for (size_t i = 0; i < whole->n && !status; i++)
        for (size_t k = 0; k < j->n_items && !status; k++) {
            const struct nvc_coupling_row *row = &whole->rows[i];
            const struct nvc_coupling_row *d = strcmp(row->contrast, j->items[k].name) || !is_halved(j, k) ? NULL : same_row(difference, row);
            if (d && strcmp(row->index, "z") != 0 && strcmp(row->index, "li_psc") != 0)
                status = add_response(j, row, d, half, err);
        }
    return status;
}

int habituation_halves(struct habituation_job *j, struct nvc_error *err)
{
    const size_t n = j->run.events.n_conditions;
    struct model whole = { .glm = NULL }, difference = { .glm = NULL };
    const char **contrasts = nvc_array(j->n_items, sizeof *contrasts, err);
    struct nvc_list list = { contrasts, 0 };
    bool any = false;
    for (size_t k = 0; k < j->n_items && contrasts; k++) {
        any |= is_halved(j, k);
        if (k >= n && is_halved(j, k))
            contrasts[list.n++] = j->texts[k];
    }
    int status = contrasts ? 0 : NVC_ESYS;
    if (!status && !any)
        status = nvc_fail(err, NVC_EDATA, "%s: no condition has two events or blocks inside the run", j->o->run.events);
    if (!status && !(status = task_run_design(&whole.design, &j->run, &j->run.events, err)) && !(status = fit(&whole, j, list, err)) &&
        !(status = make_difference(&difference.design, j, err)))
        status = fit(&difference, j, list, err);
    for (int half = 0; half < 2 && !status; half++)
        status = add_rows(j, &whole.indices, &difference.indices, half, err);
    model_release(&whole);
    model_release(&difference);
    free(contrasts);
    return habituation_pass(j, status, "halves of the response", err);
}
