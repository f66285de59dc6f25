#include "model/stat/stat_icc.h"

#include "base/memory.h"
#include "math/dist.h"
#include "model/stat/stat_corr.h"
#include "model/stat/stat_lm.h"
#include "model/stat/stat_sample.h"

#include <math.h>
#include <stdlib.h>

const char *const nvc_icc_names[] = { "icc_1_1", "icc_2_1", "icc_3_1", "icc_1_k", "icc_2_k", "icc_3_k", NULL };

static void mean_squares(const double *x, size_t n, size_t k, struct nvc_agreement *a)
{
    double grand = nvc_mean(x, n * k), rows = 0, columns = 0, within = 0, N = (double)n, K = (double)k;
    for (size_t i = 0; i < n; i++) {
        double mean = 0;
        for (size_t j = 0; j < k; j++)
            mean += x[i + n * j] / K;
        for (size_t j = 0; j < k; j++)
            within += (x[i + n * j] - mean) * (x[i + n * j] - mean);
        rows += K * (mean - grand) * (mean - grand);
    }
    for (size_t j = 0; j < k; j++) {
        double mean = nvc_mean(x + n * j, n);
        columns += N * (mean - grand) * (mean - grand);
    }
    a->ms_rows = rows / (N - 1);
    a->ms_columns = columns / (K - 1);
    a->ms_within = within / (N * (K - 1));
    a->ms_error = (within - columns) / ((N - 1) * (K - 1));
    if (a->ms_error <= 1e-15 * a->ms_within)
        a->ms_error = 0;
}

/* One-way and consistency: both are functions of F = MSR / MS of the rest. */
static void from_f(struct nvc_icc *single, struct nvc_icc *average, double f, double dof1, double dof2, double k,
                   double level)
{
    double up = 0.5 * (1 + level), low = f / nvc_f_quantile(up, dof1, dof2), high = f * nvc_f_quantile(up, dof2, dof1);
    double p = nvc_f_sf(f, dof1, dof2);
    *single = (struct nvc_icc){
        (f - 1) / (f + k - 1), (low - 1) / (low + k - 1), (high - 1) / (high + k - 1), f, dof1, dof2, p
    };
    *average = (struct nvc_icc){ 1 - 1 / f, 1 - 1 / low, 1 - 1 / high, f, dof1, dof2, p };
}

static double stepped_up(double r, double k)
{
    return k * r / (1 + (k - 1) * r);
}

static void absolute_agreement(struct nvc_agreement *a, double level)
{
    double n = (double)a->n, k = (double)a->k, R = a->ms_rows, C = a->ms_columns, E = a->ms_error,
           up = 0.5 * (1 + level);
    double r = (R - E) / (R + (k - 1) * E + k * (C - E) / n), u = k * r / (n * (1 - r)),
           v = 1 + k * r * (n - 1) / (n * (1 - r));
    double dof = pow(u * C + v * E, 2) / (pow(u * C, 2) / (k - 1) + pow(v * E, 2) / ((n - 1) * (k - 1)));
    double fl = nvc_f_quantile(up, n - 1, dof), fu = nvc_f_quantile(up, dof, n - 1),
           common = k * C + (k * n - k - n) * E;
    double low = n * (R - fl * E) / (fl * common + n * R), high = n * (fu * R - E) / (common + n * fu * R);
    const struct nvc_icc *c = &a->icc[NVC_ICC_3_1];
    a->icc[NVC_ICC_2_1] = (struct nvc_icc){ r, low, high, c->f, c->dof1, c->dof2, c->p };
    a->icc[NVC_ICC_2_K] = (struct nvc_icc){
        (R - E) / (R + (C - E) / n), stepped_up(low, k), stepped_up(high, k), c->f, c->dof1, c->dof2, c->p
    };
}

struct nvc_agreement nvc_agreement(const double *x, size_t n, size_t k, double level)
{
    static const struct nvc_icc undefined = { NAN, NAN, NAN, NAN, NAN, NAN, NAN };
    struct nvc_agreement a = { .n = n,
                               .k = k,
                               .ms_rows = NAN,
                               .ms_columns = NAN,
                               .ms_error = NAN,
                               .ms_within = NAN,
                               .sem_consistency = NAN,
                               .sem_agreement = NAN,
                               .sdc_consistency = NAN,
                               .sdc_agreement = NAN };
    double N = (double)n, K = (double)k;
    for (size_t i = 0; i < NVC_ICC_KINDS; i++)
        a.icc[i] = undefined;
    if (n < 2 || k < 2)
        return a;
    mean_squares(x, n, k, &a);
    if (!(a.ms_rows > 0) || !(a.ms_error > 0))
        return a;
    from_f(&a.icc[NVC_ICC_1_1], &a.icc[NVC_ICC_1_K], a.ms_rows / a.ms_within, N - 1, N * (K - 1), K, level);
    from_f(&a.icc[NVC_ICC_3_1], &a.icc[NVC_ICC_3_K], a.ms_rows / a.ms_error, N - 1, (N - 1) * (K - 1), K, level);
    absolute_agreement(&a, level);
    a.sem_consistency = sqrt(a.ms_error);
    a.sem_agreement = sqrt(a.ms_error + fmax(0, a.ms_columns - a.ms_error) / N);
    double change = nvc_normal_quantile(0.5 * (1 + level)) * M_SQRT2;
    a.sdc_consistency = change * a.sem_consistency;
    a.sdc_agreement = change * a.sem_agreement;
    return a;
}

struct nvc_split_half nvc_split_half(const double *a, const double *b, size_t n, double level)
{
    struct nvc_correlation c = nvc_corr_pearson(a, b, n, level);
    return (struct nvc_split_half){ c.r, stepped_up(c.r, 2), stepped_up(c.ci_low, 2), stepped_up(c.ci_high, 2) };
}

int nvc_bland_altman(const double *a, const double *b, size_t n, double level, struct nvc_bland_altman *out,
                     struct nvc_error *err)
{
    double *room = nvc_array(3 * n, sizeof *room, err), N = (double)n;
    struct nvc_bland_altman r = { NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN };
    struct nvc_lm lm = { 0 };
    int status = room ? 0 : NVC_ESYS;
    for (size_t i = 0; i < n && !status; i++) {
        room[i] = 1;
        room[n + i] = 0.5 * (a[i] + b[i]);
        room[2 * n + i] = b[i] - a[i];
    }
    if (!status && n > 2) {
        r.bias = nvc_mean(room + 2 * n, n);
        r.sd = sqrt(nvc_sum_squares(room + 2 * n, n, r.bias) / (N - 1));
        double t = nvc_t_critical(level, N - 1), z = nvc_normal_quantile(0.5 * (1 + level));
        double half = t * r.sd / sqrt(N), limit = t * r.sd * sqrt(1 / N + z * z / (2 * (N - 1)));
        r.bias_low = r.bias - half, r.bias_high = r.bias + half;
        r.lower = r.bias - z * r.sd, r.lower_low = r.lower - limit, r.lower_high = r.lower + limit;
        r.upper = r.bias + z * r.sd, r.upper_low = r.upper - limit, r.upper_high = r.upper + limit;
        status = nvc_lm_fit(&lm, room, room + 2 * n, n, 2, NULL, err);
        if (!status) {
            struct nvc_estimate e = nvc_lm_contrast(&lm, (const double[]){ 0, 1 }, false, level);
            r.slope = e.estimate, r.slope_p = e.p;
        } else if (status == NVC_EDATA)
            status = 0; /* all means alike: no slope */
    }
    *out = r;
    nvc_lm_release(&lm);
    free(room);
    return status;
}
