#include "table/record.h"

#include <string.h>

int nvc_cells_record(struct nvc_cells *c, const struct nvc_field *fields, size_t n, const void *record,
                     struct nvc_error *err)
{
    int status = 0;
    for (size_t k = 0; k < n && !status; k++) {
        const char *at = (const char *)record + fields[k].offset, *text;
        size_t count;
        double number;
        switch (fields[k].kind) {
        case NVC_FIELD_TEXT:
            memcpy(&text, at, sizeof text);
            status = nvc_cells_text(c, text, err);
            break;
        case NVC_FIELD_COUNT:
            memcpy(&count, at, sizeof count);
            status = nvc_cells_printf(c, err, "%zu", count);
            break;
        case NVC_FIELD_REAL:
            memcpy(&number, at, sizeof number);
            status = nvc_cells_real(c, number, err);
            break;
        }
    }
    return status;
}

int nvc_records_write(struct nvc_text *out, const struct nvc_column *columns, const struct nvc_field *fields,
                      size_t n_fields, const void *records, size_t n, size_t size, enum nvc_table_kind kind,
                      const char *caption, struct nvc_error *err)
{
    struct nvc_cells c = { .n_cols = n_fields };
    if (kind != NVC_TSV && kind != NVC_CSV)
        return nvc_records_paper(out, columns, fields, n_fields, records, n, size, kind, caption, NULL, err);
    int status = nvc_cells_header(&c, columns, err);
    for (size_t i = 0; i < n && !status; i++)
        status = nvc_cells_record(&c, fields, n_fields, (const char *)records + i * size, err);
    if (!status)
        status = nvc_cells_write(out, &c, kind, NULL, NULL, err);
    nvc_cells_release(&c);
    return status;
}
