using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Models;
using Dray.Inference.Scheduling;
using Dray.Tests.Compute;

namespace Dray.Inference.Tests.Models;

public sealed class DecoderPassTests
{
    private static readonly string[] NotInAPass =
    [
        nameof(IComputeBackend.Allocate), nameof(IComputeBackend.Upload), nameof(IComputeBackend.Download), nameof(IComputeBackend.Gather),
        nameof(IComputeBackend.GatherRows), nameof(IComputeBackend.ScatterRows),
    ];

    /// <summary>A backend replays passes, so nothing in one may depend on the step but for what was uploaded before.</summary>
    [Fact]
    public void Run_StepsOfTheSameSize_HaveTheSamePassWithoutAnythingFromTheHost()
    {
        var (passes, operations) = (new List<string[]>(), new List<string>());
        void Note(string operation)
        {
            if (operation == nameof(IComputeBackend.Run)) operations.Clear();
            else if (operation == InterceptedBackend.RunEnded) passes.Add([.. operations]);
            else operations.Add(operation);
        }

        using var backend = new InterceptedBackend(new CpuBackend(), Note);
        using var checkpoint = Checkpoint.Open(DemoEngine.Folder);
        using var model = new Mistral3(backend, checkpoint);
        var text = model.Config.Text;
        using var runner = new ModelRunner(backend, model, backend.AllocateKvCache(new KvCacheShape(text.Layers, 64, text.KvHeads, text.HeadDim)));
        var (plan, scheduler) = (new StepPlan(), new Scheduler(new BlockPool(64), new SchedulerOptions(512, 8)));
        Sequence[] sequences = [new([.. Enumerable.Range(100, 40)], []), new([.. Enumerable.Range(200, 7)], [])];
        foreach (var sequence in sequences) scheduler.Add(sequence);

        for (var step = 0; step < 12; step++)
        {
            scheduler.Schedule(plan);
            runner.Run(plan);
            foreach (var sequence in sequences) sequence.Append(300 + step);
        }

        passes.Count.ShouldBe(12);
        passes[1].Length.ShouldBe(6 * text.Layers);
        foreach (var pass in passes[1..]) pass.ShouldBe(passes[1]);
        passes[1].Intersect(NotInAPass).ShouldBeEmpty();
    }
}
