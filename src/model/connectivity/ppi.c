#include "model/connectivity/ppi.h"

#include "base/memory.h"
#include "math/eigen.h"
#include "math/lsq.h"
#include "math/vector.h"
#include "model/design/hrf.h"
#include "model/design/trace.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MICROTIME = 16 };
static const double lead_volumes = 16; /* of neural signal before the run: the response is over by then */

/* B: n_bins x n cosines of unit length (spm_dctmtx). */
static void cosines(double *B, size_t n_bins, size_t n)
{
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < n_bins; i++)
            B[i + n_bins * k] = sqrt((k ? 2.0 : 1.0) / (double)n_bins) * cos(M_PI * (2 * (double)i + 1) * (double)k / (2 * (double)n_bins));
}

/* H: n x n, the cosines through the response at the frames. */
static void respond(double *H, const double *B, size_t n_bins, const struct nvc_ppi_spec *run, double lead_s, const double *h, size_t n_h, double dt_s)
{
    for (size_t t = 0; t < run->n; t++) {
        const size_t at = (size_t)lround((lead_s + (double)t * run->tr_s + run->offset_s) / dt_s);
        for (size_t k = 0; k < run->n; k++) {
            double sum = 0;
            for (size_t j = 0; j < n_h && j <= at; j++)
                sum += h[j] * B[at - j + n_bins * k];
            H[t + run->n * k] = sum;
        }
    }
}

/* Ratio of prior to noise variance by restricted likelihood: eigenvalues d and coordinates z of what nuisance leaves. */
static double find_ratio(const double *d, const double *z, size_t n)
{
    const double typical = d[n - 1];
    double best = 0, least = INFINITY;
    for (double power = 0; power <= 4; power += 0.1) { /* not below: a white seed would have no neural signal at all */
        const double ratio = pow(10, power) / typical;
        double log_det = 0, ss = 0;
        for (size_t k = 0; k < n; k++) {
            log_det += log1p(ratio * d[k]);
            ss += z[k] * z[k] / (1 + ratio * d[k]);
        }
        const double objective = log_det + (double)n * log(ss);
        if (objective < least)
            least = objective, best = ratio;
    }
    return best;
}

/* c = ratio H'(ratio H H' + I)^-1 y in the space that is orthogonal to Q: H and y have it taken out already. */
static int ridge(const double *H, const double *y, size_t n, size_t rank, double *c, double *share, struct nvc_error *err)
{
    double *S = nvc_array(n * n + 3 * n, sizeof *S, err);
    if (!S)
        return NVC_ESYS;
    double *d = S + n * n, *z = d + n, *a = z + n;
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, (int)n, (int)n, (int)n, 1, H, (int)n, H, (int)n, 0, S, (int)n);
    int status = nvc_symmetric_eigen(S, n, d, err);
    if (!status) {
        cblas_dgemv(CblasColMajor, CblasTrans, (int)n, (int)n, 1, S, (int)n, y, 1, 0, z, 1);
        for (size_t k = 0; k < n; k++)
            d[k] = fmax(0, d[k]);
        const double ratio = find_ratio(d + rank, z + rank, n - rank); /* the least ones are those of the nuisance: 0 */
        double with = 0, own = 0, all = 0;
        for (size_t k = 0; k < n; k++) {
            const double kept = k < rank ? 0 : ratio * d[k] / (1 + ratio * d[k]);
            with += kept * z[k] * z[k], own += kept * kept * z[k] * z[k], all += z[k] * z[k];
        }
        *share = (2 * with - own) / all;
        for (size_t k = 0; k < n; k++) /* undo the shrinkage as a whole: regressed on its fit, the seed has slope 1 */
            z[k] *= k < rank ? 0 : with / own * ratio / (1 + ratio * d[k]);
        cblas_dgemv(CblasColMajor, CblasNoTrans, (int)n, (int)n, 1, S, (int)n, z, 1, 0, a, 1);
        cblas_dgemv(CblasColMajor, CblasTrans, (int)n, (int)n, 1, H, (int)n, a, 1, 0, c, 1);
    }
    free(S);
    return status;
}

int nvc_deconvolve(const double *y, const struct nvc_ppi_spec *run, double lead_s, double dt_s, double *x, size_t n_bins, double *share,
                   struct nvc_error *err)
{
    const size_t n = run->n, n_h = nvc_hrf_spm_length(dt_s, NULL);
    struct nvc_lsq f = { 0 };
    double *B = nvc_array(n_bins * n + n * n + n_h + 3 * n, sizeof *B, err);
    int status = B ? nvc_lsq_init(&f, run->nuisance, n, run->n_nuisance, err) : NVC_ESYS;
    if (!status) {
        double *H = B + n_bins * n, *h = H + n * n, *c = h + n_h, *left = c + n;
        nvc_hrf_spm(h, dt_s, NULL);
        cosines(B, n_bins, n);
        respond(H, B, n_bins, run, lead_s, h, n_h, dt_s);
        memcpy(left, y, n * sizeof *left);
        for (size_t j = 0; j < f.rank; j++) {
            const double *q = f.Q + n * j;
            nvc_subtract(left, nvc_dot(q, left, n), q, n);
            for (size_t k = 0; k < n; k++)
                nvc_subtract(H + n * k, nvc_dot(q, H + n * k, n), q, n);
        }
        if (!(status = ridge(H, left, n, f.rank, c, share, err)))
            cblas_dgemv(CblasColMajor, CblasNoTrans, (int)n_bins, (int)n, 1, B, (int)n_bins, c, 1, 0, x, 1);
    }
    nvc_lsq_release(&f);
    free(B);
    return status;
}

/* Events of at least a second. */
static int lasting(struct nvc_events *out, const struct nvc_events *e, struct nvc_error *err)
{
    *out = *e;
    if (!(out->duration_s = nvc_array(e->n, sizeof *out->duration_s, err)))
        return NVC_ESYS;
    for (size_t i = 0; i < e->n; i++)
        out->duration_s[i] = fmax(1, e->duration_s[i]);
    return 0;
}

/* The condition through the response, and the neural signal times it through the response, at the frames; neural NULL: the condition alone. */
static int through_response(const struct nvc_ppi_spec *s, const struct nvc_trace *box, const struct nvc_trace *neural, double *x, struct nvc_error *err)
{
    const double dt_s = s->tr_s / MICROTIME;
    struct nvc_trace product = { 0 }, out = { 0 };
    int status = nvc_trace_init(&product, box->n, err);
    for (size_t i = 0; i < box->n && !status; i++) {
        product.time_s[i] = box->time_s[i];
        product.value[i] = box->value[i] * (neural ? nvc_trace_at(neural, box->time_s[i]) : 1);
    }
    if (!status && !(status = nvc_trace_respond(&out, &product, 0, (double)s->n * s->tr_s, dt_s, err)))
        for (size_t t = 0; t < s->n; t++)
            x[t] = nvc_trace_at(&out, (double)t * s->tr_s + s->offset_s);
    nvc_trace_release(&product);
    nvc_trace_release(&out);
    return status;
}

static bool varies(const double *x, size_t n)
{
    for (size_t t = 1; t < n; t++)
        if (fabs(x[t] - x[0]) > 1e-12)
            return true;
    return false;
}

int nvc_ppi_columns(const struct nvc_ppi_spec *s, double *X, double *share, struct nvc_error *err)
{
    const size_t n = s->n, C = s->events->n_conditions, n_bins = (size_t)((lead_volumes + (double)n) * MICROTIME);
    const double dt_s = s->tr_s / MICROTIME, lead_s = lead_volumes * s->tr_s;
    double *seed = X + n * 2 * C, mean = 0;
    struct nvc_trace neural = { 0 }, box = { 0 };
    struct nvc_events events = { 0 };
    int status = lasting(&events, s->events, err);
    *share = NAN;
    for (size_t t = 0; t < n; t++)
        mean += s->seed[t] / (double)n;
    for (size_t t = 0; t < n; t++)
        seed[t] = s->seed[t] - mean;
    if (!status && s->kind == NVC_PPI_NEURAL && !(status = nvc_trace_init(&neural, n_bins, err))) {
        for (size_t i = 0; i < n_bins; i++)
            neural.time_s[i] = (double)i * dt_s - lead_s;
        status = nvc_deconvolve(seed, s, lead_s, dt_s, neural.value, n_bins, share, err);
    }
    for (size_t c = 0; c < C && !status; c++) {
        double *interaction = X + n * c, *condition = X + n * (C + c);
        if ((status = nvc_trace_of_events(&box, &events, c, NVC_EVENTS_BOX, 1, -lead_s, (double)n * s->tr_s, dt_s, err)))
            break;
        status = through_response(s, &box, NULL, condition, err);
        if (!status && !varies(condition, n))
            status = nvc_fail(err, NVC_EDATA, "condition '%s' has no event in the run", s->events->conditions[c]);
        if (!status && s->kind == NVC_PPI_NEURAL)
            status = through_response(s, &box, &neural, interaction, err);
        for (size_t t = 0; t < n && !status && s->kind == NVC_PPI_BOLD; t++)
            interaction[t] = seed[t] * condition[t];
        nvc_trace_release(&box);
    }
    free(events.duration_s);
    nvc_trace_release(&neural);
    return status;
}
