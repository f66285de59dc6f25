#include "model/ar_debias.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

static double phi_of(int step) { return -0.48 + 0.015 * step; }

/* sums[k] += sign * sum over |i - j| = k of (X Y')_ij, X and Y n x m. */
static void add_lag_sums(const double *X, const double *Y, size_t n, size_t m, double sign, double *sums)
{
    for (size_t q = 0; q < m; q++) {
        const double *x = X + n * q, *y = Y + n * q;
        for (size_t k = 0; k < n; k++) {
            double s = 0;
            for (size_t t = 0; t + k < n; t++)
                s += x[t] * y[t + k] + (k ? x[t + k] * y[t] : 0);
            sums[k] += sign * s;
        }
    }
}

int nvc_ar_debias_init(struct nvc_ar_debias *d, const double *Q, size_t n, size_t m, struct nvc_error *err)
{
    double *later = nvc_array(3 * n * m + m * m + 2 * n, sizeof *later, err);
    if (!later)
        return NVC_ESYS;
    double *earlier = later + n * m, *mixed = earlier + n * m, *M = mixed + n * m, *all = M + m * m, *shifted = all + n;
    for (size_t q = 0; q < m; q++)
        for (size_t t = 0; t < n; t++) {
            later[t + n * q] = t + 1 < n ? Q[t + 1 + n * q] : 0;   /* D'Q */
            earlier[t + n * q] = t ? Q[t - 1 + n * q] : 0;         /* D Q */
        }
    for (size_t a = 0; a < m; a++)
        for (size_t b = 0; b < m; b++)
            for (size_t t = 0; t < n; t++)
                M[a + m * b] += Q[t + n * a] * earlier[t + n * b];
    for (size_t b = 0; b < m; b++)
        for (size_t a = 0; a < m; a++)
            for (size_t t = 0; t < n; t++)
                mixed[t + n * b] += Q[t + n * a] * M[a + m * b];
    /* With R = I - QQ' and V = phi^|i-j|: E r'r = tr(R V), E r'Dr = tr(RDR V); both are sums over lags. */
    all[0] = (double)n;
    add_lag_sums(Q, Q, n, m, -1, all);
    shifted[1] = (double)n - 1;
    add_lag_sums(Q, later, n, m, -1, shifted);
    add_lag_sums(earlier, Q, n, m, -1, shifted);
    add_lag_sums(mixed, Q, n, m, 1, shifted);
    for (int i = 0; i < NVC_AR_STEPS; i++) {
        double power = 1, rr = 0, rdr = 0;
        for (size_t k = 0; k < n; k++, power *= phi_of(i)) {
            rr += power * all[k];
            rdr += power * shifted[k];
        }
        d->expected[i] = rdr / rr;
    }
    free(later);
    return 0;
}

double nvc_ar_debias_estimate(const struct nvc_ar_debias *d, const double *r, size_t n)
{
    double across = 0, all = 0;
    for (size_t t = 0; t < n; t++) {
        all += r[t] * r[t];
        across += t ? r[t] * r[t - 1] : 0;
    }
    const double found = all > 0 ? across / all : 0;
    if (found <= d->expected[0])
        return phi_of(0);
    for (int i = 1; i < NVC_AR_STEPS; i++)
        if (found <= d->expected[i])
            return phi_of(i - 1) + 0.015 * (found - d->expected[i - 1]) / (d->expected[i] - d->expected[i - 1]);
    return phi_of(NVC_AR_STEPS - 1);
}
