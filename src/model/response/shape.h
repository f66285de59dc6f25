/* The shape of the response to a task: a constrained parametric HRF, fitted by variable projection.
 *
 * h(t) = A (lobe(t; ttp, fwhm) - u under(t; ttp)): a gamma lobe with its mode at ttp and exactly the width fwhm, less a
 * share u in [0, 0.5] of a lobe 10 s later and 9.2 s wide, as in the canonical response.  At each (ttp, fwhm) of a grid the
 * model is linear in A and A u; the drift, the confounds and the other conditions are projected out; noise is AR(1).
 * Intervals are profile likelihood, (N - m) log(RSS / RSS_min) <= F(.95; 1, N - m): those of the delta method cover
 * 85-94 %.  Golub & Pereyra 2003, doi 10.1088/0266-5611/19/2/201 (variable projection).
 *
 * What it cannot tell: truths outside the family are biased by up to 0.6 s; the misfit F says when to look. */
#ifndef NVC_MODEL_SHAPE_H
#define NVC_MODEL_SHAPE_H

#include "base/status.h"
#include "model/response/curve.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nvc_shape_problem {
    size_t n;                      /* volumes */
    const double *time_s;          /* n frame times, in the time of the events */
    const double *onset_s, *duration_s; /* events of the condition */
    const double *weight;          /* height of each event; NULL: 1 */
    size_t n_events;
    const double *nuisance;        /* n x n_nuisance: drift, confounds, other conditions, constant */
    size_t n_nuisance;
    double event_duration_s;       /* the declared event whose response is `height` */
    double ar;                     /* AR(1) coefficient of the noise (ar_debias.h) */
};

struct nvc_interval {
    double low, high;              /* NaN on an open side, or where there is none */
};

struct nvc_shape_fit {
    double amplitude, amplitude_se, z_fit; /* A and its standard error at the fitted shape, in units of y */
    double lobe_ttp_s, lobe_fwhm_s, undershoot_share; /* parameters of the family */
    struct nvc_curve_shape curve;  /* of the fitted impulse response */
    double height;                 /* peak of the response to one declared event, in units of y */
    bool has_latency;              /* of the informed basis (linear_shape.h) */
    struct nvc_interval latency_ci_s;
    double latency_s, latency_se_s;/* later than the canonical response; NaN where that is not above its noise */
    struct nvc_interval ttp_ci_s, fwhm_ci_s, height_ci; /* 95 % profile likelihood, or bootstrap */
    struct nvc_interval undershoot_ci, undershoot_time_ci_s; /* 95 % profile; open where none, or the largest, is possible */
    struct nvc_interval onset_ci_s, auc_ci; /* 95 % bootstrap */
    double rss, sigma;             /* whitened */
    double dof;                    /* N - m, m: nuisance + 4 */
    double F, F_dof, F_p;          /* omnibus: tents every 2 s to 24 s against nothing; dof of the numerator */
    double misfit_F, misfit_dof, misfit_p; /* tents beyond the fit */
};

enum { NVC_SHAPE_POINTS = 321 };
static const double nvc_shape_step_s = 0.1;
struct nvc_shape_band {            /* the fitted response every 0.1 s from 0, and its pointwise 95 % interval */
    double value[NVC_SHAPE_POINTS], low[NVC_SHAPE_POINTS], high[NVC_SHAPE_POINTS];
};

struct nvc_shape_print {           /* what must hold before a shape is printed */
    double p;                      /* of the omnibus F: time to peak, onset, undershoot */
    double z;                      /* of the fit: width */
};

struct nvc_shape_bootstrap {       /* whitened residuals are drawn anew */
    int replicates;                /* below 20: no intervals */
    uint64_t seed, stream;         /* a stream per region and condition */
    bool all;                      /* ttp, fwhm and height as well as onset and area, instead of the profile */
};

struct nvc_shape_family; /* kernels of the grid, independent of any design; made once (8 MiB, 0.1 s), read-only */
int nvc_shape_family_new(struct nvc_shape_family **family, struct nvc_error *err) NVC_CHECKED;
void nvc_shape_family_free(struct nvc_shape_family *family);

struct nvc_shape; /* the grid for one design: read-only while fitting, so shareable; borrows the family */
/* NVC_EDATA: fewer than 3 events, too few volumes. */
int nvc_shape_new(struct nvc_shape **s, const struct nvc_shape_family *family, const struct nvc_shape_problem *p,
                  struct nvc_error *err) NVC_CHECKED;
void nvc_shape_free(struct nvc_shape *s);
/* y[n].  how, band: NULL when not wanted.  Returns 0, or NVC_EDATA when y is constant beside the nuisance. */
int nvc_shape_estimate(const struct nvc_shape *s, const double *y, const struct nvc_shape_bootstrap *how, struct nvc_shape_fit *fit,
                       struct nvc_shape_band *band, struct nvc_error *err) NVC_CHECKED;
/* Without any interval, for maps: half the work of the above. */
int nvc_shape_point(const struct nvc_shape *s, const double *y, struct nvc_shape_fit *fit, struct nvc_error *err) NVC_CHECKED;
/* The fitted impulse response every dt_s from 0: n samples. */
void nvc_shape_curve(const struct nvc_shape_fit *fit, double dt_s, size_t n, double *h);

/* The family: value of the lobe with peak 1. */
double nvc_shape_lobe(double t_s, double ttp_s, double fwhm_s);

#endif
