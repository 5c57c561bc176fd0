using Dray.Inference.Compute.Cpu;
using Dray.Quantization.Rounding;
using Dray.Tests.Checkpoints;
using Dray.Worker.Tests.Support;

namespace Dray.Quantization.Tests;

public sealed class QuantizerResumeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TinyCheckpoint _source = TinyCheckpoint.Text(layers: 3);
    private readonly CpuBackend _backend = new(new CpuBackendOptions { Threads = 2 });

    public QuantizerResumeTests() => _source.Write();

    private string Output => _folder["out"];

    private string Partial => _folder["out.partial"];

    public void Dispose()
    {
        _backend.Dispose();
        _source.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Run_ResumedAfterAnInterruption_ReplaysWhatIsDoneAndWritesTheSame()
    {
        QuantizerRun.Of(_source.Folder, _folder["whole"]);
        var first = Interrupt(2);
        Directory.Exists(Output).ShouldBeFalse();
        first.Quantized.Count.ShouldBe(2);
        File.WriteAllText(Path.Combine(Partial, "block-00002.safetensors.writing"), "what a killed process had written");

        var second = new RecordingQuantizer(_backend, int.MaxValue);
        var report = Run(second, QuantizerRun.Options, resumes: true);

        second.Replayed.Select(block => block.Index).ShouldBe([0, 1]);
        second.Quantized.Keys.ShouldBe([2]);
        foreach (var (index, weights) in second.Replayed)
        {
            foreach (var (name, weight) in weights)
            {
                var expected = first.Quantized[index][name];
                weight.Codes.ShouldBe(expected.Codes);
                weight.Scales.ShouldBe(expected.Scales);
                weight.Zeros.ShouldBe(expected.Zeros);
            }
        }

        report.Blocks.Select(block => block.Losses[^1]).ShouldBe([0, 1, 2]);
        File.ReadAllBytes(_folder["out", "model.safetensors"]).ShouldBe(File.ReadAllBytes(_folder["whole", "model.safetensors"]));
        Directory.Exists(Partial).ShouldBeFalse();
    }

    [Fact]
    public void Run_ResumedWithOtherSettings_SaysWhatDiffers()
    {
        Interrupt(1);

        var refusal = Should.Throw<QuantizationException>(() => Run(
            new RecordingQuantizer(_backend, int.MaxValue), QuantizerRun.Options with { Seed = 7, Scheme = new WeightScheme(4, 64, true) }, resumes: true));

        refusal.Problem.ShouldBe(QuantizationProblem.OutputRefused);
        refusal.Message.ShouldContain("seed was 42 and is 7");
        refusal.Message.ShouldContain("scheme was {\"bits\":4,\"group_size\":32");
        Directory.EnumerateFiles(Partial, "block-*").ShouldNotBeEmpty();
    }

    [Fact]
    public void Run_ResumedOnAnotherSource_IsRefused()
    {
        Interrupt(1);
        _source.AddDense("model.norm.weight", 64);
        _source.Write();

        Should.Throw<QuantizationException>(() => Run(new RecordingQuantizer(_backend, int.MaxValue), QuantizerRun.Options, resumes: true)).Message.ShouldContain("source was");
    }

    [Fact]
    public void Run_InterruptedWorkWithoutResume_IsInTheWayUntilForced()
    {
        Interrupt(1);

        Should.Throw<QuantizationException>(() => QuantizerRun.Of(_source.Folder, Output)).Message.ShouldContain("add --resume to go on with it, or --force to start over");
        var forced = new RecordingQuantizer(_backend, int.MaxValue);
        Run(forced, QuantizerRun.Options, overwrites: true);

        forced.Replayed.ShouldBeEmpty();
        forced.Quantized.Count.ShouldBe(3);
    }

    [Fact]
    public void Run_InterruptedWhileTheCheckpointIsWritten_NeedsNoBlockAgain()
    {
        var complete = new RecordingQuantizer(_backend, int.MaxValue);
        using var stop = new CancellationTokenSource();
        var progress = new StopAtWriting(stop);
        Should.Throw<OperationCanceledException>(() => new Quantizer(_source.Folder, Output, QuantizerRun.Options, _backend, (_, _) => complete).Run(progress, stop.Token));
        Directory.Exists(Output).ShouldBeFalse();

        new Quantizer(_source.Folder, Output, QuantizerRun.Options, _backend, (_, _) => throw new InvalidOperationException("There is nothing left to quantize.")) { Resumes = true }
            .Run(cancellationToken: TestContext.Current.CancellationToken);

        File.Exists(_folder["out", "model.safetensors"]).ShouldBeTrue();
    }

    [Fact]
    public void Run_InterruptedBeforeTheFirstBlock_LeavesNothing()
    {
        Interrupt(0);

        Directory.Exists(Partial).ShouldBeFalse();
    }

    [Fact]
    public void Run_OutputIsThere_IsReplacedOnlyIfForcedAndACheckpoint()
    {
        QuantizerRun.Of(_source.Folder, Output);
        File.WriteAllText(_folder["out", "old.txt"], "old");

        Should.Throw<QuantizationException>(() => QuantizerRun.Of(_source.Folder, Output)).Message.ShouldContain("add --force to replace it");
        QuantizerRun.Of(_source.Folder, Output, overwrites: true);
        File.Exists(_folder["out", "old.txt"]).ShouldBeFalse();

        File.Delete(_folder["out", "config.json"]);
        Should.Throw<QuantizationException>(() => QuantizerRun.Of(_source.Folder, Output, overwrites: true)).Message.ShouldContain("is no checkpoint");
        File.Exists(_folder["out", "model.safetensors"]).ShouldBeTrue();
    }

    [Fact]
    public void Run_EmptyFolderAsOutput_IsTaken()
    {
        Directory.CreateDirectory(Output);

        QuantizerRun.Of(_source.Folder, Output);

        File.Exists(_folder["out", "model.safetensors"]).ShouldBeTrue();
    }

    [Fact]
    public void Run_FileAsOutput_IsRefused() =>
        Should.Throw<QuantizationException>(() => QuantizerRun.Of(_source.Folder, _folder.Write("file", ""))).Message.ShouldContain("is a file");

    [Fact]
    public void Run_TwoAtOnce_TheSecondIsRefused()
    {
        QuantizationException? refusal = null;
        var quantizer = new RecordingQuantizer(_backend, int.MaxValue)
        {
            Begun = () => refusal ??= Should.Throw<QuantizationException>(() => QuantizerRun.Of(_source.Folder, Output, resumes: true)),
        };

        Run(quantizer, QuantizerRun.Options);

        refusal!.Message.ShouldContain("is in use by another run");
        File.Exists(_folder["out", "model.safetensors"]).ShouldBeTrue();
    }

    [Fact]
    public void Run_TooLittleRoom_SaysHowMuchIsFreeAndNeeded()
    {
        var quantizer = new Quantizer(_source.Folder, Output, QuantizerRun.Options, _backend, (_, _) => new RecordingQuantizer(_backend, int.MaxValue)) { FreeBytes = _ => 10_000_000_000_000 };
        quantizer.Run(cancellationToken: TestContext.Current.CancellationToken);
        var cramped = new Quantizer(_source.Folder, _folder["cramped"], QuantizerRun.Options, _backend, (_, _) => new RecordingQuantizer(_backend, int.MaxValue)) { FreeBytes = _ => 1000 };

        var refusal = Should.Throw<QuantizationException>(() => cramped.Run(cancellationToken: TestContext.Current.CancellationToken));

        refusal.Problem.ShouldBe(QuantizationProblem.DiskFull);
        refusal.Message.ShouldContain("has 1000 bytes free");
        Directory.Exists(_folder["cramped"]).ShouldBeFalse();
    }

    [Fact]
    public void Run_DiskThatFillsUpOnTheWay_KeepsTheFinishedBlocks()
    {
        using var disk = new TinyDisk();
        _source.Config["vocab_size"] = 16_384;
        _source.AddDense("model.embed_tokens.weight", 16_384, 64);
        _source.AddDense("lm_head.weight", 16_384, 64);
        _source.Write();
        var output = Path.Combine(disk.Path, "out");
        var quantizer = new Quantizer(_source.Folder, output, QuantizerRun.Options, _backend, (_, _) => new RecordingQuantizer(_backend, int.MaxValue)) { FreeBytes = _ => long.MaxValue };

        var refusal = Should.Throw<QuantizationException>(() => quantizer.Run(cancellationToken: TestContext.Current.CancellationToken));

        refusal.Problem.ShouldBe(QuantizationProblem.DiskFull);
        refusal.Message.ShouldContain("with --resume: the finished blocks are kept");
        Directory.Exists(output).ShouldBeFalse();
        Directory.EnumerateFiles(output + ".partial", "block-*.safetensors").Count().ShouldBe(3);
    }

    [Fact]
    public void Run_Progress_CountsBlocksAndTellsOfThoseThatAreDone()
    {
        Interrupt(1);
        var told = new List<QuantizationProgress>();

        new Quantizer(_source.Folder, Output, QuantizerRun.Options, _backend, (_, _) => new RecordingQuantizer(_backend, int.MaxValue)) { Resumes = true }
            .Run(new Collector(told), TestContext.Current.CancellationToken);

        told.Where(value => value.Finished is not null).Select(value => (value.Block, value.Blocks, value.Resumed)).ShouldBe([(1, 3, 1), (2, 3, 1)]);
        told[^1].Share.ShouldBe(1);
        told[0].Left.ShouldBeNull();
        told.Select(value => value.Share).ShouldBeInOrder();
    }

    private RecordingQuantizer Interrupt(int after)
    {
        var quantizer = new RecordingQuantizer(_backend, after);
        Should.Throw<OperationCanceledException>(() => Run(quantizer, QuantizerRun.Options));
        return quantizer;
    }

    private QuantizationReport Run(RecordingQuantizer quantizer, QuantizationOptions options, bool resumes = false, bool overwrites = false) =>
        new Quantizer(_source.Folder, Output, options, _backend, (_, _) => quantizer) { Resumes = resumes, Overwrites = overwrites }
            .Run(cancellationToken: TestContext.Current.CancellationToken);

    private sealed class RecordingQuantizer(CpuBackend backend, int stopsAt) : IBlockQuantizer
    {
        private readonly RoundToNearestQuantizer _inner = new(backend);

        public Dictionary<int, IReadOnlyDictionary<string, QuantizedWeight>> Quantized { get; } = [];

        public List<(int Index, IReadOnlyDictionary<string, QuantizedWeight> Weights)> Replayed { get; } = [];

        public Action Begun { get; init; } = () => { };

        public BlockResult Quantize(DecoderBlock block, IProgress<(int Iteration, double Loss)>? progress, CancellationToken cancellationToken)
        {
            Begun();
            if (block.Index == stopsAt) throw new OperationCanceledException();
            var result = _inner.Quantize(block, progress, cancellationToken) with { Losses = [9, block.Index], BestIteration = 1 };
            Quantized.Add(block.Index, result.Weights);
            return result;
        }

        public void Replay(DecoderBlock block, IReadOnlyDictionary<string, QuantizedWeight> weights) => Replayed.Add((block.Index, weights));

        public void Dispose()
        {
        }
    }

    private sealed class StopAtWriting(CancellationTokenSource stop) : IProgress<QuantizationProgress>
    {
        public void Report(QuantizationProgress value)
        {
            if (value.Block == value.Blocks) stop.Cancel();
        }
    }

    private sealed class Collector(List<QuantizationProgress> told) : IProgress<QuantizationProgress>
    {
        public void Report(QuantizationProgress value) => told.Add(value);
    }
}
