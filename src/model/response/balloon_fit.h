/* Bayesian inversion of the Balloon-Windkessel model for one series: variational Laplace.
 *
 * y = signal(theta; u) + X0 b + e, e ~ N(0, exp(-h) V); theta ~ N(prior mean, prior covariance), b flat.  With the priors of
 * SPM12 V is the identity and h ~ N(4 - log var y, exp(-4)): that expects noise of 2 % of the variance and, of weak responses,
 * makes the posterior too narrow by half or more.  With wide priors V is AR(1), its coefficient from the residuals of a first ascent,
 * and h is nearly free (sd 7).  Gauss-Newton ascent of the free energy with Levenberg damping, exact ODE
 * (haemodynamics.h: error below 1e-6 of the peak), central differences.
 * Friston 2002, doi 10.1006/nimg.2002.1114 (inversion); Friston et al. 2007, doi
 * 10.1016/j.neuroimage.2006.08.035 (free energy).
 *
 * What it cannot tell: the parameters trade against each other, so ask `shrinkage` which of them the data moved. */
#ifndef NVC_MODEL_BALLOON_FIT_H
#define NVC_MODEL_BALLOON_FIT_H

#include "base/status.h"
#include "model/response/haemodynamics.h"

#include <stddef.h>

enum { NVC_BALLOON_SHARED = 6 }; /* decay autoregulation transit_s alpha e0 log_epsilon; then one efficacy per input */
extern const char *const nvc_balloon_parameter_names[NVC_BALLOON_SHARED];

/* spm: SPM12's (three modes of a 5 x 5 covariance; sd of decay 0.022): the answer is mostly efficacy.
 * wide: the empirical spread of Friston, Harrison & Penny 2003 (doi 10.1016/S1053-8119(03)00202-7), table 1, independent. */
enum nvc_balloon_priors { NVC_PRIORS_WIDE, NVC_PRIORS_SPM };

struct nvc_balloon_problem {
    const double *y;           /* n_scans, percent of the resting signal */
    size_t n_scans;
    const double *inputs;      /* n_bins x n_inputs, column-major */
    size_t n_bins, n_inputs;
    double dt_s;               /* of a bin */
    size_t bins_per_scan, first_bin; /* scan i is the state before bin i * bins_per_scan + first_bin */
    const double *confounds;   /* n_scans x n_confounds */
    size_t n_confounds;
    struct nvc_balloon constants; /* te_s, v0, nu0_hz, r0_hz are used; the rest come from the priors */
    enum nvc_balloon_priors priors;
    int max_steps;             /* 0: 128 */
};

struct nvc_balloon_fit {
    size_t n_parameters;       /* NVC_BALLOON_SHARED + n_inputs */
    double *prior_mean, *prior_sd, *mean, *sd, *covariance; /* covariance: n x n, column-major */
    double *shrinkage;         /* 1 - (sd / prior sd)^2; NaN where the prior allows nothing */
    double free_energy, log_precision;
    double ar;                 /* AR(1) of the noise; 0 with SPM's priors */
    double *fitted, *response; /* n_scans: with and without the confounds */
    double rmse, variance_explained; /* of y without confounds */
    int steps, converged;
};
void nvc_balloon_fit_release(struct nvc_balloon_fit *fit);

/* NVC_EDATA: too few scans, inputs all zero, no finite start.  Not converging is no error: see `converged`. */
int nvc_balloon_invert(const struct nvc_balloon_problem *p, struct nvc_balloon_fit *fit, struct nvc_error *err) NVC_CHECKED;

/* The constants with parameters in the order of nvc_balloon_parameter_names: the model of the posterior means, say. */
struct nvc_balloon nvc_balloon_with(const struct nvc_balloon *constants, const double *theta);

/* Prior mean and covariance (column-major m x m, m = NVC_BALLOON_SHARED + n_inputs). */
void nvc_balloon_prior(enum nvc_balloon_priors which, size_t n_inputs, double *mean, double *covariance);

/* Constants of the field strength: nu0 40.3, 80.6, 188.1 Hz and r0 25, 110, 340 Hz at 1.5, 3 and 7 T (Heinzle et al. 2016,
 * doi 10.1016/j.neuroimage.2015.10.025).  NVC_EUSAGE for another field. */
int nvc_balloon_field(double tesla, struct nvc_balloon *b, struct nvc_error *err) NVC_CHECKED;

#endif
