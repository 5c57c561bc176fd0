using System.Globalization;

namespace Dray.Benchmarks.Gpu;

/// <summary>What to measure, and on which device.</summary>
internal sealed record GpuReportOptions
{
    /// <summary>Gets how the verb is used.</summary>
    public const string Usage = "gpu [--device cuda[:N]|opencl[:N]|emulated] [--smoke] [--minutes N] [--output FILE.md]";

    /// <summary>Gets <c>cuda</c>, <c>opencl</c>, with a number behind a colon if there are several, or <c>emulated</c>.</summary>
    public string Device { get; init; } = "cuda";

    /// <summary>Gets whether everything is tiny, so that the whole path runs without a GPU in seconds; the figures mean nothing.</summary>
    public bool IsSmoke { get; init; }

    /// <summary>Gets the time that may be spent; what would take longer is left out, and said.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromMinutes(7);

    /// <summary>Gets the file to write; null for one named after the device, in the results' folder of a clone or the current one.</summary>
    public string? Output { get; init; }

    /// <exception cref="ArgumentException">An argument isn't known.</exception>
    public static GpuReportOptions Parse(ReadOnlySpan<string> args)
    {
        var options = new GpuReportOptions();
        for (var i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--smoke" => options with { IsSmoke = true },
                "--device" when i + 1 < args.Length => options with { Device = args[++i] },
                "--output" when i + 1 < args.Length => options with { Output = args[++i] },
                "--minutes" when i + 1 < args.Length => options with { Budget = TimeSpan.FromMinutes(double.Parse(args[++i], CultureInfo.InvariantCulture)) },
                var other => throw new ArgumentException($"{other} is not an argument here, or lacks its value: {Usage}."),
            };
        }

        return options;
    }
}
