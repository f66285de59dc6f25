/* Chains of nvc-run as tables.  A chain is a list of steps, a step a command with its words, a word an option and where its value comes
 * from: the run, the atlas, the user, or an earlier step.  A value that is not there takes its option with it; a step whose condition
 * is not there is left out. */
#ifndef NVC_CMD_RUN_STEP_H
#define NVC_CMD_RUN_STEP_H

#include "cmd/run/plan.h"

enum run_value {
    RUN_END,
    /* files of the run */
    RUN_IMAGE, RUN_EVENTS, RUN_CONFOUNDS, RUN_BRAIN, RUN_SIDECAR, RUN_CONTEXT, RUN_M0, RUN_GREY,
    RUN_FLOW_IMAGE, RUN_FLOW_BRAIN, /* of the run of flow that a resting run is coupled with */
    RUN_IS_MAP, RUN_IS_RAW,         /* flow: a map already, or to be computed */
    RUN_NAME,
    /* of the atlas, and of the parcels */
    RUN_ATLAS_IMAGE, RUN_ATLAS_LABELS, /* files */
    RUN_REGIONS, RUN_ATLAS, RUN_ATLAS_PATHS, RUN_ATLAS_NAME,
    RUN_PARCEL_IMAGE, RUN_PARCEL_LABELS,
    RUN_PARCEL_REGIONS, RUN_PARCEL_ATLAS, RUN_PARCEL_PATHS, RUN_PARCEL_NAME,
    RUN_TOGETHER, RUN_APART,        /* parcels, and flow and activity are on one grid, or not */
    /* what the user wants */
    RUN_REGRESSOR_TABLE, RUN_REGRESSORS, /* none with --no-confounds */
    RUN_BILATERAL, RUN_ORIENTATION, RUN_TR, RUN_SUMMARY, RUN_DUMMY_SCANS, RUN_HRF, RUN_HIGH_PASS, RUN_EVENT_DURATIONS, RUN_CONTRASTS,
    RUN_NOISE, RUN_PASS, RUN_QUALITY, /* the last two: words of --pass for the command at hand; whether nvc-qc is wanted */
    RUN_ALWAYS,
    RUN_PREFIX,                     /* of maps, when they are wanted */
    RUN_MASKS, RUN_TABLES, RUN_MAPS, RUN_MAP_PAIRS, RUN_HALF_PAIRS, RUN_REGION_MASK, RUN_FLOW_HALVES, /* what other chains made; pairs: alff=map */
    /* what steps make */
    RUN_MASK, RUN_SERIES, RUN_DESIGN, RUN_GLM, RUN_COUPLING, RUN_HABITUATION, RUN_HALVES, RUN_NULL, RUN_ACTIVITY, RUN_SHAPE, RUN_FLOW, RUN_QC, RUN_PICTURE,
    RUN_OVERLAP, RUN_ALFF_MAP, RUN_REHO_MAP, RUN_ALFF_FIRST, RUN_ALFF_SECOND, RUN_REHO_FIRST, RUN_REHO_SECOND, RUN_FLOW_MAP, RUN_ODD_MAP, RUN_EVEN_MAP,
    RUN_PARCEL_MASK, RUN_REST_PARCELS, RUN_FLOW_PARCELS, RUN_PARCEL_ACTIVITY, RUN_PARCEL_FLOW,
    RUN_N_VALUES
};

struct run_word {
    const char *option;      /* NULL: the value alone */
    enum run_value value;    /* each of its items is one word after the option */
    enum { RUN_TAKES, RUN_SAYS, RUN_MAKES, RUN_LEAVES } how; /* SAYS: the option alone, when the value is there; MAKES: an output of this step;
                                                                LEAVES: an output that no word names */
    enum run_value when;     /* of what it leaves */
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
extern const struct run_chain run_task_chain, run_rest_chain, run_flow_chain, run_couple_chain, run_spread_chain;
/* Every chain there is, ends with NULL. */
extern const struct run_chain *const run_chains[];

/* Values of a chain under construction; texts are borrowed. */
struct run_values {
    struct nvc_list of[RUN_N_VALUES];
    const char *one[RUN_N_VALUES]; /* where a list of one stands: not to be copied */
    char number[2][32];
};
void run_set(struct run_values *v, enum run_value which, const char *text); /* NULL: not there */
void run_set_all(struct run_values *v, enum run_value which, char **texts, size_t n);
static inline bool run_has(const struct run_values *v, enum run_value which) { return v->of[which].n > 0; }

/* The inputs, commands and outputs of a chain into a task that has its name and folder.  `missing`, why it cannot be done: then outputs
 * only, so that old ones can be removed. */
int run_build(struct nvc_run_task *task, const struct run_chain *chain, struct run_values *v, const char *missing, struct nvc_error *err) NVC_CHECKED;
/* Name a task; takes `name` and `folder`, NULL: memory. */
int run_name(struct nvc_run_task *task, char *name, char *folder, const char *out, struct nvc_error *err) NVC_CHECKED;
/* Name a task as the outputs of a run through an atlas begin. */
int run_name_chain(struct nvc_run_task *task, const char *atlas, const struct nvc_run_wish *wish, struct nvc_error *err) NVC_CHECKED;
/* Watch one more file; takes `path`, NULL: memory. */
int run_watch(struct nvc_run_task *task, char *path, struct nvc_error *err) NVC_CHECKED;
/* Where a task leaves what a step makes. */
char *run_output_path(const struct nvc_run_task *task, enum run_value made, struct nvc_error *err);

/* Values of a run, of an atlas, and of what the user wants. */
void run_take_run(struct run_values *v, const struct nvc_bids_run *run, const struct nvc_run_pair *pair);
void run_take_atlas(struct run_values *v, const struct nvc_run_atlas *a, const struct nvc_run_wish *wish);
void run_take_wish(struct run_values *v, const struct nvc_run_wish *w, bool rest);

#endif
