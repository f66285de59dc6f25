#include "model/design/runs.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static void join_text(char *text, const char *other)
{
    if (strcmp(text, other) != 0)
        memcpy(text, "n/a", 4);
}

void nvc_identity_join(struct nvc_identity *who, const struct nvc_identity *other)
{
    join_text(who->participant_id, other->participant_id);
    join_text(who->session, other->session);
    join_text(who->task, other->task);
    join_text(who->run, other->run);
    join_text(who->space, other->space);
}

/* A column of `from` at the end of d, its rows from row0 on. */
static int add_column(struct nvc_design *d, const struct nvc_design *from, size_t j, size_t row0, char *name, struct nvc_error *err)
{
    const struct nvc_regressor *c = &from->columns[j];
    struct nvc_regressor *to = &d->columns[d->n_cols];
    memcpy(d->X + d->n_cols++ * d->n_rows + row0, from->X + j * from->n_rows, from->n_rows * sizeof *d->X);
    *to = *c;
    to->name = name;
    to->condition = c->condition ? nvc_strdup(c->condition, err) : NULL;
    to->basis = c->basis ? nvc_strdup(c->basis, err) : NULL;
    to->modulator = c->modulator ? nvc_strdup(c->modulator, err) : NULL;
    return !name || (c->condition && !to->condition) || (c->basis && !to->basis) || (c->modulator && !to->modulator) ? NVC_ESYS : 0;
}

static int add_task(struct nvc_design *d, const struct nvc_design *from, size_t j, size_t row0, struct nvc_error *err)
{
    const struct nvc_regressor *c = &from->columns[j];
    long have = nvc_design_column(d, c->name);
    if (have < 0)
        return add_column(d, from, j, row0, nvc_strdup(c->name, err), err);
    struct nvc_regressor *to = &d->columns[have];
    memcpy(d->X + (size_t)have * d->n_rows + row0, from->X + j * from->n_rows, from->n_rows * sizeof *d->X);
    to->n_events += c->n_events;
    if (!(fabs(to->h_ref - c->h_ref) <= 1e-9 * fabs(c->h_ref)))
        to->h_ref = NAN;
    if (!(fabs(to->event_duration_s - c->event_duration_s) <= 1e-9))
        to->event_duration_s = NAN;
    return 0;
}

static int check_runs(const struct nvc_design *designs, size_t n, struct nvc_error *err)
{
    for (size_t r = 0; r < n; r++) {
        bool task = false;
        for (size_t j = 0; j < designs[r].n_cols; j++) {
            if (designs[r].columns[j].role == NVC_ROLE_UNKNOWN)
                return nvc_fail(err, NVC_EDATA, "run %zu: the design does not say whether column '%s' is a task or a confound; make it "
                                "with nvc-design", r + 1, designs[r].columns[j].name);
            task = task || designs[r].columns[j].role == NVC_ROLE_TASK;
        }
        if (!task)
            return nvc_fail(err, NVC_EDATA, "run %zu: the design has no condition", r + 1);
        if (fabs(designs[r].tr_s - designs[0].tr_s) > 1e-3)
            return nvc_fail(err, NVC_EDATA, "run %zu has a repetition time of %g s, run 1 of %g s: they do not make one model", r + 1,
                            designs[r].tr_s, designs[0].tr_s);
    }
    return 0;
}

int nvc_design_join(struct nvc_design *out, const struct nvc_design *designs, size_t n, size_t *run_start, struct nvc_error *err)
{
    struct nvc_design *d = out;
    size_t n_cols = 0, n_rows = 0;
    *d = (struct nvc_design){ 0 };
    int status = check_runs(designs, n, err);
    if (status)
        return status;
    for (size_t r = 0; r < n; r++) {
        run_start[r] = n_rows;
        n_cols += designs[r].n_cols;
        n_rows += designs[r].n_rows;
    }
    *d = designs[0];
    d->n_cols = d->n_dummy = 0;
    d->n_rows = n_rows;
    d->remarks = NULL;
    d->columns = nvc_array(n_cols, sizeof *d->columns, err);
    d->X = nvc_array(n_rows * n_cols, sizeof *d->X, err);
    status = d->columns && d->X ? 0 : NVC_ESYS;
    for (int task = 1; task >= 0; task--)
        for (size_t r = 0; r < n; r++)
            for (size_t j = 0; j < designs[r].n_cols && !status; j++) {
                if ((designs[r].columns[j].role == NVC_ROLE_TASK) != task)
                    continue;
                status = task ? add_task(d, &designs[r], j, run_start[r], err)
                              : add_column(d, &designs[r], j, run_start[r],
                                           nvc_sprintf(err, "%s_run%zu", designs[r].columns[j].name, r + 1), err);
            }
    if (status)
        nvc_design_release(d);
    return status;
}

/* Region v of every run into the joined series. */
static int join_region(struct nvc_series *out, size_t v, const struct nvc_series *series, const struct nvc_design *designs, size_t n,
                       struct nvc_error *err)
{
    struct nvc_region_facts *f = &out->regions[v];
    double s0 = 0, *y = out->Y + v * out->n_volumes;
    *f = series[0].regions[v];
    for (size_t r = 0; r < n; r++) {
        const struct nvc_region_facts *other = &series[r].regions[v];
        if (strcmp(other->column, f->column) != 0)
            return nvc_fail(err, NVC_EDATA, "column %zu is '%s' in run 1, '%s' in run %zu: extract the same regions from all runs",
                            v + 1, f->column, other->column, r + 1);
        s0 += other->s0 / (double)n;
        f->n_vox = fmin(f->n_vox, other->n_vox);
        f->coverage = fmin(f->coverage, other->coverage);
        f->tsnr = fmin(f->tsnr, other->tsnr);
    }
    f->s0 = s0;
    for (size_t r = 0; r < n; r++) {
        double scale = isnan(s0) ? 1 : s0 / series[r].regions[v].s0;
        const double *from = series[r].Y + v * series[r].n_volumes + designs[r].n_dummy;
        for (size_t t = 0; t < designs[r].n_rows; t++)
            *y++ = scale * from[t];
    }
    return 0;
}

int nvc_series_join(struct nvc_series *out, const struct nvc_series *series, const struct nvc_design *designs, size_t n,
                    struct nvc_error *err)
{
    size_t rows = 0, v = 0;
    for (size_t r = 0; r < n; r++) {
        rows += designs[r].n_rows;
        if (series[r].n_regions != series[0].n_regions)
            return nvc_fail(err, NVC_EDATA, "run 1 has %zu regions, run %zu has %zu: extract the same regions from all runs",
                            series[0].n_regions, r + 1, series[r].n_regions);
    }
    *out = series[0];
    out->n_volumes = rows;
    out->Y = nvc_array(rows * out->n_regions, sizeof *out->Y, err);
    out->time_s = nvc_array(rows, sizeof *out->time_s, err);
    out->regions = nvc_array(out->n_regions, sizeof *out->regions, err);
    int status = out->Y && out->time_s && out->regions ? 0 : NVC_ESYS;
    for (size_t r = 1; r < n; r++)
        nvc_identity_join(&out->who, &series[r].who);
    for (size_t t = 0; t < rows && !status; t++)
        out->time_s[t] = (double)t * out->tr_s;
    for (; v < out->n_regions && !status; v++)
        status = join_region(out, v, series, designs, n, err);
    if (status)
        nvc_series_release(out);
    return status;
}
