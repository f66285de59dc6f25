#include "cli/cmd.h"
#include "cli/output.h"
#include "cmd/report/files.h"
#include "cmd/report/page.h"

struct options {
    const char *title, *output;
};
static const struct options defaults = { .output = "-" };

static const struct nvc_opt opts[] = {
    OPT_GROUP("Page"),
    OPT_TEXT(struct options, title, 0, "title", "TEXT", "heading of the page; without it the participant, or Cohort"),
    OPT_GROUP("Output"),
    OPT_OUTPUT(struct options, output, 'o', "output", "HTML", "*.html", "the page"),
    OPT_END
};

static const struct nvc_arg args_table[] = {
    { "FILE", "outputs of the other commands: tables, pictures, texts; what has nothing to show is passed over",
      "*.tsv *.png *.svg *.md *.txt", 1, -1 },
    { 0 }
};

static const char *const description[] = {
    "One page for a person, or for a cohort, from what the other commands wrote: is the signal good enough, where does the mask lie, what are the "
    "indices, how far do they depend on the atlas, what do cases and controls differ in, how was it done, and what the numbers cannot tell.",
    "The page holds all it needs: pictures are in it, there is no script, and nothing is fetched, so that it can be read offline, mailed and "
    "printed.  Files are told apart by their columns and endings, so that a whole folder may be given; images, series, designs and sidecars are "
    "passed over.  With tables of one participant the page shows the indices; with several it counts the verdicts on quality, then "
    "shows what nvc-group was asked for with its figures, what follows from it, and the quality of everybody.  A picture of these commands says what "
    "it shows: that is its caption, and what a screen reader reads out.",
    "nvc-run --report makes the page of every participant and, at group level, of the cohort.",
    NULL
};

static const struct nvc_section sections[] = {
    { "WHAT THE PAGE CANNOT TELL", (const char *const[]){
        "It is the page of a research measure, not of a diagnosis, and says so at its head.  Numbers are rounded to three digits: the tables hold "
        "all of them.  A picture is shown as it was given; whether it belongs to the tables beside it is not checked.", NULL } },
    { NULL, NULL }
};

static const struct nvc_example examples[] = {
    { "nvc-report -o sub-01.html coupling.tsv glm.tsv", "the page of one person" },
    { "nvc-qc -q -m bla.nii.gz -o qc.tsv --figure qc.png sub-01/func/*_bold.nii.gz && nvc-report -o sub-01.html qc.tsv qc.png coupling.tsv glm.tsv",
      "with its quality and the mask on the run" },
    { "nvc-group -p participants.tsv --case patient -n 100 -o table.tsv --forest forest.svg coupling/*.tsv && "
      "nvc-report --title 'Faces study' -o cohort.html table.tsv forest.svg", "the page of a cohort" },
    { NULL, NULL }
};
static const char *const see_also[] = { "nvc-run(1)", "nvc-qc(1)", "nvc-coupling(1)", "nvc-group(1)", "nvc-spread(1)", "nvctools(7)", NULL };

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    const struct options *o = options;
    struct report_files files = { 0 };
    struct nvc_text page = { 0 };
    int status = report_files_read(&files, args, n_args, err);
    if (!status)
        status = report_write(&page, &files, o->title, err);
    if (!status)
        status = nvc_output(o->output, &page, &(struct nvc_sidecar){ .inputs = files.marks, .n_inputs = files.n }, err);
    nvc_text_release(&page);
    report_files_release(&files);
    return status;
}

static const struct nvc_cmd cmd = {
    .name = "nvc-report", .summary = "make one HTML page of a person or a cohort", .description = description,
    .args = args_table, .opts = opts, .sections = sections, .examples = examples, .see_also = see_also,
    .defaults = &defaults, .size = sizeof defaults, .run = run,
};

int main(int argc, char **argv)
{
    return nvc_main(&cmd, argc, argv);
}
