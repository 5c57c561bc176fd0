using System.Globalization;
using BenchmarkDotNet.Running;
using Dray.Benchmarks.Compute;
using Dray.Benchmarks.Engine;
using Dray.Benchmarks.Gpu;
using Dray.Benchmarks.Http;
using Dray.Benchmarks.Peers;
using Dray.Benchmarks.Quantization;
using Dray.Benchmarks.Queue;
using Dray.Benchmarks.Sampling;
using Dray.Inference.Compute.Cpu;
using Dray.Tests.Checkpoints;

switch (args)
{
    // A checkpoint in the 24B's shape, to measure loading and memory with.
    case ["synthetic-checkpoint", var folder, .. var rest]:
        var shape = SyntheticShape.Mistral24B;
        if (rest is [var layers, ..]) shape = shape with { Layers = int.Parse(layers, CultureInfo.InvariantCulture) };
        if (rest is [_, var vocabulary]) shape = shape with { Vocabulary = int.Parse(vocabulary, CultureInfo.InvariantCulture) };
        var bytes = SyntheticCheckpoint.Write(folder, shape);
        Console.WriteLine($"{bytes} bytes of tensors in {folder}");
        break;

    // Attention and elementwise operations on the CPU beside the machine's measured peaks.
    case ["attention", .. var rest]:
        AttentionReport.Run(rest);
        break;

    // How long a checkpoint takes to be ready, beside a plain read of its files.
    case ["load", var model, .. var rest]:
        await LoadReport.RunAsync(model, rest is [var starts, ..] ? int.Parse(starts, CultureInfo.InvariantCulture) : 3, rest.ElementAtOrDefault(1));
        break;

    // What 8-bit activations change in a model's answers.
    case ["activations", var model, var text, .. var rest]:
        var chunks = rest is [var most] ? int.Parse(most, CultureInfo.InvariantCulture) : 8;
        ActivationsReport.Run(model, text, chunks, new CpuBackendOptions(), new CpuBackendOptions { Activations = ActivationPrecision.Bits8 });
        break;

    // Dray and other engines on this machine's CPU, in turn.
    case ["peers", .. var rest]:
        PeersReport.Run(rest);
        break;

    // Rows that share a beginning, with the prefix cache on and off.
    case ["prefix-cache", var model, var rounds]:
        await PrefixCacheReport.RunAsync(model, int.Parse(rounds, CultureInfo.InvariantCulture));
        break;

    // Rounding of weights and its training.
    case ["rounding", .. var rest]:
        RoundingReport.Run(rest);
        break;

    // An iteration of tuning a decoder block.
    case ["tuning", .. var rest]:
        TuningReport.Run(rest);
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

    // What HTTP costs over the engine, and a thousand streams with nothing to say.
    case ["http", var model, .. var rest]:
        await HttpReport.RunAsync(model, rest is [var repeats] ? int.Parse(repeats, CultureInfo.InvariantCulture) : 5);
        break;

    case [WorkerChild.Verb, var broker, var store, var clock]:
        await WorkerChild.RunAsync(broker, store, clock);
        break;

    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        break;
}

return 0;
