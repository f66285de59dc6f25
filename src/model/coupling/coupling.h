/* Coupling indices: one number per participant, run, region and contrast, with what it takes to weigh it.
 *
 * Which word may be said of a row stands in its class: bold-response, bold-shape, bold-fluctuation,
 * perfusion, coupling, reactivity, connectivity, model, negative-control.  Only `coupling` rows, in which blood flow or a calibrated
 * signal enters, may be called neurovascular coupling; a BOLD response alone cannot tell a change of
 * neural activity from one of the vessels. */
#ifndef NVC_MODEL_COUPLING_H
#define NVC_MODEL_COUPLING_H

#include "base/pool.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* What nvc-group takes from the tables of nvc-qc as outcomes: signal of the region over that of the brain, grey fraction, volume. */
enum nvc_qc_outcome { NVC_QC_DROPOUT, NVC_QC_PGM, NVC_QC_VOLUME, NVC_QC_OUTCOMES };
extern const char *const nvc_qc_outcome_names[NVC_QC_OUTCOMES]; /* as its columns */

/* What should be 0 in everybody: beside the indices, never in their family of tests. */
#define NVC_CLASS_NEGATIVE_CONTROL "negative-control"

struct nvc_coupling_row {
    /* Text is interned in the pool of the table; "n/a" where unknown, note "" when there is nothing to say. */
    const char *participant_id, *session, *task, *run, *space, *atlas, *region, *side;
    const char *index, *class_name, *contrast, *unit, *noise, *note;
    /* NaN: unknown or undefined.  se and dof describe the noise of this run, not the spread over subjects. */
    double value, se, dof, ci_low, ci_high, n_vox, coverage, tsnr, mean_fd_mm;
    const char *qc, *positive; /* verdict of nvc-qc: the worst, that of the positive control; static text, where its tables were read; NULL: none known */
    double of_qc[NVC_QC_OUTCOMES]; /* numbers from there; NaN: none known */
};

struct nvc_coupling { /* zero it before use */
    struct nvc_pool text;
    struct nvc_coupling_row *rows;
    size_t n, cap;
};
void nvc_coupling_release(struct nvc_coupling *c);
/* Append a copy of *row, interning its text; NULL text becomes "n/a" (note: ""). */
int nvc_coupling_add(struct nvc_coupling *c, const struct nvc_coupling_row *row, struct nvc_error *err) NVC_CHECKED;

/* ci_low and ci_high from value, se and dof (NaN: normal); NaN without se. */
void nvc_coupling_interval(struct nvc_coupling_row *row);

/* The response of one region to one contrast, as a general linear model estimated it.  Texts are borrowed. */
struct nvc_response {
    const char *participant_id, *session, *task, *run, *space, *atlas, *region, *side, *contrast, *noise;
    bool derived; /* made of several conditions */
    double psc, psc_se, z, dof, n_vox, coverage, tsnr;
    bool of_regions; /* one region minus another: region "BLA-CM" */
};

/* Append the indices of the responses of one run, all of class bold-response:
 *   psc     percent signal change of the declared event, with se and interval; undefined: n/a, psc_undefined
 *   z       normal deviate of the response
 * and for each region and contrast with both sides:
 *   psc_rl  right minus left, side RL, from the row in which the model gave the difference with the
 *           covariance of the two regions; without such a row its se is n/a, covariance_unknown
 *   li_psc  (R - L) / (R + L), side RL, only where both exceed 2 se, else n/a, li_undefined: a ratio of
 *           numbers near 0 is +-1 or anything.  se by the delta method.
 *   psc     side B: the mean of both sides weighted by generalised least squares (weights proportional to
 *           S^-1 1, S the covariance of the two), unless the responses hold a side B of their own
 * The difference of two regions is one row, psc_minus, whose error holds their covariance.
 * Rows that follow from others (z from psc, several conditions, two sides) carry the word derived in their note.
 * Without dof (NaN) the intervals are normal.  mean_fd_mm goes into every row. */
int nvc_coupling_of_responses(struct nvc_coupling *c, const struct nvc_response *r, size_t n, double mean_fd_mm,
                              struct nvc_error *err) NVC_CHECKED;

#endif
