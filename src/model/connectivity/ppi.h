/* Generalised psychophysiological interaction: does a region move more with the seed under one condition than under another?
 *
 * Columns: for every condition its regressor and its interaction with the seed, then the seed (McLaren et al. 2012, doi
 * 10.1016/j.neuroimage.2012.03.068).  All conditions of the design take part, so that what is in none of them is the baseline.
 * The interaction is formed
 *   BOLD     of the seed, centred, and the condition's regressor: plainly a product of two slow signals;
 *   NEURAL   before the vessels: the seed is deconvolved, multiplied by the condition and convolved again (Gitelman et al. 2003, doi
 *            10.1016/S1053-8119(03)00058-2).  As in SPM12 (spm_peb_ppi) the neural signal is a discrete cosine set of as many functions
 *            as volumes on the microtime grid with one prior variance; the ratio of the two variances is found by restricted likelihood
 *            where SPM takes constants, and the result is scaled so that its response has the size of the seed.
 * A condition is 1 while an event lasts (an event shorter than a second: a second), so that a slope reads: change of (% of the
 * target per % of the seed) while it lasts. */
#ifndef NVC_MODEL_PPI_H
#define NVC_MODEL_PPI_H

#include "base/status.h"
#include "model/design/events.h"

#include <stdbool.h>
#include <stddef.h>

enum nvc_ppi_kind { NVC_PPI_BOLD, NVC_PPI_NEURAL };

struct nvc_ppi_spec {
    enum nvc_ppi_kind kind;
    const struct nvc_events *events;
    const double *seed;        /* n, percent */
    size_t n;
    double tr_s, offset_s;     /* of the frame after the start of its volume */
    const double *nuisance;    /* n x n_nuisance, the constant included: taken out of the seed before it is deconvolved */
    size_t n_nuisance;
};

/* X: n x (2 C + 1), C conditions in the order of events: interactions, conditions, seed.  *share: part of the variance of the seed that
 * the deconvolved signal explains (NaN: BOLD).  NVC_EDATA: a condition without an event in
 * the run. */
int nvc_ppi_columns(const struct nvc_ppi_spec *spec, double *X, double *share, struct nvc_error *err) NVC_CHECKED;

/* The neural signal x of a BOLD series y = h * x + noise, at the times -lead_s + i dt of n_bins bins; both are the caller's.
 * *share: part of the variance of y that it explains. */
int nvc_deconvolve(const double *y, const struct nvc_ppi_spec *run, double lead_s, double dt_s, double *x, size_t n_bins, double *share,
                   struct nvc_error *err) NVC_CHECKED;

#endif
