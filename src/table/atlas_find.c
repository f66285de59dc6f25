/* Which files belong together: an image and its table of labels, an FSL description and its images, two hemispheres. */
#include "table/atlas.h"

#include "base/memory.h"
#include "io/bids.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (int)(slash - path) + 1 : 0;
}

/* What FSL's images of one atlas have in common: "HarvardOxford-sub" of HarvardOxford-sub-maxprob-thr50-1mm. */
static size_t family(const char *base)
{
    const char *end = strstr(base, "-maxprob");
    end = end ? end : strstr(base, "-prob");
    return end ? (size_t)(end - base) : strcspn(base, ".");
}

static bool names_image(const struct nvc_labels *l, const char *image)
{
    const char *inner = l->image ? l->image : l->summary, *base = image + folder_of(image);
    if (!inner)
        return false;
    const char *listed = inner + folder_of(inner);
    return family(listed) == family(base) && !strncmp(listed, base, family(base));
}

/* FSL keeps an atlas' description one folder above its images. */
static int find_xml_above(const char *image, char **table, struct nvc_error *err)
{
    glob_t found = { 0 };
    int n = folder_of(image);
    char *pattern = nvc_sprintf(err, "%.*s../*.xml", n, image);
    int status = pattern ? 0 : (int)err->status;
    if (!status && glob(pattern, 0, NULL, &found) == GLOB_NOSPACE)
        status = nvc_fail(err, NVC_ESYS, "out of memory");
    for (size_t i = 0; !status && !*table && i < found.gl_pathc; i++) {
        struct nvc_labels l;
        struct nvc_error unread; /* some other XML */
        if (nvc_labels_read(&l, found.gl_pathv[i], &unread))
            continue;
        if (l.kind == NVC_LABELS_FSL_XML && names_image(&l, image) && !(*table = nvc_strdup(found.gl_pathv[i], err)))
            status = (int)err->status;
        nvc_labels_release(&l);
    }
    globfree(&found);
    free(pattern);
    return status;
}

int nvc_atlas_find_table(const char *image, char **table, struct nvc_error *err)
{
    static const char *const endings[] = { ".tsv", ".txt", "_label.txt", "_labels.txt", "_labels.tsv", ".xml", ".lut", ".nii.txt", ".nii.gz.txt" };
    char *stem = nvc_bids_stem(image, err);
    int status = stem ? 0 : (int)err->status;
    *table = NULL;
    for (size_t i = 0; !status && !*table && i < sizeof endings / sizeof *endings; i++) {
        char *path = nvc_sprintf(err, "%s%s", stem, endings[i]);
        if (!path)
            status = (int)err->status;
        else if (!access(path, R_OK))
            *table = path;
        else
            free(path);
    }
    free(stem);
    if (!status && !*table)
        status = find_xml_above(image, table, err);
    if (!status && !*table && access(image, F_OK))
        return nvc_fail(err, NVC_ESYS, "%s: no such file, and no atlas that nvc-mask --list knows", image);
    if (!status && !*table)
        return nvc_fail(err, NVC_EDATA, "%s: no label table beside it (.tsv, .txt, _label.txt, .nii.txt, .xml); name it with --labels", image);
    return status;
}

/* "/HarvardOxford/HarvardOxford-sub-prob-2mm" in an XML: below the folder of the XML, without its ending. */
int nvc_atlas_image_of_xml(const struct nvc_labels *l, const char *xml, char **image, struct nvc_error *err)
{
    const char *inner = l->probabilistic && l->image ? l->image : l->summary ? l->summary : l->image;
    if (!inner)
        return nvc_fail(err, NVC_EDATA, "%s: names no image (imagefile, summaryimagefile)", xml);
    static const char *const endings[] = { ".nii.gz", ".nii", "" };
    for (size_t i = 0; i < 3; i++) {
        char *path = nvc_sprintf(err, "%.*s%s%s", folder_of(xml), xml, inner + (*inner == '/'), endings[i]);
        if (!path)
            return (int)err->status;
        if (!access(path, F_OK)) {
            *image = path;
            return 0;
        }
        free(path);
    }
    return nvc_fail(err, NVC_ESYS, "%s: its image %s.nii.gz is not there", xml, inner);
}

int nvc_atlas_hemisphere(const char *image, char **other, struct nvc_error *err)
{
    static const struct { const char *mark, *of_other; } marks[] = {
        { "lh.", "rh." }, { "rh.", "lh." }, { "_lh_", "_rh_" }, { "_rh_", "_lh_" }, { "hemi-L", "hemi-R" }, { "hemi-R", "hemi-L" },
    };
    int folder = folder_of(image);
    *other = NULL;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const char *at = i < 2 ? (!strncmp(image + folder, marks[i].mark, 3) ? image + folder : NULL) : strstr(image + folder, marks[i].mark);
        if (!at)
            continue;
        *other = nvc_sprintf(err, "%.*s%s%s", (int)(at - image), image, marks[i].of_other, at + strlen(marks[i].mark));
        return *other ? 0 : (int)err->status;
    }
    return 0;
}
