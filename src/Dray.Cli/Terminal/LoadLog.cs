using Dray.Inference.Models;
using Microsoft.Extensions.Logging;

namespace Dray.Cli.Terminal;

/// <summary>Logs how far loading has come, a line every ten seconds.</summary>
internal sealed class LoadLog(ILogger logger, TimeProvider time) : IProgress<LoadProgress>
{
    private readonly LoadTime _load = new(time, TimeSpan.FromSeconds(10));

    public void Report(LoadProgress value)
    {
        if (_load.Describe(value) is { } text) logger.LogInformation("{Progress}", text);
    }
}
