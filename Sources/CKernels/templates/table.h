// The kernels of one instruction set, from its vector operations. Included once by each file in isa/, which defines
//   TABLE, FUNCTION, INLINE       the table's name and how its functions are declared
//   LANES                         floats in a vector V (U holds as many uint32_t)
//   TILE_ROWS, TILE_VECTORS       the register tile of the matrix product, rows × vectors
//   v…, u…                        the operations; vmin and vmax give the second operand (or NaN) if either is NaN
//   sum_lanes                     the sum of a vector's lanes, marked by HAS_SUM_LANES, where shuffles make it faster
//   i…                            the same on a U whose lanes are signed: LANES bytes, their low or high four bits, as floats
#include "vector_math.h"

#include "pointwise.h"

#include "layer_norm.h"

#include "tile.h"

#include "panels.h"

#include "matrix_convolution.h"

#include "depthwise_convolution.h"

#include "dot_convolution.h"

#include "minimal_convolution.h"

#include "convolution.h"

#include "attention.h"

#include "quantized_product.h"

#include "codebook.h"

#include "integer_products.h"

#include "peak.h"

const ck_table TABLE = {
    .packed_size = packed_size,
    .lead = lead,
    .pack = pack,
    .convolve = convolve,
    .activate = activate,
    .add = add,
    .layer_norm = layer_norm,
    .attend = attend,
    .quantized_packed_size = quantized_packed_size,
    .quantized_pack = quantized_pack,
    .quantized_product = quantized_product,
    .codebook_packed_size = codebook_packed_size,
    .codebook_pack = codebook_pack,
    .codebook_unpack = codebook_unpack,
    .nearest = nearest,
    .codebook_scores = codebook_scores,
    .first_above = first_above,
    .integer_packed_size = integer_packed_size,
    .integer_pack = integer_pack,
    .integer_products = integer_products,
    .integer_scale = integer_scale,
    .multiply_add_peak = multiply_add_peak,
    .multiply_adds_per_step = multiply_adds_per_step,
};
