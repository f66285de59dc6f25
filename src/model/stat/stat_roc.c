#include "model/stat/stat_roc.h"

#include "base/memory.h"
#include "math/dist.h"
#include "math/root.h"
#include "model/stat/stat_rank.h"
#include "model/stat/stat_sample.h"

#include <math.h>
#include <stdlib.h>

struct newcombe {
    double auc, n1, n0, z;
};

/* (A - auc)^2 - z^2 V(A): below 0 inside the interval */
static double outside(double A, const void *with)
{
    const struct newcombe *c = with;
    double N = 0.5 * (c->n1 + c->n0) - 1;
    double V = A * (1 - A) * (1 + N * (1 - A) / (2 - A) + N * A / (1 + A)) / (c->n1 * c->n0);
    return (A - c->auc) * (A - c->auc) - c->z * c->z * V;
}

static void newcombe_interval(struct nvc_auc *out, double n1, double n0, double z)
{
    struct newcombe c = { out->auc, n1, n0, z };
    double inside = fmin(fmax(out->auc, 1e-9), 1 - 1e-9);
    out->ci_low = out->auc > 0 ? nvc_root(outside, &c, 1e-300, inside) : 0;
    out->ci_high = out->auc < 1 ? nvc_root(outside, &c, inside, 1 - 1e-16) : 1;
}

static void confidence(struct nvc_auc *out, enum nvc_auc_ci how, double n1, double n0, double level)
{
    double z = nvc_normal_quantile(0.5 * (1 + level)), se = sqrt(out->variance), A = out->auc;
    if (how == NVC_AUC_NEWCOMBE || (how == NVC_AUC_LOGIT && (A <= 0 || A >= 1)))
        newcombe_interval(out, n1, n0, z);
    else if (how == NVC_AUC_NORMAL) {
        out->ci_low = fmax(0, A - z * se);
        out->ci_high = fmin(1, A + z * se);
    } else {
        double logit = log(A / (1 - A)), half = z * se / (A * (1 - A));
        out->ci_low = 1 / (1 + exp(-(logit - half)));
        out->ci_high = 1 / (1 + exp(-(logit + half)));
    }
}

/* A walk through the thresholds from the most to the least suspicious value. */
struct walk {
    const double *a, *b;
    size_t n1, n0, i, j;
    bool high;
};

static double at(const double *x, size_t n, size_t i, bool high)
{
    return high ? x[n - 1 - i] : x[i];
}

/* The next value and how many of both lie at it or beyond; false at the end. */
static bool next(struct walk *w, double *value)
{
    if (w->i == w->n1 && w->j == w->n0)
        return false;
    double x = w->i < w->n1 ? at(w->a, w->n1, w->i, w->high) : NAN,
           y = w->j < w->n0 ? at(w->b, w->n0, w->j, w->high) : NAN;
    *value = isnan(x) ? y : isnan(y) ? x : w->high ? fmax(x, y) : fmin(x, y);
    while (w->i < w->n1 && at(w->a, w->n1, w->i, w->high) == *value)
        w->i++;
    while (w->j < w->n0 && at(w->b, w->n0, w->j, w->high) == *value)
        w->j++;
    return true;
}

size_t nvc_roc_curve(const double *a, size_t n1, const double *b, size_t n0, bool cases_higher, double *x, double *y)
{
    struct walk w = { a, b, n1, n0, 0, 0, cases_higher };
    double value;
    size_t n = 1;
    x[0] = y[0] = 0;
    for (; next(&w, &value); n++) {
        x[n] = (double)w.j / (double)n0;
        y[n] = (double)w.i / (double)n1;
    }
    return n;
}

static void youden(const double *a, size_t n1, const double *b, size_t n0, struct nvc_auc *out)
{
    struct walk w = { a, b, n1, n0, 0, 0, out->cases_higher };
    double value, best = -1, last = NAN;
    bool open = false; /* the threshold lies half way to the next value */
    while (next(&w, &value)) {
        if (open)
            out->threshold = 0.5 * (last + value);
        open = false;
        double sensitivity = (double)w.i / (double)n1, specificity = 1 - (double)w.j / (double)n0;
        if (sensitivity + specificity - 1 > best + 1e-12) {
            best = sensitivity + specificity - 1;
            out->sensitivity = sensitivity, out->specificity = specificity, out->threshold = value;
            open = true;
        }
        last = value;
    }
}

int nvc_auc(const double *a, size_t n1, const double *b, size_t n0, bool cases_higher, enum nvc_auc_ci how,
            double level, struct nvc_auc *out, struct nvc_error *err)
{
    size_t n = n1 + n0;
    double m1 = (double)n1, m0 = (double)n0;
    *out = (struct nvc_auc){ cases_higher, NAN, NAN, NAN, NAN, NAN, NAN, NAN };
    if (!n1 || !n0)
        return 0;
    double *x = nvc_array(2 * n, sizeof *x, err), *own = x + n;
    if (!x)
        return NVC_ESYS;
    nvc_ranks_of_sorted(a, n1, b, n0, x);
    nvc_ranks_of_sorted(a, n1, NULL, 0, own);
    nvc_ranks_of_sorted(b, n0, NULL, 0, own + n1);
    for (size_t i = 0; i < n; i++) /* the share of the other group that each value beats */
        x[i] = i < n1 ? (x[i] - own[i]) / m0 : 1 - (x[i] - own[i]) / m1;
    double mean = nvc_mean(x, n1), mean0 = nvc_mean(x + n1, n0);
    out->variance = n1 > 1 && n0 > 1 ? nvc_sum_squares(x, n1, mean) / (m1 - 1) / m1 +
                                           nvc_sum_squares(x + n1, n0, mean0) / (m0 - 1) / m0
                                     : NAN;
    out->auc = cases_higher ? mean : 1 - mean;
    confidence(out, how, m1, m0, level);
    youden(a, n1, b, n0, out);
    free(x);
    return 0;
}
