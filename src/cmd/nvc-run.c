#include "base/memory.h"
#include "cli/cmd.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cmd/shared/defaults.h"
#include "cmd/run/group.h"
#include "cmd/run/plan.h"
#include "cmd/run/study.h"
#include "cmd/run/work.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
    struct nvc_list rest, rest_confounds;
    struct nvc_list participants, sessions, tasks, spaces, atlases, regions, contrasts, confounds, event_durations, pass, atlas_paths;
    const char *hrf, *noise, *tr, *summary, *orientation, *parcels;
    const char *participants_tsv, *group, *case_label, *control_label, *runs, *covariates;
    const char *site, *primary, *permutations, *scores, *lock;
    struct nvc_list exclude, control_regions;
    double high_pass_s;
    int dummy_scans, bilateral, no_confounds, no_asl, no_qc, report, jobs, force, dry_run;
};
static const struct options defaults = { .high_pass_s = NAN, .jobs = NVC_NO_INT };

static const struct nvc_opt opts[] = {
    OPT_GROUP("Which runs"),
    OPT_LIST(struct options, participants, 0, "participant-label", "LABEL", "only these participants, with or without sub-, parted by commas"),
    OPT_LIST(struct options, sessions, 0, "session-label", "LABEL", "only these sessions, also at group level"),
    OPT_LIST(struct options, tasks, 0, "task-label", "LABEL", "only these tasks, likewise; flow goes with rest"),
    OPT_LIST(struct options, spaces, 0, "space", "NAME", "only images in these spaces, likewise"),
    OPT_LIST(struct options, rest, 0, "rest", "TASK", "tasks that are rest (those whose name begins with rest); their events, if any, are passed over"),
    OPT_FLAG(struct options, no_asl, 0, "no-asl", "leave perfusion runs alone"),
    OPT_GROUP("Each run"),
    OPT_LIST(struct options, atlases, 'a', "atlas", "ATLAS",
             "builtin, names that nvc-mask --list prints, parted by commas, or NAME=IMAGE[,LABELS[,REGION...]]; each atlas is one chain, and "
             "with several each run gets rows that say how far its indices depend on the atlas"),
    OPT_LIST(struct options, atlas_paths, 0, "atlas-path", "DIR", "folder in which atlases are looked for by name, as for nvc-mask"),
    OPT_LIST(struct options, regions, 'r', "region", "REGION", "region as for nvc-mask (BLA)"),
    OPT_FLAG(struct options, bilateral, 0, "bilateral", "add the union of left and right as side B, as nvc-mask"),
    OPT_TEXT(struct options, summary, 0, "summary", "HOW", "how voxels become a series, as for nvc-extract"),
    OPT_TEXT(struct options, tr, 0, "tr", "TR", "header, sidecar or seconds, as for nvc-extract"),
    OPT_TEXT(struct options, orientation, 0, "orientation", "FORM", "sform or qform, where they disagree, as for nvc-mask"),
    OPT_INT(struct options, dummy_scans, 0, "dummy-scans", "N", 0, 1000, "volumes at the start to leave out of the model"),
    OPT_LIST(struct options, confounds, 0, "confounds", "WHICH",
             "confounds as for nvc-design (" NVC_RUN_CONFOUNDS ")", .exclusive = 1),
    OPT_LIST(struct options, rest_confounds, 0, "rest-confounds", "WHICH", "confounds of resting runs, as for nvc-activity, where they are others"),
    OPT_FLAG(struct options, no_confounds, 0, "no-confounds", "fit without confounds", .exclusive = 1),
    OPT_TEXT(struct options, hrf, 0, "hrf", "HRF", "response function, as for nvc-design"),
    OPT_REAL(struct options, high_pass_s, 0, "high-pass", "SECONDS", "s", 0, INFINITY, "cut-off period, as for nvc-design"),
    OPT_LIST(struct options, event_durations, 0, "event-duration", "[CONDITION=]SECONDS", "event that a percent signal change refers to, as for nvc-design"),
    OPT_LIST(struct options, contrasts, 'C', "contrast", "CONTRAST", "contrast as for nvc-glm; every condition is one by itself"),
    OPT_TEXT(struct options, noise, 0, "noise", "MODEL", "noise model, as for nvc-glm"),
    OPT_TEXT(struct options, parcels, 0, "parcels", "ATLAS",
             "50 and more parcels of grey matter, given as an atlas: of people with rest and flow the line of activity on flow, from which nvc_residual "
             "is the departure"),
    OPT_FLAG(struct options, no_qc, 0, "no-qc", "leave out nvc-qc, which reads each image a second time"),
    OPT_LIST(struct options, pass, 0, "pass", "COMMAND:WORD", "a further word for a command: --pass nvc-glm:--regressors"),
    OPT_GROUP("Group"),
    OPT_INPUT(struct options, participants_tsv, 'p', "participants", "TSV", "*.tsv", "variables of the participants (BIDS_DIR/participants.tsv)"),
    OPT_TEXT(struct options, group, 'g', "group", "COLUMN", "column that tells cases from controls, as for nvc-group"),
    OPT_TEXT(struct options, case_label, 0, "case", "LABEL", "what that column says of a case; needed at group level"),
    OPT_TEXT(struct options, control_label, 0, "control", "LABEL", "what it says of a control; without it everybody else"),
    OPT_TEXT(struct options, covariates, 'c', "covariates", "NAMES", "columns to adjust for, parted by commas, as for nvc-group"),
    OPT_TEXT(struct options, runs, 0, "runs", "HOW", "several runs of a participant, as for nvc-group"),
    OPT_TEXT(struct options, site, 0, "site", "COLUMN", "sites or scanners, as for nvc-group"),
    OPT_LIST(struct options, exclude, 'x', "exclude", "RULE", "leave out what the rule hits, as for nvc-group: 'qc=fail', 'mean_fd>0.5'"),
    OPT_TEXT(struct options, primary, 0, "primary", "KEY", "the one index that was declared beforehand, as for nvc-group"),
    OPT_LIST(struct options, control_regions, 0, "control-region", "REGION", "region that shows what is not specific, as for nvc-group"),
    OPT_TEXT(struct options, scores, 0, "scores", "NAMES", "columns of clinical scores, parted by commas, as for nvc-group"),
    OPT_TEXT(struct options, permutations, 0, "permutations", "N", "random permutations, as for nvc-group"),
    OPT_OUTPUT(struct options, lock, 0, "lock", "JSON", "*.json", "declare this analysis, or hold it to what was declared, as for nvc-group"),
    OPT_GROUP("Running"),
    OPT_INT(struct options, jobs, 'j', "jobs", "N", 1, 1024, "runs at a time (as many as there are processors)"),
    OPT_FLAG(struct options, report, 0, "report", "make a page by nvc-report: of each participant, or at group level of the cohort"),
    OPT_FLAG(struct options, force, 'f', "force", "do again what is done"),
    OPT_FLAG(struct options, dry_run, 'n', "dry-run", "print the commands, ready for a shell, and run none"),
    OPT_END
};

static const struct nvc_arg args[] = {
    { "BIDS_DIR", "derivatives folder with preprocessed images in standard space", NULL, 1, 1 },
    { "OUT", "folder for the results; made when it is not there", NULL, 1, 1 },
    { "LEVEL", "participant: every run through its chain; group: the tables of all into one", NULL, 1, 1 },
    { 0 }
};

static const char *const description[] = {
    "Analyse a cohort: for each run that BIDS_DIR holds, and each atlas, run a chain of the other commands as child processes; then, at "
    "group level, gather their tables and compare cases with controls by nvc-group. A run with a task goes through nvc-mask, nvc-extract, "
    "nvc-design, nvc-glm, nvc-coupling, nvc-habituation, nvc-null, nvc-qc; a resting run (task-rest..., or --rest) through nvc-mask, nvc-extract, "
    "nvc-activity, nvc-hrf --rest, nvc-qc; a perfusion run (perf/*_asl.nii.gz in a template's space with its context and sidecar, or a map *_cbf.nii.gz) "
    "through nvc-mask and nvc-cbf. Rest and flow of one session and space are then coupled by nvc-coupling: across voxels where they lie on one grid, "
    "by --parcels as the departure from the person's own line of activity on flow (nvc_residual). No map is resampled. "
    "Nothing is computed here: the results are those of the commands typed by hand, byte for byte, and each log in OUT/logs holds the "
    "commands ready to be typed.",
    "Runs are those with the ending _desc-preproc_bold.nii.gz (or plain _bold.nii.gz); events, confounds, brain mask, probability of grey matter "
    "(_label-GM_probseg on the grid of the run, in func, perf or anat) and metadata are found by their BIDS names. Results go to "
    "OUT/sub-X/[ses-Y/]func and perf.",
    "A run that fails, or a command that crashes, does not stop the others; failed runs are named at the end with their reason, their "
    "outputs are removed, and the exit status is 1. What is done is not done again: a run is left out when its commands, the version "
    "of nvctools, and size and time of change of its inputs and outputs are as OUT/logs says. After a crash or a kill the same "
    "command goes on where it was. Several nvc-run may work on one OUT at once, as on a cluster: each run is locked while it is at "
    "work.",
    NULL
};

static const struct nvc_example examples[] = {
    { "nvc-run . out participant --contrast 'faces_vs_shapes = face - shape' && "
      "nvc-run . out group --group group --case patient --covariates age,sex", "A case-control study from images to table:" },
    { "nvc-run . out group --case patient --covariates age,sex --exclude 'mean_fd>0.5' --primary psc.face.BLA_L "
      "--lock analysis.json", "The same with rules of exclusion and a primary index, declared beforehand:" },
    { "nvc-run . out participant --participant-label 01 --dry-run", "See what would be run:" },
    { "nvc-simulate -q --tiny --rest --asl --cases 2 --controls 2 --volumes 120 study && "
      "nvc-run study results participant --task-label rest --rest-confounds 6p --parcels blocks=study/tpl-MNI152NLin2009cAsym_atlas-blocks_dseg.nii.gz && "
      "nvc-run study results group --case patient --primary nvc_residual.rest.BLA_L", "Rest and flow, from images to the table:" },
    { 0 }
};
static const char *const see_also[] = { "nvc-mask(1)", "nvc-extract(1)", "nvc-design(1)", "nvc-glm(1)", "nvc-coupling(1)",
                                        "nvc-activity(1)", "nvc-cbf(1)",
                                        "nvc-group(1)", "nvc-simulate(1)", "nvctools(7)", NULL };

/* Every participant asked for must be there: a slip of the finger must not shrink a study. */
static int check_participants(const struct options *o, struct nvc_bids_run *const lists[2], const size_t n[2], const char *root,
                              struct nvc_error *err)
{
    for (size_t k = 0; k < o->participants.n; k++)
        for (const char *at = o->participants.items[k]; at;) {
            size_t length = strcspn(at, ",");
            char *label = nvc_strndup(at, length, err);
            const char *one[] = { label };
            bool found = false;
            if (!label)
                return (int)err->status;
            for (size_t i = 0; i < n[0] + n[1] && !found; i++)
                found = nvc_run_wanted((struct nvc_list) { one, 1 }, "sub-",
                                       (i < n[0] ? &lists[0][i] : &lists[1][i - n[0]])->name.participant_id);
            if (!found)
                (void)nvc_fail(err, NVC_EDATA, "%s: no run of participant '%s'", root, label);
            free(label);
            if (!found)
                return (int)err->status;
            at = at[length] ? at + length + 1 : NULL;
        }
    return 0;
}

static struct nvc_run_wish wish_of(const struct options *o, const char *out)
{
    static const char *const regions[] = { "BLA" }, *const confounds[] = { NVC_RUN_CONFOUNDS };
    return (struct nvc_run_wish) {
        .out = out, .rest = o->rest, .rest_confounds = o->rest_confounds,
        .regions = o->regions.n ? o->regions : (struct nvc_list) { regions, 1 }, .contrasts = o->contrasts,
        .confounds = o->confounds.n ? o->confounds : (struct nvc_list) { confounds, 1 }, .pass = o->pass, .hrf = o->hrf,
        .noise = o->noise, .tr = o->tr, .event_durations = o->event_durations, .summary = o->summary, .orientation = o->orientation,
        .atlas_paths = o->atlas_paths, .high_pass_s = o->high_pass_s, .dummy_scans = o->dummy_scans, .bilateral = o->bilateral,
        .no_confounds = o->no_confounds, .no_qc = o->no_qc
    };
}

static int parse_atlases(struct nvc_run_atlas **atlases, size_t *n, struct nvc_list texts, const struct nvc_list *paths,
                         struct nvc_error *err)
{
    static const char *const builtin[] = { "builtin" };
    size_t cap = 0;
    int status = 0;
    if (!texts.n)
        texts = (struct nvc_list) { builtin, 1 };
    for (size_t i = 0; !status && i < texts.n; i++)
        for (const char *at = texts.items[i]; !status && at;)
            if (!(status = nvc_grow(atlases, &cap, *n + 1, sizeof **atlases, err)))
                status = nvc_run_atlas_parse(&(*atlases)[(*n)++], &at, paths, err);
    for (size_t i = 0; !status && i < *n; i++)
        for (size_t k = 0; !status && k < i; k++)
            if (!strcmp((*atlases)[i].name, (*atlases)[k].name))
                status = nvc_fail(err, NVC_EUSAGE, "two atlases named '%s': their files would have the same names",
                                  (*atlases)[i].name);
    for (size_t i = 0; !status && i < *n; i++)
        if (*n > 1 && !strcmp((*atlases)[i].name, "all"))
            status = nvc_fail(err, NVC_EUSAGE, "atlas 'all': the rows over all atlases have that name");
    return status;
}

/* BOLD runs and then those of flow, unless only tasks were asked for. */
static int find_runs(struct nvc_bids_run *lists[2], size_t n[2], const struct options *o, const char *root, struct nvc_error *err)
{
    int status = nvc_bids_find_runs(&lists[0], &n[0], root, &(struct nvc_bids_filter) { 0 }, err);
    if (!status && !o->no_asl)
        status = nvc_bids_find_perfusion(&lists[1], &n[1], root, &(struct nvc_bids_filter) { 0 }, err);
    if (!status && !n[0] && !n[1])
        return nvc_fail(err, NVC_EDATA, "%s: no sub-*_bold.nii.gz in a func folder and no sub-*_asl.nii.gz in a perf folder; a BIDS derivatives folder "
                        "is wanted", root);
    return status ? status : check_participants(o, lists, n, root, err);
}

/* Keep the runs asked for, BOLD in front.  Flow has no task: with --task-label it comes with a resting run. */
static size_t choose_runs(const struct options *o, const struct nvc_run_wish *wish, const struct nvc_bids_run **chosen, struct nvc_bids_run *lists[2],
                          const size_t n[2])
{
    size_t kept = 0;
    bool rest = !o->tasks.n;
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < n[k]; i++) {
            const struct nvc_bids_name *name = &lists[k][i].name;
            if (!nvc_run_wanted(o->participants, "sub-", name->participant_id) || !nvc_run_wanted(o->sessions, "ses-", name->session) ||
                !nvc_run_wanted(o->spaces, "space-", name->space) || (k ? !rest : !nvc_run_wanted(o->tasks, "task-", name->task)))
                continue;
            rest = rest || nvc_run_is_rest(&lists[k][i], wish);
            chosen[kept++] = &lists[k][i];
        }
    return kept;
}

static int work_on(struct nvc_bids_run *lists[2], const size_t n[2], const struct nvc_run_atlas *atlases, size_t n_atlases,
                   const struct nvc_run_atlas *parcels, const struct options *o, const char *root, const char *out, struct nvc_error *err)
{
    struct nvc_run_wish wish = wish_of(o, out);
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const struct nvc_bids_run **chosen = nvc_array(n[0] + n[1], sizeof(const struct nvc_bids_run *), err);
    if (!chosen)
        return NVC_ESYS;
    wish.parcels = parcels;
    const struct nvc_run_study study = {
        .runs = chosen, .n_runs = choose_runs(o, &wish, chosen, lists, n), .atlases = atlases, .n_atlases = n_atlases, .wish = &wish,
        .n_parallel = (size_t)(o->jobs != NVC_NO_INT ? o->jobs : processors > 0 ? (int)processors : 1), .report = o->report, .force = o->force,
        .dry_run = o->dry_run
    };
    const int status = study.n_runs ? nvc_run_study(&study, err)
                                    : nvc_fail(err, NVC_EDATA, "%s: none of the %zu runs found is one that was asked for; the first of them is %s",
                                               root, n[0] + n[1], lists[n[0] ? 0 : 1][0].bold);
    free(chosen);
    return status;
}

static int participant_level(const struct options *o, const char *root, const char *out, struct nvc_error *err)
{
    struct nvc_bids_run *lists[2] = { NULL, NULL };
    struct nvc_run_atlas *atlases = NULL, *parcels = NULL;
    size_t n[2] = { 0, 0 }, n_atlases = 0, n_parcels = 0;
    int status = parse_atlases(&atlases, &n_atlases, o->atlases, &o->atlas_paths, err);
    if (!status && o->parcels)
        status = parse_atlases(&parcels, &n_parcels, (struct nvc_list) { &o->parcels, 1 }, &o->atlas_paths, err);
    if (!status && n_parcels > 1)
        status = nvc_fail(err, NVC_EUSAGE, "--parcels '%s': one atlas of parcels is wanted", o->parcels);
    if (!status)
        status = find_runs(lists, n, o, root, err);
    if (!status)
        status = work_on(lists, n, atlases, n_atlases, parcels, o, root, out, err);
    for (size_t i = 0; i < n_atlases; i++)
        nvc_run_atlas_release(&atlases[i]);
    for (size_t i = 0; i < n_parcels; i++)
        nvc_run_atlas_release(&parcels[i]);
    free(atlases);
    free(parcels);
    nvc_bids_runs_free(lists[0], n[0]);
    nvc_bids_runs_free(lists[1], n[1]);
    return status;
}

/* Absolute, so that logs hold commands that can be typed anywhere. */
static int absolute(char **path, const char *given, struct nvc_error *err)
{
    *path = realpath(given, NULL);
    return *path ? 0 : nvc_fail(err, NVC_ESYS, "%s: %s", given, strerror(errno));
}

static int prepare(char **root, char **out, char **arg, bool dry, struct nvc_error *err)
{
    bool participant = !strcmp(arg[2], "participant");
    if (!participant && strcmp(arg[2], "group"))
        return nvc_fail(err, NVC_EUSAGE, "level '%s': wanted participant or group", arg[2]);
    int status = absolute(root, arg[0], err);
    if (!status && participant && !dry) {
        char *logs = nvc_sprintf(err, "%s/logs", arg[1]);
        status = logs ? nvc_make_folders(logs, err) : NVC_ESYS;
        free(logs);
    }
    if (status)
        return status;
    if (dry && access(arg[1], F_OK)) { /* nothing is made, not even the folder */
        *out = nvc_strdup(arg[1], err);
        return *out ? 0 : NVC_ESYS;
    }
    if (!participant && access(arg[1], F_OK))
        return nvc_fail(err, NVC_ESYS, "%s: there are no results yet; run the participant level first", arg[1]);
    status = absolute(out, arg[1], err);
    return status || !participant || dry ? status : nvc_run_describe(*out, err);
}

static int run(const void *options, char **arg, int n_args, struct nvc_error *err)
{
    const struct options *o = options;
    char *root = NULL, *out = NULL;
    (void)n_args;
    int status = nvc_run_pass_check(o->pass, err);
    if (!status && o->no_confounds && o->rest_confounds.n)
        status = nvc_fail(err, NVC_EUSAGE, "--no-confounds and --rest-confounds: say one of them");
    if (!status)
        status = prepare(&root, &out, arg, o->dry_run, err);
    if (!status && !strcmp(arg[2], "participant"))
        status = participant_level(o, root, out, err);
    else if (!status)
        status = nvc_run_group(&(struct nvc_run_group_wish) {
            .root = root, .out = out, .participants_tsv = o->participants_tsv, .group = o->group, .case_label = o->case_label,
            .control_label = o->control_label, .runs = o->runs, .covariates = o->covariates, .site = o->site,
            .primary = o->primary, .permutations = o->permutations, .scores = o->scores, .lock = o->lock,
            .exclude = o->exclude, .control_regions = o->control_regions, .only = o->participants, .sessions = o->sessions, .tasks = o->tasks, .spaces = o->spaces,
            .pass = o->pass, .dry_run = o->dry_run, .report = o->report }, err);
    free(root);
    free(out);
    return status;
}

static const struct nvc_cmd nvc_run_cmd = {
    .name = "nvc-run", .summary = "analyse a cohort, from images to a case-control table", .description = description,
    .args = args, .opts = opts, .examples = examples, .see_also = see_also, .defaults = &defaults,
    .size = sizeof defaults, .run = run
};

int main(int argc, char **argv)
{
    return nvc_main(&nvc_run_cmd, argc, argv);
}
