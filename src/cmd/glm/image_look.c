/* Voxel by voxel, what needs the series again after the fit: residuals, and whether they are white. */
#include "base/memory.h"
#include "cmd/glm/image.h"
#include "math/dist.h"
#include "model/glm/diagnosis.h"
#include "model/glm/glm_detail.h"

#include <math.h>
#include <stdlib.h>

/* Scratch of one thread; censored is shared. */
struct look {
    double *y;
    const bool *censored;
};

/* Voxel v of the fit: residuals in place of the series, and p of whiteness. */
static int look_at(struct glm_image *g, const struct nvc_glm_fit *fit, size_t first, size_t v, const struct look *l, float *whiteness,
                   struct nvc_error *err)
{
    struct nvc_glm_detail d;
    size_t rows = g->n_rows, lags;
    double statistic;
    float *series = g->Y + first + v;
    for (size_t t = 0; t < rows; t++)
        l->y[t] = (double)series[t * g->n_held];
    if (whiteness)
        *whiteness = NAN;
    if (isnan(fit->rss[v])) {
        for (size_t t = 0; t < rows && g->o->residuals; t++)
            series[t * g->n_held] = NAN;
        return 0;
    }
    int status = nvc_glm_detail_init(&d, g->m->glm, fit, v, l->y, err);
    if (status)
        return status;
    for (size_t t = 0; t < rows && g->o->residuals; t++)
        series[t * g->n_held] = (float)(l->y[t] - d.fitted[t]);
    if (whiteness && !(status = nvc_glm_whiteness(&d, l->censored, &statistic, &lags, err)))
        *whiteness = (float)nvc_chi2_sf(statistic, (double)lags - (double)nvc_noise_parameters(g->m->noise));
    nvc_glm_detail_release(&d);
    return status;
}

int glm_image_look(struct glm_image *g, const struct nvc_glm_fit *fit, size_t first, float *whiteness, struct nvc_error *err)
{
    int status = 0;
    bool *censored = nvc_array(g->n_rows, sizeof *censored, err);
    if (!censored)
        return NVC_ESYS;
    (void)nvc_design_censored(&g->m->design, censored);
    #pragma omp parallel num_threads(g->o->threads)
    {
        struct nvc_error mine = { 0 };
        struct look l = { nvc_array(g->n_rows, sizeof *l.y, &mine), censored };
        #pragma omp for
        for (size_t v = 0; v < fit->n_vox; v++)
            if (!mine.status && look_at(g, fit, first, v, &l, whiteness ? whiteness + v : NULL, &mine))
                continue;
        #pragma omp critical
        if (mine.status) {
            *err = mine;
            status = (int)mine.status;
        }
        free(l.y);
    }
    free(censored);
    return status;
}
