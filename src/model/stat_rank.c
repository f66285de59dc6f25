#include "model/stat_rank.h"

#include "base/memory.h"
#include "math/dist.h"
#include "model/stat_sample.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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

/* ---- the law of U ------------------------------------------------------------------------------- */

void nvc_rank_law_release(struct nvc_rank_law *law)
{
    free(law->p);
    *law = (struct nvc_rank_law){ 0 };
}

/* P(m, n; u) = m/(m+n) P(m-1, n; u-n) + n/(m+n) P(m, n-1; u): sums of positive terms only.  P(m, .) for all
 * n up to n0 is one table, overwritten as m grows. */
static int make_law(struct nvc_rank_law *law, size_t n1, size_t n0, struct nvc_error *err)
{
    size_t width = n1 * n0 + 1;
    if (law->p && law->n1 == n1 && law->n0 == n0)
        return 0;
    nvc_rank_law_release(law);
    double *table = nvc_array((n0 + 1) * width, sizeof *table, err), *p = nvc_array(width, sizeof *p, err);
    if (!table || !p) {
        free(table);
        free(p);
        return NVC_ESYS;
    }
    for (size_t n = 0; n <= n0; n++)
        table[n * width] = 1; /* m = 0 */
    for (size_t m = 1; m <= n1; m++)
        for (size_t n = 1; n <= n0; n++) {
            double *row = table + n * width, *less = row - width, total = (double)(m + n);
            double wm = (double)m / total, wn = (double)n / total;
            memmove(row + n, row, (m - 1) * n * sizeof *row + sizeof *row); /* u shifts by n */
            memset(row, 0, n * sizeof *row);
            for (size_t u = 0; u <= m * n; u++)
                row[u] = wm * row[u] + wn * less[u];
        }
    memcpy(p, table + n0 * width, width * sizeof *p);
    free(table);
    *law = (struct nvc_rank_law){ n1, n0, p };
    return 0;
}

/* Two-sided p given tied ranks: subsets of size n1 of the doubled midranks, item by item. */
static int tied_p(const double *rank, size_t n, size_t n1, double sum, double *p, struct nvc_error *err)
{
    size_t most = 0, used = 0, largest = 0;
    for (size_t i = 0; i < n; i++) {
        size_t r = (size_t)(2 * rank[i]);
        most += r;
        largest = r > largest ? r : largest;
    }
    double *f = nvc_array((n1 + 1) * (most + 1), sizeof *f, err), centre = (double)n1 * (double)(n + 1), tail = 0;
    if (!f)
        return NVC_ESYS;
    f[0] = 1;
    for (size_t i = 0; i < n; i++) {
        size_t r = (size_t)(2 * rank[i]), left = n - i;
        /* drawn into a subset with the chance that keeps all subsets alike: (n1 - k) / left */
        for (size_t k = n1 < i ? n1 : i; k != SIZE_MAX; k--) {
            double take = k < n1 ? (double)(n1 - k) / (double)left : 0, *from = f + k * (most + 1),
                   *to = from + most + 1;
            for (size_t s = 0, top = k * largest < used ? k * largest : used; s <= top; s++) {
                if (k < n1)
                    to[s + r] += take * from[s];
                from[s] *= 1 - take;
            }
        }
        used += r;
    }
    double off = fabs(2 * sum - centre);
    for (size_t s = 0; s <= most; s++)
        if (fabs((double)s - centre) >= off - 1e-9)
            tail += f[n1 * (most + 1) + s];
    free(f);
    *p = fmin(1, tail);
    return 0;
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

/* Which order statistic bounds the shift from below: the smallest u with P(U <= u) >= half, at least 1. */
static size_t lower_rank(const struct nvc_rank_law *law, size_t n1, size_t n0, double half)
{
    if (law->p) {
        double sum = 0;
        size_t u = 0;
        while (u < n1 * n0 && (sum += law->p[u]) < half * (1 - 1e-12))
            u++;
        return u ? u : 1;
    }
    double pairs = (double)n1 * (double)n0, sd = sqrt(pairs * (double)(n1 + n0 + 1) / 12);
    double u = floor(0.5 * pairs + nvc_normal_quantile(half) * sd + 0.5);
    return u < 1 ? 1 : (size_t)u;
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

static double exact_p(const struct nvc_rank_law *law, double u)
{
    double tail = 0, half = fmin(u, (double)(law->n1 * law->n0) - u);
    for (size_t k = 0; (double)k <= half; k++)
        tail += law->p[k];
    return fmin(1, 2 * tail);
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
        status = make_law(law, n1, n0, err);
        if (!status && ties > 0 && variance > 0)
            status = n1 <= n0 ? tied_p(rank, n, n1, sum, &out->p, err)
                              : tied_p(rank, n, n0, 0.5 * N * (N + 1) - sum, &out->p, err);
        else if (!status)
            out->p = ties > 0 ? NAN : exact_p(law, out->u);
        out->exact = true;
    } else
        nvc_rank_law_release(law);
    if (!status)
        estimate_shift(a, n1, b, n0, level, law, out);
    free(rank);
    return status;
}
