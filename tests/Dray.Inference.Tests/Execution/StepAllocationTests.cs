using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Models;
using Dray.Inference.Sampling;
using Dray.Inference.Scheduling;
using Dray.Tests.Compute;

namespace Dray.Inference.Tests.Execution;

public sealed class StepAllocationTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Step_DecodingAfterWarmUp_AllocatesNothing(bool reducesLogits)
    {
        using var backend = new InterceptedBackend(new CpuBackend(), static _ => { }) { ReducesLogits = reducesLogits };
        using var checkpoint = Checkpoint.Open(DemoEngine.Folder);
        using var model = new Mistral3(backend, checkpoint);
        var text = model.Config.Text;
        using var runner = new ModelRunner(backend, model, backend.AllocateKvCache(new KvCacheShape(text.Layers, 256, text.KvHeads, text.HeadDim)));
        var (sampler, plan) = (new Sampler(text.VocabSize), new StepPlan());
        var scheduler = new Scheduler(new BlockPool(256), new SchedulerOptions(512, 8) { PrefillFill = 0.95 });
        var sampling = new SamplingParams { Temperature = 1, TopP = 0.9f, TopK = 50, Seed = 1 };
        var states = new Dictionary<Sequence, SequenceSamplingState>();
        for (var i = 0; i < 8; i++)
        {
            var sequence = new Sequence([.. Enumerable.Range(100, 40 + i)], [], BlockHash.Root("m")) { Capacity = 256 };
            states.Add(sequence, new SequenceSamplingState(sampling, sequence.Ids, [], i));
            scheduler.Add(sequence);
        }

        for (var step = 0; step < 60; step++) Step();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var step = 0; step < 50; step++) Step();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        allocated.ShouldBe(0);

        SampledToken Choose(StepLogits logits, int row, SequenceSamplingState state) =>
            logits.Top is { } top && sampler.TrySample(top, row, state, out var token) ? token : sampler.Sample(logits.Row(row), state);

        void Step()
        {
            scheduler.Schedule(plan);
            var logits = runner.Run(plan);
            var row = 0;
            foreach (var (sequence, _) in plan.Sequences)
                sequence.Append(Choose(logits, row++, states[sequence]).Id);
        }
    }
}
