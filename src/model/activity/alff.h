/* Amplitude of low-frequency fluctuation of a series: four definitions that differ by more than a constant.
 *
 *   density (ours)  A(f) = sqrt(2 TR / N) |F(f)| in %/sqrt(Hz) of the mean; ALFF = mean of A over low <= f <= high, so that
 *                   runs of unequal length or scrubbing compare; fALFF = sum of A in band / sum over all f > 0.
 *   dpabi           2 |F| / N after padding to a power of two, 1-based bins ceil(low P TR + 1) .. fix(high P TR + 1).
 *   afni            3dRSFC: 2 sum_band |F| / sqrt(N), bins rint(f / df); RSFA as below.
 *   xcpd            2 mean sqrt(P) of the z-scored series times its sd, upper bin left out.
 * RSFA, all: sd of the band-passed series, sqrt(2 sum_band |F|^2 / (N (N - 1))), in % for density.
 * Zang et al. 2007, doi 10.1016/j.braindev.2006.07.002; Zou et al. 2008, doi 10.1016/j.jneumeth.2008.04.012; Kannurpatti &
 * Biswal 2008, doi 10.1016/j.neuroimage.2007.09.040 (RSFA). */
#ifndef NVC_MODEL_ALFF_H
#define NVC_MODEL_ALFF_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

enum nvc_alff_kind { NVC_ALFF_DENSITY, NVC_ALFF_DPABI, NVC_ALFF_AFNI, NVC_ALFF_XCPD, NVC_ALFF_NONE }; /* NONE: not asked for */

struct nvc_alff_spec {
    enum nvc_alff_kind kind;
    size_t n;              /* volumes */
    double tr_s, low_hz, high_hz;
    const bool *keep;      /* per volume; false: censored, and the spectrum is Lomb's (density only); NULL: all kept */
};

struct nvc_alff_value {
    double alff, falff, rsfa; /* NaN where undefined */
};

struct nvc_alff; /* read-only while computing */
/* NVC_EDATA: no bin in the band, or censoring with another definition than density. */
int nvc_alff_new(struct nvc_alff **a, const struct nvc_alff_spec *spec, struct nvc_error *err) NVC_CHECKED;
void nvc_alff_free(struct nvc_alff *a);
size_t nvc_alff_bins(const struct nvc_alff *a);   /* in the band */
size_t nvc_alff_work(const struct nvc_alff *a);   /* doubles of scratch per thread */
/* y[n]: the detrended series in the units of the image; mean: of the series before.  A voxel whose mean is not positive has no
 * percent: NaN.  band: NULL or nvc_alff_bins values of A in the band (density), to sum over a region. */
struct nvc_alff_value nvc_alff_compute(const struct nvc_alff *a, const double *y, double mean, double *band, double *work);

/* ln of the ratio of two band spectra (each the mean over a region of A), and its delete-one-bin jackknife error with
 * n_bins - 1 degrees of freedom (its interval covers .945-.952). */
struct nvc_ln_ratio { double value, se, dof, ci_low, ci_high; }; /* 95 % by Student's t */
struct nvc_ln_ratio nvc_alff_ln_ratio(const double *band, const double *reference, size_t n_bins);

#endif
