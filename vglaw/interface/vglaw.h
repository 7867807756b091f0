/* vglaw's C interface: pixels and referring expressions in, boxes and masks out. It stays as it is within a soname.
 *
 *     vglaw_model* model = NULL;
 *     vglaw_grounder* grounder = NULL;
 *     vglaw_result* result = NULL;
 *     vglaw_found found = {.struct_size = sizeof found};
 *     const char* words[] = {"the red ball"};
 *     const vglaw_image image = {rgb, width, height, 3, 0};
 *     if (vglaw_model_open("scenes-small.safetensors", NULL, &model) ||
 *         vglaw_grounder_create(model, NULL, &grounder) || vglaw_ground(grounder, &image, words, 1, &result) ||
 *         vglaw_result_get(result, 0, &found))
 *         complain(vglaw_last_error());
 *     else
 *         use(found.x0, found.y0, found.x1, found.y1, found.mask);
 *
 * Failures: a function that can fail returns a status, 0 when it did what it says; vglaw_last_error() has the line that
 * says what, where and what to do. No exception crosses this interface, nothing is printed. What is written through the
 * last pointer is written on success alone; a handle is set to NULL on failure.
 * Threads: a model is read-only, any number of threads may use it at the same time. A grounder belongs to one thread at
 * a time; a call on a grounder that is at work is refused. Results and explanations are read-only.
 * Handles live until their _destroy, which takes NULL too; a grounder keeps its model, whatever became of the handle.
 * Strings are UTF-8 and end with 0. Those that come out belong to the handle they came from.
 * Structs that begin with struct_size may grow at their end: set it to sizeof, and the rest to 0 for the defaults. */
#ifndef VGLAW_VGLAW_H
#define VGLAW_VGLAW_H

#include <stddef.h>
#include <stdint.h>

#define VGLAW_VERSION_STRING "0.1.0" /* of this header; vglaw_version() is the library's */

#if defined(__GNUC__)
#define VGLAW_API __attribute__((visibility("default")))
#else
#define VGLAW_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef enum vglaw_status {
    VGLAW_OK = 0,
    VGLAW_INVALID_ARGUMENT = 1, /* the caller passed something outside the documented range */
    VGLAW_NOT_FOUND = 2,        /* a file that was named does not exist */
    VGLAW_CORRUPT_DATA = 3,     /* a model file is damaged */
    VGLAW_UNSUPPORTED = 4,      /* valid, but of a kind or version this library does not handle */
    VGLAW_IO = 5,               /* the operating system refused */
    VGLAW_INTERNAL = 6,         /* a bug of this library; please report it */
    VGLAW_OUT_OF_MEMORY = 7
} vglaw_status;

/* "0.1.0" */
VGLAW_API const char* vglaw_version(void);
/* "invalid argument"; "unknown status" for other numbers. */
VGLAW_API const char* vglaw_status_text(int status);
/* One line about the last call of this thread that failed, "" before any; valid until the next failure in the thread.
 */
VGLAW_API const char* vglaw_last_error(void);

/* ---- the model: opened, checked and packed once, shared by grounders ---- */
typedef struct vglaw_model vglaw_model;

typedef struct vglaw_model_options {
    size_t struct_size;
    int32_t threads; /* that pack it; 0: every core */
} vglaw_model_options;

typedef struct vglaw_model_info {
    size_t struct_size;
    int32_t image_size;          /* side of the square canvas that pictures are fitted in, px */
    int32_t max_tokens;          /* word pieces of an expression that are read, [CLS] and [SEP] included */
    uint64_t packed_bytes;       /* of its packed weights */
    const char* instruction_set; /* of the vector code on this machine: "AVX2", ... */
    const char* products_by;     /* "oneDNN 2.6.3" */
} vglaw_model_info;

/* options may be NULL. NOT_FOUND, CORRUPT_DATA (names the tensor), UNSUPPORTED: not a model this library computes. */
VGLAW_API vglaw_status vglaw_model_open(const char* path, const vglaw_model_options* options, vglaw_model** model);
VGLAW_API vglaw_status vglaw_model_get(const vglaw_model* model, vglaw_model_info* info);
VGLAW_API void vglaw_model_destroy(vglaw_model* model);

/* ---- the grounder: the buffers of one caller over a model ---- */
typedef struct vglaw_grounder vglaw_grounder;

typedef struct vglaw_grounder_options {
    size_t struct_size;
    int32_t threads;      /* of a call, 0 to 1024; 0: every core */
    float mask_threshold; /* a pixel is in the mask above this probability, in (0, 1); 0: the model's own */
} vglaw_grounder_options;

/* options may be NULL. */
VGLAW_API vglaw_status vglaw_grounder_create(const vglaw_model* model, const vglaw_grounder_options* options,
                                             vglaw_grounder** grounder);
VGLAW_API void vglaw_grounder_destroy(vglaw_grounder* grounder);

/* Borrowed pixels, 8 bits a channel, interleaved, rows from the top; read while a call lasts. */
typedef struct vglaw_image {
    const uint8_t* data;
    int32_t width, height; /* px; at least 1, width * height at most 100 million */
    int32_t channels;      /* 3: RGB, 4: RGBA, which is put on white */
    size_t stride;         /* bytes from a row to the next, at least width * channels; 0: exactly that */
} vglaw_image;

/* ---- boxes and masks ---- */
typedef struct vglaw_result vglaw_result;

typedef struct vglaw_found {
    size_t struct_size;
    const char* expression;
    float x0, y0, x1, y1;  /* the box in pixels of the picture, clipped to it; pixel column i spans [i, i + 1] */
    const uint8_t* mask;   /* (height, width), 1 inside, 0 outside */
    int32_t width, height; /* the picture's */
    uint64_t mask_area;    /* px */
    int32_t tokens_given;  /* word pieces of the expression, [CLS] and [SEP] included */
    int32_t tokens_read;   /* of these; fewer when the expression is longer than the model reads */
    int32_t truncated;     /* 1 when that is so */
    double milliseconds;   /* this expression's share of the call */
} vglaw_found;

/* One answer an expression, in order; the picture is prepared once. INVALID_ARGUMENT: no expressions, one that is
 * empty, not UTF-8 or longer than 4096 bytes (more tokens than the model reads are cut off, see truncated), a bad
 * image. */
VGLAW_API vglaw_status vglaw_ground(vglaw_grounder* grounder, const vglaw_image* image, const char* const* expressions,
                                    size_t count, vglaw_result** result);
/* 0 for NULL. */
VGLAW_API size_t vglaw_result_count(const vglaw_result* result);
VGLAW_API vglaw_status vglaw_result_get(const vglaw_result* result, size_t index, vglaw_found* found);
/* The mask as COCO's compressed run-length encoding, what pycocotools calls counts; encoded when first asked for. */
VGLAW_API vglaw_status vglaw_result_rle(const vglaw_result* result, size_t index, const char** counts);
VGLAW_API void vglaw_result_destroy(vglaw_result* result);

/* ---- where the model looked, and which words each block heard ---- */
typedef struct vglaw_explanation vglaw_explanation;

typedef struct vglaw_explained {
    size_t struct_size;
    const char* const* tokens;    /* (token_count): [CLS], word pieces, [SEP] */
    int32_t token_count, grid;    /* grid: cells along one side of the canvas */
    const float* pool_attention;  /* (grid, grid), sums to 1 over the canvas; NULL for a model that pools by maximum */
    const int32_t* blocks;        /* (block_count): which blocks adapt to the words, from 0 */
    int32_t block_count, groups;  /* both 0 for a model that does not adapt */
    const float* token_attention; /* (block_count, groups, token_count), sums to 1 over the tokens; NULL likewise */
    int32_t canvas_size;          /* where the picture lies on the canvas, px: at (left, top), so large */
    int32_t left, top, placed_width, placed_height;
    int32_t tokens_given, truncated; /* as in vglaw_found */
} vglaw_explained;

/* One more run. Fails as vglaw_ground does. */
VGLAW_API vglaw_status vglaw_explain(vglaw_grounder* grounder, const vglaw_image* image, const char* expression,
                                     vglaw_explanation** explanation);
VGLAW_API vglaw_status vglaw_explanation_get(const vglaw_explanation* explanation, vglaw_explained* explained);
VGLAW_API void vglaw_explanation_destroy(vglaw_explanation* explanation);

#ifdef __cplusplus
}
#endif
#endif
