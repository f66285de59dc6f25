/* The page of nvc-report, section by section. */
#ifndef NVC_CMD_REPORT_PAGE_H
#define NVC_CMD_REPORT_PAGE_H

#include "cmd/report_files.h"
#include "table/cells.h"

/* A page under construction: the first failure sticks, and what follows it is not written. */
struct report_page {
    struct nvc_text *out;
    struct nvc_error *err;
    int status;
    size_t n_participants;        /* of all tables of indices and quality */
    const char *participant;      /* when there is one */
};

int report_write(struct nvc_text *out, const struct report_files *f, const char *title, struct nvc_error *err) NVC_CHECKED;

/* Sections, each empty without a table of its kind; in report_tables.c. */
void report_quality(struct report_page *p, const struct report_files *f);
void report_indices(struct report_page *p, const struct report_files *f);
void report_group(struct report_page *p, const struct report_files *f);
void report_atlases(struct report_page *p, const struct report_files *f);
void report_others(struct report_page *p, const struct report_files *f);

/* For the sections. */
void report_text(struct report_page *p, const char *tag, const char *text);
void report_table(struct report_page *p, struct nvc_cells *c, const char *caption); /* releases c */
void report_picture(struct report_page *p, const char *mime, const char *bytes, size_t n, const char *caption);
const char *report_cell(const struct nvc_table *t, size_t row, const char *column); /* "n/a" where there is no such column */
double report_real(const struct nvc_table *t, size_t row, const char *column);      /* NaN likewise */

#endif
