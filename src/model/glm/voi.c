#include "model/glm/voi.h"

#include "base/memory.h"
#include "math/eigen.h"
#include "math/lsq.h"
#include "model/glm/glm_detail.h"

#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Columns of no interest as the fit of series v sees them; drift is no column of ar1-reml but its filter.  Returns how many in *m. */
static int nuisance(const struct nvc_diagnosis_of *of, size_t v, double *X, size_t *m, struct nvc_error *err)
{
    const struct nvc_design *d = of->design;
    int status = 0;
    *m = 0;
    for (size_t j = 0; j < d->n_cols && !status; j++) {
        double *column = X + *m * d->n_rows;
        if (nvc_design_is_task(d, j) || (of->noise == NVC_NOISE_AR1_REML && d->columns[j].role == NVC_ROLE_DRIFT))
            continue;
        memcpy(column, d->X + j * d->n_rows, d->n_rows * sizeof *column);
        status = nvc_glm_whiten(of->glm, of->fit, v, column, err);
        ++*m;
    }
    return status;
}

/* y[n] of series v, adjusted, in place.  X: n x columns of the design. */
static int adjust(const struct nvc_diagnosis_of *of, size_t v, double *y, double *X, struct nvc_error *err)
{
    struct nvc_lsq f;
    size_t m, rows = of->design->n_rows;
    int status = nvc_glm_whiten(of->glm, of->fit, v, y, err);
    if (!status)
        status = nuisance(of, v, X, &m, err);
    if (status || m == 0)
        return status;
    if ((status = nvc_lsq_init(&f, X, rows, m, err)))
        return status;
    for (size_t j = 0; j < f.rank; j++)
        cblas_daxpy((int)rows, -cblas_ddot((int)rows, f.Q + j * rows, 1, y, 1), f.Q + j * rows, 1, y, 1);
    nvc_lsq_release(&f);
    return 0;
}

static bool same_region(const struct nvc_region_facts *a, const struct nvc_region_facts *b)
{
    return !strcmp(a->region, b->region) && !strcmp(a->side, b->side) && !strcmp(a->atlas, b->atlas);
}

/* The eigenvariate of series first .. end - 1 into column out->n_regions of out, unless none has an estimate. */
static int add_region(struct nvc_series *out, const struct nvc_diagnosis_of *of, size_t first, size_t end, struct nvc_error *err)
{
    const struct nvc_series *s = of->series;
    size_t n = out->n_volumes, m = 0;
    double *Y = nvc_array(n * (end - first + of->design->n_cols), sizeof *Y, err), *X = Y + n * (end - first);
    double *loadings = Y ? nvc_array(end - first, sizeof *loadings, err) : NULL;
    int status = loadings ? 0 : NVC_ESYS;
    for (size_t v = first; v < end && !status; v++) {
        if (isnan(of->fit->rss[v]))
            continue;
        memcpy(Y + m * n, s->Y + v * s->n_volumes + of->design->n_dummy, n * sizeof *Y);
        status = adjust(of, v, Y + m++ * n, X, err);
    }
    if (!status && m > 0)
        status = nvc_loadings(Y, n, m, loadings, err);
    if (!status && m > 0) {
        struct nvc_region_facts *f = &out->regions[out->n_regions];
        const struct nvc_region_facts *voxel = &s->regions[first];
        bool side = strcmp(voxel->side, "n/a") != 0;
        *f = (struct nvc_region_facts){ .n_vox_mask = (double)(end - first), .n_vox = (double)m, .coverage = NAN, .s0 = NAN, .tsnr = NAN,
                                        .dropout = NAN, .n_zero = NAN, .n_nonfinite = NAN, .n_constant = NAN };
        (void)snprintf(f->column, sizeof f->column, "%.100s%s%.8s", voxel->region, side ? "_" : "", side ? voxel->side : "");
        memcpy(f->region, voxel->region, sizeof f->region);
        memcpy(f->side, voxel->side, sizeof f->side);
        memcpy(f->atlas, voxel->atlas, sizeof f->atlas);
        (void)snprintf(f->note, sizeof f->note, "adjusted");
        cblas_dgemv(CblasColMajor, CblasNoTrans, (int)n, (int)m, 1 / sqrt((double)m), Y, (int)n, loadings, 1, 0,
                    out->Y + n * out->n_regions++, 1);
    }
    free(loadings);
    free(Y);
    return status;
}

int nvc_voi_series(struct nvc_series *out, const struct nvc_diagnosis_of *of, struct nvc_error *err)
{
    const struct nvc_series *s = of->series;
    size_t n = of->design->n_rows;
    *out = (struct nvc_series){ .n_volumes = n, .tr_s = s->tr_s, .start_time_s = s->start_time_s, .who = s->who,
                                .slice_time_corrected = s->slice_time_corrected };
    (void)snprintf(out->summary, sizeof out->summary, "eigenvariate");
    (void)snprintf(out->signal_unit, sizeof out->signal_unit, "%s", s->signal_unit);
    if (!(out->Y = nvc_array(n * s->n_regions, sizeof *out->Y, err)) || !(out->time_s = nvc_array(n, sizeof *out->time_s, err)) ||
        !(out->regions = nvc_array(s->n_regions, sizeof *out->regions, err)))
        return NVC_ESYS;
    memcpy(out->time_s, s->time_s + of->design->n_dummy, n * sizeof *out->time_s);
    int status = 0;
    for (size_t first = 0, end; first < s->n_regions && !status; first = end) {
        for (end = first + 1; end < s->n_regions && same_region(&s->regions[first], &s->regions[end]);)
            end++;
        status = add_region(out, of, first, end, err);
    }
    if (!status && out->n_regions == 0)
        status = nvc_fail(err, NVC_EDATA, "no voxel has an estimate, there is no eigenvariate");
    return status;
}
