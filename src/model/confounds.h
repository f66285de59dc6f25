/* Confounds by name, glob or strategy, from a table in the manner of fMRIPrep.
 *
 * Strategies: 6p (motion), 24p (motion, derivatives, squares; Friston 1996, 10.1002/mrm.1910350312),
 * acompcor5 (first five a_comp_cor_; Behzadi 2007, 10.1016/j.neuroimage.2007.04.042), scrub:X (one
 * indicator per volume with framewise_displacement > X mm; Power 2012, 10.1016/j.neuroimage.2011.10.018).
 * non_steady_state_outlierXX joins every strategy.  A plain name or a glob takes columns as they stand. */
#ifndef NVC_MODEL_CONFOUNDS_H
#define NVC_MODEL_CONFOUNDS_H

#include "base/status.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

/* Which columns of a table were asked for, in the order asked, each once. */
struct nvc_selection {
    size_t n;
    size_t *column;      /* indices into the names */
    bool *censor;        /* an indicator column (non-steady-state, motion outlier): role censor, not centred */
    double scrub_mm;     /* NaN: no scrubbing */
    size_t fd_column;    /* framewise_displacement, when scrub_mm is a number */
};
/* requests: strategies, names and globs, each possibly several parted by commas.  A name or glob that finds
 * nothing is refused with a near miss (NVC_EDATA); "scrub:x" that is no number is NVC_EUSAGE. */
int nvc_selection_init(struct nvc_selection *s, const char *const *names, size_t n_names,
                       const struct nvc_list *requests, struct nvc_error *err) NVC_CHECKED;
void nvc_selection_release(struct nvc_selection *s);

/* Confounds ready for a design: rows are the retained volumes. */
struct nvc_confounds {
    size_t n_rows, n_cols;
    double *C;           /* column-major n_rows x n_cols */
    char **names;
    bool *censor;        /* n_cols: indicator columns */
};
/* From the selected columns, values n_rows x n_cols with NaN for n/a: the n/a of the first row of a
 * derivative, framewise_displacement, dvars or rmsd becomes 0, any other is refused with its line; the
 * first n_dummy rows are dropped; columns that are not indicators are centred; a constant one is refused
 * unless it is an indicator of a dropped volume.  fd may be NULL. */
int nvc_confounds_init(struct nvc_confounds *c, const struct nvc_selection *s, const char *const *names,
                       const double *values, const double *fd, size_t n_rows, size_t n_dummy,
                       struct nvc_error *err) NVC_CHECKED;
void nvc_confounds_release(struct nvc_confounds *c);

#endif
