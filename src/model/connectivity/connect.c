#include "model/connectivity/connect.h"

#include "base/memory.h"
#include "math/vector.h"

#include <math.h>
#include <stdlib.h>

struct nvc_connect {
    struct nvc_cleaner *cleaner;
    size_t n, lags;
    double *window;     /* squared, twice it for lags that stand for two */
    double white;       /* sum of window rho_0^2 */
};

static double autocorrelation(const double *y, size_t n, size_t lag)
{
    return nvc_dot(y, y + lag, n - lag);
}

/* Autocorrelation of white noise through the projection: sums along the diagonals of its matrix. */
static int filtered_white(struct nvc_connect *c, struct nvc_error *err)
{
    const size_t n = c->n;
    double *P = nvc_array(n * n + n * n, sizeof *P, err), total = 0;
    if (!P)
        return NVC_ESYS;
    for (size_t i = 0; i < n; i++)
        P[i * (n + 1)] = 1;
    nvc_cleaner_apply(c->cleaner, P, n, P + n * n);
    for (size_t k = 0; k < c->lags; k++) {
        double sum = 0;
        for (size_t i = 0; i + k < n; i++)
            sum += P[i + k + n * i];
        if (!k)
            total = sum;
        c->white += c->window[k] * (sum / total) * (sum / total);
    }
    free(P);
    return 0;
}

int nvc_connect_new(struct nvc_connect **out, const struct nvc_cleaner_spec *spec, struct nvc_error *err)
{
    struct nvc_connect *c = *out = nvc_array(1, sizeof *c, err);
    int status = c ? nvc_cleaner_new(&c->cleaner, spec, err) : NVC_ESYS;
    if (!status) {
        c->n = spec->n;
        c->lags = (size_t)ceil(2 * sqrt((double)spec->n));
        status = (c->window = nvc_array(c->lags, sizeof *c->window, err)) ? 0 : NVC_ESYS;
    }
    for (size_t k = 0; !status && k < c->lags; k++)
        c->window[k] = (k ? 2 : 1) * pow(0.5 * (1 + cos(M_PI * (double)k / (double)c->lags)), 2);
    if (!status)
        status = filtered_white(c, err);
    if (status) {
        nvc_connect_free(c);
        *out = NULL;
    }
    return status;
}

void nvc_connect_free(struct nvc_connect *c)
{
    if (!c)
        return;
    nvc_cleaner_free(c->cleaner);
    free(c->window);
    free(c);
}

size_t nvc_connect_lags(const struct nvc_connect *c) { return c->lags; }
size_t nvc_connect_work(const struct nvc_connect *c) { return c->n; }

bool nvc_connect_prepare(const struct nvc_connect *c, double *y, double *rho, double *work)
{
    const double before = nvc_dot(y, y, c->n);
    nvc_cleaner_apply(c->cleaner, y, 1, work);
    const double ss = nvc_dot(y, y, c->n);
    if (!(ss > 1e-20 * before) || !isfinite(ss))
        return false;
    for (size_t t = 0; t < c->n; t++)
        y[t] /= sqrt(ss);
    for (size_t k = 0; k < c->lags; k++)
        rho[k] = autocorrelation(y, c->n, k);
    return true;
}

struct nvc_connection nvc_connect_pair(const struct nvc_connect *c, const double *x, const double *rho_x, const double *y, const double *rho_y)
{
    const double dof = (double)nvc_cleaner_dof(c->cleaner), r = fmax(-1, fmin(1, nvc_dot(x, y, c->n)));
    struct nvc_connection p = { .r = r, .z = atanh(r), .se = NAN, .ci_low = NAN, .ci_high = NAN };
    double sum = 0;
    for (size_t k = 0; k < c->lags; k++)
        sum += c->window[k] * rho_x[k] * rho_y[k];
    p.n_eff = sum > c->white ? dof * c->white / sum : dof;
    if (!isfinite(p.z))
        p.z = NAN;
    if (p.n_eff > 2 && !isnan(p.z)) {
        p.se = 1 / sqrt(p.n_eff - 2);
        p.ci_low = p.z - 1.959964 * p.se;
        p.ci_high = p.z + 1.959964 * p.se;
    }
    return p;
}
