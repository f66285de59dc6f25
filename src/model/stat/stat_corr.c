#include "model/stat/stat_corr.h"

#include "base/memory.h"
#include "math/dist.h"
#include "math/lsq.h"
#include "model/stat/stat_rank.h"
#include "model/stat/stat_sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct nvc_correlation undefined = { 0, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN };

static void interval(double r, double se, double level, double *low, double *high)
{
    double half = nvc_normal_quantile(0.5 * (1 + level)) * se;
    *low = se > 0 ? tanh(atanh(r) - half) : NAN;
    *high = se > 0 ? tanh(atanh(r) + half) : NAN;
}

/* With t, p and the interval of a correlation that lost `lost` further degrees of freedom. */
static struct nvc_correlation complete(double r, size_t n, double lost, double level)
{
    struct nvc_correlation c = undefined;
    double left = (double)n - 3 - lost;
    c.n = n;
    c.r = r > 1 ? 1 : r < -1 ? -1 : r;
    c.dof = (double)n - 2 - lost;
    if (isnan(r) || !(c.dof > 0))
        return c;
    c.t = c.r * sqrt(c.dof / ((1 - c.r) * (1 + c.r)));
    c.p = nvc_t_two_sided(c.t, c.dof);
    interval(c.r, left > 0 ? 1 / sqrt(left) : NAN, level, &c.ci_low, &c.ci_high);
    c.fisher_low = c.ci_low, c.fisher_high = c.ci_high;
    return c;
}

static double product_moment(const double *x, const double *y, size_t n)
{
    double mx = nvc_mean(x, n), my = nvc_mean(y, n), sxy = 0, sxx = 0, syy = 0, ax = 0, ay = 0;
    for (size_t i = 0; i < n; i++) {
        sxy += (x[i] - mx) * (y[i] - my);
        sxx += (x[i] - mx) * (x[i] - mx);
        syy += (y[i] - my) * (y[i] - my);
        ax += x[i] * x[i], ay += y[i] * y[i];
    }
    return n > 2 && sxx > 1e-24 * ax && syy > 1e-24 * ay ? sxy / sqrt(sxx) / sqrt(syy) : NAN;
}

struct nvc_correlation nvc_corr_pearson(const double *x, const double *y, size_t n, double level)
{
    return complete(product_moment(x, y, n), n, 0, level);
}

int nvc_corr_spearman(const double *x, const double *y, size_t n, double level, struct nvc_correlation *out,
                      struct nvc_error *err)
{
    double *rank = nvc_array(2 * n, sizeof *rank, err), ties;
    int status = rank ? nvc_midranks(x, n, rank, &ties, err) : NVC_ESYS;
    if (!status)
        status = nvc_midranks(y, n, rank + n, &ties, err);
    if (!status) {
        *out = nvc_corr_pearson(rank, rank + n, n, level);
        interval(out->r, n > 3 ? sqrt((1 + out->r * out->r / 2) / (double)(n - 3)) : NAN, level, &out->ci_low,
                 &out->ci_high);
    }
    free(rank);
    return status;
}

/* ---- Kendall ------------------------------------------------------------------------------------ */

struct pair {
    double x, y;
};

static int by_x_then_y(const void *a, const void *b)
{
    const struct pair *p = a, *q = b;
    return p->x != q->x ? (p->x > q->x) - (p->x < q->x) : (p->y > q->y) - (p->y < q->y);
}

static int by_y(const void *a, const void *b)
{
    return (((const struct pair *)a)->y > ((const struct pair *)b)->y) -
           (((const struct pair *)a)->y < ((const struct pair *)b)->y);
}

/* Merge sort by y that counts the exchanges: the discordant pairs. */
static double sort_counting(struct pair *p, struct pair *room, size_t n)
{
    size_t half = n / 2, i = 0, j = half, k = 0;
    if (n < 2)
        return 0;
    double swaps = sort_counting(p, room, half) + sort_counting(p + half, room, n - half);
    while (i < half || j < n)
        if (j == n || (i < half && p[i].y <= p[j].y))
            room[k++] = p[i++];
        else {
            swaps += (double)(half - i);
            room[k++] = p[j++];
        }
    memcpy(p, room, n * sizeof *p);
    return swaps;
}

struct ties {             /* sums over groups of t ties */
    double pairs, t2, t5; /* t(t-1)/2, t(t-1)(t-2), t(t-1)(2t+5) */
};

static struct ties count_ties(const struct pair *p, size_t n, int (*compare)(const void *, const void *))
{
    struct ties s = { 0, 0, 0 };
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && !compare(&p[i], &p[j]); j++)
            ;
        double t = (double)(j - i);
        s.pairs += t * (t - 1) / 2, s.t2 += t * (t - 1) * (t - 2), s.t5 += t * (t - 1) * (2 * t + 5);
    }
    return s;
}

static int by_x(const void *a, const void *b)
{
    return (((const struct pair *)a)->x > ((const struct pair *)b)->x) -
           (((const struct pair *)a)->x < ((const struct pair *)b)->x);
}

int nvc_corr_kendall(const double *x, const double *y, size_t n, double level, struct nvc_correlation *out,
                     struct nvc_error *err)
{
    struct pair *p = nvc_array(2 * n, sizeof *p, err);
    double m = (double)n, all = m * (m - 1) / 2;
    *out = undefined;
    if (!p)
        return NVC_ESYS;
    for (size_t i = 0; i < n; i++)
        p[i] = (struct pair){ x[i], y[i] };
    qsort(p, n, sizeof *p, by_x_then_y);
    struct ties tx = count_ties(p, n, by_x), both = count_ties(p, n, by_x_then_y);
    double swaps = sort_counting(p, p + n, n);
    struct ties ty = count_ties(p, n, by_y);
    free(p);
    out->n = n;
    if (n < 3 || !(tx.pairs < all && ty.pairs < all))
        return 0;
    double s = all - tx.pairs - ty.pairs + both.pairs - 2 * swaps;
    double variance = (m * (m - 1) * (2 * m + 5) - tx.t5 - ty.t5) / 18 + tx.pairs * ty.pairs * 4 / (2 * m * (m - 1)) +
                      tx.t2 * ty.t2 / (9 * m * (m - 1) * (m - 2));
    out->r = s / sqrt(all - tx.pairs) / sqrt(all - ty.pairs);
    out->p = 2 * nvc_normal_sf(fabs(s) / sqrt(variance));
    interval(out->r, n > 4 ? sqrt(0.437 / (m - 4)) : NAN, level, &out->ci_low, &out->ci_high);
    return 0;
}

int nvc_corr_partial(const double *x, const double *y, const double *C, size_t n, size_t k, double level,
                     struct nvc_correlation *out, struct nvc_error *err)
{
    struct nvc_lsq f = { 0 };
    double *room = nvc_array(2 * n + k, sizeof *room, err), sx = 0, sy = 0;
    *out = undefined;
    int status = room ? nvc_lsq_init(&f, C, n, k, err) : NVC_ESYS;
    if (!status)
        status = nvc_lsq_require(&f, 1e10, NULL, err);
    if (!status) {
        double rx = nvc_lsq_solve(&f, x, room + 2 * n, room), ry = nvc_lsq_solve(&f, y, room + 2 * n, room + n);
        for (size_t i = 0; i < n; i++)
            sx += x[i] * x[i], sy += y[i] * y[i];
        bool vary = rx > 1e-24 * sx && ry > 1e-24 * sy;
        *out = complete(vary ? product_moment(room, room + n, n) : NAN, n, (double)k - 1, level);
    }
    nvc_lsq_release(&f);
    free(room);
    return status;
}
