namespace Dray.Inference.Checkpoints;

/// <summary>The tensors of a quantized layer.</summary>
/// <param name="Codes"><c>qweight</c>.</param>
/// <param name="Zeros"><c>qzeros</c>.</param>
/// <param name="Scales"><c>scales</c>.</param>
/// <param name="ScaleType">Element type of the scales: fp16 by the format, bf16 and fp32 are taken too.</param>
internal readonly record struct PackedTensors(StoredTensor Codes, StoredTensor Zeros, StoredTensor Scales, DataType ScaleType);
