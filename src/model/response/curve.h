/* The shape of a response curve: height, timing, width, undershoot.
 * Undefined values are NaN, never 0; a width whose half-height is not crossed is censored. */
#ifndef NVC_MODEL_CURVE_H
#define NVC_MODEL_CURVE_H

#include <stdbool.h>
#include <stddef.h>

struct nvc_curve_shape {
    double height;         /* signed extremum of |h| in the window */
    double ttp_s;          /* its time, by the parabola through its neighbours */
    double fwhm_s;         /* width of the run around the peak above half of it, crossings interpolated */
    double onset_s;        /* where the rise to the peak crosses 10 % of it */
    double half_rise_s;    /* ... and 50 % */
    double undershoot;     /* ratio to the height of the extremum of opposite sign after the first zero crossing
                              past the peak (negative); NaN: no crossing */
    double undershoot_s;   /* its time */
    double dip;            /* ratio to the height of the opposite extremum before the onset; 0: none */
    double auc_positive, auc_negative; /* trapezoids of the parts above and below 0, signal x s */
    bool fwhm_censored;
};

/* h[n] every dt_s from time 0 of the event.  The peak is looked for in [0, window_s]; NaN: the lesser of 80 % of
 * the length and 12 s. */
struct nvc_curve_shape nvc_curve_measure(const double *h, size_t n, double dt_s, double window_s);

#endif
