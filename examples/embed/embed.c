/* Grounds expressions in a picture by the C interface: embed MODEL PICTURE.ppm EXPRESSION...
 * One line an expression: the words, the box in pixels, the mask's area, its COCO counts. */
#include <stdio.h>
#include <stdlib.h>
#include <vglaw/vglaw.h>

/* A binary PPM is the plainest file of pixels; a product has its own decoder, camera or canvas. */
static unsigned char* read_ppm(const char* path, int* width, int* height) {
    FILE* file = fopen(path, "rb");
    unsigned char* pixels = NULL;
    int greatest = 0;
    if (file == NULL) return NULL;
    if (fscanf(file, "P6 %d %d %d", width, height, &greatest) == 3 && greatest == 255 && fgetc(file) != EOF &&
        *width > 0 && *height > 0 && *width <= 100000000 / *height) {
        const size_t bytes = (size_t)*width * (size_t)*height * 3;
        pixels = malloc(bytes);
        if (pixels != NULL && fread(pixels, 1, bytes, file) != bytes) {
            free(pixels);
            pixels = NULL;
        }
    }
    fclose(file);
    return pixels;
}

static vglaw_status print_answers(const vglaw_result* result) {
    for (size_t i = 0; i < vglaw_result_count(result); ++i) {
        vglaw_found found = {.struct_size = sizeof found};
        const char* counts = NULL;
        vglaw_status status = vglaw_result_get(result, i, &found);
        if (status == VGLAW_OK) status = vglaw_result_rle(result, i, &counts);
        if (status != VGLAW_OK) return status;
        printf("%s\t%.9g %.9g %.9g %.9g\t%llu\t%s\n", found.expression, found.x0, found.y0, found.x1, found.y1,
               (unsigned long long)found.mask_area, counts);
        if (found.truncated)
            fprintf(stderr, "embed: only %d of %d tokens of '%s' were read\n", (int)found.tokens_read,
                    (int)found.tokens_given, found.expression);
    }
    return VGLAW_OK;
}

int main(int argc, char** argv) {
    if (argc < 4) {
        fprintf(stderr, "usage: embed MODEL PICTURE.ppm EXPRESSION...\n");
        return 2;
    }
    vglaw_image image = {0};
    unsigned char* pixels = read_ppm(argv[2], &image.width, &image.height);
    if (pixels == NULL) {
        fprintf(stderr, "embed: cannot read %s; it should be a binary PPM\n", argv[2]);
        return 1;
    }
    image.data = pixels;
    image.channels = 3;

    vglaw_model* model = NULL;
    vglaw_grounder* grounder = NULL;
    vglaw_result* result = NULL;
    const vglaw_grounder_options options = {.struct_size = sizeof options, .threads = 1};
    vglaw_status status = vglaw_model_open(argv[1], NULL, &model);
    if (status == VGLAW_OK) status = vglaw_grounder_create(model, &options, &grounder);
    if (status == VGLAW_OK)
        status = vglaw_ground(grounder, &image, (const char* const*)&argv[3], (size_t)(argc - 3), &result);
    if (status == VGLAW_OK) status = print_answers(result);
    if (status != VGLAW_OK) fprintf(stderr, "embed: %s: %s\n", vglaw_status_text(status), vglaw_last_error());
    vglaw_result_destroy(result);
    vglaw_grounder_destroy(grounder);
    vglaw_model_destroy(model);
    free(pixels);
    return status == VGLAW_OK ? 0 : 1;
}
