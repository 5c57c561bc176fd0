using System.Globalization;
using BenchmarkDotNet.Running;
using Dray.Benchmarks.Compute;
using Dray.Benchmarks.Engine;
using Dray.Benchmarks.Gpu;
using Dray.Benchmarks.Peers;
using Dray.Benchmarks.Queue;
using Dray.Benchmarks.Sampling;
using Dray.Tests.Checkpoints;

switch (args)
{
    // A checkpoint in the 24B's shape, to measure loading and memory with.
    case ["synthetic-checkpoint", var folder, .. var rest]:
        var layers = rest is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : SyntheticShape.Mistral24B.Layers;
        var bytes = SyntheticCheckpoint.Write(folder, SyntheticShape.Mistral24B with { Layers = layers });
        Console.WriteLine($"{bytes} bytes of tensors in {folder}");
        break;

    // Attention and elementwise operations on the CPU beside the machine's measured peaks.
    case ["attention", .. var rest]:
        AttentionReport.Run(rest);
        break;

    // Dray and other engines on this machine's CPU, in turn.
    case ["peers", .. var rest]:
        PeersReport.Run(rest);
        break;

    // Rows that share a beginning, with the prefix cache on and off.
    case ["prefix-cache", var model, var rounds]:
        await PrefixCacheReport.RunAsync(model, int.Parse(rounds, CultureInfo.InvariantCulture));
        break;

    // Masks of structured output at the full vocabulary.
    case ["grammar"]:
        GrammarReport.Run();
        break;

    // A device at the 24B's shapes, beside what it can do at most: see gpu.sh.
    case ["gpu", .. var rest]:
        Console.WriteLine(GpuReport.Run(rest, Console.Error));
        break;

    // Registers, shared memory and instructions of every kernel, where a CUDA toolkit is installed.
    case ["ptxas", .. var rest]:
        return PtxasReport.Run(rest);

    // What the queue costs, with RabbitMQ and Azurite, and an engine that answers at once.
    case ["queue", var folder]:
        await QueueReport.RunAsync(folder);
        break;

    case [WorkerChild.Verb, var broker, var store, var clock]:
        await WorkerChild.RunAsync(broker, store, clock);
        break;

    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        break;
}

return 0;
