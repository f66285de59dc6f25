#include "cmd/run_step.h"

#define WITH(OPTION, VALUE) { OPTION, VALUE, RUN_TAKES }
#define FLAG(OPTION, VALUE) { OPTION, VALUE, RUN_SAYS }
#define MAKE(OPTION, VALUE) { OPTION, VALUE, RUN_MAKES }
#define ITEM(VALUE) { NULL, VALUE, RUN_TAKES }
#define END { NULL, RUN_END, RUN_TAKES }
#define STEPS(NAME) NAME, sizeof NAME / sizeof *NAME

static const struct run_word mask[] = {
    WITH("-r", RUN_REGIONS), WITH("-a", RUN_ATLAS), WITH("--atlas-path", RUN_ATLAS_PATHS), WITH("-l", RUN_ATLAS_LABELS), WITH("--atlas-name", RUN_ATLAS_NAME),
    FLAG("--bilateral", RUN_BILATERAL), WITH("--orientation", RUN_ORIENTATION), WITH("-g", RUN_IMAGE), ITEM(RUN_PASS), MAKE("-o", RUN_MASK),
    END
};

static const struct run_word extract[] = {
    WITH("-m", RUN_MASK), WITH("--brain-mask", RUN_BRAIN), WITH("--tr", RUN_TR), WITH("--summary", RUN_SUMMARY), WITH("--orientation", RUN_ORIENTATION),
    WITH("--dummy-scans", RUN_DUMMY_SCANS), ITEM(RUN_PASS), MAKE("-o", RUN_SERIES), ITEM(RUN_IMAGE), END
};

static const struct run_word design[] = {
    WITH("-e", RUN_EVENTS), WITH("-c", RUN_REGRESSOR_TABLE), WITH("--confounds", RUN_REGRESSORS), WITH("--hrf", RUN_HRF), WITH("--high-pass", RUN_HIGH_PASS),
    WITH("--event-duration", RUN_EVENT_DURATIONS), WITH("--dummy-scans", RUN_DUMMY_SCANS), ITEM(RUN_PASS), MAKE("-o", RUN_DESIGN),
    ITEM(RUN_SERIES), END
};

static const struct run_word glm[] = {
    WITH("-d", RUN_DESIGN), WITH("--contrast", RUN_CONTRASTS), WITH("--noise", RUN_NOISE), ITEM(RUN_PASS), MAKE("-o", RUN_GLM), ITEM(RUN_SERIES),
    END
};

static const struct run_word coupling[] = {
    WITH("-c", RUN_CONFOUNDS), ITEM(RUN_PASS), MAKE("-o", RUN_COUPLING), ITEM(RUN_GLM), END
};

/* How the response changes over the run, and the halves that tell how reliable it is. */
static const struct run_word habituation[] = {
    WITH("-e", RUN_EVENTS), WITH("-c", RUN_REGRESSOR_TABLE), WITH("--confounds", RUN_REGRESSORS), WITH("--hrf", RUN_HRF),
    WITH("--high-pass", RUN_HIGH_PASS), WITH("--event-duration", RUN_EVENT_DURATIONS), WITH("--contrast", RUN_CONTRASTS), WITH("--noise", RUN_NOISE),
    WITH("--dummy-scans", RUN_DUMMY_SCANS), FLAG("--where-possible", RUN_ALWAYS), ITEM(RUN_PASS), MAKE("--halves", RUN_HALVES),
    MAKE("-o", RUN_HABITUATION), ITEM(RUN_SERIES), END
};

/* Where the same analysis must find nothing. */
static const struct run_word null[] = {
    WITH("-e", RUN_EVENTS), WITH("-c", RUN_REGRESSOR_TABLE), WITH("--confounds", RUN_REGRESSORS), WITH("--high-pass", RUN_HIGH_PASS),
    WITH("--event-duration", RUN_EVENT_DURATIONS), WITH("--dummy-scans", RUN_DUMMY_SCANS), FLAG("--where-possible", RUN_ALWAYS), ITEM(RUN_PASS),
    MAKE("-o", RUN_NULL), ITEM(RUN_SERIES), END
};

static const struct run_word qc[] = {
    WITH("-m", RUN_MASK), WITH("--brain-mask", RUN_BRAIN), WITH("-d", RUN_DESIGN), WITH("-c", RUN_CONFOUNDS), MAKE("--figure", RUN_PICTURE),
    WITH("--orientation", RUN_ORIENTATION), ITEM(RUN_PASS), MAKE("-o", RUN_QC), ITEM(RUN_IMAGE), END
};

static const struct run_step task_steps[] = {
    { "nvc-mask", mask, RUN_ALWAYS }, { "nvc-extract", extract, RUN_ALWAYS }, { "nvc-design", design, RUN_ALWAYS }, { "nvc-glm", glm, RUN_ALWAYS },
    { "nvc-coupling", coupling, RUN_ALWAYS }, { "nvc-habituation", habituation, RUN_ALWAYS },
    { "nvc-null", null, RUN_ALWAYS }, { "nvc-qc", qc, RUN_QUALITY }
};
const struct run_chain run_task_chain = {
    { RUN_IMAGE, RUN_EVENTS, RUN_CONFOUNDS, RUN_BRAIN, RUN_SIDECAR, RUN_ATLAS_IMAGE, RUN_ATLAS_LABELS }, { RUN_EVENTS, RUN_CONFOUNDS },
    { RUN_COUPLING }, STEPS(task_steps)
};

/* Confounds are taken out once, in one projection with the band or the drift, by each command from the image or the series as it was. */
static const struct run_word activity[] = {
    WITH("-m", RUN_MASK), WITH("--brain-mask", RUN_BRAIN), WITH("--tr", RUN_TR), WITH("--orientation", RUN_ORIENTATION), WITH("-c", RUN_REGRESSOR_TABLE),
    WITH("--confounds", RUN_REGRESSORS), FLAG("--where-possible", RUN_ALWAYS), ITEM(RUN_PASS), MAKE("--halves", RUN_HALVES), MAKE("-o", RUN_ACTIVITY),
    ITEM(RUN_IMAGE), END
};

static const struct run_word width[] = {
    FLAG("--rest", RUN_ALWAYS), WITH("-c", RUN_REGRESSOR_TABLE), WITH("--confounds", RUN_REGRESSORS), WITH("--high-pass", RUN_HIGH_PASS), ITEM(RUN_PASS),
    MAKE("-o", RUN_SHAPE), ITEM(RUN_SERIES), END
};

static const struct run_step rest_steps[] = {
    { "nvc-mask", mask, RUN_ALWAYS }, { "nvc-extract", extract, RUN_ALWAYS }, { "nvc-activity", activity, RUN_ALWAYS }, { "nvc-hrf", width, RUN_ALWAYS },
    { "nvc-qc", qc, RUN_QUALITY }
};
const struct run_chain run_rest_chain = {
    { RUN_IMAGE, RUN_CONFOUNDS, RUN_BRAIN, RUN_SIDECAR, RUN_ATLAS_IMAGE, RUN_ATLAS_LABELS }, { RUN_CONFOUNDS },
    { RUN_ACTIVITY, RUN_SHAPE }, STEPS(rest_steps)
};

static const struct run_word spread[] = {
    WITH("-m", RUN_MASKS), MAKE("--overlap", RUN_OVERLAP), ITEM(RUN_PASS), MAKE("-o", RUN_COUPLING), ITEM(RUN_TABLES), END
};

static const struct run_step spread_steps[] = { { "nvc-spread", spread, RUN_ALWAYS } };
const struct run_chain run_spread_chain = { { RUN_MASKS, RUN_TABLES }, { 0 }, { RUN_COUPLING }, STEPS(spread_steps) };

const struct run_chain *const run_chains[] = { &run_task_chain, &run_rest_chain, &run_spread_chain, NULL };
