/* Habituation of the response over the blocks and the trials of a condition, as contrasts inside the model of the run.
 *
 * Every block has a column of its own; slopes, first and last block are weighted sums of their percent signal changes, so that
 * they have the degrees of freedom and the serial correlation of the fit.  Regressing block betas on their order afterwards
 * would leave B - 2 degrees of freedom.
 *
 * Trials are many and near: a column for each would cost more than it tells, and may be more than there are volumes.  Two to four columns
 * of a condition hold the mean response and its line, logarithm or parabola over the number of the trial, one model for each.
 *
 * Halves of a run share its baseline and its drift, so that their errors are correlated: in a dense event-related design by .8, and
 * Spearman-Brown then takes noise for reliability.  What is estimated is therefore half their difference, beside the whole.
 * Plichta et al. 2014, doi 10.1016/j.neuroimage.2014.09.059. */
#ifndef NVC_MODEL_HABITUATION_H
#define NVC_MODEL_HABITUATION_H

#include "base/status.h"
#include "model/design/design.h"
#include "model/design/events.h"

#include <stdbool.h>
#include <stddef.h>

/* Weighted sums of the percent signal changes of the blocks of one condition. */
enum nvc_habituation_effect {
    NVC_HAB_SLOPE,     /* per block: least-squares slope on 1 .. B */
    NVC_HAB_LOG,       /* per unit of ln(block) */
    NVC_HAB_QUADRATIC, /* coefficient of block^2 beside intercept and slope; B >= 3 */
    NVC_HAB_FIRST, NVC_HAB_LAST, NVC_HAB_CHANGE, /* first, last, first - last block */
    NVC_HAB_ODD, NVC_HAB_EVEN,                   /* means of blocks 1, 3, ... and 2, 4, ...: halves for reliability */
    NVC_HAB_DIFFERENCE,                          /* half the difference of the slopes over these blocks, odd - even, per block; B >= 4 */
    NVC_HAB_EFFECTS
};

/* e with every condition parted into blocks: `face` becomes `face@01`, `face@02` ...; a block ends where the next event of its
 * condition begins more than gap_s after the last one ended.  A condition of one block keeps its name; a negative infinite gap makes every
 * event a block.  n_blocks: one per condition of e, how many begin before end_s, the caller's to free. */
int nvc_habituation_blocks(struct nvc_events *out, size_t **n_blocks, const struct nvc_events *e, double gap_s, double end_s,
                           struct nvc_error *err) NVC_CHECKED;

/* Which half each event is of: even[e->n], by the number of its block at the gap of its condition (gap_s[e->n_conditions]; -INFINITY: of the
 * event itself).  halved[e->n_conditions]: false for a condition of one block. */
int nvc_habituation_parity(bool *even, bool *halved, const struct nvc_events *e, const double *gap_s, double end_s, struct nvc_error *err) NVC_CHECKED;
/* e for half the difference of the responses to both halves: `face` has its events, odd ones of height 1, even ones of -1, and once more all of
 * height 1 as `face@both`; those of a condition without halves are `face@whole`. */
int nvc_habituation_difference(struct nvc_events *out, const struct nvc_events *e, const bool *even, const bool *halved,
                               struct nvc_error *err) NVC_CHECKED;

/* Weights (NVC_HAB_EFFECTS columns of d->n_cols) of one condition in a design of those events, in units of height x beta; 100 / s0
 * times an effect is percent.  Effects that want more blocks than
 * there are are 0. */
int nvc_habituation_weights(const struct nvc_design *d, const char *condition, size_t n_blocks, double *C, struct nvc_error *err) NVC_CHECKED;

/* e for the model of one kind: the events of conditions of four trials or more (n_trials of each, as nvc_habituation_blocks counts them at
 * a gap of -INFINITY) once for each function of the number of the trial, whose value is their height, as `face@0` (the mean response),
 * `face@1` ...; conditions of fewer keep their name.  Halves: level and line of the odd, then of the even events (nvc_habituation_parity; NULL
 * for other kinds).  A trial that begins outside begin_s .. end_s is missing, its number counts. */
enum nvc_trial_kind { NVC_TRIAL_LINE, NVC_TRIAL_LOGARITHM, NVC_TRIAL_PARABOLA, NVC_TRIAL_HALVES, NVC_TRIAL_KINDS };
enum { NVC_TRIAL_FEWEST = 4 };
bool nvc_trial_kind_has(enum nvc_trial_kind kind, enum nvc_habituation_effect effect);
int nvc_habituation_trials(struct nvc_events *out, const struct nvc_events *e, enum nvc_trial_kind kind, const size_t *n_trials, const bool *even,
                           double begin_s, double end_s, struct nvc_error *err) NVC_CHECKED;
/* Weights of one condition in a design of those events, as nvc_habituation_weights; 0 for effects of other kinds. */
int nvc_trial_weights(const struct nvc_design *d, const char *condition, enum nvc_trial_kind kind, size_t n_trials, double *C,
                      struct nvc_error *err) NVC_CHECKED;

/* Percent decrement 100 (1 - last / first) with its Fieller interval; NaN where the first block is not above 0 by two errors. */
struct nvc_decrement { double value, ci_low, ci_high; };
struct nvc_decrement nvc_habituation_decrement(double first, double var_first, double last, double var_last, double var_change, double dof);

#endif
