using System.Globalization;
using Dray.Tests.Checkpoints;

// `synthetic-checkpoint FOLDER [LAYERS]` writes a checkpoint in the 24B's shape, to measure loading and memory with.
if (args is ["synthetic-checkpoint", var folder, ..])
{
    var layers = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : SyntheticShape.Mistral24B.Layers;
    var bytes = SyntheticCheckpoint.Write(folder, SyntheticShape.Mistral24B with { Layers = layers });
    Console.WriteLine($"{bytes} bytes of tensors in {folder}");
    return;
}

BenchmarkDotNet.Running.BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
