using System.ComponentModel.DataAnnotations;
using Dray.Inference.Compute;
using Dray.Inference.Vision;

namespace Dray.Inference;

/// <summary>How an engine runs. Names and meanings are vLLM's.</summary>
public sealed record EngineOptions
{
    /// <summary>The default of <see cref="MaxNumBatchedTokens"/>.</summary>
    public const int DefaultMaxNumBatchedTokens = 8192;

    /// <summary>The default of <see cref="MaxNumSeqs"/>.</summary>
    public const int DefaultMaxNumSeqs = 32;

    /// <summary>The default of <see cref="GpuMemoryUtilization"/>.</summary>
    public const double DefaultGpuMemoryUtilization = 0.9;

    /// <summary>The default of <see cref="PrefillFill"/>.</summary>
    public const double DefaultPrefillFill = 0.95;

    /// <summary>Gets the most tokens a sequence can have, prompt and answer together. <value>The default value is the checkpoint's context length, or less where the KV cache can't hold one such sequence.</value></summary>
    [Range(16, 1 << 24)]
    public int? MaxModelLen { get; init; }

    /// <summary>Gets the most tokens in one forward pass. <value>The default value is 8192.</value></summary>
    [Range(16, 1 << 20)]
    public int MaxNumBatchedTokens { get; init; } = DefaultMaxNumBatchedTokens;

    /// <summary>Gets the most sequences in one forward pass. <value>The default value is 32.</value></summary>
    [Range(1, 4096)]
    public int MaxNumSeqs { get; init; } = DefaultMaxNumSeqs;

    /// <summary>Gets the share of the device's memory (of RAM on the CPU) that weights, activations and KV cache may take together. <value>The default value is 0.9.</value></summary>
    [Range(0.01, 1.0)]
    public double GpuMemoryUtilization { get; init; } = DefaultGpuMemoryUtilization;

    /// <summary>Gets the most tokens that the KV cache holds. <value>The default value is null: what <see cref="GpuMemoryUtilization"/> leaves room for.</value></summary>
    [Range(16, 1 << 30)]
    public int? MaxKvTokens { get; init; }

    /// <summary>Gets whether prompts with the same beginning share its keys and values. <value>The default value is true.</value></summary>
    public bool EnablePrefixCaching { get; init; } = true;

    /// <summary>Gets whether a prompt may be cut where a pass is full. <value>The default value is true.</value></summary>
    public bool EnableChunkedPrefill { get; init; } = true;

    /// <summary>
    /// Gets the share of <see cref="MaxNumBatchedTokens"/> that must be pending before prompts interrupt decoding, while at most a quarter of
    /// <see cref="MaxNumSeqs"/> is free: prompts are computed in full batches instead of one by one. 0 takes them at once, as vLLM does.
    /// <value>The default value is 0.95.</value>
    /// </summary>
    [Range(0.0, 1.0)]
    public double PrefillFill { get; init; } = DefaultPrefillFill;

    /// <summary>Gets how the KV cache holds keys and values; <see cref="KvCacheDataTypes.Parse"/> reads the option's text. <value>The default value is fp8_e4m3.</value></summary>
    public KvCacheDataType KvCacheDtype { get; init; } = KvCacheDataType.Fp8E4M3;

    /// <summary>
    /// Gets whether sampling that a request leaves open is that of the checkpoint's generation_config.json. <value>The default value is
    /// true; false is vLLM's <c>generation_config: vllm</c>, which leaves the file's sampling out.</value>
    /// </summary>
    public bool UseGenerationConfig { get; init; } = true;

    /// <summary>Gets the operator's sampling, which goes before the checkpoint's where a request says nothing.</summary>
    public GenerationOverrides GenerationOverrides { get; init; } = new();

    /// <summary>Gets how pictures are read.</summary>
    public ImageOptions Images { get; init; } = new();

    /// <summary>Checks every range.</summary>
    /// <exception cref="EngineConfigurationException">A value is out of range; the message names it.</exception>
    internal void Validate()
    {
        var problems = new List<ValidationResult>();
        Validator.TryValidateObject(this, new ValidationContext(this), problems, validateAllProperties: true);
        Validator.TryValidateObject(GenerationOverrides, new ValidationContext(GenerationOverrides), problems, validateAllProperties: true);
        if (problems is [var first, ..]) throw new EngineConfigurationException(first.ErrorMessage!);
    }
}
