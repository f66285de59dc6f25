/* A run for the commands that model its response themselves: series, events, and a design of what is not of interest. */
#ifndef NVC_CMD_TASK_RUN_H
#define NVC_CMD_TASK_RUN_H

#include "cli/cmd.h"
#include "cli/provenance.h"
#include "model/design/design.h"
#include "model/design/events.h"
#include "model/region/series.h"

#include <math.h>
#include <stdbool.h>

struct task_run_options {
    const char *events, *confound_table, *usual_confounds; /* usual: where none are named; NULL: 6p */
    struct nvc_list confounds, durations, modulators, splits;
    double high_pass_s;
    int dummy_scans;
};
#define TASK_RUN_DEFAULTS { .high_pass_s = 128 }

/* Rows of an option table whose struct S holds a struct task_run_options M; USUAL: text of usual_confounds. */
#define TASK_RUN_EVENTS(S, M, ...) \
    OPT_INPUT(S, M.events, 'e', "events", "TSV", "*.tsv", "events of the run (BIDS): onset, duration, trial_type", __VA_ARGS__)
#define TASK_RUN_NUISANCE(S, M) TASK_RUN_NUISANCE_OF(S, M, "6p")
#define TASK_RUN_NUISANCE_OF(S, M, USUAL) \
    OPT_INPUT(S, M.confound_table, 'c', "confound-table", "TSV", "*.tsv", "confounds, one row per volume, named as by fMRIPrep"), \
    OPT_LIST(S, M.confounds, 0, "confounds", "WHICH", "6p, 24p, acompcorN, scrub:MM, names and globs, parted by commas (" USUAL ")"), \
    OPT_REAL(S, M.high_pass_s, 0, "high-pass", "SECONDS", "s", 0, INFINITY, "cut-off period of the cosine drift; 0: none")

struct task_run {
    struct nvc_series series;
    struct nvc_events events;      /* empty when no events were asked for */
    double *durations_s;           /* per condition: the declared event */
    struct nvc_confounds confounds;
    double mean_fd_mm;             /* mean framewise displacement; NaN: the confounds do not say */
    struct nvc_design design;
    struct nvc_design_spec spec;   /* what it was built from, without its events; it borrows the confounds and the hrf */
    double offset_s;               /* frame time */
    int bin;                       /* 1-based microtime bin of it */
    struct nvc_input_mark marks[5];
    size_t n_marks;
};
void task_run_release(struct task_run *r);

/* Read the series (path or "-"), the events when there are any, and build the design: confounds, drift, constant, and with hrf the
 * columns of every condition. */
int task_run_read(struct task_run *r, const struct task_run_options *o, const char *series_path, const struct nvc_hrf *hrf,
                  struct nvc_error *err) NVC_CHECKED;

/* The same for an image: r->series holds who and when (n_volumes, tr_s), no regions. */
int task_run_model(struct task_run *r, const struct task_run_options *o, const struct nvc_hrf *hrf, struct nvc_error *err) NVC_CHECKED;

/* The design of the same run with other events: conditions of r->events, or parts of them called CONDITION@PART, whose declared events are
 * those of the whole, so that percents of parts and of the whole refer to one event. */
int task_run_design(struct nvc_design *d, const struct task_run *r, const struct nvc_events *parts, struct nvc_error *err) NVC_CHECKED;

/* Percent of the mean of a region into y[n_volumes]; false (with a warning) when it has no signal or does not vary. */
bool task_run_percent(const struct task_run *r, size_t region, double *y);

/* Write a table and its sidecar; path NULL: not asked for. */
int task_run_output(const struct task_run *r, const char *path, const struct nvc_text *text, const struct nvc_column *columns,
                    struct nvc_error *err) NVC_CHECKED;

#endif
