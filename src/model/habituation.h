/* Habituation of the response over the blocks of a condition, as contrasts inside the model of the run.
 *
 * Every block has a column of its own; slopes, first and last block are weighted sums of their percent signal changes, so that
 * they have the degrees of freedom and the serial correlation of the fit.  Regressing block betas on their order afterwards
 * would leave B - 2 degrees of freedom.  Plichta et al. 2014, doi 10.1016/j.neuroimage.2014.09.059. */
#ifndef NVC_MODEL_HABITUATION_H
#define NVC_MODEL_HABITUATION_H

#include "base/status.h"
#include "model/design.h"
#include "model/events.h"

#include <stddef.h>

/* Weighted sums of the percent signal changes of the blocks of one condition. */
enum nvc_habituation_effect {
    NVC_HAB_SLOPE,     /* per block: least-squares slope on 1 .. B */
    NVC_HAB_LOG,       /* per unit of ln(block) */
    NVC_HAB_QUADRATIC, /* coefficient of block^2 beside intercept and slope; B >= 3 */
    NVC_HAB_FIRST, NVC_HAB_LAST, NVC_HAB_CHANGE, /* first, last, first - last block */
    NVC_HAB_ODD, NVC_HAB_EVEN,                   /* means of blocks 1, 3, ... and 2, 4, ...: halves for reliability */
    NVC_HAB_EFFECTS
};

/* e with every condition parted into blocks: `face` becomes `face@01`, `face@02` ...; a block ends where the next event of its
 * condition begins more than gap_s after the last one ended.  A condition of one block keeps its name.  n_blocks: one per condition
 * of e, the caller's to free.  NVC_EDATA: no condition has two blocks. */
int nvc_habituation_blocks(struct nvc_events *out, size_t **n_blocks, const struct nvc_events *e, double gap_s, struct nvc_error *err) NVC_CHECKED;

/* Weights (NVC_HAB_EFFECTS columns of d->n_cols) of one condition in a design of those events, in units of height x beta; 100 / s0
 * times an effect is percent.  The quadratic one is 0 where B < 3. */
int nvc_habituation_weights(const struct nvc_design *d, const char *condition, size_t n_blocks, double *C, struct nvc_error *err) NVC_CHECKED;

/* Percent decrement 100 (1 - last / first) with its Fieller interval; NaN where the first block is not above 0 by two errors. */
struct nvc_decrement { double value, ci_low, ci_high; };
struct nvc_decrement nvc_habituation_decrement(double first, double var_first, double last, double var_last, double var_change, double dof);

#endif
