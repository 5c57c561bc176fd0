using Dray.Inference.Compute.Cpu;
using Dray.Inference.Models;

namespace Dray.Quantization.Tests.Evaluation;

/// <summary>The repository's small model, and a text that it has seen the like of.</summary>
internal static class DemoModel
{
    public static string Folder => Path.Combine(SharedFolder.Repository, "samples", "models", "dray-demo");

    public static string Text => string.Join(' ', Enumerable.Range(1, 60).Select(i => $"Invoice {i} from Nova Energy of {i} May is for {i * 7} euros."));

    public static LanguageModel Load(CpuBackend backend) => LanguageModel.Load(Folder, backend);
}
