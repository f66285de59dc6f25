/* Chains of nvc-run as tables.  A chain is a list of steps, a step a command with its words, a word an option and where its value comes
 * from: the run, the atlas, the user, or an earlier step.  A value that is not there takes its option with it; a step whose condition
 * is not there is left out. */
#ifndef NVC_CMD_RUN_STEP_H
#define NVC_CMD_RUN_STEP_H

#include "cmd/run_plan.h"

enum run_value {
    RUN_END,
    /* files of the run */
    RUN_IMAGE, RUN_EVENTS, RUN_CONFOUNDS, RUN_BRAIN, RUN_SIDECAR,
    /* of the atlas */
    RUN_ATLAS_IMAGE, RUN_ATLAS_LABELS, /* files */
    RUN_REGIONS, RUN_ATLAS, RUN_ATLAS_PATHS, RUN_ATLAS_NAME,
    /* what the user wants */
    RUN_REGRESSOR_TABLE, RUN_REGRESSORS, /* none with --no-confounds */
    RUN_BILATERAL, RUN_ORIENTATION, RUN_TR, RUN_SUMMARY, RUN_DUMMY_SCANS, RUN_HRF, RUN_HIGH_PASS, RUN_EVENT_DURATIONS, RUN_CONTRASTS,
    RUN_NOISE, RUN_PASS, RUN_QUALITY, /* the last two: words of --pass for the command at hand; whether nvc-qc is wanted */
    RUN_ALWAYS,
    RUN_MASKS, RUN_TABLES,   /* what other chains made */
    /* what steps make */
    RUN_MASK, RUN_SERIES, RUN_DESIGN, RUN_GLM, RUN_COUPLING, RUN_HABITUATION, RUN_HALVES, RUN_NULL, RUN_ACTIVITY, RUN_SHAPE, RUN_QC, RUN_PICTURE,
    RUN_OVERLAP,
    RUN_N_VALUES
};

struct run_word {
    const char *option;      /* NULL: the value alone */
    enum run_value value;    /* each of its items is one word after the option */
    enum { RUN_TAKES, RUN_SAYS, RUN_MAKES } how; /* SAYS: the option alone, when the value is there; MAKES: the value is an output of this step */
};
struct run_step {
    const char *command;
    const struct run_word *words; /* up to RUN_END */
    enum run_value when;
};
struct run_chain {
    enum run_value inputs[12]; /* files that the stamp watches, up to RUN_END */
    enum run_value needs[4];   /* without which it cannot be done */
    enum run_value rows[4];    /* its tables of indices, up to RUN_END */
    const struct run_step *steps;
    size_t n_steps;
};
extern const struct run_chain run_task_chain, run_rest_chain, run_spread_chain;
/* Every chain there is, ends with NULL. */
extern const struct run_chain *const run_chains[];

/* Values of a chain under construction; texts are borrowed. */
struct run_values {
    struct nvc_list of[RUN_N_VALUES];
    const char *one[RUN_N_VALUES]; /* where a list of one stands: not to be copied */
    char number[2][32];
};
void run_set(struct run_values *v, enum run_value which, const char *text); /* NULL: not there */

/* The inputs, commands and outputs of a chain into a task that has its name and folder.  `missing`, why it cannot be done: then outputs
 * only, so that old ones can be removed. */
int run_build(struct nvc_run_task *task, const struct run_chain *chain, struct run_values *v, const char *missing, struct nvc_error *err) NVC_CHECKED;
/* Name a task; takes `name` and `folder`, NULL: memory. */
int run_name(struct nvc_run_task *task, char *name, char *folder, const char *out, struct nvc_error *err) NVC_CHECKED;
/* Watch one more file; takes `path`, NULL: memory. */
int run_watch(struct nvc_run_task *task, char *path, struct nvc_error *err) NVC_CHECKED;
/* Where a task leaves what a step makes. */
char *run_output_path(const struct nvc_run_task *task, enum run_value made, struct nvc_error *err);

#endif
