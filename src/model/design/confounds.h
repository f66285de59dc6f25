/* Confounds by name, glob or strategy, from a table in the manner of fMRIPrep.
 *
 * Strategies: 6p (motion), 24p (motion, derivatives, squares; Friston 1996, 10.1002/mrm.1910350312), acompcorN
 * (the first N a_comp_cor_; Behzadi 2007, 10.1016/j.neuroimage.2007.04.042), scrub:X (volumes with
 * framewise_displacement > X mm; Power 2012, 10.1016/j.neuroimage.2011.10.018).  Each brings along the volumes
 * of non_steady_state_outlierXX.  A plain name or a glob takes columns as they stand.
 *
 * Indicator columns (non_steady_state_outlierXX, motion_outlierXX) and scrubbing meet in one list of volumes
 * to censor, so that a volume that two of them name is censored once. */
#ifndef NVC_MODEL_CONFOUNDS_H
#define NVC_MODEL_CONFOUNDS_H

#include "base/status.h"
#include "base/text.h"

#include <stddef.h>

/* Which columns of a table were asked for, in the order asked, each once. */
struct nvc_selection {
    size_t n;
    size_t *column;      /* indices into the names */
    double scrub_mm;     /* NaN: no scrubbing */
    size_t fd_column;    /* framewise_displacement, when scrub_mm is a number */
};
/* requests: strategies, names and globs, each possibly several parted by commas.  A name or glob that finds
 * nothing is refused with a near miss, and so is a strategy whose columns are not all there (NVC_EDATA). */
int nvc_selection_init(struct nvc_selection *s, const char *const *names, size_t n_names,
                       const struct nvc_list *requests, struct nvc_error *err) NVC_CHECKED;
void nvc_selection_release(struct nvc_selection *s);
/* The grammar of a request alone, before any file is read (NVC_EUSAGE): "scrub:x" that is no number, a strategy
 * of no columns, an empty name. */
int nvc_selection_check(const struct nvc_list *requests, struct nvc_error *err) NVC_CHECKED;

/* Confounds ready for a design: rows are the retained volumes. */
struct nvc_confounds {
    size_t n_rows, n_cols;
    double *C;           /* column-major n_rows x n_cols, each column of mean 0 */
    char **names;
    size_t n_censor;
    size_t *censor;      /* stored volumes to censor, ascending, unique, counted from 0, none of them dropped */
};
/* From the selected columns: values n_rows x s->n and fd n_rows (NULL without scrubbing) with NaN for n/a.  The
 * n/a of the first row of a derivative, framewise_displacement, dvars or rmsd becomes 0, any other is refused
 * with its volume (NVC_EDATA); the first n_dummy rows are dropped, what is left is centred; a constant column
 * is refused. */
int nvc_confounds_init(struct nvc_confounds *c, const struct nvc_selection *s, const char *const *names,
                       const double *values, const double *fd, size_t n_rows, size_t n_dummy,
                       struct nvc_error *err) NVC_CHECKED;
void nvc_confounds_release(struct nvc_confounds *c);

#endif
