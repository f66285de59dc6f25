#include "base/memory.h"
#include "cli/cmd.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/provenance.h"
#include "io/bids.h"
#include "io/nifti.h"
#include "table/atlas.h"
#include "table/mask.h"
#include "table/region.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct options {
    struct nvc_list regions;
    const char *atlas, *labels, *atlas_name, *grid, *output, *table;
    int sampling, binary, bilateral, allow_mismatch;
    double threshold;
};
static const struct options defaults = { .output = "-", .sampling = -1, .threshold = NAN };

static const struct nvc_opt opts[] = {
    OPT_GROUP("What"),
    OPT_LIST(struct options, regions, 'r', "region", "REGION",
             "region to make: a name or glob of the atlas, a common name (BLA, CM, SF, amygdala), or NAME=TERM+TERM... where "
             "TERM is PATTERN or WEIGHT*PATTERN; may be repeated; without it BLA of the built-in atlas"),
    OPT_INPUT(struct options, atlas, 'a', "atlas", "ATLAS", "*.nii *.nii.gz *.xml",
              "label image (3-D), probability image (4-D) or FSL atlas description; without it the built-in ellipsoids"),
    OPT_INPUT(struct options, labels, 'l', "labels", "TABLE", "*.tsv *.txt *.xml",
              "names of the atlas' values: one a line, TSV with index and name, FSL XML or FreeSurfer LUT; without it the table "
              "beside the image"),
    OPT_TEXT(struct options, atlas_name, 0, "atlas-name", "NAME", "name of the atlas in tables; without it from the file name"),
    OPT_GROUP("Where"),
    OPT_INPUT(struct options, grid, 'g', "grid", "IMAGE", "*.nii *.nii.gz",
              "image whose grid the mask gets, as a rule the run; only its header is read", .flags = NVC_OPT_REQUIRED),
    OPT_CHOICE(struct options, sampling, 0, "sampling", "HOW", nvc_sampling_names,
               "how the atlas is looked up: at the centre of each voxel (nearest, linear) or over the whole voxel (volume); "
               "without it nearest for labels, linear for probabilities"),
    OPT_REAL(struct options, threshold, 0, "threshold", "SHARE", NULL, 0, 1,
             "leave out voxels of smaller weight; without it 0.5 for probabilities, none otherwise"),
    OPT_FLAG(struct options, bilateral, 0, "bilateral", "add the union of left and right as side B"),
    OPT_FLAG(struct options, binary, 0, "binary", "one 3-D label image of the voxels of weight 0.5 or more, instead of weights"),
    OPT_FLAG(struct options, allow_mismatch, 0, "allow-side-mismatch",
             "go on when a region lies on the other side than its name says"),
    OPT_GROUP("Output"),
    OPT_OUTPUT(struct options, output, 'o', "output", "IMAGE", "*.nii *.nii.gz", "mask image; its region table is written beside it"),
    OPT_OUTPUT(struct options, table, 0, "table", "TSV", "*.tsv", "region table, when not beside the image"),
    OPT_END
};

static const char *const description[] = {
    "Regions of an atlas on the grid of a run, as weights from 0 to 1: one volume a region, with a table that says for each "
    "where it lies and how large it is.  Regions are chosen by name, never by number, and each is checked: a region named left "
    "whose centre lies on the right ends the command with the numbers.",
    "Without --atlas the amygdala nuclei groups BLA (laterobasal), CM (centromedial) and SF (superficial) come from ellipsoids "
    "with the moments of Julich-Brain 3.1, evaluated on any grid as the share of each voxel that belongs to the group.  A point "
    "belongs to the nucleus with the smallest squared Mahalanobis distance over its own k, so the weights of all regions sum to at "
    "most 1.  Weights are counted on a lattice of points at most 0.4 mm apart in each voxel; they are within 0.02 of those of a "
    "lattice ten times as fine.",
    "Side is read from the label (-lh, _L, Left, rh. and the like) and stripped from the region.  A label without a side is split "
    "at x = 0 when it covers both hemispheres.",
    NULL
};

static const struct nvc_section sections[] = {
    { "WHAT THE MASK CANNOT TELL", (const char *const[]){
        "The built-in ellipsoids are in ICBM 152 2009c asymmetric space (MNI152NLin2009cAsym).  On a run in MNI152NLin6Asym the "
        "amygdala lies up to about 3 mm elsewhere: in the Tian atlas, published in both spaces, the centre of the lateral amygdala "
        "differs by 2.7 mm on the left and 2.5 mm on the right.  That is one voxel.",
        "An ellipsoid overlaps the parcel whose moments it has with Dice 0.78 to 0.84; published atlases of the BLA overlap each "
        "other with Dice 0.38 to 0.51 only.  Report an index for more than one atlas.",
        "No atlas knows where the amygdala of one person lies; nvc-qc draws the outline on the run.", NULL } },
    { NULL, NULL }
};

static const struct nvc_output outputs[] = {
    { "region table", "beside the image as X.tsv, and in its header extension", nvc_region_columns },
    { NULL, NULL, NULL }
};

static const struct nvc_example examples[] = {
    { "nvc-mask -r BLA -g sub-01/func/*_bold.nii.gz -o bla.nii.gz", "built-in atlas, left and right" },
    { "nvc-mask -r BLA -r CM --bilateral --binary -g sub-01/func/*_bold.nii.gz -o amygdala.nii.gz", "a label image of six regions" },
    { NULL, NULL }
};

static const char *const references[] = {
    "Amunts K, et al. Cytoarchitectonic mapping of the human amygdala, hippocampal region and entorhinal cortex: intersubject "
    "variability and probability maps. Anat Embryol 2005;210:343-352. doi:10.1007/s00429-005-0025-5",
    "Kedo O, et al. Receptor-driven, multimodal mapping of the human amygdala. Brain Struct Funct 2018;223:1637-1666. "
    "doi:10.1007/s00429-017-1577-x",
    NULL
};
static const char *const see_also[] = { "nvc-extract(1)", "nvc-qc(1)", "nvc-tables(5)", NULL };

static int read_grid(struct nvc_grid *g, const char *path, struct nvc_error *err)
{
    struct nvc_nifti *n;
    int status = nvc_nifti_open(&n, path, NVC_ORIENT_AUTO, NVC_INFLATE_BEST, err);
    if (status)
        return status;
    *g = nvc_nifti_header(n)->grid;
    nvc_nifti_close(n);
    return 0;
}

static int choose(struct nvc_groups *groups, const struct options *o, const struct nvc_atlas *a, struct nvc_error *err)
{
    static const struct nvc_alias builtin[] = { { "amygdala", "BLA+CM+SF" } };
    static const char *const fallback[] = { "BLA" };
    struct nvc_list wanted = o->regions.n ? o->regions : (struct nvc_list){ fallback, 1 };
    if (!o->regions.n && !a->builtin)
        return nvc_fail(err, NVC_EUSAGE, "which region of the atlas? give -r NAME (it has %zu, '%s' ... '%s')", a->n_parts,
                        a->parts[0].name, a->parts[a->n_parts - 1].name);
    for (size_t i = 0; i < wanted.n; i++) {
        int status = nvc_select(groups, a->parts, a->n_parts, builtin, a->builtin, wanted.items[i], err);
        if (status)
            return nvc_fail_in(err, "%s", a->builtin ? "built-in atlas" : a->table);
    }
    return 0;
}

/* Side B of each region that has both sides. */
static int add_bilateral(struct nvc_mask *m, struct nvc_error *err)
{
    for (size_t l = 0, n = m->n_regions; l < n; l++)
        for (size_t r = 0; r < n; r++) {
            struct nvc_region *both;
            if (strcmp(m->regions[l].side, "L") || strcmp(m->regions[r].side, "R") || strcmp(m->regions[l].region, m->regions[r].region))
                continue;
            char region[96];
            memcpy(region, m->regions[l].region, sizeof region);
            int status = nvc_mask_append(m, region, "B", &both, err);
            if (!status)
                status = nvc_region_unite(both, &m->regions[l], &m->regions[r], err);
            if (status)
                return status;
            memcpy(both->atlas, m->regions[l].atlas, sizeof both->atlas);
            memcpy(both->space, m->regions[l].space, sizeof both->space);
            memcpy(both->method, m->regions[l].method, sizeof both->method);
            nvc_region_measure(both, &m->grid);
        }
    return 0;
}

static int make(struct nvc_mask *m, const struct options *o, struct nvc_atlas *a, struct nvc_error *err)
{
    struct nvc_groups groups = { 0 };
    struct nvc_atlas_sampling s = {
        .how = o->sampling >= 0 ? (enum nvc_sampling)o->sampling : a->probability ? NVC_SAMPLE_LINEAR : NVC_SAMPLE_NEAREST,
        .threshold = !isnan(o->threshold) ? o->threshold : a->probability ? 0.5 : 0 };
    int status = choose(&groups, o, a, err);
    if (!status)
        status = nvc_atlas_load(a, &groups, err);
    for (size_t i = 0; !status && i < groups.n; i++)
        status = nvc_atlas_region(m, a, &groups.items[i], &s, err);
    nvc_groups_release(&groups);
    for (size_t i = 0; !status && i < m->n_regions; i++) {
        if (o->binary) {
            nvc_region_binarise(&m->regions[i], 0.5);
            nvc_region_measure(&m->regions[i], &m->grid);
        }
        if (strcmp(m->regions[i].side_check, "from_x") != 0)
            status = nvc_region_check_side(&m->regions[i], o->allow_mismatch, err);
    }
    return !status && o->bilateral ? add_bilateral(m, err) : status;
}

static int report(const struct nvc_mask *m, struct nvc_error *err)
{
    size_t empty = 0;
    for (size_t i = 0; i < m->n_regions; i++) {
        const struct nvc_region *r = &m->regions[i];
        if (!strcmp(r->side_check, "mismatch"))
            nvc_warn("region %s lies at x = %.2f mm, on the other side than its name says", r->column, r->centre_mm[0]);
        if (r->n)
            nvc_note("%s: %zu voxels (%zu of weight 0.5 or more), %.0f mm3, centre %.1f %.1f %.1f mm%s%s", r->column, r->n, r->n_half,
                     r->volume_mm3, r->centre_mm[0], r->centre_mm[1], r->centre_mm[2], *r->note ? "; " : "", r->note);
        else
            nvc_warn("region %s has no voxel on this grid", r->column);
        empty += !r->n;
    }
    return empty < m->n_regions ? 0 : nvc_fail(err, NVC_EDATA, "no region has a voxel on this grid: is the run in the space of the atlas?");
}

static int write_all(const struct nvc_mask *m, const struct nvc_atlas *a, const struct options *o, struct nvc_error *err)
{
    struct nvc_input_mark mark = { a->image, a->crc32, a->bytes };
    struct nvc_sidecar sidecar = { .columns = nvc_region_columns, .inputs = &mark, .n_inputs = a->image != NULL };
    struct nvc_text table = { 0 };
    char *stem = nvc_bids_stem(o->output, err), *beside = stem ? nvc_sprintf(err, "%s.tsv", stem) : NULL;
    bool to_file = strcmp(o->output, "-") != 0;
    int status = beside ? nvc_region_table_tsv(&table, m, err) : (int)err->status;
    if (!status)
        status = nvc_mask_write(m, o->output, o->binary, err);
    if (!status && (o->table || to_file))
        status = nvc_output(o->table ? o->table : beside, &table, o->table ? &sidecar : NULL, err);
    if (!status)
        status = nvc_sidecar_write(o->output, &sidecar, err);
    free(stem);
    free(beside);
    nvc_text_release(&table);
    return status;
}

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    (void)args, (void)n_args;
    const struct options *o = options;
    struct nvc_mask m = { 0 };
    struct nvc_atlas a = { 0 };
    int status = read_grid(&m.grid, o->grid, err);
    if (!status)
        status = o->atlas ? nvc_atlas_open(&a, o->atlas, o->labels, o->atlas_name, err) : nvc_atlas_builtin(&a, err);
    if (!status)
        status = make(&m, o, &a, err);
    if (!status)
        status = report(&m, err);
    if (!status)
        status = write_all(&m, &a, o, err);
    nvc_atlas_release(&a);
    nvc_mask_release(&m);
    return status;
}

static const struct nvc_cmd cmd = {
    .name = "nvc-mask", .summary = "make region masks from an atlas on the grid of a run", .description = description,
    .opts = opts, .outputs = outputs, .sections = sections, .examples = examples, .references = references, .see_also = see_also,
    .defaults = &defaults, .size = sizeof defaults, .run = run,
};

int main(int argc, char **argv) { return nvc_main(&cmd, argc, argv); }
