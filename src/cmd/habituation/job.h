/* How a response changes over a run: what nvc-habituation holds, and its parts. */
#ifndef NVC_CMD_HABITUATION_JOB_H
#define NVC_CMD_HABITUATION_JOB_H

#include "cmd/shared/task_run.h"
#include "model/coupling/coupling.h"
#include "model/design/contrast.h"
#include "model/glm/glm.h"
#include "model/response/habituation.h"

#include <stdbool.h>
#include <stddef.h>

struct habituation_options {
    struct task_run_options run;
    double block_gap_s;
    struct nvc_list contrasts, minus;
    int noise, threads, where_possible;
    const char *hrf, *output, *halves;
};

/* Models: of the blocks, then those of the trials. */
enum { HAB_BLOCKS, HAB_TRIALS, HAB_WAYS = HAB_TRIALS + NVC_TRIAL_KINDS };

struct habituation_job {
    const struct habituation_options *o;
    struct nvc_hrf hrf;
    bool no_height;                    /* the hrf has none: nothing is done */
    struct task_run run;
    double end_s;                      /* of the run */
    size_t *n_blocks, *n_trials;       /* per condition, of those that begin inside the run */
    bool *even, *halved;               /* which half each event is of; per condition, whether it has halves */
    struct nvc_contrast *items;        /* the conditions, each by itself, then the contrasts: weights of the conditions */
    const char **texts;                /* of the contrasts among the items */
    size_t n_items;
    struct nvc_glm *glm[HAB_WAYS];     /* effects: NVC_HAB_EFFECTS per item; NULL: nothing to fit, or not estimable */
    struct nvc_glm_fit fit[HAB_WAYS];
    struct nvc_coupling indices, halves;
};
void habituation_release(struct habituation_job *j);

/* The run and its conditions and contrasts.  NVC_EDATA: an F test, a contrast of something else than conditions. */
int habituation_read(struct habituation_job *j, const char *path, struct nvc_error *err) NVC_CHECKED;
/* Set even and halved: by blocks or by events, whichever leaves the responses of the halves the smaller error. */
int habituation_choose_halves(struct habituation_job *j, struct nvc_error *err) NVC_CHECKED;
/* Fit what can be: blocks of conditions of two and more, trials of conditions of four and more. */
int habituation_fit(struct habituation_job *j, struct nvc_error *err) NVC_CHECKED;
/* Whether the blocks, or the trials, of all conditions of an item were modelled; how many the least of them has. */
bool habituation_has(const struct habituation_job *j, size_t item, bool trials);
size_t habituation_count(const struct habituation_job *j, size_t item, bool trials);

/* Rows of the slopes of everything that was fitted: into indices, and their halves into halves. */
int habituation_rows(struct habituation_job *j, struct nvc_error *err) NVC_CHECKED;
/* Response of both halves, by the model and the combination of sides of nvc-glm and nvc-coupling: into halves. */
int habituation_halves(struct habituation_job *j, struct nvc_error *err) NVC_CHECKED;

/* With --where-possible what the data refuse becomes a warning: what is left out, and why. */
int habituation_pass(const struct habituation_job *j, int status, const char *what, struct nvc_error *err) NVC_CHECKED;
extern const char *const habituation_half_names[]; /* "odd", "even" */
/* The row of one half into halves, from the row of the whole and half the difference of odd and even, which is scaled so that its error is that of
 * the whole: the errors of whole + difference and whole - difference are then uncorrelated. */
int habituation_add_half(struct habituation_job *j, struct nvc_coupling_row row, double difference, double difference_se, int half,
                         struct nvc_error *err) NVC_CHECKED;

#endif
