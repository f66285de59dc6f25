/* make_corpus README.md FOLDER: make every image that a line of README.md describes.
 *
 * The base image has 4 x 3 x 2 voxels of 2 mm and 3 volumes of int16, voxel k of all holds k, TR 2 s; a
 * recipe is words that change it, applied in this order whatever their own:
 *   v2  big  type=T         NIfTI-2; big-endian; datatype (int8 ... float64)
 *   voxels=N gain=G bias=B  number of voxels stored, voxel k holds G k + B;  nan: the first is NaN, the second infinite
 *   ext=CODE:TEXT           a header extension (+ stands for a blank);  room=N: the voxels start at byte N
 *   FIELD=NUMBER            any field of the header, after all of the above;  magic=HEX
 *   at=BYTE:HEX  cut=N  drop=N  zeros=N  junk=N    patch, keep N bytes, drop the last N, append
 *   content=HEX             these bytes instead of an image
 * A name in .gz (or the word gz) packs it, plain does not:
 *   level=N members=N fields=N   zlib level; bytes per member; FEXTRA 1, FNAME 2, FCOMMENT 4, FHCRC 8
 *   tail  pad=N                  an empty last member; zeros behind the last
 *   zat=BYTE:HEX zflip=BYTE zcut=N zdrop=N zjunk=N   the same to packed bytes (BYTE < 0: from the end)
 * x.hdr makes x.img beside it; img=gz, img=both, img=none. */
#include <math.h>
#include <nifti1.h>
#include <nifti2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { CAP = 1 << 20, WORDS = 64 };

struct bytes {
    unsigned char data[CAP];
    size_t n;
};

static const struct field { const char *name; size_t at1, width1, at2, width2; int real; } fields[] = {
#define F(NAME, FIELD, REAL) { NAME, offsetof(nifti_1_header, FIELD), sizeof((nifti_1_header *)0)->FIELD, \
                               offsetof(nifti_2_header, FIELD), sizeof((nifti_2_header *)0)->FIELD, REAL }
    F("sizeof_hdr", sizeof_hdr, 0), F("intent", intent_code, 0), F("datatype", datatype, 0), F("bitpix", bitpix, 0),
    F("vox_offset", vox_offset, 2), F("slope", scl_slope, 1), F("inter", scl_inter, 1), F("xyzt", xyzt_units, 0),
    F("qform", qform_code, 0), F("sform", sform_code, 0), F("qb", quatern_b, 1), F("qc", quatern_c, 1), F("qd", quatern_d, 1),
    F("qx", qoffset_x, 1), F("qy", qoffset_y, 1), F("qz", qoffset_z, 1),
#define I(A, FIELD, I, REAL) F(A #I, FIELD[I], REAL)
    I("dim", dim, 0, 0), I("dim", dim, 1, 0), I("dim", dim, 2, 0), I("dim", dim, 3, 0), I("dim", dim, 4, 0),
    I("dim", dim, 5, 0), I("dim", dim, 6, 0), I("dim", dim, 7, 0),
    I("pixdim", pixdim, 0, 1), I("pixdim", pixdim, 1, 1), I("pixdim", pixdim, 2, 1), I("pixdim", pixdim, 3, 1), I("pixdim", pixdim, 4, 1),
    I("sx", srow_x, 0, 1), I("sx", srow_x, 1, 1), I("sx", srow_x, 2, 1), I("sx", srow_x, 3, 1),
    I("sy", srow_y, 0, 1), I("sy", srow_y, 1, 1), I("sy", srow_y, 2, 1), I("sy", srow_y, 3, 1),
    I("sz", srow_z, 0, 1), I("sz", srow_z, 1, 1), I("sz", srow_z, 2, 1), I("sz", srow_z, 3, 1),
};
static const struct type { const char *name; int code, bits, real; } types[] = {
    { "uint8", DT_UINT8, 8, 0 }, { "int8", DT_INT8, 8, 0 }, { "int16", DT_INT16, 16, 0 }, { "uint16", DT_UINT16, 16, 0 },
    { "int32", DT_INT32, 32, 0 }, { "uint32", DT_UINT32, 32, 0 }, { "int64", DT_INT64, 64, 0 }, { "uint64", DT_UINT64, 64, 0 },
    { "float32", DT_FLOAT32, 32, 1 }, { "float64", DT_FLOAT64, 64, 1 },
};

static const char *words[WORDS]; /* of the recipe */
static size_t n_words;
static int big, wide;

static void die(const char *what, const char *about)
{
    (void)fprintf(stderr, "make_corpus: %s: %s\n", about, what);
    exit(1);
}

/* The text behind NAME=, or NULL; "" for a word without value. */
static const char *word(const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < n_words; i++)
        if (strncmp(words[i], name, n) == 0 && (words[i][n] == '=' || !words[i][n]))
            return words[i] + n + (words[i][n] == '=');
    return NULL;
}

static double number(const char *name, double otherwise)
{
    const char *w = word(name);
    return w ? strtod(w, NULL) : otherwise;
}

static size_t count(const char *name) { return (size_t)number(name, 0); }

static void append(struct bytes *b, const void *data, size_t n)
{
    if (n > CAP - b->n)
        die("too long", "a recipe");
    memcpy(b->data + b->n, data, n);
    b->n += n;
}

static void fill(struct bytes *b, int c, size_t n)
{
    for (; n; n--)
        append(b, &(unsigned char){ (unsigned char)c }, 1);
}

static void put(unsigned char *at, size_t width, int real, double v)
{
    uint64_t u = v < 0 ? (uint64_t)(int64_t)v : v < 18446744073709551616.0 ? (uint64_t)v : 0;
    float f = (float)v;
    if (real && width == 4) {
        uint32_t u4;
        memcpy(&u4, &f, 4);
        u = u4;
    } else if (real) {
        memcpy(&u, &v, 8);
    }
    for (size_t i = 0; i < width; i++)
        at[big ? width - 1 - i : i] = (unsigned char)(u >> 8 * i);
}

static void set(struct bytes *b, const char *name, double v)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(fields[i].name, name) == 0) {
            const struct field *f = &fields[i]; /* vox_offset is a float in NIfTI-1 alone */
            put(b->data + (wide ? f->at2 : f->at1), wide ? f->width2 : f->width1, f->real == 2 ? !wide : f->real, v);
            return;
        }
    die("no such field", name);
}

static size_t hex(const char *text, unsigned char *out)
{
    size_t n = 0;
    for (unsigned v; sscanf(text, "%2x", &v) == 1 && text[1]; text += 2)
        out[n++] = (unsigned char)v;
    return n;
}

/* WORD=BYTE:HEX */
static void patch(struct bytes *b, const char *name)
{
    for (size_t i = 0; i < n_words; i++)
        if (strncmp(words[i], name, strlen(name)) == 0 && words[i][strlen(name)] == '=') {
            long at = strtol(words[i] + strlen(name) + 1, NULL, 10);
            const char *colon = strchr(words[i], ':');
            if (colon)
                (void)hex(colon + 1, b->data + (at < 0 ? (long)b->n + at : at));
        }
}

static void truncate_to(struct bytes *b, const char *keep, const char *drop)
{
    if (word(keep) && count(keep) < b->n)
        b->n = count(keep);
    b->n -= count(drop) < b->n ? count(drop) : b->n;
}

/* ---- the image ---------------------------------------------------------------------------------- */

static const struct type *the_type(void)
{
    const char *name = word("type");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, name ? name : "int16") == 0)
            return &types[i];
    die("no such type", name);
    return NULL;
}

static void begin_header(struct bytes *b)
{
    static const struct { const char *name; double value; } base[] = {
        { "dim0", 4 }, { "dim1", 4 }, { "dim2", 3 }, { "dim3", 2 }, { "dim4", 3 }, { "dim5", 1 }, { "dim6", 1 }, { "dim7", 1 },
        { "pixdim0", -1 }, { "pixdim1", 2 }, { "pixdim2", 2 }, { "pixdim3", 2 }, { "pixdim4", 2 }, { "slope", 1 }, { "xyzt", 10 },
        { "qform", 4 }, { "sform", 4 }, { "qc", 1 }, { "qx", 90 }, { "qy", -126 }, { "qz", -72 },
        { "sx0", -2 }, { "sx3", 90 }, { "sy1", 2 }, { "sy3", -126 }, { "sz2", 2 }, { "sz3", -72 } };
    memset(b, 0, sizeof *b);
    b->n = wide ? 540 : 348;
    set(b, "sizeof_hdr", (double)b->n);
    for (size_t i = 0; i < sizeof base / sizeof *base; i++)
        set(b, base[i].name, base[i].value);
    set(b, "datatype", the_type()->code);
    set(b, "bitpix", the_type()->bits);
}

static void add_extensions(struct bytes *b)
{
    const size_t extender = b->n;
    fill(b, 0, 4);
    for (size_t i = 0; i < n_words; i++)
        if (strncmp(words[i], "ext=", 4) == 0) {
            char *text;
            long code = strtol(words[i] + 4, &text, 10);
            size_t n = strlen(++text), size = (8 + n + 15) / 16 * 16, start = b->n;
            b->data[extender] = 1;
            fill(b, 0, size);
            put(b->data + start, 4, 0, (double)size);
            put(b->data + start + 4, 4, 0, (double)code);
            for (size_t k = 0; k < n; k++)
                b->data[start + 8 + k] = (unsigned char)(text[k] == '+' ? ' ' : text[k]);
        }
    if (count("room") > b->n)
        fill(b, 0x55, count("room") - b->n);
}

static void add_voxels(struct bytes *b)
{
    const struct type *t = the_type();
    const size_t n = (size_t)number("voxels", 72), width = (size_t)t->bits / 8;
    for (size_t k = 0; k < n; k++) {
        unsigned char at[8];
        double v = number("gain", 1) * (double)k + number("bias", 0);
        put(at, width, t->real, word("nan") && k < 2 ? k ? INFINITY : NAN : v);
        append(b, at, width);
    }
}

static void change_fields(struct bytes *b)
{
    const char *magic = word("magic");
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (word(fields[i].name))
            set(b, fields[i].name, number(fields[i].name, 0));
    if (magic)
        (void)hex(magic, b->data + (wide ? 4 : 344));
    patch(b, "at");
}

static void put_magic(struct bytes *b, char kind)
{
    unsigned char *at = b->data + (wide ? 4 : 344);
    at[0] = 'n', at[1] = (unsigned char)kind, at[2] = wide ? '2' : '1';
    if (wide)
        memcpy(at + 4, "\r\n\032\n", 4);
}

/* The decoded bytes of x.nii, or of x.hdr with those of x.img in *voxels. */
static void make_image(struct bytes *b, struct bytes *voxels)
{
    begin_header(b);
    put_magic(b, voxels ? 'i' : '+');
    if (voxels) {
        add_extensions(b);
        voxels->n = 0;
        fill(voxels, 0x55, count("room"));
        set(b, "vox_offset", (double)voxels->n);
    } else {
        add_extensions(b);
        set(b, "vox_offset", (double)b->n);
    }
    add_voxels(voxels ? voxels : b);
    change_fields(b);
    truncate_to(voxels ? voxels : b, "cut", "drop");
    fill(voxels ? voxels : b, 0, count("zeros"));
    fill(voxels ? voxels : b, 0xa5, count("junk"));
}

/* ---- gzip --------------------------------------------------------------------------------------- */

static void add_member(struct bytes *out, const unsigned char *data, size_t n)
{
    static unsigned char packed[2 * CAP];
    unsigned with = (unsigned)count("fields");
    gz_header h = { .os = 3, .hcrc = (with & 8) != 0 };
    if (with & 1)
        h.extra = (Bytef *)(size_t)"extra", h.extra_len = 5;
    if (with & 2)
        h.name = (Bytef *)(size_t)"image.nii";
    if (with & 4)
        h.comment = (Bytef *)(size_t)"a comment";
    z_stream z = { .next_in = (Bytef *)(size_t)data, .avail_in = (uInt)n, .next_out = packed, .avail_out = sizeof packed };
    if (deflateInit2(&z, (int)number("level", 6), Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
        deflateSetHeader(&z, &h) != Z_OK || deflate(&z, Z_FINISH) != Z_STREAM_END)
        die("zlib", "cannot pack");
    append(out, packed, z.total_out);
    (void)deflateEnd(&z);
}

static void pack(struct bytes *b)
{
    static struct bytes out;
    size_t step = word("members") ? count("members") : b->n ? b->n : 1;
    out.n = 0;
    for (size_t at = 0; at < b->n || at == 0; at += step)
        add_member(&out, b->data + at, b->n - at < step ? b->n - at : step);
    if (word("tail"))
        add_member(&out, b->data, 0);
    fill(&out, 0, count("pad"));
    patch(&out, "zat");
    if (word("zflip")) {
        long at = (long)number("zflip", 0);
        out.data[at < 0 ? (long)out.n + at : at] ^= 1;
    }
    truncate_to(&out, "zcut", "zdrop");
    fill(&out, 0xa5, count("zjunk"));
    *b = out;
}

/* ---- files -------------------------------------------------------------------------------------- */

static void save(const char *folder, const char *name, const struct bytes *b)
{
    char path[1000];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(b->data, 1, b->n, f) != b->n || fclose(f))
        die("cannot be written", path);
}

static int ends_in(const char *s, const char *end)
{
    return strlen(s) >= strlen(end) && strcmp(s + strlen(s) - strlen(end), end) == 0;
}

static void make_file(const char *folder, const char *name)
{
    static struct bytes b, voxels;
    const char *content = word("content"), *img = word("img");
    const char *hdr = strstr(name, ".hdr");
    big = word("big") != NULL;
    wide = word("v2") != NULL;
    if (content) {
        memset(&b, 0, sizeof b);
        b.n = hex(content, b.data);
        patch(&b, "at");
        b.n = word("cut") ? count("cut") : b.n;
    } else {
        make_image(&b, hdr ? &voxels : NULL);
    }
    if (hdr) {
        char other[300];
        if (!img || strcmp(img, "both") == 0) {
            (void)snprintf(other, sizeof other, "%.*s.img", (int)(hdr - name), name);
            save(folder, other, &voxels);
        }
        if (img && strcmp(img, "none")) {
            (void)snprintf(other, sizeof other, "%.*s.img.gz", (int)(hdr - name), name);
            pack(&voxels);
            save(folder, other, &voxels);
        }
    }
    if ((ends_in(name, ".gz") && !word("plain")) || word("gz"))
        pack(&b);
    save(folder, name, &b);
}

int main(int argc, char **argv)
{
    char line[2000];
    FILE *readme = argc == 3 ? fopen(argv[1], "r") : NULL;
    size_t made = 0;
    if (!readme)
        die("README.md and a folder are wanted", "usage");
    while (fgets(line, sizeof line, readme)) {
        if (strncmp(line, "| good-", 7) && strncmp(line, "| bad-", 6) && strncmp(line, "| unsupported-", 14))
            continue;
        char *name = strtok(line, "| "), *recipe = strtok(NULL, "|");
        n_words = 0;
        for (char *w = strtok(recipe, " "); w && n_words < WORDS; w = strtok(NULL, " "))
            words[n_words++] = w;
        make_file(argv[2], name);
        made++;
    }
    (void)fclose(readme);
    (void)printf("%zu images\n", made);
    return made == 0;
}
