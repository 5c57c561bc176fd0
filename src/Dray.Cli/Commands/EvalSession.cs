using Dray.Cli.Configuration;
using Dray.Cli.Terminal;
using Dray.Inference.Compute;
using Dray.Inference.Models;
using Microsoft.Extensions.Logging;

namespace Dray.Cli.Commands;

/// <summary>What an evaluation in progress works with.</summary>
/// <param name="Configuration">What the command line and the configuration file say.</param>
/// <param name="Loggers">Where warnings go.</param>
/// <param name="Backend">Where models are computed.</param>
/// <param name="KvCacheDtype">How keys and values are held.</param>
/// <param name="Progress">Told how far it is.</param>
internal sealed record EvalSession(
    DrayConfiguration Configuration, ILoggerFactory Loggers, IComputeBackend Backend, KvCacheDataType KvCacheDtype, RunProgress Progress)
{
    /// <summary>Gets the folder of the checkpoint that is measured.</summary>
    public string Folder => Configuration.Model!;

    /// <summary>Loads the checkpoint that is measured.</summary>
    public LanguageModel Load() => Load(Folder);

    /// <summary>Loads a checkpoint.</summary>
    public LanguageModel Load(string folder) => LanguageModel.Load(folder, Backend, KvCacheDtype, Progress);
}
