#include "model/quality/qc.h"

#include "base/memory.h"
#include "math/lsq.h"
#include "model/glm/glm.h"
#include "model/region/roi_edit.h"
#include "model/quality/lag.h"
#include "model/quality/vein.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The series of which effects are asked, in percent of their voxels' means, as columns of Y. */
enum { REGION, VEIN, EXCESS, SLOPE, TRIM, N_SERIES = TRIM + NVC_QC_TRIMS };

struct work {
    const struct nvc_qc_run *run;
    const struct nvc_region *region, *boxes; /* boxes NULL: no vein to look for */
    size_t *at, *box_at;                     /* places in the union of voxels */
    double *distance;                        /* of each voxel of the region to the nearest vein voxel, mm */
    bool *vein;
    size_t n, n_vein;                        /* n: retained volumes */
    double *Y;                               /* n x N_SERIES */
};

/* Add share * (100 y / mean - 100) of a voxel to a series. */
static void add_voxel(const struct work *w, size_t place, double share, double *out)
{
    size_t n, stride;
    const double *y = nvc_extract_values(w->run->x, place, &n, &stride) + w->run->n_dummy * stride;
    double scale = 100 * share / w->run->voxels[place].mean;
    for (size_t t = 0; t < w->n; t++)
        out[t] += scale * y[t * stride] - 100 * share;
}

static void blank(const struct work *w, int series)
{
    for (size_t t = 0; t < w->n; t++)
        w->Y[t + w->n * (size_t)series] = NAN;
}

/* Weighted mean of the region's used voxels; index: those of `part` only (ascending, of the same grid). */
static void region_series(const struct work *w, const struct nvc_region *part, int series)
{
    double sum = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0, k = 0; i < w->region->n; i++) {
            while (k < part->n && part->index[k] < w->region->index[i])
                k++;
            if (k == part->n || part->index[k] != w->region->index[i] || !w->run->voxels[w->at[i]].used)
                continue;
            if (pass)
                add_voxel(w, w->at[i], w->region->weight[i] / sum, w->Y + w->n * (size_t)series);
            else
                sum += w->region->weight[i];
        }
    if (!(sum > 0))
        blank(w, series);
}

static void vein_series(const struct work *w)
{
    for (size_t i = 0; i < w->boxes->n; i++)
        if (w->vein[i])
            add_voxel(w, w->box_at[i], 1 / (double)w->n_vein, w->Y + w->n * VEIN);
    for (size_t t = 0; t < w->n; t++)
        w->Y[t + w->n * EXCESS] = w->Y[t + w->n * VEIN] - w->run->limits->vein_ratio_flag * w->Y[t + w->n * REGION];
}

static void distances(const struct work *w, double *nearest)
{
    const struct nvc_grid *g = &w->run->mask->grid;
    *nearest = INFINITY;
    for (size_t i = 0; i < w->region->n; i++) {
        double p[3], q[3];
        nvc_voxel_mm(g, w->region->index[i], p);
        w->distance[i] = INFINITY;
        for (size_t k = 0; k < w->boxes->n; k++)
            if (w->vein[k]) {
                nvc_voxel_mm(g, w->boxes->index[k], q);
                w->distance[i] = fmin(w->distance[i], hypot(hypot(p[0] - q[0], p[1] - q[1]), p[2] - q[2]));
            }
        if (w->region->weight[i] >= 0.5)
            *nearest = fmin(*nearest, w->distance[i]);
    }
}

/* The least-squares slope over voxels of weight >= 0.5 is sum a_i y_i with a_i = (d_i - mean d) / sum (d_i - mean d)^2. */
static void slope_series(const struct work *w)
{
    double n = 0, mean = 0, squares = 0;
    for (int pass = 0; pass < 3; pass++)
        for (size_t i = 0; i < w->region->n; i++) {
            if (!w->run->voxels[w->at[i]].used || w->region->weight[i] < 0.5)
                continue;
            double d = w->distance[i];
            if (pass == 0)
                n += 1, mean += (d - mean) / n;
            else if (pass == 1)
                squares += (d - mean) * (d - mean);
            else if (squares > 0)
                add_voxel(w, w->at[i], (d - mean) / squares, w->Y + w->n * SLOPE);
        }
    if (!(n >= 5 && squares > 0))
        blank(w, SLOPE);
}

static int trimmed_series(const struct work *w, struct nvc_error *err)
{
    for (int k = 0; k < NVC_QC_TRIMS; k++) {
        struct nvc_region part = { 0 };
        int status = nvc_region_unite(&part, w->region, w->region, err);
        if (status)
            return status;
        memcpy(part.side, w->region->side, sizeof part.side);
        memcpy(part.centre_mm, w->region->centre_mm, sizeof part.centre_mm);
        nvc_region_trim(&part, &w->run->mask->grid, 2 * (k + 1));
        region_series(w, &part, TRIM + k);
        nvc_region_release(&part);
    }
    return 0;
}

/* Correlation of region and vein without what the nuisance columns (or, without a design, a parabola) explain. */
static int correlate(const struct work *w, double *r, struct nvc_error *err)
{
    const struct nvc_qc_model *model = w->run->model;
    size_t n = w->n, m = 0;
    double *N = nvc_array(n * (model ? model->m : 3), sizeof *N, err), *beta = N ? nvc_array(model ? model->m : 3, sizeof *beta, err) : NULL;
    double *a = beta ? nvc_array(n, sizeof *a, err) : NULL, *b = a ? nvc_array(n, sizeof *b, err) : NULL, ab = 0;
    struct nvc_lsq f;
    int status = b ? 0 : (int)err->status;
    for (size_t j = 0; !status && j < (model ? model->m : 3); j++)
        if (!model || model->nuisance[j]) {
            for (size_t t = 0; t < n; t++)
                N[t + n * m] = model ? model->X[t + n * j] : pow(2 * ((double)t + 0.5) / (double)n - 1, (double)j);
            m++;
        }
    if (!status && m && !(status = nvc_lsq_init(&f, N, n, m, err))) {
        if (f.rank == m) {
            double aa = nvc_lsq_solve(&f, w->Y + n * REGION, beta, a), bb = nvc_lsq_solve(&f, w->Y + n * VEIN, beta, b);
            for (size_t t = 0; t < n; t++)
                ab += a[t] * b[t];
            *r = ab / sqrt(aa * bb);
        }
        nvc_lsq_release(&f);
    }
    free(N);
    free(beta);
    free(a);
    free(b);
    return status;
}

/* One model with ARMA(1,1) noise on n_series columns of Y; X has m columns, C the weights. */
static int fit(struct nvc_glm_fit *out, const double *X, size_t m, const double *C, const double *Y, size_t n, size_t n_series, struct nvc_error *err)
{
    struct nvc_glm_spec spec = { .X = X, .n = n, .m = m, .C = C, .n_effects = 1, .noise = NVC_NOISE_ARMA11 };
    struct nvc_glm_columns columns = { Y, n, n };
    struct nvc_glm_source source = { nvc_glm_load_columns, &columns };
    struct nvc_glm *g = NULL;
    int status = nvc_glm_new(&g, &spec, err);
    if (!status)
        status = nvc_glm_fit_init(out, g, n_series, err);
    if (!status)
        status = nvc_glm_run(g, &source, out, 1, err);
    nvc_glm_free(g);
    return status;
}

/* The region's effect with the vein's series as one more column; a series that the model explains wholly leaves it undefined. */
static int partial(struct nvc_qc_row *row, const struct work *w, struct nvc_error *err)
{
    const struct nvc_qc_model *model = w->run->model;
    size_t n = model->n, m = model->m;
    double *X = nvc_array(n * (m + 1), sizeof *X, err), *C = X ? nvc_array(m + 1, sizeof *C, err) : NULL, mean = 0;
    struct nvc_glm_fit f = { 0 };
    struct nvc_error why;
    int status = C ? 0 : (int)err->status;
    for (size_t t = 0; !status && t < n; t++)
        mean += w->Y[t + n * VEIN] / (double)n;
    if (!status) {
        memcpy(X, model->X, n * m * sizeof *X);
        memcpy(C, model->weights, m * sizeof *C);
        for (size_t t = 0; t < n; t++)
            X[t + n * m] = w->Y[t + n * VEIN] - mean;
        status = fit(&f, X, m + 1, C, w->Y + n * REGION, n, 1, &why);
        if (!status) {
            row->effect_partial_pct = f.effect[0];
            row->effect_partial_se = sqrt(f.variance[0]);
        } else if (status != NVC_EDATA) {
            *err = why;
        } else {
            status = 0;
        }
    }
    nvc_glm_fit_release(&f);
    free(X);
    free(C);
    return status;
}

static int effects(struct nvc_qc_row *row, const struct work *w, struct nvc_error *err)
{
    const struct nvc_qc_model *model = w->run->model;
    struct nvc_glm_fit f = { 0 };
    int status = fit(&f, model->X, model->m, model->weights, w->Y, w->n, N_SERIES, err);
    if (!status) {
        double se[N_SERIES];
        for (int k = 0; k < N_SERIES; k++)
            se[k] = sqrt(f.variance[k]);
        row->effect_pct = f.effect[REGION];
        row->effect_se = se[REGION];
        row->vein_effect_pct = f.effect[VEIN];
        row->vein_ratio = fabs(row->effect_pct) > 2 * row->effect_se ? row->vein_effect_pct / row->effect_pct : NAN;
        /* Both must hold: the vein answers, and by more than the multiple of the region. */
        row->vein_t = fmin(f.effect[VEIN] / se[VEIN], f.effect[EXCESS] / se[EXCESS]);
        row->slope_pct_mm = f.effect[SLOPE];
        row->slope_t = f.effect[SLOPE] / se[SLOPE];
        memcpy(row->trim_pct, f.effect + TRIM, sizeof row->trim_pct);
    }
    nvc_glm_fit_release(&f);
    return status || !w->n_vein ? status : partial(row, w, err);
}

/* The region against the brain, the vein against the region.  A run too short for lags has none. */
static int lags(struct nvc_qc_row *row, const struct work *w, struct nvc_error *err)
{
    const double *const series[] = { w->run->brain_signal, w->Y + w->n * REGION, w->Y + w->n * VEIN };
    struct nvc_lag found[2] = { { NAN, NAN, NAN }, { NAN, NAN, NAN } };
    int status = 0;
    for (int k = 0; k < (w->n_vein ? 2 : 1) && !status; k++) {
        struct nvc_lag_finder *f = NULL;
        struct nvc_error why;
        status = nvc_lag_finder_new(&f, series[k], w->n, w->run->tr_s, w->run->lag_most_s, &why);
        if (!status)
            status = nvc_lag_find(f, series[k + 1], &found[k], &why);
        nvc_lag_finder_free(f);
        if (status == NVC_EDATA)
            status = 0;
        else if (status)
            *err = why;
    }
    row->lag_s = found[0].lag_s, row->lag_se_s = found[0].se_s, row->lag_r = found[0].r;
    row->vein_lag_s = found[1].lag_s, row->vein_lag_se_s = found[1].se_s;
    return status;
}

static int allocate(struct work *w, struct nvc_error *err)
{
    size_t n_boxes = w->boxes ? w->boxes->n : 0;
    return (w->at = nvc_array(w->region->n, sizeof *w->at, err)) && (w->distance = nvc_array(w->region->n, sizeof *w->distance, err)) &&
           (w->box_at = nvc_array(n_boxes, sizeof *w->box_at, err)) && (w->vein = nvc_array(n_boxes, sizeof *w->vein, err)) &&
           (w->Y = nvc_array(w->n * N_SERIES, sizeof *w->Y, err)) ? 0 : (int)err->status;
}

int nvc_qc_vein(struct nvc_qc_row *row, const struct nvc_qc_run *run, size_t r, size_t vein, struct nvc_error *err)
{
    size_t n, stride;
    struct work w = { .run = run, .region = &run->mask->regions[r], .boxes = vein == SIZE_MAX ? NULL : &run->mask->regions[vein] };
    (void)nvc_extract_values(run->x, 0, &n, &stride);
    w.n = n - run->n_dummy;
    if (!(row->n_vox > 0) || (run->model && run->model->n != w.n))
        return row->n_vox > 0 ? nvc_fail(err, NVC_EDATA, "the design has %zu rows, the run %zu retained volumes", run->model->n, w.n) : 0;
    int status = allocate(&w, err);
    if (!status) {
        nvc_extract_rows(run->x, w.region, w.at);
        region_series(&w, w.region, REGION);
        status = trimmed_series(&w, err);
    }
    if (!status && w.boxes) {
        nvc_extract_rows(run->x, w.boxes, w.box_at);
        status = nvc_vein_choose(w.vein, &w.n_vein, w.boxes, &run->mask->grid, w.box_at, run->voxels, err);
        row->n_vein = (double)w.n_vein;
    }
    if (!status && w.n_vein) {
        vein_series(&w);
        distances(&w, &row->vein_distance_mm);
        slope_series(&w);
        status = correlate(&w, &row->vein_r, err);
    } else if (!status) {
        blank(&w, VEIN);
        blank(&w, EXCESS);
        blank(&w, SLOPE);
    }
    if (!status && run->brain_signal)
        status = lags(row, &w, err);
    if (!status && run->model)
        status = effects(row, &w, err);
    free(w.at);
    free(w.distance);
    free(w.box_at);
    free(w.vein);
    free(w.Y);
    return status;
}
