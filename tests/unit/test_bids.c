#include "nvc.h"

#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static struct nvc_error err;

static void names_are_read_by_their_entities(void **state)
{
    (void)state;
    struct nvc_bids_name n;
    static const char whole[] =
        "/x_y/sub-01_ses-2b_task-faces_acq-mb_run-03_space-MNI152NLin6Asym_res-2_desc-preproc_bold.nii.gz";
    assert_int_equal(nvc_bids_parse(&n, whole, &err), 0);
    assert_string_equal(n.participant_id, "sub-01");
    assert_string_equal(n.session, "2b");
    assert_string_equal(n.task, "faces");
    assert_string_equal(n.run, "03");
    assert_string_equal(n.space, "MNI152NLin6Asym");
    assert_string_equal(n.desc, "preproc");
    assert_string_equal(n.atlas, "n/a");
    assert_string_equal(n.suffix, "bold");
    assert_int_equal(nvc_bids_parse(&n, "filtered_func_data.nii", &err), 0);
    assert_string_equal(n.participant_id, "n/a");
    assert_string_equal(n.suffix, "data");
    assert_int_equal(nvc_bids_parse(&n, "task-_sub-.nii", &err), 0);
    assert_string_equal(n.task, "n/a");
    assert_string_equal(n.participant_id, "n/a");
    assert_int_equal(nvc_bids_parse(&n, "-", &err), 0);
    assert_string_equal(n.suffix, "n/a");
    assert_int_equal(nvc_bids_parse(&n, "", &err), 0);
    char longest[200] = "sub-01_task-";
    memset(longest + 12, 'x', 95);
    assert_int_equal(nvc_bids_parse(&n, longest, &err), 0);
    longest[12 + 95] = 'x';
    assert_int_equal(nvc_bids_parse(&n, longest, &err), NVC_EDATA);
    assert_non_null(strstr(err.text, "96 characters"));
}

static void stems_lose_only_known_endings(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "x/y_bold.nii.gz", "x/y_bold" }, { "y.nii", "y" }, { "y.hdr", "y" }, { "y.img", "y" }, { "y.img.gz", "y" },
        { "y.tsv", "y" }, { "y.tsv.gz", "y" }, { "y.csv", "y" }, { "y.csv.gz", "y" }, { "y.json", "y" },
        { "y.v2.tsv", "y.v2" }, { "y.txt", "y.txt" }, { "y.gz", "y.gz" }, { "d.nii/y", "d.nii/y" },
        { "d/.nii", "d/.nii" }, { "", "" }, { "-", "-" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *stem = nvc_bids_stem(cases[i][0], &err);
        assert_string_equal(stem, cases[i][1]);
        free(stem);
    }
}

static void a_sidecar_is_absent_sound_or_refused(void **state)
{
    (void)state;
    json_t *meta = NULL;
    (void)scratch_text("a_bold.json", "{\"RepetitionTime\":2}");
    assert_int_equal(nvc_bids_sidecar(&meta, scratch_path("a_bold.nii.gz"), &err), 0);
    assert_int_equal(json_integer_value(json_object_get(meta, "RepetitionTime")), 2);
    json_decref(meta);
    assert_int_equal(nvc_bids_sidecar(&meta, scratch_path("b_bold.nii.gz"), &err), 0);
    assert_null(meta);
    (void)scratch_text("a_bold.json", "{\"RepetitionTime\":");
    assert_int_equal(nvc_bids_sidecar(&meta, scratch_path("a_bold.nii.gz"), &err), NVC_EDATA);
    assert_int_equal(symlink("nowhere.json", scratch_path("c_bold.json")), 0);
    assert_int_equal(nvc_bids_sidecar(&meta, scratch_path("c_bold.nii.gz"), &err), NVC_ESYS);
    assert_non_null(strstr(err.text, "c_bold.json"));
}

/* What follows `root` in a path, "-" for NULL. */
static const char *below(const char *path, const char *root)
{
    return path ? path + strlen(root) + 1 : "-";
}

static void runs_are_found_with_their_files(void **state)
{
    (void)state;
    static const char *const files[] = {
        "tree/participants.tsv", "tree/task-faces_events.tsv", "tree/sub-02.html", "tree/sub-03",
        "tree/code/sub-09/func/sub-09_task-x_bold.nii",
        "tree/sub-10/func/sub-10_task-faces_space-A_desc-preproc_bold.nii.gz",
        "tree/sub-10/func/sub-10_task-faces_space-B_desc-preproc_bold.nii.gz",
        "tree/sub-10/func/sub-10_task-faces_space-A_desc-preproc_bold.json",
        "tree/sub-10/func/sub-10_task-faces_space-A_desc-brain_mask.nii.gz",
        "tree/sub-10/func/sub-10_task-faces_desc-confounds_timeseries.tsv",
        "tree/sub-10/func/sub-10_task-faces_space-A_boldref.nii.gz",
        "tree/sub-10/func/sub-10_task-faces_echo-1_desc-preproc_bold.nii.gz",
        "tree/sub-10/func/._sub-10_task-faces_space-A_desc-preproc_bold.nii.gz",
        "tree/sub-10/anat/sub-10_desc-preproc_T1w.nii.gz",
        "tree/sub-2/ses-b/func/sub-2_ses-b_task-faces_run-1_bold.nii",
        "tree/sub-2/ses-b/func/sub-2_ses-b_task-faces_run-2_bold.nii.gz",
        "tree/sub-2/ses-b/func/sub-2_ses-b_task-faces_run-2_space-A_desc-smooth_bold.nii.gz",
        "tree/sub-2/ses-b/func/sub-2_ses-b_task-faces_run-1_events.tsv",
        "tree/sub-2/ses-b/func/sub-2_ses-b_task-faces_run-1_desc-confounds_regressors.tsv",
        "tree/sub-2/ses-a/func/sub-2_ses-a_task-faces_space-A_desc-preproc_bold.nii",
        "tree/sub-2/ses-a/func/sub-2_ses-a_task-faces_bold.nii",
        "tree/sub-2/sub-2_task-faces_events.tsv",
    };
    static const char *const expected[] = {
        "sub-10/func/sub-10_task-faces_space-A_desc-preproc_bold.nii.gz task-faces_events.tsv "
        "sub-10/func/sub-10_task-faces_desc-confounds_timeseries.tsv "
        "sub-10/func/sub-10_task-faces_space-A_desc-brain_mask.nii.gz "
        "sub-10/func/sub-10_task-faces_space-A_desc-preproc_bold.json",
        "sub-10/func/sub-10_task-faces_space-B_desc-preproc_bold.nii.gz task-faces_events.tsv "
        "sub-10/func/sub-10_task-faces_desc-confounds_timeseries.tsv - -",
        "sub-2/ses-a/func/sub-2_ses-a_task-faces_space-A_desc-preproc_bold.nii sub-2/sub-2_task-faces_events.tsv - - -",
        "sub-2/ses-b/func/sub-2_ses-b_task-faces_run-1_bold.nii "
        "sub-2/ses-b/func/sub-2_ses-b_task-faces_run-1_events.tsv "
        "sub-2/ses-b/func/sub-2_ses-b_task-faces_run-1_desc-confounds_regressors.tsv - -",
        "sub-2/ses-b/func/sub-2_ses-b_task-faces_run-2_bold.nii.gz sub-2/sub-2_task-faces_events.tsv - - -",
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        scratch_leaf(files[i]);
    assert_int_equal(symlink("..", scratch_path("tree/sub-10/ses-loop")), 0);
    assert_int_equal(symlink(".", scratch_path("tree/sub-loop")), 0);
    char root[300];
    (void)snprintf(root, sizeof root, "%s", scratch_path("tree"));
    struct nvc_bids_run *runs;
    size_t n;
    assert_int_equal(nvc_bids_find_runs(&runs, &n, root, NULL, &err), 0);
    assert_int_equal(n, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < n; i++) {
        struct nvc_text seen = { 0 };
        const struct nvc_bids_run *r = &runs[i];
        assert_int_equal(nvc_text_printf(&seen, &err, "%s %s %s %s %s", below(r->bold, root), below(r->events, root),
                                         below(r->confounds, root), below(r->brain_mask, root),
                                         below(r->sidecar, root)), 0);
        assert_string_equal(seen.data, expected[i]);
        nvc_text_release(&seen);
    }
    assert_string_equal(runs[3].name.run, "1");
    nvc_bids_runs_free(runs, n);

    static const struct { struct nvc_bids_filter filter; size_t n; } filters[] = {
        { { .participant = "2" }, 3 }, { { .participant = "sub-10" }, 2 }, { { .participant = "1" }, 0 },
        { { .session = "b" }, 2 },     { { .session = "ses-a" }, 1 },      { { .task = "rest" }, 0 },
        { { .run = "1" }, 1 },         { { .space = "A" }, 2 },            { { .space = "n/a" }, 2 },
        { { .participant = "2", .space = "A" }, 1 },
    };
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        assert_int_equal(nvc_bids_find_runs(&runs, &n, root, &filters[i].filter, &err), 0);
        assert_int_equal(n, filters[i].n);
        nvc_bids_runs_free(runs, n);
    }
}

static void a_doubtful_dataset_is_refused(void **state)
{
    (void)state;
    struct nvc_bids_run *runs;
    size_t n;
    assert_int_equal(nvc_bids_find_runs(&runs, &n, scratch_path("absent"), NULL, &err), NVC_ESYS);
    assert_int_equal(nvc_bids_find_runs(&runs, &n, scratch_text("file", ""), NULL, &err), NVC_EDATA);
    scratch_leaf("twice/sub-1/func/sub-1_task-x_bold.nii");
    scratch_leaf("twice/sub-1/func/sub-1_task-x_bold.nii.gz");
    assert_int_equal(nvc_bids_find_runs(&runs, &n, scratch_path("twice"), NULL, &err), NVC_EDATA);
    assert_non_null(strstr(err.text, "remove one of the two"));
    scratch_leaf("nothing/here");
    assert_int_equal(nvc_bids_find_runs(&runs, &n, scratch_path("nothing"), NULL, &err), 0);
    assert_int_equal(n, 0);
    nvc_bids_runs_free(runs, n);
}

static void events_may_stand_in_another_dataset(void **state)
{
    (void)state;
    char *events;
    static const char bold[] = "/elsewhere/sub-1/ses-2/func/sub-1_ses-2_task-x_run-1_space-A_desc-preproc_bold.nii.gz";
    scratch_leaf("raw/task-x_events.tsv");
    scratch_leaf("raw/task-y_events.tsv");
    scratch_leaf("raw/sub-1/ses-2/func/sub-1_ses-2_task-x_run-11_events.tsv");
    char root[300];
    (void)snprintf(root, sizeof root, "%s", scratch_path("raw"));
    assert_int_equal(nvc_bids_find_events(&events, root, bold, &err), 0);
    assert_string_equal(below(events, root), "task-x_events.tsv");
    free(events);
    scratch_leaf("raw/sub-1/ses-2/func/sub-1_ses-2_task-x_run-1_events.tsv");
    assert_int_equal(nvc_bids_find_events(&events, root, bold, &err), 0);
    assert_string_equal(below(events, root), "sub-1/ses-2/func/sub-1_ses-2_task-x_run-1_events.tsv");
    free(events);
    assert_int_equal(nvc_bids_find_events(&events, root, "sub-1_task-z_bold.nii", &err), 0);
    assert_null(events);
}

static void perfusion_is_found_once_a_run(void **state)
{
    (void)state;
    static const char *const files[] = {
        "flow/sub-1/perf/sub-1_asl.nii.gz", "flow/sub-1/perf/sub-1_asl.json", "flow/sub-1/perf/sub-1_aslcontext.tsv", "flow/sub-1/perf/sub-1_m0scan.nii.gz",
        "flow/sub-2/perf/sub-2_asl.nii.gz", "flow/sub-2/perf/sub-2_space-A_desc-preproc_asl.nii.gz", "flow/sub-2/perf/sub-2_space-A_cbf.nii.gz",
        "flow/sub-2/perf/sub-2_space-A_desc-timeseries_cbf.nii.gz", "flow/sub-2/perf/sub-2_space-A_desc-basil_cbf.nii.gz",
        "flow/sub-2/perf/sub-2_space-B_desc-preproc_asl.nii", "flow/sub-2/perf/sub-2_space-B_desc-brain_mask.nii.gz",
        "flow/sub-2/perf/sub-2_space-A_label-GM_probseg.nii.gz", "flow/sub-2/anat/sub-2_space-A_res-2_label-GM_probseg.nii.gz",
        "flow/sub-2/anat/sub-2_space-B_label-GM_probseg.nii.gz", "flow/sub-2/anat/sub-2_space-A_label-WM_probseg.nii.gz",
        "flow/sub-2/func/sub-2_task-rest_space-A_bold.nii.gz",
    };
    static const char *const expected[] = {
        "sub-1/perf/sub-1_asl.nii.gz asl sub-1/perf/sub-1_aslcontext.tsv sub-1/perf/sub-1_m0scan.nii.gz sub-1/perf/sub-1_asl.json -",
        "sub-2/perf/sub-2_space-A_cbf.nii.gz cbf - - - -",
        "sub-2/perf/sub-2_space-B_desc-preproc_asl.nii asl - - - sub-2/perf/sub-2_space-B_desc-brain_mask.nii.gz",
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        scratch_leaf(files[i]);
    char root[300], image[400], *grey[4] = { NULL };
    (void)snprintf(root, sizeof root, "%s", scratch_path("flow"));
    struct nvc_bids_run *runs;
    size_t n;
    assert_int_equal(nvc_bids_find_perfusion(&runs, &n, root, NULL, &err), 0);
    assert_int_equal(n, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < n; i++) {
        struct nvc_text seen = { 0 };
        const struct nvc_bids_run *r = &runs[i];
        assert_int_equal(nvc_text_printf(&seen, &err, "%s %s %s %s %s %s", below(r->bold, root), r->name.suffix, below(r->context, root),
                                         below(r->m0, root), below(r->sidecar, root), below(r->brain_mask, root)), 0);
        assert_string_equal(seen.data, expected[i]);
        nvc_text_release(&seen);
    }
    nvc_bids_runs_free(runs, n);
    (void)snprintf(image, sizeof image, "%s/sub-2/func/sub-2_task-rest_space-A_bold.nii.gz", root);
    assert_int_equal(nvc_bids_find_grey(grey, &n, 4, image, &err), 0);
    assert_int_equal(n, 2);
    assert_string_equal(below(grey[0], root), "sub-2/perf/sub-2_space-A_label-GM_probseg.nii.gz");
    assert_string_equal(below(grey[1], root), "sub-2/anat/sub-2_space-A_res-2_label-GM_probseg.nii.gz");
    free(grey[0]);
    free(grey[1]);
}

static void the_localizer_is_found(void **state)
{
    (void)state;
    char root[512];
    struct nvc_bids_run *runs;
    struct stat st;
    size_t n;
    const char *reference = getenv("NVC_REFERENCE");
    (void)snprintf(root, sizeof root, "%s/data/localizer", reference && *reference ? reference : SRCDIR "/../shared");
    if (stat(root, &st))
        skip();
    assert_int_equal(nvc_bids_find_runs(&runs, &n, root, NULL, &err), 0);
    assert_int_equal(n, 1);
    assert_string_equal(runs->name.task, "objectcategories");
    assert_true(runs->events && runs->confounds && runs->brain_mask && runs->sidecar);
    nvc_bids_runs_free(runs, n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_read_by_their_entities),
        cmocka_unit_test(stems_lose_only_known_endings),
        cmocka_unit_test(a_sidecar_is_absent_sound_or_refused),
        cmocka_unit_test(runs_are_found_with_their_files),
        cmocka_unit_test(a_doubtful_dataset_is_refused),
        cmocka_unit_test(events_may_stand_in_another_dataset),
        cmocka_unit_test(perfusion_is_found_once_a_run),
        cmocka_unit_test(the_localizer_is_found),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
