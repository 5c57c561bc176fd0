using Dray.Cli.Terminal;
using Dray.Inference.Compute;
using Dray.Inference.Models;

namespace Dray.Cli.Commands;

/// <summary>What an evaluation in progress works with.</summary>
/// <param name="Folder">The checkpoint that is measured.</param>
/// <param name="Backend">Where it is computed.</param>
/// <param name="KvCacheDtype">How keys and values are held.</param>
/// <param name="Progress">Told how far it is.</param>
internal sealed record EvalSession(string Folder, IComputeBackend Backend, KvCacheDataType KvCacheDtype, RunProgress Progress)
{
    /// <summary>Loads the checkpoint that is measured.</summary>
    public LanguageModel Load() => Load(Folder);

    /// <summary>Loads a checkpoint.</summary>
    public LanguageModel Load(string folder) => LanguageModel.Load(folder, Backend, KvCacheDtype, Progress);
}
