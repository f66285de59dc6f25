/* restyle big|two|bigtwo|torn IN.nii OUT.nii: the same image as big-endian NIfTI-1, NIfTI-2, big-endian NIfTI-2, or with a
 * qform 12 mm away from its sform. */
#include <nifti2_io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void version_two(nifti_2_header *two, const nifti_1_header *one)
{
    memset(two, 0, sizeof *two);
    two->sizeof_hdr = 540;
    memcpy(two->magic, "n+2\0\r\n\032\n", 8);
    two->datatype = one->datatype, two->bitpix = one->bitpix;
    for (int i = 0; i < 8; i++) {
        two->dim[i] = one->dim[i];
        two->pixdim[i] = (double)one->pixdim[i];
    }
    two->vox_offset = 544;
    two->scl_slope = (double)one->scl_slope, two->scl_inter = (double)one->scl_inter;
    two->qform_code = one->qform_code, two->sform_code = one->sform_code;
    two->quatern_b = (double)one->quatern_b, two->quatern_c = (double)one->quatern_c, two->quatern_d = (double)one->quatern_d;
    two->qoffset_x = (double)one->qoffset_x, two->qoffset_y = (double)one->qoffset_y, two->qoffset_z = (double)one->qoffset_z;
    for (int i = 0; i < 4; i++) {
        two->srow_x[i] = (double)one->srow_x[i];
        two->srow_y[i] = (double)one->srow_y[i];
        two->srow_z[i] = (double)one->srow_z[i];
    }
    two->xyzt_units = one->xyzt_units;
}

int main(int argc, char **argv)
{
    FILE *in = argc == 4 ? fopen(argv[2], "rb") : NULL, *out = in ? fopen(argv[3], "wb") : NULL;
    static unsigned char bytes[1 << 26];
    size_t n = out ? fread(bytes, 1, sizeof bytes, in) : 0;
    nifti_1_header one;
    nifti_2_header two;
    if (n < 352 || n == sizeof bytes)
        return 1;
    memcpy(&one, bytes, sizeof one);
    if (!strcmp(argv[1], "torn"))
        one.qoffset_x += 12;
    version_two(&two, &one);
    size_t offset = (size_t)one.vox_offset, size = (size_t)one.bitpix / 8, wrote;
    int big = argv[1][0] == 'b', second = strstr(argv[1], "two") != NULL;
    if (big) {
        nifti_swap_Nbytes((int64_t)((n - offset) / size), (int)size, bytes + offset);
        swap_nifti_header(second ? (void *)&two : (void *)&one, second ? 2 : 1);
    }
    if (second)
        wrote = fwrite(&two, 540, 1, out) + fwrite("\0\0\0", 4, 1, out);
    else
        wrote = fwrite(&one, 348, 1, out) + fwrite(bytes + 348, offset - 348, 1, out);
    wrote += fwrite(bytes + offset, n - offset, 1, out);
    return fclose(out) || wrote != 3;
}
