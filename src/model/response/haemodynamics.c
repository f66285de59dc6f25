#include "model/response/haemodynamics.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

const struct nvc_balloon nvc_balloon_hdm = {
    .decay = 0.65, .autoregulation = 0.41, .transit_s = 0.98, .alpha = 0.32, .e0 = 0.34, .log_epsilon = -1,
    .te_s = 0.04, .v0 = 0.08, .nu0_hz = 40.3, .r0_hz = 25
};

const struct nvc_balloon nvc_balloon_dcm = {
    .decay = 0.64, .autoregulation = 0.32, .transit_s = 2, .alpha = 0.32, .e0 = 0.4, .log_epsilon = 0,
    .te_s = 0.04, .v0 = 0.04, .nu0_hz = 40.3, .r0_hz = 25
};

void nvc_balloon_flow(const struct nvc_balloon *b, double drive, const double x[NVC_BALLOON_STATES],
                      double dx[NVC_BALLOON_STATES])
{
    double f = exp(x[1]), per_f = exp(-x[1]);
    double per_v = exp(-x[2]), outflow = exp(x[2] / b->alpha);
    double extraction = -expm1(per_f * log1p(-b->e0)) / b->e0;
    dx[0] = drive - b->decay * x[0] - b->autoregulation * (f - 1);
    dx[1] = x[0] * per_f;
    dx[2] = (f - outflow) * per_v / b->transit_s;
    dx[3] = (f * extraction * exp(-x[3]) - outflow * per_v) / b->transit_s;
}

double nvc_balloon_signal(const struct nvc_balloon *b, const double x[NVC_BALLOON_STATES])
{
    double epsilon = exp(b->log_epsilon);
    double k1 = 4.3 * b->nu0_hz * b->e0 * b->te_s, k2 = epsilon * b->r0_hz * b->e0 * b->te_s, k3 = 1 - epsilon;
    return -100 * b->v0 * (k1 * expm1(x[3]) + k2 * expm1(x[3] - x[2]) + k3 * expm1(x[2]));
}

void nvc_balloon_step(const struct nvc_balloon *b, double drive, double h_s, double x[NVC_BALLOON_STATES])
{
    static const double ahead[4] = { 0, 0.5, 0.5, 1 }, weight[4] = { 1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6 };
    double sum[NVC_BALLOON_STATES] = { 0 }, slope[NVC_BALLOON_STATES] = { 0 };
    for (int stage = 0; stage < 4; stage++) {
        double at[NVC_BALLOON_STATES];
        for (int k = 0; k < NVC_BALLOON_STATES; k++)
            at[k] = x[k] + ahead[stage] * h_s * slope[k];
        nvc_balloon_flow(b, drive, at, slope);
        for (int k = 0; k < NVC_BALLOON_STATES; k++)
            sum[k] += weight[stage] * slope[k];
    }
    for (int k = 0; k < NVC_BALLOON_STATES; k++)
        x[k] += h_s * sum[k];
}

int nvc_balloon_integrate(const struct nvc_balloon *b, const double *drive, size_t n, double dt_s, double *signal_pct,
                          struct nvc_error *err)
{
    double longest_s = fmin(0.125, b->transit_s / 8);
    int steps = (int)ceil(dt_s / longest_s - 1e-9);
    double x[NVC_BALLOON_STATES] = { 0 };
    for (size_t i = 0; i < n; i++) {
        signal_pct[i] = nvc_balloon_signal(b, x);
        if (!isfinite(x[0] + x[1] + x[2] + x[3] + signal_pct[i]))
            return nvc_fail(err, NVC_EDATA, "the Balloon model leaves the range of numbers at %g s: the drive is too strong",
                            (double)i * dt_s);
        for (int k = 0; k < steps; k++)
            nvc_balloon_step(b, drive[i], dt_s / steps, x);
    }
    return 0;
}

int nvc_balloon_kernel(const struct nvc_balloon *b, double efficacy, double dt_s, size_t n, double *kernel, struct nvc_error *err)
{
    const double small = 1e-5; /* the response is linear to one part in 1e5 there */
    double *drive = nvc_array(n, sizeof *drive, err);
    if (!drive)
        return NVC_ESYS;
    drive[0] = small / dt_s;
    int status = nvc_balloon_integrate(b, drive, n, dt_s, kernel, err);
    for (size_t i = 0; i < n && !status; i++)
        kernel[i] *= efficacy / small;
    free(drive);
    return status;
}
