/* The width of the resting-state HRF: a time scale that the data identify.
 *
 * y = sum of responses h(t / s) to unknown events + drift + AR(1) noise, h the canonical HRF.  Only
 * |H(f)|^2 times the input spectrum is identified, so the input must be assumed white or sparse; a pure
 * delay is never identified.  What is estimated is the scale s, printed as the full width at half maximum
 * 5.26 s * s; never a time to peak.  With an input that is neither white nor sparse (1/f, Mayer waves) the
 * width is biased by seconds: differences between groups assume equal input spectra.
 *
 *   sparse    non-negative orthogonal matching pursuit of event times at each s, after AR(1) whitening; the
 *             s that needs the fewest events for the least residual wins.
 *   spectral  debiased Whittle likelihood of (s, event power, noise power, phi): white input.
 *             Sykulski et al., Biometrika 106:251 (2019), doi 10.1093/biomet/asy071.
 *
 * The interval holds the scales whose criterion lies above the least by no more than it does at the true scale in 95 % of
 * series simulated from what was found (a likelihood ratio calibrated by parametric bootstrap).  The spread of the simulated
 * estimates instead covers 71 % where responses are twice the noise: the events that such noise hides are not simulated. */
#ifndef NVC_MODEL_REST_WIDTH_H
#define NVC_MODEL_REST_WIDTH_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NVC_WIDTH_EVENTS = 3 }; /* fewer tell no width */
enum nvc_width_method { NVC_WIDTH_SPARSE, NVC_WIDTH_SPECTRAL };

struct nvc_width_spec {
    double tr_s;
    double high_pass_s;    /* period of the slowest cosine left in; NaN: only the mean is removed */
    double event_penalty;  /* criterion N log RSS + penalty K */
    double low_hz, high_hz;/* band of the spectral fit */
    double ar;             /* AR(1) of the noise; NaN: estimated (spectral fit) */
    int bootstrap;         /* replicates; below 20: no interval */
    uint64_t seed, stream; /* a stream per region: results do not depend on threads */
};
struct nvc_width_spec nvc_width_defaults(double tr_s); /* 128 s, 6, 0.01-0.25 Hz, 200 replicates, seed 1 */

struct nvc_width {
    double fwhm_s;                /* NaN: at a bound of the search (see at_bound) or too few events */
    bool has_interval;
    double ci_low_s, ci_high_s;   /* 95 %; NaN where the side is open: all narrower (wider) responses fit as well */
    double se_s;                  /* of a normal interval that wide; NaN when a side is open */
    double scale;                 /* s */
    double ar, snr;               /* noise AR(1); peak of the median event over the noise sd (sparse) */
    double share;                 /* of the variance that is response (spectral); 0 for sparse */
    size_t n_events;              /* K (sparse), 0 for spectral */
    double events_per_min, z_event; /* median amplitude over its standard error */
    int at_bound;                 /* -1, 0, +1 */
};

struct nvc_width_fit; /* plans and tables for series of one length; read-only while estimating */
int nvc_width_new(struct nvc_width_fit **f, size_t n_scans, const struct nvc_width_spec *spec, struct nvc_error *err) NVC_CHECKED;
void nvc_width_free(struct nvc_width_fit *f);

/* y[n_scans] in any unit.  NVC_EDATA: constant or not finite. */
int nvc_width_estimate(const struct nvc_width_fit *f, enum nvc_width_method method, const double *y,
                       uint64_t stream, struct nvc_width *out, struct nvc_error *err) NVC_CHECKED;

#endif
