#include "base/text.h"
#include "cli/cmd.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cmd/shared/coupling_files.h"
#include "model/coupling/spread.h"
#include "table/coupling.h"
#include "table/mask.h"
#include "table/overlap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct options {
    struct nvc_list masks;
    const char *overlap, *output;
};
static const struct options defaults = { .output = "-" };

static const struct nvc_opt opts[] = {
    OPT_GROUP("Masks"),
    OPT_LIST(struct options, masks, 'm', "mask", "MASK", "mask of one of the atlases; give one for each: every pair is compared",
             .glob = "*.nii *.nii.gz"),
    OPT_OUTPUT(struct options, overlap, 0, "overlap", "TSV", "*.tsv", "that comparison as a table"),
    OPT_GROUP("Output"),
    OPT_OUTPUT(struct options, output, 'o', "output", "TSV", "*.tsv", "the rows of the spread"),
    OPT_END
};

static const struct nvc_arg args_table[] = {
    { "COUPLING", "coupling tables of one run, or of many, each in two atlases or more", "*.tsv", 1, -1 },
    { 0 }
};

static const char *const description[] = {
    "How far the numbers of a run depend on the atlas.  Atlases draw the basolateral amygdala in places that overlap with Dice 0.38 to 0.51 "
    "only; an index that belongs to the amygdala should not care which of them was taken.  For every index, contrast, region and side that "
    "stands in two atlases there is one row: <index>_spread, the largest value minus the smallest, in the unit of the index.",
    "Regions are matched by name: the common names of nvc-mask (BLA, CM, SF, amygdala) are the same in every atlas of its catalogue, and "
    "NAME=TERM gives one to a region of another.  With --mask the Dice coefficient and the distance of the centres of every pair of masks "
    "are printed, and with --overlap written.",
    "nvc-run does this by itself when it is given more than one --atlas.  The rows go with the others into nvc-group, which keeps them, being "
    "derived, out of its family of tests; nvc-group --curve tests one finding over all atlases at once.",
    NULL
};

static const struct nvc_section sections[] = {
    { "WHAT THE NUMBER CANNOT TELL", (const char *const[]){
        "A small spread does not make an index right: all atlases can miss the amygdala of one person, or hold the same vein.  A large one may "
        "come from noise alone, since smaller masks average fewer voxels: hold it against the se of the index in each atlas.", NULL } },
    { NULL, NULL }
};

static const struct nvc_output outputs[] = {
    { "coupling", "one row per index, contrast, region and side that stands in two atlases", nvc_coupling_columns },
    { "overlap", "with --overlap: one row for each pair of regions of one side", nvc_overlap_columns },
    { NULL, NULL, NULL }
};

static const struct nvc_example examples[] = {
    { "nvc-mask -q -r BLA=SF -g sub-01/func/*_bold.nii.gz -o sf.nii.gz && "
      "sed 's/julich31-ellipsoids/another/' coupling.tsv > other.tsv && nvc-spread -m bla.nii.gz -m sf.nii.gz coupling.tsv other.tsv",
      "two atlases of one run" },
    { NULL, NULL }
};
static const char *const see_also[] = { "nvc-mask(1)", "nvc-coupling(1)", "nvc-group(1)", "nvc-run(1)", "nvc-tables(5)", NULL };

static void say_overlap(const struct nvc_mask *a, const struct nvc_mask *b)
{
    for (size_t i = 0; i < a->n_regions; i++)
        for (size_t k = 0; k < b->n_regions; k++) {
            const struct nvc_region *r = &a->regions[i], *s = &b->regions[k];
            if (!strcmp(r->column, s->column))
                nvc_note("%s of %s and %s: Dice %.2f, centres %.1f mm apart", r->column, r->atlas, s->atlas, nvc_region_dice(r, s),
                         nvc_region_distance_mm(r, s));
        }
}

/* Every mask against every later one. */
static int compare(const struct options *o, struct nvc_text *table, struct nvc_error *err)
{
    struct nvc_mask a = { 0 }, b = { 0 };
    struct nvc_mask_source source;
    bool first = true;
    int status = 0;
    for (size_t i = 0; !status && i + 1 < o->masks.n; i++) {
        status = nvc_mask_read(&a, o->masks.items[i], NULL, &source, err);
        for (size_t k = i + 1; !status && k < o->masks.n; k++, first = false) {
            if ((status = nvc_mask_read(&b, o->masks.items[k], NULL, &source, err)))
                break;
            if (!nvc_grid_equal(&a.grid, &b.grid))
                status = nvc_fail(err, NVC_EDATA, "%s: its grid is not that of %s; both must be of one run", o->masks.items[k], o->masks.items[i]);
            if (!status)
                status = nvc_overlap_write(table, &a, &b, first, err);
            if (!status)
                say_overlap(&a, &b);
            nvc_mask_release(&b);
        }
        nvc_mask_release(&a);
    }
    return status;
}

/* Without a spread there may still be masks to compare. */
static int missing(const struct options *o, struct nvc_error *err)
{
    static const char why[] = "no index stands in two atlases: wanted tables of one run in two atlases or more, with regions of the same names "
                              "(NAME=TERM of nvc-mask gives a name)";
    if (!o->masks.n)
        return nvc_fail(err, NVC_EDATA, "%s", why);
    nvc_warn("%s", why);
    return 0;
}

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    const struct options *o = options;
    struct nvc_coupling rows = { 0 }, spread = { 0 };
    struct nvc_marks marks = { 0 };
    struct nvc_text text = { 0 }, overlap = { 0 };
    if (o->masks.n == 1 || (o->overlap && !o->masks.n))
        return nvc_fail(err, NVC_EUSAGE, "%s: masks are compared in pairs; give --mask for each atlas", o->overlap ? "--overlap" : "--mask");
    int status = nvc_read_coupling_files(&rows, &marks, args, n_args, err);
    if (!status)
        status = nvc_coupling_spread(&spread, &rows, err);
    if (!status && !spread.n)
        status = missing(o, err);
    if (!status)
        status = nvc_coupling_write(&text, &spread, true, err);
    if (!status)
        status = compare(o, &overlap, err);
    struct nvc_sidecar sidecar = { .columns = nvc_coupling_columns, .inputs = marks.items, .n_inputs = marks.n };
    if (!status && o->overlap)
        status = nvc_output(o->overlap, &overlap, &(struct nvc_sidecar){ .columns = nvc_overlap_columns }, err);
    if (!status)
        status = nvc_output(o->output, &text, &sidecar, err);
    nvc_text_release(&text);
    nvc_text_release(&overlap);
    nvc_coupling_release(&rows);
    nvc_coupling_release(&spread);
    free(marks.items);
    return status;
}

static const struct nvc_cmd cmd = {
    .name = "nvc-spread", .summary = "say how far indices and masks depend on the atlas", .description = description,
    .args = args_table, .opts = opts, .outputs = outputs, .sections = sections, .examples = examples,
    .see_also = see_also, .defaults = &defaults, .size = sizeof defaults, .run = run,
};

int main(int argc, char **argv)
{
    return nvc_main(&cmd, argc, argv);
}
