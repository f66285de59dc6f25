#include "model/stat/stat_logit.h"

#include "base/memory.h"
#include "math/lsq.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Scoring steps as weighted least squares: with W = p (1 - p) and h the leverage of W^1/2 X, the step solves
 * X'W X d = X'(y - p + h (1/2 - p)). */
static int step(const double *X, const double *y, size_t n, size_t m, const double *p, double *room, double *d,
                struct nvc_error *err)
{
    double *A = room, *b = room + n * m, *h = b + n, *rest = h + n;
    struct nvc_lsq f = { 0 };
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++)
            A[i + n * j] = sqrt(p[i] * (1 - p[i])) * X[i + n * j];
    int status = nvc_lsq_init(&f, A, n, m, err);
    if (!status)
        status = nvc_lsq_require(&f, 1e12, NULL, err);
    if (!status) {
        nvc_lsq_leverage(&f, h);
        for (size_t i = 0; i < n; i++)
            b[i] = (y[i] - p[i] + h[i] * (0.5 - p[i])) / sqrt(p[i] * (1 - p[i]));
        (void)nvc_lsq_solve(&f, b, d, rest);
    }
    nvc_lsq_release(&f);
    return status;
}

int nvc_firth(const double *X, const double *y, size_t n, size_t m, double *beta, double *p, struct nvc_error *err)
{
    double *room = nvc_array(n * m + 3 * n + m, sizeof *room, err), *d = room + n * m + 3 * n, most = INFINITY;
    int status = room ? 0 : NVC_ESYS;
    memset(beta, 0, m * sizeof *beta);
    for (int iteration = 0; iteration < 200 && !status && most > 1e-9; iteration++) {
        for (size_t i = 0; i < n; i++) {
            double eta = 0;
            for (size_t j = 0; j < m; j++)
                eta += X[i + n * j] * beta[j];
            p[i] = 1 / (1 + exp(-fmin(fmax(eta, -30), 30)));
        }
        status = step(X, y, n, m, p, room, d, err);
        double longest = 0;
        most = 0;
        for (size_t j = 0; j < m; j++)
            longest = fmax(longest, fabs(d[j]) / (1 + fabs(beta[j])));
        for (size_t j = 0; j < m && !status; j++) {
            double move = longest > 2 ? d[j] * 2 / longest : d[j]; /* far steps overshoot */
            beta[j] += move;
            most = fmax(most, fabs(move) / (1 + fabs(beta[j])));
        }
    }
    free(room);
    return status ? status : most > 1e-9 ? nvc_fail(err, NVC_EDATA, "the logistic model does not converge") : 0;
}
