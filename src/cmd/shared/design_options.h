/* What describes a model of a run on the command line: shared by every command that builds a design. */
#ifndef NVC_CMD_DESIGN_OPTIONS_H
#define NVC_CMD_DESIGN_OPTIONS_H

#include "cli/belongs.h"
#include "cli/cmd.h"
#include "cli/provenance.h"
#include "cmd/shared/defaults.h"
#include "model/design/design.h"
#include "model/region/series.h"

#include <math.h>

struct design_options {
    const char *events, *trial_type, *confound_table, *hrf, *kernel;
    struct nvc_list fsl, afni, modulators, confounds, durations, censor;
    int timing_run, microtime, orthogonal, dummy_scans;
    double timing_duration_s, high_pass_s, frame_time_s;
};
#define DESIGN_DEFAULTS { .hrf = "spm", .microtime = 16, .timing_duration_s = NAN, .high_pass_s = 128, .frame_time_s = NAN }

extern const char *const design_orthogonal_names[]; /* as enum nvc_orthogonal */

/* Rows of an option table whose struct S holds a struct design_options M.  Exclusive groups 101 and 102. */
#define DESIGN_OPTIONS(S, M) \
    OPT_GROUP("Events"), \
    OPT_INPUT(S, M.events, 'e', "events", "TSV", "*.tsv", "events of the run (BIDS): onset, duration, trial_type", .exclusive = 101), \
    OPT_TEXT(S, M.trial_type, 0, "trial-type", "COLUMN", "column of the events that names the condition (trial_type)"), \
    OPT_LIST(S, M.modulators, 'm', "modulator", "COLUMN[:ORDER]", \
             "numeric column of the events that modulates the response, to this power (1)"), \
    OPT_LIST(S, M.fsl, 0, "fsl", "NAME=FILE", "condition from a three-column file of FSL: onset, duration, weight"), \
    OPT_LIST(S, M.afni, 0, "afni", "NAME=FILE", "condition from a stimulus timing file of AFNI"), \
    OPT_INT(S, M.timing_run, 0, "timing-run", "N", 0, 1000, "which line (run) of the AFNI files; 0: they have one"), \
    OPT_REAL(S, M.timing_duration_s, 0, "timing-duration", "SECONDS", "s", 0, 10000, "how long AFNI events last that do not say"), \
    OPT_GROUP("Response"), \
    OPT_TEXT(S, M.hrf, 0, "hrf", "HRF", "response function; see RESPONSE FUNCTIONS", .exclusive = 102), \
    OPT_INPUT(S, M.kernel, 0, "hrf-kernel", "TSV", "*.tsv", \
              "response sampled in a table: time (s), even steps from 0, and one or more columns", .exclusive = 102), \
    OPT_LIST(S, M.durations, 0, "event-duration", "[CONDITION=]SECONDS", \
             "event that a percent signal change refers to; without it the median duration of each condition"), \
    OPT_REAL(S, M.frame_time_s, 0, "frame-time", "SECONDS", "s", 0, 100, \
             "time after the start of a volume at which the model is sampled; without it see FRAME TIME"), \
    OPT_INT(S, M.microtime, 0, "microtime", "BINS", 1, 1000, "bins per volume in which events are convolved"), \
    OPT_CHOICE(S, M.orthogonal, 0, "orthogonal", "HOW", design_orthogonal_names, \
               "spm: each column of a condition is orthogonalised to those before; auto: not so for FIR, tents and AFNI's models"), \
    OPT_GROUP("Nuisance"), \
    OPT_INPUT(S, M.confound_table, 'c', "confound-table", "TSV", "*.tsv", "confounds, one row per volume, named as by fMRIPrep"), \
    OPT_LIST(S, M.confounds, 0, "confounds", "WHICH", \
             "6p, 24p, acompcorN, scrub:MM, names and globs, parted by commas (" NVC_RUN_CONFOUNDS ")"), \
    OPT_REAL(S, M.high_pass_s, 0, "high-pass", "SECONDS", "s", 0, INFINITY, "cut-off period of the cosine drift; 0: none"), \
    OPT_LIST(S, M.censor, 0, "censor", "VOLUMES", "volumes to leave out, counted from 0, as 12,40-43"), \
    OPT_INT(S, M.dummy_scans, 0, "dummy-scans", "N", 0, 1000, "volumes at the start to leave out of the model")

/* Sections of the manual page that the options refer to. */
#define DESIGN_SECTIONS \
    { "RESPONSE FUNCTIONS", design_response_text }, { "FRAME TIME", design_frame_text }
extern const char *const design_response_text[], *const design_frame_text[];

/* The run that the model is for. */
struct design_run {
    size_t n_volumes;
    double tr_s, start_time_s;
    int slice_time_corrected; /* 1, 0, -1: unknown */
    struct nvc_run_of who;    /* borrowed */
};
struct design_run design_run_of(const struct nvc_series *s); /* borrows its names */

/* What is wrong with the options before any file is read: NVC_EUSAGE. */
int design_options_check(const struct design_options *o, struct nvc_error *err) NVC_CHECKED;
/* Read the files that the options name and build the design, saying its remarks as warnings.  What was read is
 * added to marks, which has room for DESIGN_MARKS more. */
enum { DESIGN_MARKS = 3 };
int design_from_options(struct nvc_design *d, const struct design_options *o, const struct design_run *run,
                        struct nvc_input_mark *marks, size_t *n_marks, struct nvc_error *err) NVC_CHECKED;

#endif
