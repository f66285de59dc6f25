/* From neural drive to BOLD: the Balloon-Windkessel model.
 *
 * States x = [s, log f, log v, log q]: vasodilatory signal (1/s), and the logarithms of flow, volume and
 * deoxyhaemoglobin relative to rest (so that none can turn negative); rest is x = 0.
 *     ds      = drive - decay s - autoregulation (f - 1)
 *     dlog f  = s / f
 *     dlog v  = (f - v^(1/alpha)) / (transit v)
 *     dlog q  = (f (1 - (1 - e0)^(1/f)) / e0 - v^(1/alpha) q / v) / (transit q)
 *     signal  = 100 v0 (k1 (1 - q) + k2 (1 - q/v) + k3 (1 - v))  in percent of the resting signal,
 *               k1 = 4.3 nu0 e0 te, k2 = epsilon r0 e0 te, k3 = 1 - epsilon
 * Friston et al. 2000, doi 10.1006/nimg.2000.0630; Buxton et al. 1998, doi 10.1002/mrm.1910390602;
 * signal: Stephan et al. 2007, doi 10.1016/j.neuroimage.2007.07.040. */
#ifndef NVC_MODEL_HAEMODYNAMICS_H
#define NVC_MODEL_HAEMODYNAMICS_H

#include "base/status.h"

#include <stddef.h>

enum { NVC_BALLOON_STATES = 4 };

struct nvc_balloon {
    double decay, autoregulation; /* 1/s of the signal; 1/s^2 in effect: flow pulling the signal back */
    double transit_s;             /* mean transit time through the veins */
    double alpha;                 /* Grubb's exponent: v = f^alpha in the steady state */
    double e0;                    /* resting oxygen extraction fraction, in (0, 1) */
    double log_epsilon;           /* log of intra- to extravascular signal */
    double te_s;                  /* echo time */
    double v0;                    /* resting venous blood volume, fraction */
    double nu0_hz, r0_hz;         /* frequency offset at the vessel surface; slope of R2* with oxygenation */
};

/* SPM's two choices, both with the constants of 1.5 T (nu0 40.3, r0 25): the prior mean of its
 * haemodynamic model (v0 8 %), and that of DCM (v0 4 %), whose response to a short, weak drive peaks
 * after 4.97 s and is 5.26 s wide, next to the canonical response. */
extern const struct nvc_balloon nvc_balloon_hdm, nvc_balloon_dcm;

/* Time derivative of the states under a drive (efficacy times input, 1/s^2). */
void nvc_balloon_flow(const struct nvc_balloon *b, double drive, const double x[NVC_BALLOON_STATES],
                      double dx[NVC_BALLOON_STATES]);
/* Signal change in percent. */
double nvc_balloon_signal(const struct nvc_balloon *b, const double x[NVC_BALLOON_STATES]);

/* Move x on by h_s under a constant drive: one step of the classical Runge-Kutta method. */
void nvc_balloon_step(const struct nvc_balloon *b, double drive, double h_s, double x[NVC_BALLOON_STATES]);

/* From rest through n bins of dt_s with one drive each: signal_pct[i] is the signal at the START of bin
 * i.  Steps end at the edges of bins and last at most 0.125 s (an eighth of a shorter transit);
 * the error stays below 1e-6 of the peak up to a peak of 6 % (measured against steps of 1/128 s and lsode).
 * Returns 0, or NVC_EDATA when a drive is so strong that the states leave the range of numbers. */
int nvc_balloon_integrate(const struct nvc_balloon *b, const double *drive, size_t n, double dt_s, double *signal_pct,
                          struct nvc_error *err) NVC_CHECKED;

/* First-order kernel: response (percent) to a unit impulse of input k in the limit of a small input, every dt_s. */
int nvc_balloon_kernel(const struct nvc_balloon *b, double efficacy, double dt_s, size_t n, double *kernel,
                       struct nvc_error *err) NVC_CHECKED;

#endif
