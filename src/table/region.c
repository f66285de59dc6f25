#include "table/region.h"

#include "io/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const struct nvc_column nvc_region_columns[] = {
    { "index", NULL, "volume of the region in the mask image, or its value in a label image; from 1" },
    { "region", NULL, "name without side" },
    { "side", NULL, "L, R, B (both) or n/a" },
    { "column", NULL, "name of its column in a series table: <region>_<side>" },
    { "atlas", NULL, "atlas it was taken from" },
    { "space", NULL, "template space that the atlas claims" },
    { "method", NULL, "how it was sampled on the grid" },
    { "n_vox", NULL, "voxels of weight above 0" },
    { "n_vox_half", NULL, "voxels of weight 0.5 or more" },
    { "weight_sum", NULL, "sum of the weights" },
    { "volume_mm3", "mm3", "weight_sum times the volume of a voxel" },
    { "x_mm", "mm", "weighted centre, right is positive" },
    { "y_mm", "mm", "weighted centre, anterior is positive" },
    { "z_mm", "mm", "weighted centre, superior is positive" },
    { "side_check", NULL, "ok: the centre lies on the side of the name; mismatch; from_x: the side was read from the position" },
    { "note", NULL, "remarks" },
    { NULL, NULL, NULL },
};

/* One cell of a row: text, or (text NULL) a number. */
struct cell {
    const char *text;
    double number;
};

static void cells_of(const struct nvc_region *r, size_t index, struct cell c[static 16])
{
    const struct cell row[16] = {
        { NULL, (double)index }, { r->region, 0 }, { r->side, 0 }, { r->column, 0 }, { r->atlas, 0 }, { r->space, 0 },
        { r->method, 0 }, { NULL, (double)r->n }, { NULL, (double)r->n_half }, { NULL, r->weight_sum }, { NULL, r->volume_mm3 },
        { NULL, r->centre_mm[0] }, { NULL, r->centre_mm[1] }, { NULL, r->centre_mm[2] }, { r->side_check, 0 }, { r->note, 0 },
    };
    memcpy(c, row, sizeof row);
}

int nvc_region_table_tsv(struct nvc_text *out, const struct nvc_mask *m, struct nvc_error *err)
{
    int status = nvc_tsv_header(out, nvc_region_columns, err);
    for (size_t r = 0; !status && r < m->n_regions; r++) {
        struct cell c[16];
        cells_of(&m->regions[r], r + 1, c);
        for (size_t i = 0; !status && i < 16; i++)
            status = c[i].text ? nvc_tsv_cell(out, c[i].text, i == 15, err) : nvc_tsv_real(out, c[i].number, i == 15, err);
    }
    return status;
}

int nvc_region_table_json(struct nvc_text *out, const struct nvc_mask *m, struct nvc_error *err)
{
    json_t *regions = json_array(), *root = json_pack("{s:s, s:O}", "table", "mask", "regions", regions);
    bool good = regions && root;
    for (size_t r = 0; good && r < m->n_regions; r++) {
        struct cell c[16];
        json_t *row = json_object();
        cells_of(&m->regions[r], r + 1, c);
        for (size_t i = 0; row && good && i < 16; i++)
            good = !json_object_set_new(row, nvc_region_columns[i].name, c[i].text ? json_string(c[i].text) : nvc_json_real(c[i].number));
        good = good && !json_array_append_new(regions, row);
    }
    int status = good ? nvc_json_write(out, root, 0, err) : nvc_fail(err, NVC_ESYS, "out of memory for the region table");
    json_decref(regions);
    json_decref(root);
    return status;
}

/* Names of one row, whatever it came from; NULL: not there. */
struct names {
    const char *region, *side, *atlas, *space, *method, *side_check, *note;
};

static int append(struct nvc_mask *m, const struct names *n, struct nvc_error *err)
{
    struct nvc_region *r;
    const char *side = n->side && strcmp(n->side, "n/a") != 0 ? n->side : NULL;
    if (!n->region || !*n->region)
        return nvc_fail(err, NVC_EDATA, "region %zu of the table has no name (column 'region')", m->n_regions + 1);
    if (side && strcmp(side, "L") != 0 && strcmp(side, "R") != 0 && strcmp(side, "B") != 0)
        return nvc_fail(err, NVC_EDATA, "side '%s' of region '%s': want L, R, B or n/a", side, n->region);
    int status = nvc_mask_append(m, n->region, side, &r, err);
    if (status)
        return status;
    (void)snprintf(r->atlas, sizeof r->atlas, "%s", n->atlas ? n->atlas : "n/a");
    (void)snprintf(r->space, sizeof r->space, "%s", n->space ? n->space : "n/a");
    (void)snprintf(r->method, sizeof r->method, "%s", n->method ? n->method : "n/a");
    (void)snprintf(r->side_check, sizeof r->side_check, "%s", n->side_check ? n->side_check : "n/a");
    (void)snprintf(r->note, sizeof r->note, "%s", n->note && strcmp(n->note, "n/a") != 0 ? n->note : "");
    return 0;
}

int nvc_region_table_parse(struct nvc_mask *m, const char *json, const char *what, struct nvc_error *err)
{
    json_t *root, *row;
    size_t i;
    int status = nvc_json_parse(&root, json, strlen(json), what, err);
    if (status)
        return status;
    const json_t *regions = json_object_get(root, "regions");
    if (strcmp(nvc_json_get_text(root, "table", ""), "mask") != 0 || !json_is_array(regions))
        status = nvc_fail(err, NVC_EDATA, "%s: not a region table (want \"table\": \"mask\" and \"regions\": [...])", what);
    json_array_foreach(regions, i, row) {
        struct names n = { nvc_json_get_text(row, "region", NULL), nvc_json_get_text(row, "side", NULL),
                           nvc_json_get_text(row, "atlas", NULL), nvc_json_get_text(row, "space", NULL),
                           nvc_json_get_text(row, "method", NULL), nvc_json_get_text(row, "side_check", NULL),
                           nvc_json_get_text(row, "note", NULL) };
        if (!status && (status = append(m, &n, err)))
            (void)nvc_fail_in(err, "%s", what);
    }
    json_decref(root);
    return status;
}

int nvc_region_table_take(struct nvc_mask *m, const struct nvc_table *t, struct nvc_error *err)
{
    static const char *const columns[] = { "region", "side", "atlas", "space", "method", "side_check", "note" };
    long at[7];
    size_t need;
    int status = nvc_table_need(t, "region", &need, err);
    for (size_t i = 0; i < 7; i++)
        at[i] = nvc_table_column(t, columns[i]);
    for (size_t row = 0; !status && row < t->n_rows; row++) {
        const char *cell[7];
        for (size_t i = 0; i < 7; i++)
            cell[i] = at[i] < 0 ? NULL : nvc_table_cell(t, row, (size_t)at[i]);
        struct names n = { cell[0], cell[1], cell[2], cell[3], cell[4], cell[5], cell[6] };
        if ((status = append(m, &n, err)))
            (void)nvc_fail_in(err, "%s: line %zu", t->path, nvc_table_line(t, row));
    }
    return status;
}
