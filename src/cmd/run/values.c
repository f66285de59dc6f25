#include "cmd/run/step.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What kind of flow an image holds. */
static void take_kind(struct run_values *v, const struct nvc_bids_run *run)
{
    const bool flow = nvc_run_is_flow(run), map = flow && !strcmp(run->name.suffix, "cbf");
    run_set(v, RUN_IS_MAP, map ? "" : NULL);
    run_set(v, RUN_IS_RAW, flow && !map ? "" : NULL);
}

void run_take_run(struct run_values *v, const struct nvc_bids_run *run, const struct nvc_run_pair *pair)
{
    run_set(v, RUN_IMAGE, run->bold);
    run_set(v, RUN_EVENTS, run->events);
    run_set(v, RUN_CONFOUNDS, run->confounds);
    run_set(v, RUN_BRAIN, run->brain_mask);
    run_set(v, RUN_SIDECAR, run->sidecar);
    run_set(v, RUN_CONTEXT, run->context);
    run_set(v, RUN_M0, run->m0);
    run_set(v, RUN_GREY, pair->grey);
    take_kind(v, run);
}

void run_take_atlas(struct run_values *v, const struct nvc_run_atlas *a, const struct nvc_run_wish *wish)
{
    v->of[RUN_REGIONS] = a->n_regions ? (struct nvc_list) { (const char *const *)a->regions, a->n_regions } : wish->regions;
    v->of[RUN_ATLAS_PATHS] = a->known ? wish->atlas_paths : (struct nvc_list) { 0 };
    run_set(v, RUN_ATLAS, a->known ? a->known : a->image);
    run_set(v, RUN_ATLAS_NAME, a->image && !a->known ? a->name : NULL);
    run_set(v, RUN_ATLAS_IMAGE, a->image);
    run_set(v, RUN_ATLAS_LABELS, a->labels);
}

static void take_parcels(struct run_values *v, const struct nvc_run_atlas *a, const struct nvc_run_wish *wish)
{
    static const char *const all[] = { "*" };
    v->of[RUN_PARCEL_REGIONS] = a->n_regions ? (struct nvc_list) { (const char *const *)a->regions, a->n_regions } : (struct nvc_list) { all, 1 };
    v->of[RUN_PARCEL_PATHS] = a->known ? wish->atlas_paths : (struct nvc_list) { 0 };
    run_set(v, RUN_PARCEL_ATLAS, a->known ? a->known : a->image);
    run_set(v, RUN_PARCEL_NAME, a->image && !a->known ? a->name : NULL);
    run_set(v, RUN_PARCEL_IMAGE, a->image);
    run_set(v, RUN_PARCEL_LABELS, a->labels);
}

static void take_number(struct run_values *v, enum run_value which, char *room, size_t size, double value, bool there)
{
    (void)snprintf(room, size, "%.17g", value);
    run_set(v, which, there ? room : NULL);
}

void run_take_wish(struct run_values *v, const struct nvc_run_wish *w, bool rest)
{
    if (!w->no_confounds)
        v->of[RUN_REGRESSORS] = rest && w->rest_confounds.n ? w->rest_confounds : w->confounds;
    run_set(v, RUN_REGRESSOR_TABLE, w->no_confounds ? NULL : v->one[RUN_CONFOUNDS]);
    if (w->parcels)
        take_parcels(v, w->parcels, w);
    v->of[RUN_EVENT_DURATIONS] = w->event_durations;
    v->of[RUN_CONTRASTS] = w->contrasts;
    v->of[RUN_PASS] = w->pass;
    run_set(v, RUN_BILATERAL, w->bilateral ? "" : NULL);
    run_set(v, RUN_QUALITY, w->no_qc ? NULL : "");
    run_set(v, RUN_ORIENTATION, w->orientation);
    run_set(v, RUN_TR, w->tr);
    run_set(v, RUN_SUMMARY, w->summary);
    run_set(v, RUN_HRF, w->hrf);
    run_set(v, RUN_NOISE, w->noise);
    take_number(v, RUN_HIGH_PASS, v->number[0], sizeof v->number[0], w->high_pass_s, isfinite(w->high_pass_s));
    take_number(v, RUN_DUMMY_SCANS, v->number[1], sizeof v->number[1], w->dummy_scans, w->dummy_scans > 0);
}
