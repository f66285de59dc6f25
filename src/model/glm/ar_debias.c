#include "model/glm/ar_debias.h"

#include "base/memory.h"
#include "math/fft.h"
#include "math/vector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double phi_of(int step) { return -0.48 + 0.015 * step; }

struct lags { /* sums over all columns of cross-products at every lag, by Fourier transforms of twice the length */
    struct nvc_fft *fft;
    size_t n, m, length;
    double *padded;
    double complex *all, *shifted, *q, *other; /* spectra */
};

static int lags_init(struct lags *l, size_t n, size_t m, struct nvc_error *err)
{
    *l = (struct lags){ .n = n, .m = m };
    for (l->length = 2; l->length < 2 * n; l->length *= 2)
        continue;
    const size_t bins = l->length / 2 + 1;
    l->padded = nvc_array(l->length, sizeof *l->padded, err);
    l->all = nvc_array(4 * bins, sizeof *l->all, err);
    if (!l->padded || !l->all)
        return NVC_ESYS;
    l->shifted = l->all + bins, l->q = l->shifted + bins, l->other = l->q + bins;
    return nvc_fft_new(&l->fft, l->length, err);
}

static void lags_release(struct lags *l)
{
    nvc_fft_free(l->fft);
    free(l->padded);
    free(l->all);
}

static void transform(const struct lags *l, const double *x, double complex *spectrum)
{
    memcpy(l->padded, x, l->n * sizeof *x);
    memset(l->padded + l->n, 0, (l->length - l->n) * sizeof *x);
    nvc_fft_forward(l->fft, l->padded, spectrum);
}

/* sums[k] += sum over |i - j| = k of the matrix whose cross-spectrum this is. */
static void add_lag_sums(const struct lags *l, double complex *spectrum, double *sums)
{
    nvc_fft_inverse(l->fft, spectrum, l->padded);
    for (size_t k = 0; k < l->n; k++)
        sums[k] += l->padded[k] + (k ? l->padded[l->length - k] : 0);
}

/* With R = I - QQ' and V = phi^|i-j|: E r'r = tr(R V), E r'Dr = tr(RDR V); both are sums over lags of
 * I - QQ' and of D - QQ'D - DQQ' + QMQ', M = Q'DQ. */
static void sum_lags(const struct lags *l, const double *Q, const double *later, const double *earlier, const double *mixed,
                     double *all, double *shifted)
{
    const size_t n = l->n, bins = l->length / 2 + 1;
    for (size_t c = 0; c < l->m; c++) {
        transform(l, Q + n * c, l->q);
        const double *const parts[] = { later + n * c, earlier + n * c, mixed + n * c };
        for (size_t k = 0; k < bins; k++)
            l->all[k] -= conj(l->q[k]) * l->q[k];
        for (int part = 0; part < 3; part++) {
            transform(l, parts[part], l->other);
            for (size_t k = 0; k < bins; k++) /* both directions are added up: which of the two is conjugated does not matter */
                l->shifted[k] += (part < 2 ? -1 : 1) * conj(l->other[k]) * l->q[k];
        }
    }
    all[0] = (double)n;
    shifted[1] = (double)n - 1;
    add_lag_sums(l, l->all, all);
    add_lag_sums(l, l->shifted, shifted);
}

/* later = D'Q, earlier = D Q, mixed = Q (Q'DQ). */
static void shift_columns(const double *Q, size_t n, size_t m, double *later, double *earlier, double *mixed)
{
    for (size_t q = 0; q < m; q++)
        for (size_t t = 0; t < n; t++) {
            later[t + n * q] = t + 1 < n ? Q[t + 1 + n * q] : 0;
            earlier[t + n * q] = t ? Q[t - 1 + n * q] : 0;
        }
    for (size_t a = 0; a < m; a++)
        for (size_t b = 0; b < m; b++)
            nvc_subtract(mixed + n * b, -nvc_dot(Q + n * a, earlier + n * b, n), Q + n * a, n);
}

int nvc_ar_debias_init(struct nvc_ar_debias *d, const double *Q, size_t n, size_t m, struct nvc_error *err)
{
    struct lags l;
    double *later = nvc_array(3 * n * m + 2 * n, sizeof *later, err);
    int status = lags_init(&l, n, m, err);
    if (!later || status) {
        lags_release(&l);
        free(later);
        return NVC_ESYS;
    }
    double *earlier = later + n * m, *mixed = earlier + n * m, *all = mixed + n * m, *shifted = all + n;
    shift_columns(Q, n, m, later, earlier, mixed);
    sum_lags(&l, Q, later, earlier, mixed, all, shifted);
    for (int i = 0; i < NVC_AR_STEPS; i++) {
        double power = 1, rr = 0, rdr = 0;
        for (size_t k = 0; k < n && fabs(power) > 1e-18; k++, power *= phi_of(i)) {
            rr += power * all[k];
            rdr += power * shifted[k];
        }
        d->expected[i] = rdr / rr;
    }
    lags_release(&l);
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
