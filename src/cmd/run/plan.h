/* What nvc-run will do: for each run and atlas a chain of the other commands, with the names of its files. */
#ifndef NVC_CMD_RUN_PLAN_H
#define NVC_CMD_RUN_PLAN_H

#include "base/status.h"
#include "base/text.h"
#include "cli/jobs.h"
#include "io/bids.h"

#include <stdbool.h>
#include <stddef.h>

/* An atlas: the built-in one (image NULL), one of the catalogue, or an image with a table of labels. */
struct nvc_run_atlas {
    const char *known;       /* its name in the catalogue; NULL: not from there */
    char *name;              /* letters and digits, as BIDS wants them */
    char *image, *labels;    /* NULL: none */
    char **regions;          /* of this atlas; n_regions 0: those of all */
    size_t n_regions;
};
/* The next of "builtin,tian2020-s2,NAME=IMAGE[,LABELS[,REGION...]]", in which what follows an equals sign belongs to that atlas;
 * *text moves on, NULL at the end.  paths: folders of --atlas-path.  NVC_EUSAGE on grammar or an unknown name, NVC_ESYS when a
 * file is not there. */
int nvc_run_atlas_parse(struct nvc_run_atlas *a, const char **text, const struct nvc_list *paths, struct nvc_error *err) NVC_CHECKED;
void nvc_run_atlas_release(struct nvc_run_atlas *a);

/* What the user wants of every chain; borrowed. */
struct nvc_run_wish {
    const char *out;         /* absolute */
    const struct nvc_run_atlas *parcels;  /* of grey matter, for the line of activity on flow; NULL: none */
    struct nvc_list rest, rest_confounds; /* tasks that are rest (none: those named rest...); none: confounds */
    struct nvc_list atlas_paths, regions, contrasts, confounds, event_durations, pass; /* pass: COMMAND:WORD */
    const char *hrf, *noise, *tr, *summary, *orientation; /* NULL: as the command does by itself */
    double high_pass_s;      /* NaN: likewise */
    int dummy_scans;
    bool bilateral, no_confounds, no_qc;
};

struct run_chain;

/* What goes with a run. */
struct nvc_run_pair {
    char *grey;              /* probability of grey matter on its grid; NULL: none, or it is not needed */
    size_t flow;             /* of a resting run: number of the run of flow of the same session and space; SIZE_MAX: none */
    bool one_grid;           /* and that lies on the same grid */
};
/* Find them for all n runs, into pairs[n], zeroed.  What cannot be paired is said. */
int nvc_run_pair_all(struct nvc_run_pair *pairs, const struct nvc_bids_run *const *runs, size_t n, const struct nvc_run_wish *wish,
                     struct nvc_error *err) NVC_CHECKED;
bool nvc_run_is_flow(const struct nvc_bids_run *run);
bool nvc_run_is_rest(const struct nvc_bids_run *run, const struct nvc_run_wish *wish);

/* One run through one atlas. */
struct nvc_run_task {
    struct nvc_job job;      /* first, so that a job is its task; job.name: what its file names begin with */
    const struct nvc_bids_run *run;
    const struct run_chain *chain; /* what it goes through (cmd/run/step.h) */
    char *folder;            /* OUT/sub-X[/ses-Y]/func or perf */
    char *prefix;            /* with which its outputs begin */
    bool sole;               /* all that begins so is its own */
    char *stamp;
    int lock;                /* while it is at work */
    json_t *before;          /* the inputs as they were when it began */
    char **files;            /* inputs, then outputs; the stamp watches them */
    size_t n_files, n_inputs, cap_files;
};
/* Fill *task by the chain of a task, of a resting run or of flow.  A run without events or confounds is no failure here: job.reason says so and
 * there are no commands. */
int nvc_run_task_init(struct nvc_run_task *task, const struct nvc_bids_run *run, const struct nvc_run_pair *pair, const struct nvc_run_atlas *atlas,
                      const struct nvc_run_wish *wish, struct nvc_error *err) NVC_CHECKED;
/* One run over its n chains, one an atlas, all of which ended or are there already: how far its numbers depend on the atlas.  No
 * commands when fewer than two chains ended well. */
int nvc_run_spread_init(struct nvc_run_task *task, const struct nvc_run_task *chains, size_t n, const struct nvc_run_wish *wish,
                        struct nvc_error *err) NVC_CHECKED;
/* Flow against activity: a resting run and its flow through one atlas, whose chains ended well; no commands otherwise. */
int nvc_run_couple_init(struct nvc_run_task *task, const struct nvc_run_task *rest, const struct nvc_run_task *flow, const struct nvc_run_pair *pair,
                        const struct nvc_run_wish *wish, struct nvc_error *err) NVC_CHECKED;
void nvc_run_task_release(struct nvc_run_task *task);

/* What --pass says for this command, whose name is there already; and whether every item names one. */
int nvc_run_pass(struct nvc_command *command, struct nvc_list pass, struct nvc_error *err) NVC_CHECKED;
int nvc_run_pass_check(struct nvc_list pass, struct nvc_error *err) NVC_CHECKED;
/* Whether a BIDS value such as "sub-01" is among labels, with or without the prefix "sub-"; no labels: yes. */
bool nvc_run_wanted(struct nvc_list labels, const char *prefix, const char *value);

#endif
