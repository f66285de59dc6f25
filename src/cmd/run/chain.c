#include "cmd/run/step.h"

#define WITH(OPTION, VALUE) { OPTION, VALUE, RUN_TAKES, RUN_END }
#define FLAG(OPTION, VALUE) { OPTION, VALUE, RUN_SAYS, RUN_END }
#define MAKE(OPTION, VALUE) { OPTION, VALUE, RUN_MAKES, RUN_END }
#define LEAVE(VALUE, WHEN) { NULL, VALUE, RUN_LEAVES, WHEN }
#define ITEM(VALUE) { NULL, VALUE, RUN_TAKES, RUN_END }
#define END { NULL, RUN_END, RUN_TAKES, RUN_END }
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
    WITH("-m", RUN_MASK), WITH("--brain-mask", RUN_BRAIN), WITH("--grey-mask", RUN_GREY), WITH("--tr", RUN_TR), WITH("--orientation", RUN_ORIENTATION),
    WITH("-c", RUN_REGRESSOR_TABLE), WITH("--confounds", RUN_REGRESSORS), FLAG("--where-possible", RUN_ALWAYS), WITH("--maps", RUN_PREFIX),
    FLAG("--half-maps", RUN_PREFIX), LEAVE(RUN_ALFF_MAP, RUN_PREFIX), LEAVE(RUN_REHO_MAP, RUN_PREFIX), LEAVE(RUN_ALFF_FIRST, RUN_PREFIX),
    LEAVE(RUN_ALFF_SECOND, RUN_PREFIX), LEAVE(RUN_REHO_FIRST, RUN_PREFIX), LEAVE(RUN_REHO_SECOND, RUN_PREFIX), ITEM(RUN_PASS),
    MAKE("--halves", RUN_HALVES), MAKE("-o", RUN_ACTIVITY), ITEM(RUN_IMAGE), END
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
    { RUN_IMAGE, RUN_CONFOUNDS, RUN_BRAIN, RUN_GREY, RUN_SIDECAR, RUN_ATLAS_IMAGE, RUN_ATLAS_LABELS }, { RUN_CONFOUNDS },
    { RUN_ACTIVITY, RUN_SHAPE }, STEPS(rest_steps)
};

static const struct run_word flow[] = {
    WITH("-m", RUN_MASK), WITH("--brain-mask", RUN_BRAIN), WITH("--grey", RUN_GREY), WITH("--orientation", RUN_ORIENTATION), FLAG("--cbf-map", RUN_IS_MAP),
    WITH("--maps", RUN_PREFIX), FLAG("--halves", RUN_IS_RAW), LEAVE(RUN_FLOW_MAP, RUN_PREFIX), LEAVE(RUN_ODD_MAP, RUN_IS_RAW),
    LEAVE(RUN_EVEN_MAP, RUN_IS_RAW), ITEM(RUN_PASS), MAKE("-o", RUN_FLOW), ITEM(RUN_IMAGE), END
};

static const struct run_step flow_steps[] = { { "nvc-mask", mask, RUN_ALWAYS }, { "nvc-cbf", flow, RUN_ALWAYS } };
const struct run_chain run_flow_chain = {
    { RUN_IMAGE, RUN_CONTEXT, RUN_SIDECAR, RUN_M0, RUN_BRAIN, RUN_GREY, RUN_ATLAS_IMAGE, RUN_ATLAS_LABELS }, { 0 }, { RUN_FLOW }, STEPS(flow_steps)
};

/* Parcels of grey matter on a grid: with words that say which. */
#define PARCELS(NAME, GRID, MADE) \
    static const struct run_word NAME[] = { \
        WITH("-r", RUN_PARCEL_REGIONS), WITH("-a", RUN_PARCEL_ATLAS), WITH("--atlas-path", RUN_PARCEL_PATHS), WITH("-l", RUN_PARCEL_LABELS), \
        WITH("--atlas-name", RUN_PARCEL_NAME), WITH("--orientation", RUN_ORIENTATION), FLAG("--binary", RUN_ALWAYS), WITH("-g", GRID), \
        MAKE("-o", MADE), END \
    }
PARCELS(parcels, RUN_IMAGE, RUN_PARCEL_MASK);
PARCELS(rest_parcels, RUN_IMAGE, RUN_REST_PARCELS);
PARCELS(flow_parcels, RUN_FLOW_IMAGE, RUN_FLOW_PARCELS);

static const struct run_word parcel_activity[] = {
    WITH("-m", RUN_REST_PARCELS), WITH("--brain-mask", RUN_BRAIN), WITH("--tr", RUN_TR), WITH("--orientation", RUN_ORIENTATION),
    WITH("-c", RUN_REGRESSOR_TABLE), WITH("--confounds", RUN_REGRESSORS), ITEM(RUN_PASS), MAKE("-o", RUN_PARCEL_ACTIVITY), ITEM(RUN_IMAGE), END
};

static const struct run_word parcel_flow[] = {
    WITH("-m", RUN_FLOW_PARCELS), WITH("--brain-mask", RUN_FLOW_BRAIN), WITH("--orientation", RUN_ORIENTATION), FLAG("--cbf-map", RUN_IS_MAP),
    ITEM(RUN_PASS), MAKE("-o", RUN_PARCEL_FLOW), ITEM(RUN_FLOW_IMAGE), END
};

/* Across voxels and over parcels on one grid; on two, by rows of regions and parcels alone. */
static const struct run_word couple[] = {
    WITH("-m", RUN_REGION_MASK), WITH("--cbf", RUN_MAPS), WITH("--cbf-half", RUN_FLOW_HALVES), WITH("--activity", RUN_MAP_PAIRS),
    WITH("--activity-half", RUN_HALF_PAIRS), WITH("--grey", RUN_GREY),
    WITH("--parcels", RUN_PARCEL_MASK), WITH("--rows", RUN_TABLES), WITH("--parcel-rows", RUN_PARCEL_FLOW), WITH("--parcel-rows", RUN_PARCEL_ACTIVITY),
    WITH("--bids-name", RUN_NAME), ITEM(RUN_PASS), MAKE("-o", RUN_COUPLING), END
};

static const struct run_step couple_steps[] = {
    { "nvc-mask", parcels, RUN_TOGETHER }, { "nvc-mask", rest_parcels, RUN_APART }, { "nvc-activity", parcel_activity, RUN_APART },
    { "nvc-mask", flow_parcels, RUN_APART }, { "nvc-cbf", parcel_flow, RUN_APART }, { "nvc-coupling", couple, RUN_ALWAYS }
};
const struct run_chain run_couple_chain = {
    { RUN_TABLES, RUN_REGION_MASK, RUN_MAPS, RUN_FLOW_HALVES, RUN_GREY, RUN_PARCEL_IMAGE, RUN_PARCEL_LABELS, RUN_IMAGE, RUN_CONFOUNDS, RUN_FLOW_IMAGE },
    { 0 }, { RUN_COUPLING }, STEPS(couple_steps)
};

static const struct run_word spread[] = {
    WITH("-m", RUN_MASKS), MAKE("--overlap", RUN_OVERLAP), ITEM(RUN_PASS), MAKE("-o", RUN_COUPLING), ITEM(RUN_TABLES), END
};

static const struct run_step spread_steps[] = { { "nvc-spread", spread, RUN_ALWAYS } };
const struct run_chain run_spread_chain = { { RUN_MASKS, RUN_TABLES }, { 0 }, { RUN_COUPLING }, STEPS(spread_steps) };

const struct run_chain *const run_chains[] = { &run_task_chain, &run_rest_chain, &run_flow_chain, &run_couple_chain, &run_spread_chain, NULL };
