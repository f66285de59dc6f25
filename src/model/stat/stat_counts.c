#include "model/stat/stat_counts.h"

#include "math/dist.h"
#include "math/root.h"

#include <math.h>

static double margin(const double *count, size_t rows, size_t cols, size_t at, bool row)
{
    double sum = 0;
    for (size_t k = 0; k < (row ? cols : rows); k++)
        sum += row ? count[at + rows * k] : count[k + rows * at];
    return sum;
}

struct nvc_chi2 nvc_chi2_test(const double *count, size_t rows, size_t cols, bool yates)
{
    double total = 0, chi2 = 0, least = INFINITY, correct = yates ? 0.5 : 0;
    size_t r = 0, c = 0;
    for (size_t i = 0; i < rows; i++) {
        double sum = margin(count, rows, cols, i, true);
        total += sum;
        r += sum > 0;
    }
    for (size_t j = 0; j < cols; j++)
        c += margin(count, rows, cols, j, false) > 0;
    if (r < 2 || c < 2)
        return (struct nvc_chi2){ NAN, NAN, NAN, NAN, NAN };
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++) {
            double e = margin(count, rows, cols, i, true) * margin(count, rows, cols, j, false) / total;
            double off = fabs(count[i + rows * j] - e);
            if (e > 0) {
                least = fmin(least, e);
                correct = fmin(correct, off);
            }
        }
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++) {
            double e = margin(count, rows, cols, i, true) * margin(count, rows, cols, j, false) / total;
            if (e > 0)
                chi2 += pow(fabs(count[i + rows * j] - e) - correct, 2) / e;
        }
    double dof = (double)((r - 1) * (c - 1)), smaller = (double)(r < c ? r : c);
    return (struct nvc_chi2){ chi2, dof, nvc_chi2_sf(chi2, dof), sqrt(chi2 / total / (smaller - 1)), least };
}

/* The noncentral hypergeometric law of the first cell given the margins: lo <= x <= hi. */
struct law {
    double row1, row2, col1, lo, hi, x, log_odds, target;
};

static double log_weight(const struct law *l, double x)
{
    return nvc_log_choose(l->row1, x) + nvc_log_choose(l->row2, l->col1 - x) + l->log_odds * x;
}

/* Sum of weights (times value when `mean`) over from..to, over that of all. */
static double share(const struct law *l, double from, double to, bool mean)
{
    double top = -INFINITY, all = 0, part = 0;
    for (double x = l->lo; x <= l->hi; x++)
        top = fmax(top, log_weight(l, x));
    for (double x = l->lo; x <= l->hi; x++) {
        double w = exp(log_weight(l, x) - top);
        all += w;
        part += x >= from && x <= to ? mean ? w * x : w : 0;
    }
    return part / all;
}

static double mean_excess(double log_odds, const void *with)
{
    struct law l = *(const struct law *)with;
    l.log_odds = log_odds;
    return share(&l, l.lo, l.hi, true) - l.x;
}

static double above_excess(double log_odds, const void *with)
{
    struct law l = *(const struct law *)with;
    l.log_odds = log_odds;
    return share(&l, l.x, l.hi, false) - l.target;
}

static double below_excess(double log_odds, const void *with)
{
    struct law l = *(const struct law *)with;
    l.log_odds = log_odds;
    return share(&l, l.lo, l.x, false) - l.target;
}

static double odds(double (*excess)(double, const void *), const struct law *l)
{
    return exp(nvc_root_beyond(excess, l, 0, (excess(0, l) < 0) == (excess(1, l) > excess(0, l)) ? 1 : -1));
}

struct nvc_fisher nvc_fisher_test(double a, double b, double c, double d, double level)
{
    struct law l = { a + b, c + d, a + c, fmax(0, a + c - (c + d)), fmin(a + b, a + c), a, 0, 0.5 * (1 - level) };
    struct nvc_fisher f = { NAN, NAN, NAN, NAN, a * d / (b * c) };
    if (!(l.hi > l.lo))
        return f;
    double all = 0, tail = 0, here = log_weight(&l, a);
    for (double x = l.lo; x <= l.hi; x++) {
        double w = exp(log_weight(&l, x) - here);
        all += w;
        tail += w <= 1 + 1e-7 ? w : 0;
    }
    f.p = fmin(1, tail / all);
    f.odds_ratio = a == l.lo ? 0 : a == l.hi ? INFINITY : odds(mean_excess, &l);
    f.ci_low = a == l.lo ? 0 : odds(above_excess, &l);
    f.ci_high = a == l.hi ? INFINITY : odds(below_excess, &l);
    return f;
}

/* Tables column by column: `left` of the first row still to be placed. */
struct enumeration {
    const double *first, *second;
    size_t cols;
    double observed, tail, tables;
};

static void place(struct enumeration *e, size_t col, double left, double log_p)
{
    double here = e->first[col] + e->second[col], later = 0;
    if (e->tables > 1e7)
        return;
    for (size_t k = col + 1; k < e->cols; k++)
        later += e->first[k] + e->second[k];
    for (double x = fmax(0, left - later); x <= fmin(here, left); x++) {
        double p = log_p + nvc_log_choose(here, x);
        if (col + 1 < e->cols)
            place(e, col + 1, left - x, p);
        else {
            e->tables++;
            e->tail += p <= e->observed + 1e-7 ? exp(p) : 0;
        }
    }
}

double nvc_freeman_halton(const double *first, const double *second, size_t cols)
{
    struct enumeration e = { first, second, cols, 0, 0, 0 };
    double n1 = 0, n = 0;
    for (size_t k = 0; k < cols; k++) {
        n1 += first[k];
        n += first[k] + second[k];
        e.observed += nvc_log_choose(first[k] + second[k], first[k]);
    }
    if (!(n1 > 0 && n1 < n) || cols < 2)
        return NAN;
    e.observed -= nvc_log_choose(n, n1);
    place(&e, 0, n1, -nvc_log_choose(n, n1));
    return e.tables > 1e7 ? NAN : fmin(1, e.tail);
}
