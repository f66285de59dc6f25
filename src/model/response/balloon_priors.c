#include "model/response/balloon_fit.h"

#include <math.h>
#include <string.h>

const char *const nvc_balloon_parameter_names[NVC_BALLOON_SHARED] = {
    "decay", "autoregulation", "transit_s", "alpha", "e0", "log_epsilon"
};

enum { BIOPHYSICAL = 5 };
static const double mean_of[NVC_BALLOON_SHARED] = { 0.65, 0.41, 0.98, 0.32, 0.34, -1 };

/* SPM12 spm_hdm_priors: v diag(e) v' / 32 over the first three modes. */
static const double spm_covariance[BIOPHYSICAL][BIOPHYSICAL] = {
    { 0.00046368331828124999, -4.0072611562500118e-06, -1.2669231281250042e-05, 1.0902892875000003e-05, -1.0779091687500001e-05 },
    { -4.0072611562500118e-06, 5.7406795687499991e-05, -2.4962461499999985e-05, 1.3144159218749999e-05, -3.6180684374999946e-07 },
    { -1.2669231281250042e-05, -2.4962461499999985e-05, 0.0016058567445, 6.4399549031249993e-05, 5.5566835781249997e-05 },
    { 1.0902892875000003e-05, 1.3144159218749999e-05, 6.4399549031249993e-05, 6.4265541562499998e-06, 2.0759297812499999e-06 },
    { -1.0779091687500001e-05, -3.6180684374999946e-07, 5.5566835781249997e-05, 2.0759297812499999e-06, 2.1563415937499998e-06 }
};
static const double wide_variance[BIOPHYSICAL] = { 0.015, 0.002, 0.0568, 0.0015, 0.0024 };
static const double epsilon_variance = 1.0 / 128, efficacy_variance = 32;

void nvc_balloon_prior(enum nvc_balloon_priors which, size_t n_inputs, double *mean, double *covariance)
{
    const size_t m = NVC_BALLOON_SHARED + n_inputs;
    memset(mean, 0, m * sizeof *mean);
    memcpy(mean, mean_of, sizeof mean_of);
    memset(covariance, 0, m * m * sizeof *covariance);
    for (size_t i = 0; i < BIOPHYSICAL; i++)
        for (size_t j = 0; j < BIOPHYSICAL; j++)
            covariance[i + m * j] = which == NVC_PRIORS_SPM ? spm_covariance[i][j] : i == j ? wide_variance[i] : 0;
    covariance[BIOPHYSICAL * (m + 1)] = epsilon_variance;
    for (size_t k = NVC_BALLOON_SHARED; k < m; k++)
        covariance[k * (m + 1)] = efficacy_variance;
}

struct nvc_balloon nvc_balloon_with(const struct nvc_balloon *constants, const double *theta)
{
    struct nvc_balloon b = *constants;
    b.decay = theta[0], b.autoregulation = theta[1], b.transit_s = theta[2];
    b.alpha = theta[3], b.e0 = theta[4], b.log_epsilon = theta[5];
    return b;
}

int nvc_balloon_field(double tesla, struct nvc_balloon *b, struct nvc_error *err)
{
    static const struct { double tesla, nu0_hz, r0_hz; } known[] = { { 1.5, 40.3, 25 }, { 3, 80.6, 110 }, { 7, 188.1, 340 } };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (fabs(tesla - known[i].tesla) <= 0.1 * known[i].tesla) {
            b->nu0_hz = known[i].nu0_hz;
            b->r0_hz = known[i].r0_hz;
            return 0;
        }
    return nvc_fail(err, NVC_EUSAGE, "no constants for %g T: known are 1.5, 3 and 7 T", tesla);
}
