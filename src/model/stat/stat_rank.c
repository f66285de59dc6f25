#include "model/stat/stat_rank.h"

#include "base/memory.h"
#include "math/dist.h"
#include "model/stat/stat_sample.h"

#include <math.h>
#include <stdlib.h>

struct item {
    double x;
    size_t at;
};

static int by_value(const void *a, const void *b)
{
    double x = ((const struct item *)a)->x, y = ((const struct item *)b)->x;
    return (x > y) - (x < y);
}

int nvc_midranks(const double *x, size_t n, double *rank, double *ties, struct nvc_error *err)
{
    struct item *sorted = nvc_array(n, sizeof *sorted, err);
    if (!sorted)
        return NVC_ESYS;
    for (size_t i = 0; i < n; i++)
        sorted[i] = (struct item){ x[i], i };
    qsort(sorted, n, sizeof *sorted, by_value);
    *ties = 0;
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && sorted[j].x == sorted[i].x; j++)
            ;
        double t = (double)(j - i);
        *ties += t * t * t - t;
        for (size_t k = i; k < j; k++)
            rank[sorted[k].at] = 0.5 * (double)(i + 1 + j);
    }
    free(sorted);
    return 0;
}

double nvc_ranks_of_sorted(const double *a, size_t n1, const double *b, size_t n0, double *rank)
{
    double ties = 0;
    for (size_t i = 0, j = 0; i < n1 || j < n0;) {
        double v = j == n0 || (i < n1 && a[i] <= b[j]) ? a[i] : b[j];
        size_t i0 = i, j0 = j, before = i + j;
        while (i < n1 && a[i] == v)
            i++;
        while (j < n0 && b[j] == v)
            j++;
        double mid = 0.5 * (double)(before + 1 + i + j), t = (double)(i + j - before);
        for (size_t k = i0; k < i; k++)
            rank[k] = mid;
        for (size_t k = j0; k < j; k++)
            rank[n1 + k] = mid;
        ties += t * t * t - t;
    }
    return ties;
}

/* ---- exact p -------------------------------------------------------------------------------------- */

/* Two-sided p given ties: the sums of n1 doubled midranks as far from their mean as the one observed. */
static int tied_p(double *rank, size_t n, size_t n1, double sum, double *p, struct nvc_error *err)
{
    struct nvc_rank_law law;
    size_t *weight = nvc_array(n, sizeof *weight, err), centre = n1 * (n + 1);
    if (!weight)
        return NVC_ESYS;
    nvc_sort(rank, n);
    for (size_t i = 0; i < n; i++)
        weight[i] = (size_t)(2 * rank[i]);
    int status = nvc_rank_law_init(&law, weight, n, n1, err);
    if (!status) {
        size_t off = (size_t)fabs(2 * sum - (double)centre);
        *p = off ? nvc_rank_law_tail(&law, n1, centre - off, false) + nvc_rank_law_tail(&law, n1, centre + off, true) : 1;
        *p = fmin(1, *p);
        nvc_rank_law_release(&law);
    }
    free(weight);
    return status;
}

/* P(U <= u) without ties. */
static double law_of_u(const struct nvc_rank_law *law, size_t n1, size_t u)
{
    return nvc_rank_law_tail(law, n1, u + n1 * (n1 + 1) / 2, false);
}

/* ---- Hodges and Lehmann ------------------------------------------------------------------------- */

/* How many differences are at most v, the largest of them, and the smallest above v. */
static size_t split_at(const double *a, size_t n1, const double *b, size_t n0, double v, double *upto, double *above)
{
    size_t count = 0, j = n0; /* the b_j with a_i - b_j <= v are the last ones, more of them the smaller a_i */
    *upto = -INFINITY, *above = INFINITY;
    for (size_t i = n1; i-- > 0;) {
        while (j > 0 && a[i] - b[j - 1] <= v)
            j--;
        count += n0 - j;
        double here = j < n0 ? a[i] - b[j] : -INFINITY, next = j > 0 ? a[i] - b[j - 1] : INFINITY;
        *upto = here > *upto ? here : *upto;
        *above = next < *above ? next : *above;
    }
    return count;
}

enum { FEW = 256 };

/* The k-th smallest of the few differences in lo..hi. */
static double pick_among(const double *a, size_t n1, const double *b, size_t n0, double lo, double hi, size_t k)
{
    double few[FEW];
    size_t n = 0;
    for (size_t i = n1, j = n0; i-- > 0;) {
        while (j > 0 && a[i] - b[j - 1] <= hi)
            j--;
        for (size_t m = j; m < n0 && a[i] - b[m] >= lo && n < FEW; m++)
            few[n++] = a[i] - b[m];
    }
    nvc_sort(few, n);
    return few[k - 1];
}

/* lo <= answer <= hi, both differences; n_lo lie below lo, n_hi up to hi.  Interpolate in the counts, aiming to
 * either side in turn, by no more than their bend and scatter ask for, so that both ends close in; halve every
 * fourth time, and look at the rest when it is few. */
double nvc_kth_difference(const double *a, size_t n1, const double *b, size_t n0, size_t k)
{
    double hi = a[n1 - 1] - b[0], lo = a[0] - b[n0 - 1], all = (double)n1 * (double)n0, n_lo = 0, n_hi = all, upto,
           above;
    for (int step = 0; lo < hi; step++) {
        double rest = n_hi - n_lo, margin = rest * rest / (8 * all) + 2 * sqrt(rest);
        double aim = (double)k - 0.5 - n_lo + (step % 2 ? margin : -margin);
        double share = step % 4 == 3 ? 0.5 : fmin(fmax(aim / rest, 0), 1), v = lo + share * (hi - lo);
        if (rest <= FEW)
            return pick_among(a, n1, b, n0, lo, hi, k - (size_t)n_lo);
        size_t count = split_at(a, n1, b, n0, v < hi ? v : lo, &upto, &above);
        if (count >= k)
            hi = upto, n_hi = (double)count;
        else
            lo = above, n_lo = (double)count;
    }
    return hi;
}

/* Which order statistic bounds the shift from below: the smallest u with P(U <= u) >= half, at least 1; the
 * normal one, and up to NVC_RANK_EXACT from there by the law. */
static size_t lower_rank(const struct nvc_rank_law *law, size_t n1, size_t n0, double half)
{
    double pairs = (double)n1 * (double)n0, sd = sqrt(pairs * (double)(n1 + n0 + 1) / 12);
    double normal = floor(0.5 * pairs + nvc_normal_quantile(half) * sd + 0.5);
    size_t u = normal < 1 ? 1 : (size_t)normal;
    if (!law->untied)
        return u;
    while (law_of_u(law, n1, u) < half * (1 - 1e-12))
        u++;
    while (u > 1 && law_of_u(law, n1, u - 1) >= half * (1 - 1e-12))
        u--;
    return u;
}

static void estimate_shift(const double *a, size_t n1, const double *b, size_t n0, double level,
                           const struct nvc_rank_law *law, struct nvc_mann_whitney *out)
{
    size_t pairs = n1 * n0, low = lower_rank(law, n1, n0, 0.5 * (1 - level));
    double middle = nvc_kth_difference(a, n1, b, n0, (pairs + 1) / 2), upto, above;
    size_t count = split_at(a, n1, b, n0, middle, &upto, &above);
    out->shift = pairs % 2 || count > pairs / 2 ? middle : 0.5 * (middle + above);
    out->shift_low = nvc_kth_difference(a, n1, b, n0, low);
    out->shift_high = nvc_kth_difference(a, n1, b, n0, pairs - low + 1);
}

int nvc_mann_whitney_test(const double *a, size_t n1, const double *b, size_t n0, double level,
                          struct nvc_rank_law *law, struct nvc_mann_whitney *out, struct nvc_error *err)
{
    size_t n = n1 + n0;
    double sum = 0, pairs = (double)n1 * (double)n0;
    int status = 0;
    *out = (struct nvc_mann_whitney){ NAN, NAN, false, NAN, NAN, NAN, NAN, NAN, NAN };
    if (!n1 || !n0)
        return 0;
    double *rank = nvc_array(n, sizeof *rank, err);
    if (!rank)
        return NVC_ESYS;
    double ties = nvc_ranks_of_sorted(a, n1, b, n0, rank);
    for (size_t i = 0; i < n1; i++)
        sum += rank[i];
    out->u = sum - 0.5 * (double)n1 * (double)(n1 + 1);
    out->rank_biserial = 2 * out->u / pairs - 1;
    double N = (double)n, variance = pairs / 12 * (N + 1 - ties / (N * (N - 1))), off = fabs(out->u - 0.5 * pairs);
    if (variance > 0) {
        out->p_normal = 2 * nvc_normal_sf(off / sqrt(variance));
        out->p_normal_cc = fmin(1, 2 * nvc_normal_sf((off - 0.5) / sqrt(variance)));
    }
    out->p = out->p_normal_cc;
    if (n <= NVC_RANK_EXACT) {
        status = nvc_rank_law_untied(law, n, err);
        if (!status && ties > 0 && variance > 0)
            status = n1 <= n0 ? tied_p(rank, n, n1, sum, &out->p, err)
                              : tied_p(rank, n, n0, 0.5 * N * (N + 1) - sum, &out->p, err);
        else if (!status)
            out->p = ties > 0 ? NAN : fmin(1, 2 * law_of_u(law, n1, (size_t)fmin(out->u, pairs - out->u)));
        out->exact = true;
    } else
        nvc_rank_law_release(law);
    if (!status)
        estimate_shift(a, n1, b, n0, level, law, out);
    free(rank);
    return status;
}
