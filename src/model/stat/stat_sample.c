#include "model/stat/stat_sample.h"

#include "base/memory.h"
#include "math/dist.h"

#include <math.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void nvc_sort(double *x, size_t n)
{
    if (n)
        qsort(x, n, sizeof *x, by_value);
}

double nvc_mean(const double *x, size_t n)
{
    double sum = 0, rest = 0;
    if (!n)
        return NAN;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    double mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        rest += x[i] - mean; /* the second pass takes back what rounding took */
    return mean + rest / (double)n;
}

double nvc_sum_squares(const double *x, size_t n, double mean)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (x[i] - mean) * (x[i] - mean);
    return sum;
}

double nvc_quantile(const double *sorted, size_t n, double p)
{
    if (!n)
        return NAN;
    double at = (double)(n - 1) * p, lo = floor(at);
    size_t i = (size_t)lo;
    return i + 1 < n ? sorted[i] + (at - lo) * (sorted[i + 1] - sorted[i]) : sorted[n - 1];
}

struct nvc_sample nvc_sample_describe(const double *sorted, size_t n)
{
    double mean = nvc_mean(sorted, n), ss = n && sorted[0] < sorted[n - 1] ? nvc_sum_squares(sorted, n, mean) : 0;
    double cubes = 0, m = (double)n;
    struct nvc_sample s = { .n = n, .mean = mean, .sd = n > 1 ? sqrt(ss / (m - 1)) : NAN };
    s.median = nvc_quantile(sorted, n, 0.5);
    s.q25 = nvc_quantile(sorted, n, 0.25);
    s.q75 = nvc_quantile(sorted, n, 0.75);
    s.min = n ? sorted[0] : NAN;
    s.max = n ? sorted[n - 1] : NAN;
    for (size_t i = 0; i < n; i++)
        cubes += (sorted[i] - mean) * (sorted[i] - mean) * (sorted[i] - mean);
    s.skewness = n > 2 && ss > 0 ? sqrt(m * (m - 1)) / (m - 2) * (cubes / m) / pow(ss / m, 1.5) : NAN;
    return s;
}

static struct nvc_ttest from_se(double diff, double se, double dof, double level)
{
    struct nvc_ttest r = { NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN };
    r.diff = diff;
    if (!(se > 0) || !(dof > 0))
        return r;
    double half = nvc_t_critical(level, dof) * se;
    r.se = se, r.dof = dof, r.t = diff / se;
    r.ci_low = diff - half, r.ci_high = diff + half;
    r.p = nvc_t_two_sided(r.t, dof);
    r.p_less = nvc_t_cdf(r.t, dof), r.p_greater = nvc_t_sf(r.t, dof);
    return r;
}

struct nvc_ttest nvc_welch(const struct nvc_sample *a, const struct nvc_sample *b, double level)
{
    double va = a->sd * a->sd / (double)a->n, vb = b->sd * b->sd / (double)b->n, v = va + vb;
    return from_se(a->mean - b->mean, sqrt(v), v * v / (va * va / (double)(a->n - 1) + vb * vb / (double)(b->n - 1)),
                   level);
}

struct nvc_ttest nvc_student(const struct nvc_sample *a, const struct nvc_sample *b, double level)
{
    double na = (double)a->n, nb = (double)b->n, dof = na + nb - 2;
    double pooled = ((na - 1) * a->sd * a->sd + (nb - 1) * b->sd * b->sd) / dof;
    return from_se(a->mean - b->mean, sqrt(pooled * (1 / na + 1 / nb)), dof, level);
}

struct nvc_ttest nvc_one_sample(const struct nvc_sample *a, double mu, double level)
{
    return from_se(a->mean - mu, a->sd / sqrt((double)a->n), (double)a->n - 1, level);
}

static double square(double x)
{
    return x * x;
}

int nvc_brown_forsythe(const double *const *x, const size_t *n, size_t groups, struct nvc_ftest *out,
                       struct nvc_error *err)
{
    double grand = 0, between = 0, within = 0, total = 0;
    double *mean = nvc_array(groups, sizeof *mean, err);
    if (!mean)
        return NVC_ESYS;
    for (size_t g = 0; g < groups; g++) {
        double median = nvc_quantile(x[g], n[g], 0.5);
        for (size_t i = 0; i < n[g]; i++)
            mean[g] += fabs(x[g][i] - median) / (double)n[g];
        for (size_t i = 0; i < n[g]; i++)
            within += square(fabs(x[g][i] - median) - mean[g]);
        grand += mean[g] * (double)n[g];
        total += (double)n[g];
    }
    for (size_t g = 0; g < groups; g++)
        between += (double)n[g] * square(mean[g] - grand / total);
    double d1 = (double)groups - 1, d2 = total - (double)groups;
    double f = d1 > 0 && d2 > 0 && within > 0 ? between / d1 / (within / d2) : NAN;
    *out = (struct nvc_ftest){ f, d1, d2, nvc_f_sf(f, d1, d2) };
    free(mean);
    return 0;
}

struct nvc_ftest nvc_variance_ratio(const struct nvc_sample *a, const struct nvc_sample *b)
{
    double f = b->sd > 0 ? a->sd * a->sd / (b->sd * b->sd) : NAN, d1 = (double)a->n - 1, d2 = (double)b->n - 1;
    return (struct nvc_ftest){ f, d1, d2, 2 * fmin(nvc_f_cdf(f, d1, d2), nvc_f_sf(f, d1, d2)) };
}
