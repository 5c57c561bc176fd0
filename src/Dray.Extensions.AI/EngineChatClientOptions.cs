using Dray.Inference;
using Dray.Inference.Compute.Cpu;
using Dray.Worker;
using Dray.Worker.Images;
using Microsoft.Extensions.Logging;

namespace Dray.Extensions.AI;

/// <summary>How a model is loaded for <see cref="EngineChatClient"/>.</summary>
public sealed record EngineChatClientOptions
{
    private static readonly WorkerOptions Limits = new();

    /// <summary>
    /// Gets where to compute: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>, <c>opencl</c>, or <c>auto</c> for the first GPU that can be used, or else
    /// the CPU. <value>The default value is <c>auto</c>.</value>
    /// </summary>
    public string Device { get; init; } = "auto";

    /// <summary>Gets how the CPU is used, where it computes.</summary>
    public CpuBackendOptions Cpu { get; init; } = new();

    /// <summary>Gets the engine's options, with vLLM's names and meanings.</summary>
    public EngineOptions Engine { get; init; } = new();

    /// <summary>Gets the folder that pictures named by relative URIs are read from. <value>The default value is null: pictures come as data only.</value></summary>
    public ImageFolder? Images { get; init; }

    /// <summary>Gets the most pictures of a request. <value>The default value is 4.</value></summary>
    public int MaxImages { get; init; } = Limits.MaxImagesPerRow;

    /// <summary>Gets the largest encoded picture, in bytes. <value>The default value is 20 MiB.</value></summary>
    public int MaxImageBytes { get; init; } = Limits.MaxImageBytes;

    /// <summary>Gets where the engine logs. <value>The default value is null: nowhere.</value></summary>
    public ILoggerFactory? Loggers { get; init; }

    /// <summary>Gets the clock that answers are dated by. <value>The default value is the system's.</value></summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
