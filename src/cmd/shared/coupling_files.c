#include "cmd/shared/coupling_files.h"

#include "base/memory.h"
#include "table/coupling.h"
#include "table/participants.h"
#include "table/qc_verdicts.h"

static int mark(struct nvc_marks *marks, const char *path, const struct nvc_table *t, struct nvc_error *err)
{
    int status = nvc_grow(&marks->items, &marks->cap, marks->n + 1, sizeof *marks->items, err);
    if (!status)
        marks->items[marks->n++] = (struct nvc_input_mark){ path, t->crc32, t->bytes };
    return status;
}

static int add_rows(struct nvc_coupling *rows, struct nvc_marks *marks, const char *path, struct nvc_error *err)
{
    struct nvc_table t = { 0 };
    int status = nvc_table_read(&t, path, err);
    status = status ? status : mark(marks, path, &t, err);
    status = status ? status : nvc_coupling_parse(rows, &t, err);
    nvc_table_release(&t);
    return status;
}

int nvc_read_coupling_files(struct nvc_coupling *rows, struct nvc_marks *marks, char **paths, int n,
                            struct nvc_error *err)
{
    int status = 0;
    for (int i = 0; i < (n ? n : 1) && !status; i++)
        status = add_rows(rows, marks, n ? paths[i] : "-", err);
    return status;
}

int nvc_read_coupling_list(struct nvc_coupling *rows, struct nvc_marks *marks, const struct nvc_list *paths,
                           struct nvc_error *err)
{
    int status = 0;
    for (size_t i = 0; i < paths->n && !status; i++)
        status = add_rows(rows, marks, paths->items[i], err);
    return status;
}

int nvc_read_qc_files(struct nvc_coupling *rows, struct nvc_marks *marks, const struct nvc_list *paths,
                      struct nvc_error *err)
{
    int status = 0;
    for (size_t i = 0; i < paths->n && !status; i++) {
        struct nvc_table t = { 0 };
        status = nvc_table_read(&t, paths->items[i], err);
        status = status ? status : mark(marks, paths->items[i], &t, err);
        status = status ? status : nvc_qc_verdicts(rows, &t, err);
        nvc_table_release(&t);
    }
    return status;
}

int nvc_read_participants_file(struct nvc_participants *who, struct nvc_marks *marks, const char *path,
                               const struct nvc_list *factors, struct nvc_error *err)
{
    struct nvc_table t = { 0 };
    int status = nvc_table_read(&t, path, err);
    status = status ? status : mark(marks, path, &t, err);
    status = status ? status : nvc_participants_parse(who, &t, factors, err);
    nvc_table_release(&t);
    return status;
}
