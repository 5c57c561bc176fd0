using CsCheck;
using Dray.Inference.Scheduling;

namespace Dray.Inference.Tests.Scheduling;

public sealed class SchedulerTests
{
    [Fact]
    public void Schedule_SeveralPrompts_ShareOneBatchUpToTheBudget()
    {
        var scheduler = new Scheduler(new BlockPool(1000), maxBatchedTokens: 100, maxSequences: 8);
        var (first, second, third) = (Prompt(60), Prompt(30), Prompt(50));
        foreach (var sequence in new[] { first, second, third }) scheduler.Add(sequence);
        var plan = new StepPlan();

        scheduler.Schedule(plan);

        plan.Sequences.ShouldBe([new(first, 60), new(second, 30), new(third, 10)]);
        plan.Sequences.Select(scheduled => scheduled.Samples).ShouldBe([true, true, false]);
    }

    [Fact]
    public void Schedule_AfterPrefill_DecodesFirstAndGoesOnWithTheCutPrompt()
    {
        var scheduler = new Scheduler(new BlockPool(1000), maxBatchedTokens: 100, maxSequences: 8);
        var (first, cut) = (Prompt(60), Prompt(90));
        scheduler.Add(first);
        scheduler.Add(cut);
        var plan = new StepPlan();
        Run(scheduler, plan);

        scheduler.Schedule(plan);

        plan.Sequences.ShouldBe([new(first, 1), new(cut, 50)]);
    }

    [Fact]
    public void Schedule_MoreSequencesThanPlaces_TheRestWaits()
    {
        var scheduler = new Scheduler(new BlockPool(1000), maxBatchedTokens: 100, maxSequences: 2);
        for (var i = 0; i < 3; i++) scheduler.Add(Prompt(5));
        var plan = new StepPlan();

        scheduler.Schedule(plan);

        (plan.Sequences.Count, scheduler.Running, scheduler.Waiting).ShouldBe((2, 2, 1));
    }

    [Fact]
    public void Schedule_BlocksRunOut_YoungestIsPutBackAndComputedAgain()
    {
        var pool = new BlockPool(4);
        var scheduler = new Scheduler(pool, maxBatchedTokens: 100, maxSequences: 8);
        var (old, young) = (Prompt(32), Prompt(32));
        scheduler.Add(old);
        scheduler.Add(young);
        var plan = new StepPlan();
        Run(scheduler, plan);

        scheduler.Schedule(plan);

        plan.Sequences.ShouldBe([new(old, 1)]);
        (young.ComputedTokens, young.Blocks.Length, scheduler.Waiting, scheduler.Preemptions, pool.Free).ShouldBe((0, 0, 1, 1L, 1));
    }

    /// <summary>Random arrivals, lengths, cancellations and block shortages: limits hold, no block leaks, every sequence ends once.</summary>
    [Fact]
    public void Schedule_RandomWork_KeepsItsInvariants() =>
        Gen.Select(
            Gen.Int[8, 64], Gen.Int[1, 6], Gen.Int[16, 128],
            Gen.Select(Gen.Int[1, 100], Gen.Int[1, 20], Gen.Int[0, 9]).Array[1, 40])
        .Sample((blocks, maxSequences, budget, work) => Simulate(blocks, maxSequences, budget, work), iter: 300);

    private static void Simulate(int blocks, int maxSequences, int budget, (int Prompt, int Output, int Cancel)[] work)
    {
        var pool = new BlockPool(blocks);
        var scheduler = new Scheduler(pool, budget, maxSequences);
        var left = new Dictionary<Sequence, (int Output, int Cancel)>();
        foreach (var (prompt, output, cancel) in work)
        {
            var sequence = Prompt(prompt);
            left.Add(sequence, (output, cancel));
            scheduler.Add(sequence);
        }

        var plan = new StepPlan();
        for (var step = 0; left.Count > 0; step++)
        {
            step.ShouldBeLessThan(100_000, "the scheduler makes no progress");
            scheduler.Schedule(plan);
            plan.Tokens.ShouldBeInRange(1, budget);
            plan.Tokens.ShouldBe(plan.Sequences.Sum(scheduled => scheduled.Tokens));
            scheduler.Running.ShouldBeLessThanOrEqualTo(maxSequences);
            var held = left.Keys.SelectMany(sequence => sequence.Blocks.ToArray()).ToArray();
            held.ShouldBeUnique();
            (held.Length + pool.Free).ShouldBe(blocks);
            foreach (var scheduled in plan.Sequences.ToArray())
            {
                var (sequence, samples) = (scheduled.Sequence, scheduled.Samples);
                sequence.Advance(scheduled.Tokens);
                sequence.Blocks.Length.ShouldBeGreaterThanOrEqualTo((sequence.ComputedTokens + 15) / 16);
                if (samples) sequence.Append(7);
                var (output, cancel) = left[sequence];
                if (sequence.OutputIds.Length < output && (cancel > 0 || sequence.OutputIds.Length < 2)) continue;
                scheduler.Remove(sequence);
                left.Remove(sequence);
            }
        }

        (pool.Free, scheduler.Running, scheduler.Waiting).ShouldBe((blocks, 0, 0));
    }

    private static Sequence Prompt(int tokens) => new(new int[tokens], []);

    private static void Run(Scheduler scheduler, StepPlan plan)
    {
        scheduler.Schedule(plan);
        foreach (var scheduled in plan.Sequences)
        {
            var samples = scheduled.Samples;
            scheduled.Sequence.Advance(scheduled.Tokens);
            if (samples) scheduled.Sequence.Append(7);
        }
    }
}
