"""What sort of work an operator without a formula does."""

from typing import Any

OUTSIDE = "outside aten"
UNKNOWN = "unknown"
# The heavier first; the order in which they are listed.
KINDS = (
    OUTSIDE,
    UNKNOWN,
    "resampling",
    "sorting",
    "normalisation",
    "pooling",
    "reduction",
    "random numbers",
    "elementwise",
    "moving data",
)
_NAMESPACES = {"aten", "prim", "prims"}
_FREE_NAMES = (
    "_unsafe_view alias detach empty empty_like empty_permuted empty_strided lift lift_fresh new_empty "
    "new_empty_strided _local_scalar_dense _assert_async sym_size sym_stride sym_numel size stride numel dim "
    "is_contiguous is_same_size resize_ set_ _has_same_storage_numel _linalg_check_errors"
)
_BY_NAME = {
    "resampling": "grid_sampler_2d grid_sampler_3d _grid_sampler_2d_cpu_fallback col2im "
    "affine_grid_generator",
    "sorting": "sort topk kthvalue median nanmedian mode argsort searchsorted bucketize unique_dim _unique2 "
    "unique_consecutive msort nonzero masked_select bincount histc",
    "normalisation": "native_batch_norm native_layer_norm native_group_norm _native_batch_norm_legit "
    "_native_batch_norm_legit_no_training _batch_norm_with_update _batch_norm_no_update cudnn_batch_norm "
    "batch_norm_elemt linalg_vector_norm norm renorm _weight_norm_interface _fused_rms_norm",
    "pooling": "avg_pool1d avg_pool2d avg_pool3d max_pool2d_with_indices max_pool3d_with_indices max_pool2d "
    "_adaptive_avg_pool2d _adaptive_avg_pool3d adaptive_max_pool2d adaptive_max_pool3d max_unpool2d "
    "mkldnn_max_pool2d fractional_max_pool2d",
    "reduction": "_softmax _log_softmax _safe_softmax sum mean amax amin max min var std var_mean std_mean "
    "prod any all argmax argmin logsumexp cumsum cumprod cummax cummin logcumsumexp aminmax count_nonzero "
    "nansum trace equal _logcumsumexp _cummax_helper _cummin_helper is_nonzero scatter_add scatter_reduce "
    "index_add segment_reduce",
    "elementwise": "_prelu_kernel glu hardswish hardsigmoid hardtanh softplus elu celu selu mish "
    "rrelu_with_noise lerp addcmul addcdiv where masked_fill complex polar real imag abs angle outer "
    "_thnn_fused_lstm_cell _thnn_fused_gru_cell rsub dropout native_dropout",
    "moving data": "clone copy _to_copy to _copy_from cat stack constant_pad_nd reflection_pad1d "
    "reflection_pad2d reflection_pad3d replication_pad1d replication_pad2d replication_pad3d "
    "_pad_circular roll flip rot90 repeat repeat_interleave tile im2col pixel_shuffle pixel_unshuffle "
    "channel_shuffle native_channel_shuffle index index_select _unsafe_index gather take take_along_dim "
    "index_put _index_put_impl _unsafe_index_put scatter slice_scatter select_scatter diagonal_scatter "
    "as_strided_scatter masked_scatter index_copy index_fill embedding unfold tril triu diag_embed zeros "
    "zeros_like ones ones_like full full_like fill zero arange linspace logspace eye scalar_tensor new_zeros "
    "new_ones new_full tril_indices triu_indices split_with_sizes_copy unsafe_split "
    "unsafe_split_with_sizes unsafe_chunk view_copy _conj_physical resolve_conj resolve_neg _reshape_copy "
    "meshgrid hann_window hamming_window one_hot _fft_copy contiguous",
}
_FREE = set(_FREE_NAMES.split())
_KIND = {name: kind for kind, names in _BY_NAME.items() for name in names.split()}
_TAGS = {"pointwise": "elementwise", "reduction": "reduction", "nondeterministic_seeded": "random numbers"}


def is_free(func: Any) -> bool:
    """Whether an operator does no work: a view, a question about a shape, an allocation."""
    if func.namespace not in _NAMESPACES:
        return False
    aliases = [returned.alias_info for returned in func._schema.returns]
    view = any(alias is not None and not alias.is_write for alias in aliases)
    in_place = any(tag.name == "inplace_view" for tag in func.tags)
    return view or in_place or _name(func) in _FREE or func.namespace == "prim"


def kind_of(func: Any) -> str:
    """Return one of `KINDS`."""
    if func.namespace not in _NAMESPACES:
        return OUTSIDE
    name = _name(func)
    if name.startswith(("upsample_", "_upsample_")):
        return "resampling"
    if name.startswith("_foreach_"):
        return "elementwise"
    if named := _KIND.get(name) or _KIND.get(name.removesuffix("_")):
        return named
    tags = {tag.name for tag in func.tags}
    return next((kind for tag, kind in _TAGS.items() if tag in tags), UNKNOWN)


def _name(func: Any) -> str:
    return func._schema.name.split("::")[-1]
